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

// Without optimisation, and with a sanitizer, the bridge's own part of the work is slower.
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define CLUA_NANOSECONDS 500
#elif defined(DEBUG)
#define CLUA_NANOSECONDS 150
#else
#define CLUA_NANOSECONDS 50
#endif

uint64_t clua_busy_limit(const struct clua_run *run) {
  enum { nanoseconds_per_instruction = CLUA_NANOSECONDS, least = 100000000 };
  uint64_t instructions = run->limits.instructions;
  if (instructions > UINT64_MAX / nanoseconds_per_instruction) return UINT64_MAX;
  uint64_t limit = instructions * nanoseconds_per_instruction;
  return limit > least ? limit : least;
}

/// A callback of a C function cannot be sliced; it may run on for this many instructions.
enum { unsliced_instructions = 500000 };

static bool slice_is_over(const struct clua_run *run) {
  return run->used - run->slice_start >= run->limits.slice_instructions;
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
    if (run->armed != CLUA_HOOK_PERIOD) clua_arm(run, CLUA_HOOK_PERIOD);
    run->yield = CLUA_YIELD_SLICE;
    (void)lua_yield(L, 0);
    return;
  }
  if (run->used - run->slice_start > unsliced_instructions
      && run->used - run->slice_start - unsliced_instructions > run->limits.slice_instructions) {
    (void)clua_kill(
        L, CLUA_INSTRUCTIONS, "a callback of a built-in function takes too many instructions");
    return;
  }
  if (run->armed != CLUA_HOOK_PERIOD) clua_arm(run, CLUA_HOOK_PERIOD);
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
    run->used += CLUA_HOOK_PERIOD;
    clua_arm(run, 1);
  }
}

void clua_charge(lua_State *L, uint64_t instructions) {
  struct clua_run *run = clua_run_of(L);
  clua_charge_quietly(run, instructions);
  if (run->used > run->limits.instructions)
    (void)clua_kill(L, CLUA_INSTRUCTIONS, "the instruction budget is used up");
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
