#ifndef CLUA_JSON_READ_H
#define CLUA_JSON_READ_H

#include <cjson.h>
#include <lua5.4/lua.h>

/// Pushes the document's value. Raises Lua errors, so it is called inside lua_resume only.
void clua_push_json(lua_State *L, const cjson_document *document);

#endif
