#define _GNU_SOURCE
#include <lua5.4/lauxlib.h>
#include <string.h>

#include "budget.h"
#include "libraries.h"
#include "pattern.h"
#include "run.h"

struct search {
  const char *subject;
  size_t length;
  const char *pattern;
  size_t pattern_length;
  bool anchored;
};

static void read_arguments(lua_State *L, struct search *search) {
  search->subject = luaL_checklstring(L, 1, &search->length);
  search->pattern = luaL_checklstring(L, 2, &search->pattern_length);
  search->anchored = false;
}

static void take_anchor(struct search *search) {
  if (search->pattern_length == 0 || search->pattern[0] != '^') return;
  search->anchored = true;
  search->pattern++;
  search->pattern_length--;
}

static void begin(struct clua_matcher *matcher, lua_State *L, const struct search *search) {
  clua_matcher_init(
      matcher, L, search->subject, search->length, search->pattern, search->pattern_length);
}

/// The offset of an optional position argument; past the end when nothing can be found.
static size_t offset_argument(lua_State *L, int argument, size_t length) {
  lua_Integer position = luaL_optinteger(L, argument, 1);
  if (position > 0) return (size_t)position - 1;
  if (position == 0 || position < -(lua_Integer)length) return 0;
  return length + (size_t)position;
}

static bool is_plain(lua_State *L, const struct search *search) {
  clua_charge(L, search->pattern_length / 4);
  for (size_t i = 0; i < search->pattern_length; i++) {
    char byte = search->pattern[i];
    if (byte != 0 && strchr("^$*+?.([%-)", byte) != NULL) return false;
  }
  return true;
}

static int find_plain(lua_State *L, const struct search *search, size_t offset) {
  clua_charge(L, (search->length - offset) / 16);
  const char *found = memmem(
      search->subject + offset, search->length - offset, search->pattern,
      search->pattern_length);
  if (found == NULL) {
    luaL_pushfail(L);
    return 1;
  }
  lua_Integer start = found - search->subject + 1;
  lua_pushinteger(L, start);
  lua_pushinteger(L, start + (lua_Integer)search->pattern_length - 1);
  return 2;
}

static int find_or_match(lua_State *L, bool is_find) {
  struct search search;
  read_arguments(L, &search);
  size_t offset = offset_argument(L, 3, search.length);
  if (offset > search.length) {
    luaL_pushfail(L);
    return 1;
  }
  if (is_find && (lua_toboolean(L, 4) || is_plain(L, &search)))
    return find_plain(L, &search, offset);
  take_anchor(&search);
  struct clua_matcher matcher;
  begin(&matcher, L, &search);
  for (const char *start = search.subject + offset; start <= matcher.subject_end; start++) {
    const char *end = clua_match_at(&matcher, start);
    if (end != NULL) {
      clua_matcher_charge(&matcher);
      if (!is_find) return clua_push_captures(&matcher, start, end);
      lua_pushinteger(L, start - search.subject + 1);
      lua_pushinteger(L, end - search.subject);
      return clua_push_captures(&matcher, NULL, NULL) + 2;
    }
    if (search.anchored) break;
  }
  clua_matcher_charge(&matcher);
  luaL_pushfail(L);
  return 1;
}

int clua_string_find(lua_State *L) { return find_or_match(L, true); }

int clua_string_match(lua_State *L) { return find_or_match(L, false); }

/// Upvalues: subject, pattern, offset of the next try, end of the last match.
static int next_match(lua_State *L) {
  struct search search;
  search.subject = lua_tolstring(L, lua_upvalueindex(1), &search.length);
  search.pattern = lua_tolstring(L, lua_upvalueindex(2), &search.pattern_length);
  struct clua_matcher matcher;
  begin(&matcher, L, &search);
  lua_Integer last_end = lua_tointeger(L, lua_upvalueindex(4));
  const char *start = search.subject + lua_tointeger(L, lua_upvalueindex(3));
  for (; start <= matcher.subject_end; start++) {
    const char *end = clua_match_at(&matcher, start);
    // An empty match right after a match is the same place once more.
    if (end == NULL || end - search.subject == last_end) continue;
    clua_matcher_charge(&matcher);
    lua_pushinteger(L, end - search.subject);
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return clua_push_captures(&matcher, start, end);
  }
  clua_matcher_charge(&matcher);
  return 0;
}

int clua_string_gmatch(lua_State *L) {
  struct search search;
  read_arguments(L, &search);
  size_t offset = offset_argument(L, 3, search.length);
  if (offset > search.length) offset = search.length + 1;
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)offset);
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, next_match, 4);
  return 1;
}

static void add_template(
    struct clua_matcher *matcher, luaL_Buffer *buffer, const char *start, const char *end) {
  lua_State *L = matcher->L;
  size_t length;
  const char *text = lua_tolstring(L, 3, &length);
  clua_charge(L, length / 32);
  for (size_t i = 0; i < length; i++) {
    if (text[i] != '%') {
      luaL_addchar(buffer, text[i]);
      continue;
    }
    char kind = ++i < length ? text[i] : 0;
    if (kind == '%') {
      luaL_addchar(buffer, '%');
    } else if (kind == '0') {
      luaL_addlstring(buffer, start, (size_t)(end - start));
    } else if (kind >= '1' && kind <= '9') {
      clua_push_capture(matcher, kind - '1', start, end);
      luaL_tolstring(L, -1, NULL);
      lua_remove(L, -2);
      luaL_addvalue(buffer);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
  }
}

/// Adds the replacement of one match, or the match itself when there is none.
static void add_replacement(
    struct clua_matcher *matcher, luaL_Buffer *buffer, const char *start, const char *end,
    int type) {
  lua_State *L = matcher->L;
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    int count = clua_push_captures(matcher, start, end);
    lua_call(L, count, 1);
  } else if (type == LUA_TTABLE) {
    clua_push_capture(matcher, 0, start, end);
    lua_gettable(L, 3);
  } else {
    add_template(matcher, buffer, start, end);
    return;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(buffer, start, (size_t)(end - start));
    return;
  }
  if (!lua_isstring(L, -1))
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(buffer);
}

int clua_string_gsub(lua_State *L) {
  struct search search;
  read_arguments(L, &search);
  int type = lua_type(L, 3);
  luaL_argexpected(
      L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE,
      3, "string/function/table");
  lua_Integer limit = luaL_optinteger(L, 4, (lua_Integer)search.length + 1);
  take_anchor(&search);
  struct clua_matcher matcher;
  begin(&matcher, L, &search);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  const char *at = search.subject;
  const char *last_end = NULL;
  lua_Integer count = 0;
  while (count < limit) {
    const char *end = clua_match_at(&matcher, at);
    if (end != NULL && end != last_end) {
      count++;
      add_replacement(&matcher, &buffer, at, end, type);
      clua_check_string(L, luaL_bufflen(&buffer));
      at = last_end = end;
    } else if (at < matcher.subject_end) {
      luaL_addchar(&buffer, *at);
      at++;
    } else {
      break;
    }
    if (search.anchored) break;
  }
  clua_matcher_charge(&matcher);
  luaL_addlstring(&buffer, at, (size_t)(matcher.subject_end - at));
  luaL_pushresult(&buffer);
  lua_pushinteger(L, count);
  return 2;
}
