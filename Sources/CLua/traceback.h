#ifndef CLUA_TRACEBACK_H
#define CLUA_TRACEBACK_H

#include <lua5.4/lua.h>

struct clua_run;

/// Writes the call stack, in the script's terms, into run->traceback. Allocates nothing in Lua.
void clua_capture_traceback(struct clua_run *run, lua_State *L);

#endif
