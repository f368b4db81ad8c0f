#include <lua5.4/lauxlib.h>

#include "budget.h"
#include "libraries.h"
#include "run.h"

// These work on the table itself and ask no metamethod: with an __index of a built-in function they
// would run for ever without one instruction.

/// The most values table.unpack gives at once.
enum { unpacked_values = 4096 };

/// The most numbers that table.concat writes as text at once: each takes long, and their time cannot be
/// sliced.
enum { joined_numbers = 16384 };

/// Moving an element costs about as much as an instruction.
enum { elements_per_instruction = 1 };

static lua_Integer length_of(lua_State *L, int argument) {
  return (lua_Integer)lua_rawlen(L, argument);
}

static int table_concat(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t separator_length;
  const char *separator = luaL_optlstring(L, 2, "", &separator_length);
  lua_Integer first = luaL_optinteger(L, 3, 1);
  lua_Integer last = luaL_optinteger(L, 4, length_of(L, 1));
  int numbers = 0;
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (lua_Integer position = first; position <= last; position++) {
    if (((position - first) & 0xff) == 0xff) clua_charge(L, 0x100 / elements_per_instruction);
    int type = lua_rawgeti(L, 1, position);
    if (type != LUA_TSTRING && type != LUA_TNUMBER)
      return luaL_error(
          L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)position);
    if (type == LUA_TNUMBER && ++numbers > joined_numbers)
      return luaL_error(L, "more than %d numbers in table for 'concat'", joined_numbers);
    luaL_addvalue(&buffer);
    clua_check_string(L, luaL_bufflen(&buffer));
    if (position == last) break;
    luaL_addlstring(&buffer, separator, separator_length);
  }
  luaL_pushresult(&buffer);
  return 1;
}

static int table_insert(lua_State *L) {
  clua_check_mutable(L, 1);
  // A length may be the largest number: a script can make a table look so long.
  if (length_of(L, 1) == LUA_MAXINTEGER) return luaL_error(L, "the table is full");
  lua_Integer end = length_of(L, 1) + 1;
  int arguments = lua_gettop(L);
  if (arguments == 2) {
    lua_rawseti(L, 1, end);
    return 0;
  }
  if (arguments != 3) return luaL_error(L, "wrong number of arguments to 'insert'");
  lua_Integer position = luaL_checkinteger(L, 2);
  luaL_argcheck(L, position >= 1 && position <= end, 2, "position out of bounds");
  clua_charge(L, (uint64_t)(end - position) / elements_per_instruction);
  for (lua_Integer i = end; i > position; i--) {
    lua_rawgeti(L, 1, i - 1);
    lua_rawseti(L, 1, i);
  }
  lua_rawseti(L, 1, position);
  return 0;
}

static int table_remove(lua_State *L) {
  clua_check_mutable(L, 1);
  lua_Integer length = length_of(L, 1);
  lua_Integer position = luaL_optinteger(L, 2, length);
  if (!lua_isnoneornil(L, 2))
    luaL_argcheck(L, position >= 1 && position - 1 <= length, 2, "position out of bounds");
  lua_rawgeti(L, 1, position);
  if (position > length) {
    lua_pushnil(L);
    lua_rawseti(L, 1, position);
    return 1;
  }
  if (position < 1) return 1;
  clua_charge(L, (uint64_t)(length - position) / elements_per_instruction);
  for (lua_Integer i = position; i < length; i++) {
    lua_rawgeti(L, 1, i + 1);
    lua_rawseti(L, 1, i);
  }
  lua_pushnil(L);
  lua_rawseti(L, 1, length);
  return 1;
}

static int table_move(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer first = luaL_checkinteger(L, 2);
  lua_Integer last = luaL_checkinteger(L, 3);
  lua_Integer target = luaL_checkinteger(L, 4);
  int destination = lua_isnoneornil(L, 5) ? 1 : 5;
  clua_check_mutable(L, destination);
  lua_settop(L, 5);
  if (last < first) {
    lua_pushvalue(L, destination);
    return 1;
  }
  luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
  lua_Integer count = last - first + 1;
  luaL_argcheck(L, target <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
  clua_charge(L, (uint64_t)count / elements_per_instruction);
  bool overlaps = destination == 1 && target > first && target <= last;
  for (lua_Integer i = 0; i < count; i++) {
    lua_Integer offset = overlaps ? count - 1 - i : i;
    lua_rawgeti(L, 1, first + offset);
    lua_rawseti(L, destination, target + offset);
  }
  lua_pushvalue(L, destination);
  return 1;
}

static int table_pack(lua_State *L) {
  int count = lua_gettop(L);
  lua_createtable(L, count, 1);
  lua_insert(L, 1);
  for (int i = count; i >= 1; i--) lua_rawseti(L, 1, i);
  lua_pushinteger(L, count);
  lua_setfield(L, 1, "n");
  return 1;
}

static int table_unpack(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer first = luaL_optinteger(L, 2, 1);
  lua_Integer last = luaL_optinteger(L, 3, length_of(L, 1));
  if (first > last) return 0;
  lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first + 1;
  if (count > unpacked_values || count == 0)
    return luaL_error(L, "more than %d values to unpack", unpacked_values);
  luaL_checkstack(L, (int)count, "too many values to unpack");
  for (lua_Unsigned i = 0; i < count; i++) lua_rawgeti(L, 1, first + (lua_Integer)i);
  return (int)count;
}

void clua_set_table_functions(lua_State *L) {
  static const struct clua_function functions[] = {
      {"concat", table_concat}, {"insert", table_insert}, {"move", table_move},
      {"pack", table_pack},     {"remove", table_remove}, {"sort", clua_sort},
      {"unpack", table_unpack}, {NULL, NULL},
  };
  clua_set_functions(L, functions);
}
