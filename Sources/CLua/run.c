#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "coverage.h"
#include "libraries.h"
#include "module.h"
#include "traceback.h"

/// Memory for the host's own last steps in a run that has used up its budget.
enum { reserve_bytes = 256 << 10 };

/// A run allocates this much before the collector begins: most end earlier.
enum { collection_free_kilobytes = 1024 };

static int panic(lua_State *L) {
  const char *text = lua_tostring(L, -1);
  fprintf(stderr, "liblua: error outside of a protected call: %s\n", text ? text : "?");
  abort();
}

static int set_up(lua_State *L) {
  struct clua_run *run = lua_touserdata(L, 1);
  clua_open_environment(L);
  run->coroutine = lua_newthread(L);
  lua_pushcfunction(run->coroutine, clua_entry);
  // The registry keeps the coroutine alive.
  lua_rawsetp(L, LUA_REGISTRYINDEX, run);
  return 0;
}

static bool open_state(struct clua_run *run) {
  run->main = lua_newstate(clua_heap_allocate, &run->heap);
  if (run->main == NULL) return false;
  *(struct clua_run **)lua_getextraspace(run->main) = run;
  lua_atpanic(run->main, panic);
  lua_pushcfunction(run->main, set_up);
  lua_pushlightuserdata(run->main, run);
  if (lua_pcall(run->main, 1, 0, 0) != LUA_OK) return false;
  // A step of negative size only lowers the collector's debt.
  lua_gc(run->main, LUA_GCSTEP, -collection_free_kilobytes);
  return true;
}

clua_run *clua_run_create(
    const clua_bundle *bundle, const char *module, const char *function,
    const clua_limits *limits) {
  struct clua_run *run = calloc(1, sizeof *run);
  if (run == NULL) return NULL;
  run->bundle = bundle;
  run->limits = *limits;
  run->module = strdup(module);
  run->function = function == NULL ? NULL : strdup(function);
  clua_heap_init(&run->heap, limits->memory_bytes, limits->string_bytes);
  run->heap.run = run;
  if (run->module == NULL || (function != NULL && run->function == NULL)) {
    clua_run_free(run);
    return NULL;
  }
  if (!open_state(run)) {
    run->coroutine = NULL;
    clua_mark_failed(run, NULL, CLUA_MEMORY, CLUA_MEMORY_MESSAGE, sizeof CLUA_MEMORY_MESSAGE - 1);
  }
  return run;
}

void clua_run_free(clua_run *run) {
  if (run == NULL) return;
  clua_heap_destroy(&run->heap);
  clua_free_lines(run);
  for (int i = 0; i < run->argument_count; i++) cjson_free(run->arguments[i]);
  cjson_free(run->answer);
  free(run->module);
  free(run->function);
  free(run->output);
  free(run->message);
  free(run->traceback);
  free(run);
}

static cjson_document *parse(
    clua_run *run, const char *subject, const uint8_t *bytes, size_t length) {
  static const uint8_t nothing[1] = {0};
  const char *error = NULL;
  cjson_document *document = cjson_parse(bytes == NULL ? nothing : bytes, length, &error);
  if (document == NULL) {
    char message[200];
    int written = snprintf(
        message, sizeof message, "%s is not JSON: %.120s", subject, error ? error : "?");
    clua_mark_failed(run, NULL, CLUA_HOST, message, (size_t)written);
  }
  return document;
}

bool clua_run_add_argument(clua_run *run, const uint8_t *bytes, size_t length) {
  if (run->argument_count == CLUA_MAXIMUM_ARGUMENTS) {
    static const char message[] = "too many arguments";
    clua_mark_failed(run, NULL, CLUA_HOST, message, sizeof message - 1);
    return false;
  }
  cjson_document *document = parse(run, "an argument", bytes, length);
  if (document == NULL) return false;
  run->arguments[run->argument_count++] = document;
  return true;
}

bool clua_run_answer(clua_run *run, const uint8_t *bytes, size_t length) {
  cjson_free(run->answer);
  run->answer = parse(run, "the answer to an effect", bytes, length);
  return run->answer != NULL;
}

// MARK: Failures

