#include "budget.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "coverage.h"
#include "run.h"
#include "traceback.h"

uint64_t clua_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clua_thread_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clua_busy_limit(const struct clua_run *run) {
  enum { nanoseconds_per_instruction = CLUA_NANOSECONDS, least = 100000000 };
  uint64_t instructions = run->limits.instructions;
  if (instructions > UINT64_MAX / nanoseconds_per_instruction) return UINT64_MAX;
  uint64_t limit = instructions * nanoseconds_per_instruction;
  return limit > least ? limit : least;
}

/// A callback of a C function cannot be sliced; it may run on for this many instructions, and so long
/// if they are heavy.
enum { unsliced_instructions = 500000, unsliced_nanoseconds = 200000 * CLUA_NANOSECONDS };

/// An instruction that compares two strings, or passes over an emptied table, takes time by their
/// size. The hook comes sooner in a run that has had large ones: after instructions that read not
/// much more than `period_bytes` in all.
static int hook_period(const struct clua_run *run) {
  enum { least = 2, period_bytes = 2 << 20, vector_bytes_per_string_byte = 8 };
  size_t largest = run->heap.largest_vector / vector_bytes_per_string_byte;
  if (run->heap.longest_string > largest) largest = run->heap.longest_string;
  if (largest <= period_bytes / CLUA_HOOK_PERIOD) return CLUA_HOOK_PERIOD;
  size_t period = period_bytes / largest;
  return period > least ? (int)period : least;
}

static bool slice_is_over(const struct clua_run *run) {
  return run->used - run->slice_start >= run->limits.slice_instructions;
}

/// Whether code that cannot be sliced has had its time.
static bool takes_too_long(const struct clua_run *run) {
  uint64_t instructions = run->used - run->slice_start;
  if (instructions > unsliced_instructions
      && instructions - unsliced_instructions > run->limits.slice_instructions)
    return true;
  return clua_thread_nanoseconds() - run->resumed_at > unsliced_nanoseconds;
}

bool clua_should_give_way(lua_State *L) {
  return slice_is_over(clua_run_of(L)) && lua_isyieldable(L);
}

static void on_event(lua_State *L, lua_Debug *record) {
  struct clua_run *run = clua_run_of(L);
  if (record->event == LUA_HOOKLINE) {
    clua_note_line(run, L, record);
    return;
  }
  if (run->failure != CLUA_NO_FAILURE) {
    (void)clua_end(L);
    return;
  }
  run->used += (uint64_t)run->armed;
  if (run->used > run->limits.instructions) {
    (void)clua_kill(L, CLUA_INSTRUCTIONS, "the instruction budget is used up");
    return;
  }
  bool due = slice_is_over(run)
      || clua_nanoseconds() - run->slice_began >= run->limits.slice_nanoseconds;
  if (due && lua_isyieldable(L)) {
    if (run->armed != hook_period(run)) clua_arm(run, hook_period(run));
    run->yield = CLUA_YIELD_SLICE;
    (void)lua_yield(L, 0);
    return;
  }
  if (due && takes_too_long(run)) {
    (void)clua_kill(
        L, CLUA_INSTRUCTIONS, "a callback of a built-in function takes too many instructions");
    return;
  }
  if (run->armed != hook_period(run)) clua_arm(run, hook_period(run));
}

void clua_note_block(struct clua_run *run) {
  if (!run->started || run->armed == 1 || run->armed <= hook_period(run)) return;
  // Arming starts the count anew, so the instructions counted so far are charged in full.
  run->used += (uint64_t)run->armed;
  clua_arm(run, hook_period(run));
}

void clua_arm(struct clua_run *run, int count) {
  run->armed = count;
  int events = run->lines == NULL ? LUA_MASKCOUNT : LUA_MASKCOUNT | LUA_MASKLINE;
  lua_sethook(run->coroutine, on_event, events, count);
}

void clua_charge_quietly(struct clua_run *run, uint64_t instructions) {
  // Work that the budget does not cover is not done; the account says only that it is overdrawn.
  uint64_t limit = run->limits.instructions;
  uint64_t left = run->used < limit ? limit - run->used : 0;
  run->used += instructions <= left ? instructions : left + 1;
  if (run->coroutine == NULL || !run->started || run->armed == 1) return;
  if (run->used > run->limits.instructions || slice_is_over(run)) {
    // Arming starts the count anew, so the instructions counted so far are charged in full.
    run->used += (uint64_t)run->armed;
    clua_arm(run, 1);
  }
}

void clua_charge(lua_State *L, uint64_t instructions) {
  struct clua_run *run = clua_run_of(L);
  clua_charge_quietly(run, instructions);
  if (run->used > run->limits.instructions)
    (void)clua_kill(L, CLUA_INSTRUCTIONS, "the instruction budget is used up");
}

void clua_mark_out_of_memory(struct clua_run *run, lua_State *where) {
  const char *message = run->heap.reason != NULL ? run->heap.reason : CLUA_MEMORY_MESSAGE;
  clua_mark_failed(run, where, CLUA_MEMORY, message, strlen(message));
}

void clua_mark_failed(
    struct clua_run *run, lua_State *where, clua_failure_kind kind, const char *message,
    size_t length) {
  if (run->failure != CLUA_NO_FAILURE) return;
  run->failure = kind;
  run->message = malloc(length + 1);
  if (run->message != NULL) {
    memcpy(run->message, message, length);
    run->message[length] = 0;
    run->message_length = length;
  }
  if (where != NULL) clua_capture_traceback(run, where);
}

int clua_end(lua_State *L) {
  struct clua_run *run = clua_run_of(L);
  clua_arm(run, 1);
  if (lua_isyieldable(L)) return lua_yield(L, 0);
  lua_pushnil(L);
  return lua_error(L);
}

int clua_kill(lua_State *L, clua_failure_kind kind, const char *message) {
  clua_mark_failed(clua_run_of(L), L, kind, message, strlen(message));
  return clua_end(L);
}

void clua_check_string(lua_State *L, size_t length) {
  if (length > clua_run_of(L)->limits.string_bytes)
    (void)clua_kill(L, CLUA_MEMORY, CLUA_MEMORY_MESSAGE);
}
