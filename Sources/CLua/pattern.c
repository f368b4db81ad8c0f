#include "pattern.h"

#include <ctype.h>
#include <lua5.4/lauxlib.h>
#include <stdbool.h>
#include <string.h>

#include "budget.h"

enum { maximum_depth = 200 };

/// Steps are cheaper than instructions of the virtual machine.
enum { steps_per_instruction = 2 };

static const char *match(struct clua_matcher *matcher, const char *at, const char *item);

void clua_matcher_init(
    struct clua_matcher *matcher, lua_State *L, const char *subject, size_t subject_length,
    const char *pattern, size_t pattern_length) {
  if (pattern_length > CLUA_PATTERN_BYTES)
    luaL_error(L, "pattern too long (more than %d bytes)", CLUA_PATTERN_BYTES);
  matcher->L = L;
  matcher->subject = subject;
  matcher->subject_end = subject + subject_length;
  matcher->pattern = pattern;
  matcher->pattern_end = pattern + pattern_length;
  matcher->steps = 0;
  matcher->step_limit = CLUA_PATTERN_STEPS + 4 * (uint64_t)subject_length;
  if (matcher->step_limit > CLUA_PATTERN_MAXIMUM_STEPS)
    matcher->step_limit = CLUA_PATTERN_MAXIMUM_STEPS;
  matcher->depth = 0;
  matcher->capture_count = 0;
}

void clua_matcher_charge(struct clua_matcher *matcher) {
  uint64_t steps = matcher->steps;
  matcher->steps = 0;
  clua_charge(matcher->L, steps / steps_per_instruction);
}

static void step(struct clua_matcher *matcher, uint64_t count) {
  matcher->steps += count;
  if (matcher->steps <= matcher->step_limit) return;
  clua_matcher_charge(matcher);
  luaL_error(
      matcher->L, "pattern too complex (more than %d steps)", (int)matcher->step_limit);
}

/// The end of the single-character item at `item`, without its quantifier.
static const char *item_end(struct clua_matcher *matcher, const char *item) {
  const char *end = matcher->pattern_end;
  char first = *item++;
  if (first == '%') {
    if (item == end) luaL_error(matcher->L, "malformed pattern (ends with '%%')");
    return item + 1;
  }
  if (first != '[') return item;
  if (item < end && *item == '^') item++;
  // A bracket that comes first is an ordinary member of the set.
  bool is_first = true;
  while (item < end && (is_first || *item != ']')) {
    is_first = false;
    if (*item == '%' && item + 1 < end) item++;
    item++;
    step(matcher, 1);
  }
  if (item >= end) luaL_error(matcher->L, "malformed pattern (missing ']')");
  return item + 1;
}

static bool in_class(unsigned char byte, unsigned char class) {
  bool result;
  switch (tolower(class)) {
    case 'a': result = isalpha(byte) != 0; break;
    case 'c': result = iscntrl(byte) != 0; break;
    case 'd': result = isdigit(byte) != 0; break;
    case 'g': result = isgraph(byte) != 0; break;
    case 'l': result = islower(byte) != 0; break;
    case 'p': result = ispunct(byte) != 0; break;
    case 's': result = isspace(byte) != 0; break;
    case 'u': result = isupper(byte) != 0; break;
    case 'w': result = isalnum(byte) != 0; break;
    case 'x': result = isxdigit(byte) != 0; break;
    default: return class == byte;
  }
  return isupper(class) ? !result : result;
}

/// Whether the set from '[' to the ']' before `end` holds the byte.
static bool in_set(
    struct clua_matcher *matcher, unsigned char byte, const char *set, const char *end) {
  const char *closing = end - 1;
  bool found_means = true;
  const char *at = set + 1;
  if (*at == '^') {
    found_means = false;
    at++;
  }
  while (at < closing) {
    step(matcher, 1);
    if (*at == '%') {
      if (in_class(byte, (unsigned char)at[1])) return found_means;
      at += 2;
    } else if (at + 2 < closing && at[1] == '-') {
      if ((unsigned char)at[0] <= byte && byte <= (unsigned char)at[2]) return found_means;
      at += 3;
    } else {
      if ((unsigned char)*at == byte) return found_means;
      at++;
    }
  }
  return !found_means;
}

