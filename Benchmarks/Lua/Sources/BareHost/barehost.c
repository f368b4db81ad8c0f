#include "barehost.h"

#include <malloc.h>
#include <cjson.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { maximum_modules = 256 };

struct module {
  char *name;
  unsigned char *bytecode;
  size_t length;
};

struct bare_host {
  struct module modules[maximum_modules];
  int count;
  uint8_t *output;
  size_t length;
  size_t capacity;
};

bare_host *bare_host_create(void) { return calloc(1, sizeof(bare_host)); }

void bare_host_free(bare_host *host) {
  if (host == NULL) return;
  for (int i = 0; i < host->count; i++) {
    free(host->modules[i].name);
    free(host->modules[i].bytecode);
  }
  free(host->output);
  free(host);
}

static int keep(lua_State *L, const void *bytes, size_t length, void *context) {
  (void)L;
  struct module *module = context;
  unsigned char *grown = realloc(module->bytecode, module->length + length);
  if (grown == NULL) return 1;
  memcpy(grown + module->length, bytes, length);
  module->bytecode = grown;
  module->length += length;
  return 0;
}

int bare_host_add(bare_host *host, const char *name, const char *text, size_t length) {
  if (host->count == maximum_modules) return 0;
  lua_State *L = luaL_newstate();
  if (L == NULL) return 0;
  struct module *module = &host->modules[host->count];
  memset(module, 0, sizeof *module);
  bool kept = luaL_loadbufferx(L, text, length, name, "t") == LUA_OK
      && lua_dump(L, keep, module, 0) == 0;
  lua_close(L);
  if (!kept) return 0;
  module->name = strdup(name);
  host->count++;
  return module->name != NULL;
}

// MARK: JSON to tables

static size_t push_value(
    lua_State *L, const uint64_t *tape, const uint8_t *strings, size_t index, int mark) {
  uint64_t word = tape[index];
  uint64_t payload = word & 0x00ffffffffffffff;
  switch ((char)(word >> 56)) {
    case '{': {
      luaL_checkstack(L, 3, NULL);
      lua_createtable(L, 0, (int)((word >> 32) & 0xffffff));
      index++;
      while ((char)(tape[index] >> 56) != '}') {
        index = push_value(L, tape, strings, index, mark);
        index = push_value(L, tape, strings, index, mark);
        lua_rawset(L, -3);
      }
      return index + 1;
    }
    case '[': {
      luaL_checkstack(L, 3, NULL);
      lua_createtable(L, (int)((word >> 32) & 0xffffff), 0);
      index++;
      for (int position = 1; (char)(tape[index] >> 56) != ']'; position++) {
        index = push_value(L, tape, strings, index, mark);
        lua_rawseti(L, -2, position);
      }
      lua_pushvalue(L, mark);
      lua_setmetatable(L, -2);
      return index + 1;
    }
    case '"': {
      uint32_t length;
      memcpy(&length, strings + payload, sizeof length);
      lua_pushlstring(L, (const char *)strings + payload + sizeof length, length);
      return index + 1;
    }
    case 'l':
    case 'u':
      lua_pushinteger(L, (lua_Integer)tape[index + 1]);
      return index + 2;
    case 'd': {
      double number;
      memcpy(&number, &tape[index + 1], sizeof number);
      lua_pushnumber(L, number);
      return index + 2;
    }
    case 't':
    case 'f':
      lua_pushboolean(L, (char)(word >> 56) == 't');
      return index + 1;
    default:
      lua_pushlightuserdata(L, NULL);
      return index + 1;
  }
}

/// Pushes the value of a JSON text; arrays get the metatable at index `mark`.
static bool push_json(lua_State *L, const uint8_t *bytes, size_t length, int mark) {
  const char *error = NULL;
  cjson_document *document = cjson_parse(bytes, length, &error);
  if (document == NULL) return false;
  push_value(L, cjson_tape(document), cjson_strings(document), 1, mark);
  cjson_free(document);
  return true;
}

// MARK: Tables to JSON

static void write_bytes(bare_host *host, const char *bytes, size_t length) {
  if (host->length + length > host->capacity) {
    host->capacity = (host->length + length) * 2;
    host->output = realloc(host->output, host->capacity);
    if (host->output == NULL) abort();
  }
  memcpy(host->output + host->length, bytes, length);
  host->length += length;
}

static void write_string(bare_host *host, lua_State *L, int index) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  write_bytes(host, "\"", 1);
  size_t start = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    char escape[8];
    int written = byte == '"' || byte == '\\' ? snprintf(escape, sizeof escape, "\\%c", byte)
                                              : snprintf(escape, sizeof escape, "\\u%04x", byte);
    write_bytes(host, text + start, i - start);
    write_bytes(host, escape, (size_t)written);
    start = i + 1;
  }
  write_bytes(host, text + start, length - start);
  write_bytes(host, "\"", 1);
}

