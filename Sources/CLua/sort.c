#include <lua5.4/lauxlib.h>
#include <string.h>

#include "budget.h"
#include "libraries.h"
#include "run.h"

// A bottom-up merge sort whose state lies in a userdata, so that a comparator may yield: it is
// sliced and killed like any other code. It is stable, and no comparator can lead it astray.

enum { sorted_elements = 1 << 16 };

/// Stack slots of the call.
enum { table_slot = 1, comparator_slot = 2, state_slot = 3 };

struct sort {
  uint32_t count;
  /// The length of the runs that are being merged.
  uint32_t width;
  /// The two runs: left..<middle and middle..<right, read at i and j, written at out.
  uint32_t middle;
  uint32_t right;
  uint32_t i;
  uint32_t j;
  uint32_t out;
  /// Positions of elements in the table: the order so far, and the one being made.
  uint32_t *from;
  uint32_t *to;
  uint32_t positions[];
};

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

static void begin_merge(struct sort *sort, uint32_t left) {
  sort->i = left;
  sort->out = left;
  sort->middle = smaller(left + sort->width, sort->count);
  sort->j = sort->middle;
  sort->right = smaller(sort->middle + sort->width, sort->count);
}

/// Moves on to the next two elements to compare; false when all is sorted.
static bool find_comparison(struct sort *sort) {
  while (sort->width < sort->count) {
    if (sort->i < sort->middle && sort->j < sort->right) return true;
    while (sort->i < sort->middle) sort->to[sort->out++] = sort->from[sort->i++];
    while (sort->j < sort->right) sort->to[sort->out++] = sort->from[sort->j++];
    if (sort->right < sort->count) {
      begin_merge(sort, sort->right);
      continue;
    }
    uint32_t *swapped = sort->from;
    sort->from = sort->to;
    sort->to = swapped;
    sort->width *= 2;
    begin_merge(sort, 0);
  }
  return false;
}

static void place(struct sort *sort, bool right_is_less) {
  sort->to[sort->out++] = right_is_less ? sort->from[sort->j++] : sort->from[sort->i++];
}

/// Compares the two values on the top, right below left, and pops them.
static bool compare(lua_State *L) {
  bool result;
  if (lua_type(L, -1) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING) {
    size_t right_length;
    size_t left_length;
    const char *left = lua_tolstring(L, -1, &left_length);
    const char *right = lua_tolstring(L, -2, &right_length);
    size_t shorter = left_length < right_length ? left_length : right_length;
    clua_charge(L, shorter / 64);
    int order = left == right ? 0 : memcmp(right, left, shorter);
    result = order != 0 ? order < 0 : right_length < left_length;
  } else {
    result = lua_compare(L, -2, -1, LUA_OPLT) != 0;
  }
  lua_pop(L, 2);
  return result;
}

static void write_back(lua_State *L, const struct sort *sort) {
  lua_createtable(L, (int)sort->count, 0);
  for (uint32_t i = 0; i < sort->count; i++) {
    lua_rawgeti(L, table_slot, (lua_Integer)sort->from[i] + 1);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  for (uint32_t i = 1; i <= sort->count; i++) {
    lua_rawgeti(L, -1, i);
    lua_rawseti(L, table_slot, i);
  }
}

static int continue_sort(lua_State *L, int status, lua_KContext has_answer) {
  (void)status;
  struct sort *sort = lua_touserdata(L, state_slot);
  for (;;) {
    if (has_answer) {
      place(sort, lua_toboolean(L, -1) != 0);
      lua_settop(L, state_slot);
    }
    if (!find_comparison(sort)) break;
    bool is_custom = !lua_isnil(L, comparator_slot);
    // Comparisons are no instructions, so the hook sees none of them.
    if (!is_custom) clua_charge(L, 1);
    if (!is_custom && clua_should_give_way(L)) {
      clua_run_of(L)->yield = CLUA_YIELD_SLICE;
      return lua_yieldk(L, 0, 0, continue_sort);
    }
    if (is_custom) lua_pushvalue(L, comparator_slot);
    lua_rawgeti(L, table_slot, (lua_Integer)sort->from[sort->j] + 1);
    lua_rawgeti(L, table_slot, (lua_Integer)sort->from[sort->i] + 1);
    if (is_custom) {
      lua_callk(L, 2, 1, 1, continue_sort);
    } else {
      lua_pushboolean(L, compare(L));
    }
    has_answer = 1;
  }
  write_back(L, sort);
  return 0;
}

int clua_sort(lua_State *L) {
  clua_check_mutable(L, 1);
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_Unsigned count = lua_rawlen(L, 1);
  if (count > sorted_elements)
    return luaL_error(L, "more than %d elements to sort", (int)sorted_elements);
  clua_charge(L, count);
  luaL_checkstack(L, 8, "too many levels");
  struct sort *sort =
      lua_newuserdatauv(L, sizeof(struct sort) + 2 * count * sizeof(uint32_t), 0);
  sort->count = (uint32_t)count;
  sort->from = sort->positions;
  sort->to = sort->positions + count;
  for (uint32_t i = 0; i < count; i++) sort->from[i] = i;
  sort->width = 1;
  begin_merge(sort, 0);
  return continue_sort(L, LUA_OK, 0);
}