/// Keeps the text of the error object on the top of the coroutine's stack, running no code of the
/// script: for a table, its own field "message" or "reason".
static int keep_error_text(lua_State *L) {
  struct clua_run *run = lua_touserdata(L, 1);
  luaL_checkstack(run->coroutine, 2, NULL);
  lua_xmove(run->coroutine, L, 1);
  int type = lua_type(L, -1);
  if (type == LUA_TTABLE) {
    lua_pushliteral(L, "message");
    if (lua_rawget(L, 2) != LUA_TSTRING) {
      lua_pushliteral(L, "reason");
      lua_rawget(L, 2);
    }
  }
  type = lua_type(L, -1);
  if (type != LUA_TSTRING && type != LUA_TNUMBER) {
    lua_pushfstring(L, "the error is a %s, not a text", luaL_typename(L, 2));
  }
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  if (length > 4096) length = 4096;
  clua_mark_failed(run, run->coroutine, CLUA_RUNTIME, text, length);
  return 0;
}

static void note_deep_stack(clua_run *run, lua_State *L) {
  enum { deep = 10000 };
  lua_Debug record;
  if (lua_getstack(L, deep, &record))
    run->heap.reason =
        CLUA_MEMORY_MESSAGE ": calls are nested deeper than 10000 (endless recursion?)";
}

static void keep_failure(clua_run *run, int status) {
  if (run->failure != CLUA_NO_FAILURE) return;
  run->heap.limit += reserve_bytes;
  run->heap.string_limit = run->heap.limit;
  if (status == LUA_ERRMEM) {
    note_deep_stack(run, run->coroutine);
    clua_mark_out_of_memory(run, run->coroutine);
    return;
  }
  lua_pushcfunction(run->main, keep_error_text);
  lua_pushlightuserdata(run->main, run);
  if (lua_pcall(run->main, 1, 0, 0) == LUA_OK) return;
  static const char message[] = "an error without a text";
  clua_mark_failed(run, run->coroutine, CLUA_RUNTIME, message, sizeof message - 1);
}

// MARK: Resuming

/// Begins a slice, or goes on with the one in which an effect was performed: whoever answers at once
/// gives no turn to others. The wait itself does not count.
static void continue_slice(clua_run *run) {
  if (run->waits_since != 0) {
    run->slice_began += clua_nanoseconds() - run->waits_since;
    run->waits_since = 0;
    return;
  }
  run->slice_start = run->used;
  run->slice_began = clua_nanoseconds();
}

clua_step clua_run_resume(clua_run *run) {
  if (run->failure != CLUA_NO_FAILURE) return CLUA_FAILED;
  if (run->finished) {
    static const char message[] = "the run is over";
    clua_mark_failed(run, NULL, CLUA_HOST, message, sizeof message - 1);
    return CLUA_FAILED;
  }
  continue_slice(run);
  if (!run->started) {
    run->started = true;
    clua_arm(run, CLUA_HOOK_PERIOD);
  }
  run->resumed_at = clua_thread_nanoseconds();
  int results = 0;
  int status = lua_resume(run->coroutine, run->main, 0, &results);
  run->busy_nanoseconds += clua_thread_nanoseconds() - run->resumed_at;
  if (run->failure != CLUA_NO_FAILURE) return CLUA_FAILED;
  if (status == LUA_YIELD) {
    static const char message[] = "the instruction budget is used up (by few but heavy ones)";
    if (run->busy_nanoseconds > clua_busy_limit(run)) {
      clua_mark_failed(
          run, run->coroutine, CLUA_INSTRUCTIONS, message, sizeof message - 1);
      return CLUA_FAILED;
    }
    if (run->yield != CLUA_YIELD_EFFECT) return CLUA_SLICE_ENDED;
    run->waits_since = clua_nanoseconds();
    return CLUA_EFFECT;
  }
  if (status == LUA_OK) {
    run->finished = true;
    return CLUA_FINISHED;
  }
  keep_failure(run, status);
  return CLUA_FAILED;
}

void clua_run_expire(clua_run *run) {
  static const char message[] = "the time budget is used up";
  clua_mark_failed(run, run->coroutine, CLUA_WALL_CLOCK, message, sizeof message - 1);
}

clua_bytes clua_run_output(const clua_run *run) {
  return (clua_bytes){run->output, run->output_length};
}

clua_failure clua_run_failure(const clua_run *run) {
  return (clua_failure){
      run->failure,
      {(const uint8_t *)run->message, run->message_length},
      {(const uint8_t *)run->traceback, run->traceback_length},
  };
}

clua_usage clua_run_usage(const clua_run *run) {
  return (clua_usage){run->used, run->effects, run->heap.used, run->heap.peak};
}
