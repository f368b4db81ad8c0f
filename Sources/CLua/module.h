#ifndef CLUA_MODULE_H
#define CLUA_MODULE_H

#include <lua5.4/lua.h>

/// The function that the run's coroutine runs: load the module, call the function with the
/// arguments, write the results.
int clua_entry(lua_State *L);

#endif
