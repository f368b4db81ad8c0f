#ifndef CLUA_H
#define CLUA_H

// The seam to liblua 5.4. Swift sees a bundle of compiled modules and one opaque handle for each
// run; no lua_State, and no way to give Lua a function of its own.
//
// A Lua error is a longjmp and must never cross a Swift frame, so every function here either cannot
// raise or does its whole work inside lua_pcall or lua_resume.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// An immutable set of compiled modules. Adding is not thread-safe; running from it is.
typedef struct clua_bundle clua_bundle;

/// One run of one function in a Lua state of its own. Not thread-safe, but free to change threads
/// between two calls.
typedef struct clua_run clua_run;

typedef enum {
  CLUA_NO_FAILURE = 0,
  CLUA_RUNTIME,
  CLUA_INSTRUCTIONS,
  CLUA_MEMORY,
  CLUA_EFFECTS,
  CLUA_EFFECT_TOO_LARGE,
  CLUA_RESULT,
  CLUA_LOAD,
  CLUA_HOST,
  CLUA_WALL_CLOCK,
} clua_failure_kind;

typedef enum {
  /// The time slice is over; resume to go on.
  CLUA_SLICE_ENDED,
  /// The output is an effect as JSON; give the answer, then resume.
  CLUA_EFFECT,
  /// The output is the array of the returned values as JSON.
  CLUA_FINISHED,
  /// The run is over; see clua_run_failure.
  CLUA_FAILED,
} clua_step;

typedef struct {
  /// Virtual-machine instructions, plus work of built-in functions converted to them.
  uint64_t instructions;
  /// Instructions after which a run gives way to others.
  uint64_t slice_instructions;
  /// Nanoseconds after which a run gives way even if its instructions are few but heavy.
  uint64_t slice_nanoseconds;
  size_t memory_bytes;
  /// The longest single string.
  size_t string_bytes;
  uint64_t effects;
  size_t effect_bytes;
  size_t result_bytes;
} clua_limits;

typedef struct {
  uint64_t instructions;
  uint64_t effects;
  size_t memory_bytes;
  size_t peak_memory_bytes;
} clua_usage;

typedef struct {
  const uint8_t *_Nullable bytes;
  size_t length;
} clua_bytes;

typedef struct {
  clua_failure_kind kind;
  clua_bytes message;
  /// Lines "path:line: in function 'name'", innermost first.
  clua_bytes traceback;
} clua_failure;

clua_bundle *_Nullable clua_bundle_create(void);
void clua_bundle_free(clua_bundle *_Nullable bundle);

/// Compiles Lua source text (never bytecode) and keeps the result under the module's name. A
/// privileged module receives `perform` as its chunk's argument. On failure returns false and
/// writes a text, cut to capacity, into message.
bool clua_bundle_add(
    clua_bundle *bundle, const char *module, const char *path, bool privileged,
    const uint8_t *_Nullable text, size_t length, char *message, size_t capacity);

/// Takes over a module that another bundle has compiled: from then on both have it. False when the
/// other has no such module, or there is no memory. Other threads may use the other bundle meanwhile.
bool clua_bundle_share(clua_bundle *bundle, const clua_bundle *other, const char *module);

/// A run of `function` of the table that `module` returns; without a function the run's result is
/// a description of that table. NULL when there is no memory for a state. The bundle must outlive
/// the run.
clua_run *_Nullable clua_run_create(
    const clua_bundle *bundle, const char *module, const char *_Nullable function,
    const clua_limits *limits);
void clua_run_free(clua_run *_Nullable run);

/// Gives the next argument (before the first resume). False when the bytes are not JSON: the run
/// has then failed.
bool clua_run_add_argument(clua_run *run, const uint8_t *_Nullable bytes, size_t length);

/// Gives the answer to the pending effect. False when the bytes are not JSON: the run has failed.
bool clua_run_answer(clua_run *run, const uint8_t *_Nullable bytes, size_t length);

/// Notes from now on which lines run; before the first resume. Slower: only for coverage.
bool clua_run_collect_lines(clua_run *run);

/// The lines of a module that ran: one byte for each line from 0, not 0 if it did.
clua_bytes clua_run_lines(const clua_run *run, const char *module);

/// Sets flags[line] to 1 for each line of a module that can run. False when it cannot be told.
bool clua_bundle_lines(
    const clua_bundle *bundle, const char *module, uint8_t *flags, size_t count);

clua_step clua_run_resume(clua_run *run);

/// Ends a suspended run because its time is over, noting where it stands.
void clua_run_expire(clua_run *run);

/// The effect or the results; valid until the next call with this run.
clua_bytes clua_run_output(const clua_run *run);
clua_failure clua_run_failure(const clua_run *run);
clua_usage clua_run_usage(const clua_run *run);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
