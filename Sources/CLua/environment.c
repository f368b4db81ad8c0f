#include <lua5.4/lauxlib.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "budget.h"
#include "libraries.h"
#include "run.h"

static int undefined_global(lua_State *L) {
  if (lua_type(L, 2) == LUA_TSTRING)
    return luaL_error(L, "undefined global '%s'", lua_tostring(L, 2));
  return luaL_error(L, "undefined global");
}

static int refuse_global(lua_State *L) {
  if (lua_type(L, 2) == LUA_TSTRING)
    return luaL_error(
        L, "the global '%s' cannot be set (a local is meant?)", lua_tostring(L, 2));
  return luaL_error(L, "globals cannot be set");
}

static int refuse_write(lua_State *L) {
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
  return luaL_error(L, "'%s' of a built-in table cannot be set", key);
}

void clua_set_functions(lua_State *L, const struct clua_function *functions) {
  for (; functions->name != NULL; functions++) {
    lua_pushcfunction(L, functions->function);
    lua_setfield(L, -2, functions->name);
  }
}

/// Replaces the table on the top by an empty one that reads from it and cannot be written.
static void push_read_only(lua_State *L, lua_CFunction refusal) {
  lua_newtable(L);
  lua_createtable(L, 0, 4);
  lua_rotate(L, -3, -1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refusal);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
}

/// The functions table on the top is read through a read-only one and becomes a field of the
/// table below.
static void add_library(lua_State *L, const char *name) {
  push_read_only(L, refuse_write);
  lua_setfield(L, -2, name);
}

static void open_string(lua_State *L) {
  lua_createtable(L, 0, 16);
  clua_set_string_functions(L);
  // ("x"):upper() reads the table itself; the metatable is hidden, so nothing else does.
  lua_pushliteral(L, "");
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
  add_library(L, "string");
}

static int math_max(lua_State *L) {
  clua_check_numerals(L, 1, lua_gettop(L));
  return clua_builtins()->math_max(L);
}

static int math_min(lua_State *L) {
  clua_check_numerals(L, 1, lua_gettop(L));
  return clua_builtins()->math_min(L);
}

static void open_math(lua_State *L) {
  static const struct clua_function functions[] = {
      {"max", math_max}, {"min", math_min}, {NULL, NULL}};
  lua_createtable(L, 0, 32);
  clua_set_functions(L, clua_builtins()->math);
  clua_set_functions(L, functions);
  lua_pushnumber(L, 3.141592653589793);
  lua_setfield(L, -2, "pi");
  lua_pushnumber(L, HUGE_VAL);
  lua_setfield(L, -2, "huge");
  lua_pushinteger(L, LUA_MAXINTEGER);
  lua_setfield(L, -2, "maxinteger");
  lua_pushinteger(L, LUA_MININTEGER);
  lua_setfield(L, -2, "mininteger");
  add_library(L, "math");
}

static void open_array_metatable(lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_pushliteral(L, "array");
  lua_setfield(L, -2, "__metatable");
  clua_run_of(L)->array_metatable = lua_topointer(L, -1);
  lua_rawseti(L, LUA_REGISTRYINDEX, CLUA_ARRAY_METATABLE);
}

/// Weak tables would show the collector to scripts, and a chain of them takes it minutes to follow.
/// setmetatable refuses `__mode`, but it can be added to a metatable later. liblua knows it by the one
/// string of this text that it made with the state; when that has another text, which nobody knows, the
/// scripts' `__mode` is a string like any other.
static void hide_mode(lua_State *L) {
  const char *name = lua_pushliteral(L, "__mode");
  uint64_t unknown = clua_nanoseconds() * 0x9e3779b97f4a7c15u ^ (uint64_t)(uintptr_t)name;
  memcpy((char *)(uintptr_t)name, &unknown, sizeof "__mode" - 1);
  lua_pop(L, 1);
}

void clua_open_environment(lua_State *L) {
  hide_mode(L);
  open_array_metatable(L);
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, CLUA_LOADED);

  lua_createtable(L, 0, 32);
  clua_set_base_functions(L);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  open_string(L);
  open_math(L);
  lua_createtable(L, 0, 8);
  clua_set_table_functions(L);
  add_library(L, "table");
  lua_createtable(L, 0, 8);
  clua_set_utf8_functions(L);
  add_library(L, "utf8");

  // What the allow-list lacks is an error with the name, not nil.
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, undefined_global);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  push_read_only(L, refuse_global);
  lua_rawseti(L, LUA_REGISTRYINDEX, CLUA_ENVIRONMENT);
}
