#include <lua5.4/lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "libraries.h"
#include "run.h"

// liblua's order of keys depends on a seed made of addresses and the time. A run must be the same
// when it is replayed, so pairs visits numbers in order, then strings in order, then what has no
// order of its own.

/// The most keys that are put in order: it is done in one go.
enum { ordered_keys = 16384 };

struct key {
  const char *text;
  size_t length;
  lua_Number number;
  /// The key's position on the stack's list of keys.
  lua_Integer position;
  int type;
};

static int compare_keys(const void *left, const void *right) {
  const struct key *a = left;
  const struct key *b = right;
  if (a->type != b->type) return a->type < b->type ? -1 : 1;
  if (a->type == LUA_TNUMBER) return a->number < b->number ? -1 : a->number > b->number;
  if (a->type != LUA_TSTRING) return a->position < b->position ? -1 : 1;
  size_t shorter = a->length < b->length ? a->length : b->length;
  int order = memcmp(a->text, b->text, shorter);
  if (order != 0) return order;
  return a->length < b->length ? -1 : a->length > b->length;
}

static int next_sorted(lua_State *L) {
  lua_Integer position = lua_tointeger(L, lua_upvalueindex(3));
  for (;;) {
    position++;
    if (lua_rawgeti(L, lua_upvalueindex(2), position) == LUA_TNIL) return 1;
    lua_pushvalue(L, -1);
    // A value may have been removed since the loop began.
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) break;
    lua_pop(L, 2);
  }
  lua_pushinteger(L, position);
  lua_replace(L, lua_upvalueindex(3));
  return 2;
}

/// Scripts hold this function, so they can call it with anything.
static int next_element(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer position = (lua_Integer)((lua_Unsigned)luaL_checkinteger(L, 2) + 1);
  lua_pushinteger(L, position);
  if (lua_rawgeti(L, 1, position) == LUA_TNIL) return 1;
  return 2;
}

/// The number of keys; negative when liblua lists them as 1, 2, 3…. Stops when there are too many.
static lua_Integer count_keys(lua_State *L, int table) {
  lua_Integer count = 0;
  bool is_list = true;
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    lua_pop(L, 1);
    count++;
    is_list = is_list && lua_isinteger(L, -1) && lua_tointeger(L, -1) == count;
    if (!is_list && count > ordered_keys) {
      lua_pop(L, 1);
      break;
    }
  }
  return is_list ? -count : count;
}

static void read_key(lua_State *L, struct key *key) {
  int type = lua_type(L, -1);
  key->type = type == LUA_TNUMBER || type == LUA_TSTRING ? type : LUA_TTHREAD;
  if (type == LUA_TNUMBER) key->number = lua_tonumber(L, -1);
  if (type == LUA_TSTRING) key->text = lua_tolstring(L, -1, &key->length);
}

/// Pushes a list of the keys in order.
static void push_sorted_keys(lua_State *L, int table, lua_Integer count) {
  lua_createtable(L, (int)count, 0);
  int list = lua_gettop(L);
  struct key *keys = lua_newuserdatauv(L, (size_t)count * sizeof(struct key), 0);
  memset(keys, 0, (size_t)count * sizeof(struct key));
  lua_Integer at = 0;
  lua_pushnil(L);
  while (at < count && lua_next(L, table) != 0) {
    lua_pop(L, 1);
    keys[at].position = at;
    read_key(L, &keys[at]);
    lua_pushvalue(L, -1);
    lua_rawseti(L, list, ++at);
  }
  qsort(keys, (size_t)count, sizeof(struct key), compare_keys);
  // The keys are in the table and so stay alive while the list is written anew.
  lua_createtable(L, (int)count, 0);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, list, keys[i].position + 1);
    lua_rawseti(L, -2, i + 1);
  }
  lua_replace(L, list);
  lua_settop(L, list);
}

static int finish_custom(lua_State *L, int status, lua_KContext context) {
  (void)L;
  (void)status;
  (void)context;
  return 3;
}

int clua_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 3, 0, finish_custom);
    return 3;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_Integer count = count_keys(L, 1);
  if (count <= 0) {
    clua_charge(L, (uint64_t)(-count) / 4);
    lua_pushcfunction(L, next_element);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
  }
  if (count > ordered_keys)
    return luaL_error(
        L, "'pairs' goes through at most %d keys (a list may be longer)", (int)ordered_keys);
  // Sorting costs n log n comparisons, each about as much as an instruction.
  uint64_t work = 0;
  for (lua_Integer rest = count; rest > 0; rest >>= 1) work += (uint64_t)count;
  clua_charge(L, work);
  lua_pushvalue(L, 1);
  push_sorted_keys(L, 1, count);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_sorted, 3);
  return 1;
}
