#include "module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "json_read.h"
#include "json_write.h"
#include "libraries.h"
#include "run.h"

static const struct clua_module *find_module(const struct clua_run *run, const char *name) {
  for (size_t i = 0; i < run->bundle->count; i++) {
    if (strcmp(run->bundle->modules[i]->name, name) == 0) return run->bundle->modules[i];
  }
  return NULL;
}

// MARK: perform

static int finish_perform(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  struct clua_run *run = clua_run_of(L);
  if (run->answer == NULL) {
    lua_pushnil(L);
    return 1;
  }
  clua_push_json(L, run->answer);
  cjson_free(run->answer);
  run->answer = NULL;
  return 1;
}

/// perform(effect): hands the table to the host and returns the answer.
static int perform(lua_State *L) {
  struct clua_run *run = clua_run_of(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_pushliteral(L, "effect");
  if (lua_rawget(L, 1) != LUA_TSTRING) return luaL_error(L, "an effect needs the field 'effect'");
  lua_settop(L, 1);
  if (!lua_isyieldable(L))
    return luaL_error(L, "an effect cannot be performed inside a callback of a built-in function");
  if (run->effects >= run->limits.effects)
    return clua_kill(L, CLUA_EFFECTS, "the budget of effects is used up");
  struct clua_writer writer;
  clua_write_begin(&writer, L, "effect", run->limits.effect_bytes, CLUA_EFFECT_TOO_LARGE, false);
  clua_write_value(&writer, 1);
  clua_write_end(&writer);
  run->effects++;
  run->yield = CLUA_YIELD_EFFECT;
  return lua_yieldk(L, 0, 0, finish_perform);
}

// MARK: require

static int finish_require(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  // Stack: name, value.
  if (lua_isnil(L, 2)) {
    lua_pushboolean(L, 1);
    lua_replace(L, 2);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, CLUA_LOADED);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_rawset(L, -3);
  lua_settop(L, 2);
  return 1;
}

int clua_require(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, CLUA_LOADED);
  lua_pushvalue(L, 1);
  int type = lua_rawget(L, 2);
  if (lua_touserdata(L, -1) == clua_run_of(L))
    return luaL_error(L, "module '%s' requires itself, directly or through others", name);
  if (type != LUA_TNIL) return 1;
  struct clua_run *run = clua_run_of(L);
  const struct clua_module *module = find_module(run, name);
  if (module == NULL) return luaL_error(L, "there is no module '%s'", name);
  lua_pushvalue(L, 1);
  lua_pushlightuserdata(L, run);
  lua_rawset(L, 2);
  lua_settop(L, 1);
  clua_charge(L, module->length / 32);
  // The host's own bytecode, made from text that was compiled in this process.
  if (luaL_loadbufferx(
          L, (const char *)module->bytecode, module->length, module->chunk_name, "b") != LUA_OK)
    return lua_error(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, CLUA_ENVIRONMENT);
  lua_setupvalue(L, -2, 1);
  if (module->privileged) lua_pushcfunction(L, perform);
  lua_callk(L, module->privileged ? 1 : 0, 1, 0, finish_require);
  return finish_require(L, LUA_OK, 0);
}

// MARK: The run

enum entry_stage { entry_loaded = 1, entry_returned };

static void write_results(lua_State *L) {
  struct clua_writer writer;
  clua_write_begin(
      &writer, L, "result", clua_run_of(L)->limits.result_bytes, CLUA_RESULT, true);
  int count = lua_gettop(L);
  clua_write_byte(&writer, '[');
  for (int i = 1; i <= count; i++) {
    if (i > 1) clua_write_byte(&writer, ',');
    // The path of a result begins with its place in the list.
    writer.depth = 1;
    writer.open_tables[0] = NULL;
    writer.keys[0] = NULL;
    writer.positions[0] = i;
    clua_write_value(&writer, i);
    writer.depth = 0;
  }
  clua_write_byte(&writer, ']');
  clua_write_end(&writer);
}

static int compare_names(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/// The names of the functions of the table at index 1, sorted, as a JSON array.
static void write_function_names(struct clua_writer *writer, lua_State *L) {
  enum { maximum = 256 };
  const char *names[maximum];
  size_t count = 0;
  lua_pushnil(L);
  while (lua_next(L, 1) != 0) {
    if (lua_type(L, -2) == LUA_TSTRING && lua_isfunction(L, -1) && count < maximum)
      names[count++] = lua_tostring(L, -2);
    lua_pop(L, 1);
  }
  qsort(names, count, sizeof names[0], compare_names);
  clua_write_byte(writer, '[');
  for (size_t i = 0; i < count; i++) {
    if (i > 0) clua_write_byte(writer, ',');
    clua_write_string(writer, names[i], strlen(names[i]));
  }
  clua_write_byte(writer, ']');
}

/// Writes [data, names of functions] of the module's table.
static void write_description(lua_State *L) {
  struct clua_writer writer;
  clua_write_begin(
      &writer, L, "module", clua_run_of(L)->limits.result_bytes, CLUA_RESULT, true);
  writer.skips_functions = true;
  clua_write_byte(&writer, '[');
  clua_write_value(&writer, 1);
  clua_write_byte(&writer, ',');
  write_function_names(&writer, L);
  clua_write_byte(&writer, ']');
  clua_write_end(&writer);
}

static int continue_entry(lua_State *L, int status, lua_KContext stage);

static int call_function(lua_State *L) {
  struct clua_run *run = clua_run_of(L);
  char message[300];
  lua_pushstring(L, run->function);
  if (lua_rawget(L, 1) != LUA_TFUNCTION) {
    snprintf(
        message, sizeof message, "module '%.100s' has no function '%.100s'", run->module,
        run->function);
    return clua_kill(L, CLUA_LOAD, message);
  }
  lua_replace(L, 1);
  luaL_checkstack(L, run->argument_count + 4, "too many arguments");
  for (int i = 0; i < run->argument_count; i++) {
    clua_push_json(L, run->arguments[i]);
    cjson_free(run->arguments[i]);
    run->arguments[i] = NULL;
  }
  lua_callk(L, run->argument_count, LUA_MULTRET, entry_returned, continue_entry);
  return continue_entry(L, LUA_OK, entry_returned);
}

static int continue_entry(lua_State *L, int status, lua_KContext stage) {
  (void)status;
  if (stage == entry_returned) {
    write_results(L);
    return 0;
  }
  struct clua_run *run = clua_run_of(L);
  if (!lua_istable(L, 1)) {
    char message[200];
    snprintf(message, sizeof message, "module '%.100s' does not return a table", run->module);
    return clua_kill(L, CLUA_LOAD, message);
  }
  if (run->function != NULL) return call_function(L);
  write_description(L);
  return 0;
}

int clua_entry(lua_State *L) {
  struct clua_run *run = clua_run_of(L);
  if (find_module(run, run->module) == NULL) {
    char message[200];
    snprintf(message, sizeof message, "there is no module '%.100s'", run->module);
    return clua_kill(L, CLUA_LOAD, message);
  }
  lua_pushcfunction(L, clua_require);
  lua_pushstring(L, run->module);
  lua_callk(L, 1, 1, entry_loaded, continue_entry);
  return continue_entry(L, LUA_OK, entry_loaded);
}
