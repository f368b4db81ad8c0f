#ifndef CLUA_PATTERN_H
#define CLUA_PATTERN_H

// Lua patterns with a step budget. To the count hook a whole match is one instruction, and a
// pattern such as ("a*"):rep(20) .. "b" takes longer than anybody waits.

#include <lua5.4/lua.h>
#include <stddef.h>
#include <stdint.h>

enum {
  CLUA_CAPTURES = 32,
  CLUA_CAPTURE_OPEN = -1,
  CLUA_CAPTURE_POSITION = -2,
  CLUA_PATTERN_BYTES = 4096,
  /// For a short subject; a longer one gets four more for each byte, up to the maximum.
  CLUA_PATTERN_STEPS = 500000,
  CLUA_PATTERN_MAXIMUM_STEPS = 1000000,
};

struct clua_matcher {
  lua_State *L;
  const char *subject;
  const char *subject_end;
  const char *pattern;
  const char *pattern_end;
  uint64_t steps;
  uint64_t step_limit;
  int depth;
  int capture_count;
  struct {
    const char *start;
    /// The length, or one of the CLUA_CAPTURE marks.
    ptrdiff_t length;
  } captures[CLUA_CAPTURES];
};

/// Refuses over-long patterns. `pattern` is without its leading anchor.
void clua_matcher_init(
    struct clua_matcher *matcher, lua_State *L, const char *subject, size_t subject_length,
    const char *pattern, size_t pattern_length);

/// The end of the match that begins exactly at `start`, or NULL. Raises for a malformed pattern and
/// when the steps are used up.
const char *clua_match_at(struct clua_matcher *matcher, const char *start);

/// Charges the steps made to the run.
void clua_matcher_charge(struct clua_matcher *matcher);

/// Pushes capture `index`, the whole match if the pattern has none.
void clua_push_capture(
    struct clua_matcher *matcher, int index, const char *start, const char *end);

/// Pushes all captures, or the whole match if there are none and `start` is given.
int clua_push_captures(struct clua_matcher *matcher, const char *start, const char *end);

#endif