static void write_value(bare_host *host, lua_State *L, int index, const void *mark) {
  char number[40];
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, index)) write_bytes(host, "true", 4);
      else write_bytes(host, "false", 5);
      return;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index))
        snprintf(number, sizeof number, "%lld", (long long)lua_tointeger(L, index));
      else snprintf(number, sizeof number, "%.17g", lua_tonumber(L, index));
      write_bytes(host, number, strlen(number));
      return;
    case LUA_TSTRING:
      write_string(host, L, index);
      return;
    case LUA_TTABLE: {
      luaL_checkstack(L, 4, NULL);
      bool is_array = lua_getmetatable(L, index);
      if (is_array) {
        is_array = lua_topointer(L, -1) == mark;
        lua_pop(L, 1);
      }
      if (is_array || lua_rawlen(L, index) > 0) {
        int length = (int)lua_rawlen(L, index);
        write_bytes(host, "[", 1);
        for (int i = 1; i <= length; i++) {
          if (i > 1) write_bytes(host, ",", 1);
          lua_rawgeti(L, index, i);
          write_value(host, L, lua_gettop(L), mark);
          lua_pop(L, 1);
        }
        write_bytes(host, "]", 1);
        return;
      }
      write_bytes(host, "{", 1);
      bool first = true;
      lua_pushnil(L);
      while (lua_next(L, index) != 0) {
        if (!first) write_bytes(host, ",", 1);
        first = false;
        write_string(host, L, -2);
        write_bytes(host, ":", 1);
        write_value(host, L, lua_gettop(L), mark);
        lua_pop(L, 1);
      }
      write_bytes(host, "}", 1);
      return;
    }
    default:
      write_bytes(host, "null", 4);
  }
}

// MARK: A run

static int load_module(lua_State *L) {
  const struct module *module = lua_touserdata(L, lua_upvalueindex(1));
  if (luaL_loadbufferx(
          L, (const char *)module->bytecode, module->length, module->name, "b") != LUA_OK)
    return lua_error(L);
  lua_getfield(L, LUA_REGISTRYINDEX, "perform");
  lua_call(L, 1, 1);
  return 1;
}

static int perform(lua_State *L) {
  lua_settop(L, 1);
  return lua_yield(L, 1);
}

static int mark_array(lua_State *L) {
  if (lua_isnoneornil(L, 1)) lua_newtable(L);
  else lua_settop(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "array");
  lua_setmetatable(L, -2);
  return 1;
}

static void open_libraries(bare_host *host, lua_State *L) {
  luaL_openlibs(L);
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "array");
  lua_pushcfunction(L, perform);
  lua_setfield(L, LUA_REGISTRYINDEX, "perform");
  lua_pushlightuserdata(L, NULL);
  lua_setglobal(L, "null");
  lua_pushcfunction(L, mark_array);
  lua_setglobal(L, "array");
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  for (int i = 0; i < host->count; i++) {
    lua_pushlightuserdata(L, &host->modules[i]);
    lua_pushcclosure(L, load_module, 1);
    lua_setfield(L, -2, host->modules[i].name);
  }
  lua_pop(L, 1);
}

size_t bare_host_run(
    bare_host *host, const char *module, const char *function, const uint8_t *argument,
    size_t argument_length, const uint8_t *answer, size_t answer_length) {
  host->length = 0;
  lua_State *L = luaL_newstate();
  if (L == NULL) return 0;
  // The run is over before a collection would pay; the bridge puts its first one off as well.
  lua_gc(L, LUA_GCSTOP);
  open_libraries(host, L);
  lua_getfield(L, LUA_REGISTRYINDEX, "array");
  const void *mark = lua_topointer(L, -1);
  int mark_index = lua_gettop(L);
  lua_State *coroutine = lua_newthread(L);
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  int status = lua_pcall(L, 1, 1, 0);
  if (status == LUA_OK) {
    lua_getfield(L, -1, function);
    push_json(L, argument, argument_length, mark_index);
    lua_xmove(L, coroutine, 2);
    int results = 0;
    status = lua_resume(coroutine, L, 1, &results);
    while (status == LUA_YIELD) {
      host->length = 0;
      write_value(host, coroutine, lua_gettop(coroutine), mark);
      lua_pop(coroutine, results);
      push_json(L, answer, answer_length, mark_index);
      lua_xmove(L, coroutine, 1);
      status = lua_resume(coroutine, L, 1, &results);
    }
  }
  host->length = 0;
  if (status == LUA_OK) {
    int count = lua_gettop(coroutine);
    write_bytes(host, "[", 1);
    for (int i = 1; i <= count; i++) {
      if (i > 1) write_bytes(host, ",", 1);
      write_value(host, coroutine, i, mark);
    }
    write_bytes(host, "]", 1);
  }
  lua_close(L);
  return host->length;
}

const uint8_t *bare_host_output(const bare_host *host) { return host->output; }

size_t bare_host_bytes_in_use(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
