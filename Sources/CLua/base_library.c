#include <lua5.4/lauxlib.h>

#include "budget.h"
#include "libraries.h"
#include "run.h"

/// Longer texts are no numbers, and reading them would take long.
enum { number_bytes = 256 };

void clua_push_text(lua_State *L, int index) {
  index = lua_absindex(L, index);
  if (luaL_callmeta(L, index, "__tostring")) {
    if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
    return;
  }
  switch (lua_type(L, index)) {
    case LUA_TNUMBER:
    case LUA_TSTRING:
    case LUA_TBOOLEAN:
    case LUA_TNIL:
      luaL_tolstring(L, index, NULL);
      break;
    case LUA_TLIGHTUSERDATA:
      lua_pushliteral(L, "null");
      break;
    default:
      lua_pushstring(L, lua_typename(L, lua_type(L, index)));
      break;
  }
}

static int base_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  clua_push_text(L, 1);
  return 1;
}

void clua_check_numerals(lua_State *L, int first, int last) {
  for (int i = first; i <= last; i++) {
    if (lua_type(L, i) == LUA_TSTRING && lua_rawlen(L, i) > number_bytes)
      luaL_argerror(L, i, "number expected, got a long text");
  }
}

static int base_tonumber(lua_State *L) {
  if (lua_type(L, 1) == LUA_TSTRING && lua_rawlen(L, 1) > number_bytes) {
    luaL_pushfail(L);
    return 1;
  }
  return clua_builtins()->tonumber(L);
}

void clua_check_mutable(lua_State *L, int argument) {
  luaL_checktype(L, argument, LUA_TTABLE);
  if (!lua_getmetatable(L, argument)) return;
  bool is_array = lua_topointer(L, -1) == clua_run_of(L)->array_metatable;
  lua_pushliteral(L, "__metatable");
  bool is_protected = lua_rawget(L, -2) != LUA_TNIL;
  lua_pop(L, 2);
  if (is_protected && !is_array) luaL_argerror(L, argument, "this table cannot be changed");
}

static int base_rawset(lua_State *L) {
  clua_check_mutable(L, 1);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 1;
}

static void refuse_metamethod(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  if (lua_rawget(L, 2) != LUA_TNIL) luaL_error(L, "a metatable with %s is not allowed", name);
  lua_pop(L, 1);
}

static int base_setmetatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
  lua_settop(L, 2);
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
    return luaL_error(L, "cannot change a protected metatable");
  if (lua_istable(L, 2)) {
    // Finalisers run with hooks off, where no budget holds; weak tables would show the collector.
    refuse_metamethod(L, "__gc");
    refuse_metamethod(L, "__close");
    refuse_metamethod(L, "__mode");
  }
  lua_setmetatable(L, 1);
  return 1;
}

/// liblua bounds nested calls of C, but begins to count anew after each time slice.
enum { maximum_protected_calls = 150 };

/// What raising and catching one error costs, in instructions.
enum { error_instructions = 30 };

static void begin_protected_call(lua_State *L) {
  struct clua_run *run = clua_run_of(L);
  if (run->protected_calls >= maximum_protected_calls)
    luaL_error(L, "more than %d protected calls inside each other", maximum_protected_calls);
  run->protected_calls++;
}

/// The error a protected call gave is on the top: hands it on when the run is over.
static void end_if_over(lua_State *L, int status) {
  struct clua_run *run = clua_run_of(L);
  clua_charge(L, error_instructions);
  if (status == LUA_ERRMEM)
    clua_mark_out_of_memory(run, L);
  if (run->failure != CLUA_NO_FAILURE) (void)clua_end(L);
}

static int finish_pcall(lua_State *L, int status, lua_KContext context) {
  (void)context;
  clua_run_of(L)->protected_calls--;
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
  end_if_over(L, status);
  lua_pushboolean(L, 0);
  lua_pushvalue(L, -2);
  return 2;
}

static int base_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  begin_protected_call(L);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
  return finish_pcall(L, status, 0);
}

static int finish_handler(lua_State *L, int status, lua_KContext context) {
  (void)context;
  clua_run_of(L)->protected_calls--;
  bool succeeded = status == LUA_OK || status == LUA_YIELD;
  if (!succeeded) end_if_over(L, status);
  lua_pushboolean(L, 0);
  lua_insert(L, 3);
  return lua_gettop(L) - 2;
}

static int finish_xpcall(lua_State *L, int status, lua_KContext context) {
  (void)context;
  if (status == LUA_OK || status == LUA_YIELD) {
    clua_run_of(L)->protected_calls--;
    return lua_gettop(L) - 2;
  }
  end_if_over(L, status);
  // The handler is called after unwinding, as ordinary code: liblua would run it with hooks off.
  // Stack: function, handler, true, error.
  lua_pushvalue(L, 2);
  lua_replace(L, 3);
  status = lua_pcallk(L, 1, LUA_MULTRET, 0, 0, finish_handler);
  return finish_handler(L, status, 0);
}

/// Stack: function, handler, true, function, arguments…
static int base_xpcall(lua_State *L) {
  int arguments = lua_gettop(L) - 2;
  luaL_checktype(L, 2, LUA_TFUNCTION);
  begin_protected_call(L);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  int status = lua_pcallk(L, arguments, LUA_MULTRET, 0, 0, finish_xpcall);
  return finish_xpcall(L, status, 0);
}

/// array(): a new empty array; array(t): t, marked as one.
static int base_array(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  } else {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (lua_getmetatable(L, 1)) {
      if (lua_topointer(L, -1) != clua_run_of(L)->array_metatable)
        return luaL_argerror(L, 1, "a table with a metatable cannot be an array");
      lua_pop(L, 1);
      return 1;
    }
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, CLUA_ARRAY_METATABLE);
  lua_setmetatable(L, 1);
  return 1;
}

void clua_set_base_functions(lua_State *L) {
  const struct clua_builtins *builtins = clua_builtins();
  const struct clua_function functions[] = {
      {"assert", builtins->assert_},
      {"array", base_array},
      {"error", builtins->error},
      {"getmetatable", builtins->getmetatable},
      {"ipairs", builtins->ipairs},
      {"next", builtins->next},
      {"pairs", clua_pairs},
      {"pcall", base_pcall},
      {"rawequal", builtins->rawequal},
      {"rawget", builtins->rawget},
      {"rawlen", builtins->rawlen},
      {"rawset", base_rawset},
      {"require", clua_require},
      {"select", builtins->select},
      {"setmetatable", base_setmetatable},
      {"tonumber", base_tonumber},
      {"tostring", base_tostring},
      {"type", builtins->type},
      {"xpcall", base_xpcall},
      {NULL, NULL},
  };
  clua_set_functions(L, functions);
}
