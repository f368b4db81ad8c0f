#ifndef CLUA_RUN_H
#define CLUA_RUN_H

// What one run consists of; shared by the files of this target only.

#include <cjson.h>
#include <lua5.4/lua.h>
#include <lua5.4/lauxlib.h>
#include <stdatomic.h>

#include "heap.h"
#include "include/clua.h"

/// The instructions between two looks at the budget, and the most of them.
#define CLUA_HOOK_PERIOD 250

/// Arguments or values of one call beyond which the stack does not grow. Without a limit a table that
/// is its own `__call` would move a growing row of arguments for minutes within one instruction.
#define CLUA_VALUES_OF_A_CALL 4600

/// Nesting of results and effects; deeper ones are refused.
#define CLUA_JSON_DEPTH 100

#define CLUA_MAXIMUM_ARGUMENTS 8

/// Keys of the registry, after liblua's own two.
enum { CLUA_ENVIRONMENT = 3, CLUA_ARRAY_METATABLE = 4, CLUA_LOADED = 5 };

/// A compiled module; bundles that have the same one share it.
struct clua_module {
  /// The bundles that have it.
  atomic_size_t owners;
  char *name;
  char *chunk_name;
  bool privileged;
  unsigned char *bytecode;
  size_t length;
  size_t capacity;
};

struct clua_bundle {
  struct clua_module **modules;
  size_t count;
  size_t capacity;
};

/// One byte for each line of a module, not 0 once it ran.
struct clua_lines {
  uint8_t *flags;
  size_t count;
};

enum clua_yield { CLUA_YIELD_SLICE, CLUA_YIELD_EFFECT };

struct clua_run {
  struct clua_heap heap;
  lua_State *main;
  lua_State *coroutine;
  const struct clua_bundle *bundle;
  char *module;
  char *function;
  clua_limits limits;

  uint64_t used;
  uint64_t slice_start;
  uint64_t slice_began;
  /// The count the hook is armed with: CLUA_HOOK_PERIOD, or 1 when something is due.
  int armed;
  enum clua_yield yield;
  bool started;
  bool finished;
  uint64_t effects;
  /// Processor time of the run so far, and of its thread when it was resumed last.
  uint64_t busy_nanoseconds;
  uint64_t resumed_at;
  /// When the run performed an effect; 0 if it waits for none.
  uint64_t waits_since;
  /// Calls of pcall and xpcall that are in progress.
  int protected_calls;
  /// By module of the bundle; NULL unless lines are collected.
  struct clua_lines *lines;
  /// The module whose line ran last.
  size_t last_module;

  const void *array_metatable;
  cjson_document *arguments[CLUA_MAXIMUM_ARGUMENTS];
  int argument_count;
  cjson_document *answer;

  uint8_t *output;
  size_t output_length;
  size_t output_capacity;

  clua_failure_kind failure;
  char *message;
  size_t message_length;
  char *traceback;
  size_t traceback_length;
};

static inline struct clua_run *clua_run_of(lua_State *L) {
  return *(struct clua_run **)lua_getextraspace(L);
}

#endif
