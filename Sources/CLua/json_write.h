#ifndef CLUA_JSON_WRITE_H
#define CLUA_JSON_WRITE_H

#include <lua5.4/lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "include/clua.h"

struct clua_run;

enum { CLUA_PATH_BYTES = 160 };

/// Writes Lua values as JSON into run->output. Reads tables raw: no code of the script runs.
/// Everything here raises Lua errors, so it is called inside lua_resume only.
struct clua_writer {
  lua_State *L;
  struct clua_run *run;
  /// "effect" or "result", for messages.
  const char *subject;
  size_t limit;
  clua_failure_kind too_large;
  /// What a value that JSON cannot hold means: a runtime error, or the end of the run.
  bool ends_run;
  /// Leaves functions out, as a module's description does.
  bool skips_functions;
  size_t visited;
  size_t tables;
  /// When writing began.
  uint64_t began;
  int depth;
  const void *open_tables[100];
  /// Where the writer is: a key, or NULL and a position.
  const char *keys[100];
  lua_Integer positions[100];
};

void clua_write_begin(
    struct clua_writer *writer, lua_State *L, const char *subject, size_t limit,
    clua_failure_kind too_large, bool ends_run);
void clua_write_byte(struct clua_writer *writer, char byte);
void clua_write_string(struct clua_writer *writer, const char *bytes, size_t length);
void clua_write_value(struct clua_writer *writer, int index);
void clua_write_end(struct clua_writer *writer);

#endif
