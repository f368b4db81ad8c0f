#include <lua5.4/lauxlib.h>
#include <string.h>

#include "budget.h"
#include "libraries.h"
#include "run.h"

/// The most values string.byte gives at once.
enum { byte_values = 4096 };

static size_t from_start(lua_Integer position, size_t length) {
  if (position > 0) return (size_t)position;
  if (position == 0) return 1;
  if (position < -(lua_Integer)length) return 1;
  return length + (size_t)position + 1;
}

static size_t to_end(lua_Integer position, size_t length) {
  if (position > (lua_Integer)length) return length;
  if (position >= 0) return (size_t)position;
  if (position < -(lua_Integer)length) return 0;
  return length + (size_t)position + 1;
}

static int string_byte(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_Integer first = luaL_optinteger(L, 2, 1);
  size_t start = from_start(first, length);
  size_t end = to_end(luaL_optinteger(L, 3, (lua_Integer)start), length);
  if (start > end) return 0;
  size_t count = end - start + 1;
  if (count > byte_values) return luaL_error(L, "more than %d bytes at once", byte_values);
  luaL_checkstack(L, (int)count, "too many bytes at once");
  for (size_t i = 0; i < count; i++) lua_pushinteger(L, (unsigned char)text[start - 1 + i]);
  return (int)count;
}

static int string_rep(lua_State *L) {
  size_t length;
  size_t separator_length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_Integer count = luaL_checkinteger(L, 2);
  const char *separator = luaL_optlstring(L, 3, "", &separator_length);
  size_t unit = length + separator_length;
  if (count <= 0 || unit == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  size_t limit = clua_run_of(L)->limits.string_bytes;
  if ((lua_Unsigned)count > limit / unit + 1 || (size_t)count * unit - separator_length > limit)
    return luaL_error(L, "the resulting string is longer than %d bytes", (int)limit);
  size_t total = (size_t)count * unit - separator_length;
  clua_charge(L, total / 32 + (uint64_t)count / 4);
  luaL_Buffer buffer;
  char *out = luaL_buffinitsize(L, &buffer, total);
  for (lua_Integer i = 0; i < count; i++) {
    memcpy(out, text, length);
    out += length;
    if (i + 1 < count && separator_length > 0) {
      memcpy(out, separator, separator_length);
      out += separator_length;
    }
  }
  luaL_pushresultsize(&buffer, total);
  return 1;
}

/// The most values that string.format takes at once, and what it costs in instructions to write one of
/// them: 1e308 has 309 digits.
enum { formatted_values = 256, value_instructions = 10, float_instructions = 300 };

/// The bytes that one call writes one by one.
enum { quoted_bytes = 64 << 10 };

static int string_format(lua_State *L) {
  size_t length;
  const char *format = luaL_checklstring(L, 1, &length);
  int count = lua_gettop(L);
  if (count - 1 > formatted_values)
    return luaL_error(L, "more than %d values to format", formatted_values);
  clua_charge(L, length / 16 + (uint64_t)count * value_instructions);
  int value = 1;
  size_t quoted = 0;
  for (size_t i = 0; i < length; i++) {
    if (format[i] != '%') continue;
    i++;
    if (i < length && format[i] == '%') continue;
    i += strspn(format + i, "-+ #0123456789.");
    if (i < length && format[i] == 'f') clua_charge(L, float_instructions);
    value++;
    if (i < length && format[i] == 'q' && lua_type(L, value) == LUA_TSTRING) {
      quoted += lua_rawlen(L, value);
      if (quoted > quoted_bytes) return luaL_error(L, "more than %d bytes for '%%q'", quoted_bytes);
    }
    if (i < length && strchr("aAcdeEfFgGiuoxX", format[i]) != NULL)
      clua_check_numerals(L, value, value);
    if (i < length && format[i] == 'p') return luaL_error(L, "'%%p' is not allowed in a format");
  }
  for (int i = 2; i <= count; i++) {
    int type = lua_type(L, i);
    if (type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TBOOLEAN || type == LUA_TNIL)
      continue;
    clua_push_text(L, i);
    lua_replace(L, i);
  }
  return clua_builtins()->string_format(L);
}

/// Charges a function that reads its first argument from end to end.
static void charge_reading(lua_State *L) {
  if (lua_type(L, 1) == LUA_TSTRING) clua_charge(L, lua_rawlen(L, 1) / 8);
}

static int utf8_len(lua_State *L) {
  charge_reading(L);
  return clua_builtins()->utf8_len(L);
}

static int utf8_offset(lua_State *L) {
  charge_reading(L);
  return clua_builtins()->utf8_offset(L);
}

static int utf8_codepoint(lua_State *L) {
  charge_reading(L);
  return clua_builtins()->utf8_codepoint(L);
}

static int string_char(lua_State *L) {
  clua_check_numerals(L, 1, lua_gettop(L));
  return clua_builtins()->string_char(L);
}

static int utf8_char(lua_State *L) {
  clua_check_numerals(L, 1, lua_gettop(L));
  return clua_builtins()->utf8_char(L);
}

void clua_set_string_functions(lua_State *L) {
  const struct clua_builtins *builtins = clua_builtins();
  const struct clua_function functions[] = {
      {"byte", string_byte},
      {"char", string_char},
      {"find", clua_string_find},
      {"format", string_format},
      {"gmatch", clua_string_gmatch},
      {"gsub", clua_string_gsub},
      {"len", builtins->string_len},
      {"lower", builtins->string_lower},
      {"match", clua_string_match},
      {"rep", string_rep},
      {"reverse", builtins->string_reverse},
      {"sub", builtins->string_sub},
      {"upper", builtins->string_upper},
      {NULL, NULL},
  };
  clua_set_functions(L, functions);
}

void clua_set_utf8_functions(lua_State *L) {
  const struct clua_builtins *builtins = clua_builtins();
  const struct clua_function functions[] = {
      {"char", utf8_char},             {"codepoint", utf8_codepoint},
      {"codes", builtins->utf8_codes}, {"len", utf8_len},
      {"offset", utf8_offset},         {NULL, NULL},
  };
  clua_set_functions(L, functions);
  lua_pushliteral(L, "[\0-\x7F\xC2-\xFD][\x80-\xBF]*");
  lua_setfield(L, -2, "charpattern");
}
