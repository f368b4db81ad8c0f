#ifndef CLUA_BUDGET_H
#define CLUA_BUDGET_H

#include <lua5.4/lua.h>
#include <stdint.h>

#include "include/clua.h"

struct clua_run;

/// What an instruction may take on average. Without optimisation, and with a sanitizer, the bridge's
/// own part of the work is slower.
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define CLUA_NANOSECONDS 500
#elif defined(DEBUG)
#define CLUA_NANOSECONDS 150
#else
#define CLUA_NANOSECONDS 50
#endif

#define CLUA_MEMORY_MESSAGE "the memory budget is used up"
#define CLUA_VALUES_MESSAGE CLUA_MEMORY_MESSAGE ": a call has thousands of arguments or values"
#define CLUA_COLLISION_MESSAGE \
  CLUA_MEMORY_MESSAGE ": a table has thousands of numbers as keys that lie too badly to be found " \
                      "(texts as keys do not)"

/// Nanoseconds of a clock that only goes forward.
uint64_t clua_nanoseconds(void);

/// Nanoseconds that this thread was on a processor.
uint64_t clua_thread_nanoseconds(void);

/// What the run may use of a processor: five times what ordinary instructions take. It ends scripts
/// whose instructions are few but each of them heavy.
uint64_t clua_busy_limit(const struct clua_run *run);

/// Adds work to the account and never raises: an exhausted budget ends the run at the next
/// instruction.
void clua_charge_quietly(struct clua_run *run, uint64_t instructions);

/// Adds work to the account before it is done; ends the run when the budget does not cover it.
void clua_charge(lua_State *L, uint64_t instructions);

/// Whether the time slice is over and a C function that can be continued should yield
/// CLUA_YIELD_SLICE.
bool clua_should_give_way(lua_State *L);

/// Takes note that the run has a larger block than before, of which one instruction may read all.
void clua_note_block(struct clua_run *run);

/// Marks the run as failed for want of memory.
void clua_mark_out_of_memory(struct clua_run *run, lua_State *where);

/// Arms the hook of the run's coroutine.
void clua_arm(struct clua_run *run, int count);

/// Ends the run for good. Yields where that is possible, since nothing catches a yield; elsewhere
/// raises, and `pcall` hands the error on because the run is marked.
int clua_kill(lua_State *L, clua_failure_kind kind, const char *message);

/// Ends the run when a string of so many bytes is being made that it could never be finished.
void clua_check_string(lua_State *L, size_t length);

/// Marks the run as failed, keeping the first reason, message and traceback.
void clua_mark_failed(
    struct clua_run *run, lua_State *where, clua_failure_kind kind, const char *message,
    size_t length);

/// Raises (or yields) once more in a run that is already marked.
int clua_end(lua_State *L);

#endif