static bool matches_one(
    struct clua_matcher *matcher, const char *at, const char *item, const char *end) {
  step(matcher, 1);
  if (at >= matcher->subject_end) return false;
  unsigned char byte = (unsigned char)*at;
  switch (*item) {
    case '.': return true;
    case '%': return in_class(byte, (unsigned char)item[1]);
    case '[': return in_set(matcher, byte, item, end);
    default: return (unsigned char)*item == byte;
  }
}

/// '*' and '+': as many as there are, then fewer until the rest matches.
static const char *match_longest(
    struct clua_matcher *matcher, const char *at, const char *item, const char *end) {
  ptrdiff_t count = 0;
  while (matches_one(matcher, at + count, item, end)) count++;
  for (; count >= 0; count--) {
    const char *result = match(matcher, at + count, end + 1);
    if (result != NULL) return result;
  }
  return NULL;
}

/// '-': as few as will do.
static const char *match_shortest(
    struct clua_matcher *matcher, const char *at, const char *item, const char *end) {
  for (;;) {
    const char *result = match(matcher, at, end + 1);
    if (result != NULL) return result;
    if (!matches_one(matcher, at, item, end)) return NULL;
    at++;
  }
}

static const char *match_open_capture(
    struct clua_matcher *matcher, const char *at, const char *rest, ptrdiff_t mark) {
  if (matcher->capture_count >= CLUA_CAPTURES) luaL_error(matcher->L, "too many captures");
  int index = matcher->capture_count++;
  matcher->captures[index].start = at;
  matcher->captures[index].length = mark;
  const char *result = match(matcher, at, rest);
  if (result == NULL) matcher->capture_count--;
  return result;
}

static const char *match_close_capture(
    struct clua_matcher *matcher, const char *at, const char *rest) {
  int index = matcher->capture_count - 1;
  while (index >= 0 && matcher->captures[index].length != CLUA_CAPTURE_OPEN) index--;
  if (index < 0) {
    luaL_error(matcher->L, "invalid pattern capture");
    return NULL;
  }
  matcher->captures[index].length = at - matcher->captures[index].start;
  const char *result = match(matcher, at, rest);
  if (result == NULL) matcher->captures[index].length = CLUA_CAPTURE_OPEN;
  return result;
}

/// %bxy: from x to the y that balances it.
static const char *match_balance(struct clua_matcher *matcher, const char *at, const char *pair) {
  if (pair + 1 >= matcher->pattern_end)
    luaL_error(matcher->L, "malformed pattern (missing arguments to '%%b')");
  if (at >= matcher->subject_end || *at != pair[0]) return NULL;
  int open = 1;
  for (const char *next = at + 1; next < matcher->subject_end; next++) {
    step(matcher, 1);
    if (*next == pair[1]) {
      if (--open == 0) return next + 1;
    } else if (*next == pair[0]) {
      open++;
    }
  }
  return NULL;
}

/// %f[set]: between a byte outside the set and one inside it.
static bool at_frontier(
    struct clua_matcher *matcher, const char *at, const char *set, const char *end) {
  unsigned char before = at == matcher->subject ? 0 : (unsigned char)at[-1];
  unsigned char after = at < matcher->subject_end ? (unsigned char)*at : 0;
  return !in_set(matcher, before, set, end) && in_set(matcher, after, set, end);
}

/// %1 to %9: the text of an earlier capture once more.
static const char *match_reference(struct clua_matcher *matcher, const char *at, char digit) {
  int index = digit - '1';
  if (index < 0 || index >= matcher->capture_count
      || matcher->captures[index].length == CLUA_CAPTURE_OPEN) {
    luaL_error(matcher->L, "invalid capture index %%%d in pattern", index + 1);
    return NULL;
  }
  ptrdiff_t length = matcher->captures[index].length;
  if (length < 0) length = 0;
  step(matcher, (uint64_t)length / 16 + 1);
  if (matcher->subject_end - at < length) return NULL;
  return memcmp(matcher->captures[index].start, at, (size_t)length) == 0 ? at + length : NULL;
}

