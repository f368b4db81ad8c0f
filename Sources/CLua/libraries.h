#ifndef CLUA_LIBRARIES_H
#define CLUA_LIBRARIES_H

// What scripts can call. Functions of liblua that are harmless are taken as they are; those that
// could run long in one call, show addresses, or depend on chance are written anew.

#include <lua5.4/lua.h>
#include <stdbool.h>

struct clua_function {
  const char *name;
  lua_CFunction function;
};

/// liblua's own functions, looked up once in a process.
struct clua_builtins {
  lua_CFunction assert_, error, getmetatable, ipairs, next, rawequal, rawget, rawlen, select;
  lua_CFunction tonumber, type;
  lua_CFunction string_char, string_format, string_len, string_lower, string_reverse, string_sub;
  lua_CFunction string_upper;
  lua_CFunction utf8_char, utf8_codepoint, utf8_codes, utf8_len, utf8_offset;
  lua_CFunction math_max, math_min;
  struct clua_function math[32];
};

/// False when there was no memory to look them up.
bool clua_load_builtins(void);
const struct clua_builtins *clua_builtins(void);

/// Adds functions to the table on the top of the stack; the last entry has no name.
void clua_set_functions(lua_State *L, const struct clua_function *functions);

/// Each adds its functions to the table on the top of the stack.
void clua_set_base_functions(lua_State *L);
void clua_set_string_functions(lua_State *L);
void clua_set_table_functions(lua_State *L);
void clua_set_utf8_functions(lua_State *L);

/// Fills the registry of a new state: environment, marks, loaded modules. Raises.
void clua_open_environment(lua_State *L);

/// Pushes a text for the value, without addresses, which differ from run to run.
void clua_push_text(lua_State *L, int index);

/// Raises when an argument is a text too long to be read as a number: a call may have thousands.
void clua_check_numerals(lua_State *L, int first, int last);

/// Raises unless the argument is a table that scripts may change.
void clua_check_mutable(lua_State *L, int argument);

/// pairs in an order that is the same in every run.
int clua_pairs(lua_State *L);

/// table.sort: stable, and its comparator may yield.
int clua_sort(lua_State *L);

int clua_string_find(lua_State *L);
int clua_string_match(lua_State *L);
int clua_string_gmatch(lua_State *L);
int clua_string_gsub(lua_State *L);

/// require over the run's bundle.
int clua_require(lua_State *L);

#endif