static const char *match_items(struct clua_matcher *matcher, const char *at, const char *item) {
  while (item < matcher->pattern_end) {
    step(matcher, 1);
    if (*item == '(') {
      if (item + 1 < matcher->pattern_end && item[1] == ')')
        return match_open_capture(matcher, at, item + 2, CLUA_CAPTURE_POSITION);
      return match_open_capture(matcher, at, item + 1, CLUA_CAPTURE_OPEN);
    }
    if (*item == ')') return match_close_capture(matcher, at, item + 1);
    if (*item == '$' && item + 1 == matcher->pattern_end)
      return at == matcher->subject_end ? at : NULL;
    if (*item == '%' && item + 1 < matcher->pattern_end) {
      char kind = item[1];
      if (kind == 'b') {
        at = match_balance(matcher, at, item + 2);
        if (at == NULL) return NULL;
        item += 4;
        continue;
      }
      if (kind == 'f') {
        item += 2;
        if (item >= matcher->pattern_end || *item != '[')
          luaL_error(matcher->L, "missing '[' after '%%f' in pattern");
        const char *set_end = item_end(matcher, item);
        if (!at_frontier(matcher, at, item, set_end)) return NULL;
        item = set_end;
        continue;
      }
      if (isdigit((unsigned char)kind)) {
        at = match_reference(matcher, at, kind);
        if (at == NULL) return NULL;
        item += 2;
        continue;
      }
    }
    const char *end = item_end(matcher, item);
    char quantifier = end < matcher->pattern_end ? *end : 0;
    if (quantifier == '*') return match_longest(matcher, at, item, end);
    if (quantifier == '-') return match_shortest(matcher, at, item, end);
    bool one = matches_one(matcher, at, item, end);
    if (quantifier == '+') return one ? match_longest(matcher, at + 1, item, end) : NULL;
    if (quantifier == '?') {
      if (one) {
        const char *result = match(matcher, at + 1, end + 1);
        if (result != NULL) return result;
      }
      item = end + 1;
      continue;
    }
    if (!one) return NULL;
    at++;
    item = end;
  }
  return at;
}

static const char *match(struct clua_matcher *matcher, const char *at, const char *item) {
  if (matcher->depth >= maximum_depth) luaL_error(matcher->L, "pattern too complex (too deep)");
  matcher->depth++;
  const char *result = match_items(matcher, at, item);
  matcher->depth--;
  return result;
}

const char *clua_match_at(struct clua_matcher *matcher, const char *start) {
  matcher->capture_count = 0;
  matcher->depth = 0;
  return match(matcher, start, matcher->pattern);
}

void clua_push_capture(
    struct clua_matcher *matcher, int index, const char *start, const char *end) {
  if (index >= matcher->capture_count) {
    if (index != 0) luaL_error(matcher->L, "invalid capture index %%%d", index + 1);
    lua_pushlstring(matcher->L, start, (size_t)(end - start));
    return;
  }
  ptrdiff_t length = matcher->captures[index].length;
  const char *at = matcher->captures[index].start;
  if (length == CLUA_CAPTURE_OPEN) luaL_error(matcher->L, "unfinished capture");
  if (length == CLUA_CAPTURE_POSITION)
    lua_pushinteger(matcher->L, (lua_Integer)(at - matcher->subject) + 1);
  else
    lua_pushlstring(matcher->L, at, (size_t)length);
}

int clua_push_captures(struct clua_matcher *matcher, const char *start, const char *end) {
  int count = matcher->capture_count == 0 && start != NULL ? 1 : matcher->capture_count;
  luaL_checkstack(matcher->L, count, "too many captures");
  for (int index = 0; index < count; index++) clua_push_capture(matcher, index, start, end);
  return count;
}
