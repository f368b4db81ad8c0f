#include "json_read.h"

#include <string.h>

#include "budget.h"
#include "run.h"

static const uint64_t payload_mask = 0x00ffffffffffffff;

struct reader {
  lua_State *L;
  const uint64_t *tape;
  const uint8_t *strings;
};

static int count_of(uint64_t word) { return (int)((word >> 32) & 0xffffff); }

static void push_string(const struct reader *reader, uint64_t word) {
  const uint8_t *start = reader->strings + (word & payload_mask);
  uint32_t length;
  memcpy(&length, start, sizeof length);
  lua_pushlstring(reader->L, (const char *)start + sizeof length, length);
}

/// Pushes the value at `index` and returns the index after it. Recursion is bounded by
/// CJSON_MAXIMUM_DEPTH.
static size_t push_value(const struct reader *reader, size_t index) {
  lua_State *L = reader->L;
  uint64_t word = reader->tape[index];
  switch ((char)(word >> 56)) {
    case '{': {
      luaL_checkstack(L, 4, "JSON is nested too deeply");
      lua_createtable(L, 0, count_of(word));
      size_t at = index + 1;
      while ((char)(reader->tape[at] >> 56) != '}') {
        push_string(reader, reader->tape[at]);
        at = push_value(reader, at + 1);
        lua_rawset(L, -3);
      }
      return at + 1;
    }
    case '[': {
      luaL_checkstack(L, 4, "JSON is nested too deeply");
      lua_createtable(L, count_of(word), 0);
      size_t at = index + 1;
      for (lua_Integer position = 1; (char)(reader->tape[at] >> 56) != ']'; position++) {
        at = push_value(reader, at);
        lua_rawseti(L, -2, position);
      }
      lua_rawgeti(L, LUA_REGISTRYINDEX, CLUA_ARRAY_METATABLE);
      lua_setmetatable(L, -2);
      return at + 1;
    }
    case '"':
      push_string(reader, word);
      return index + 1;
    case 'l':
      lua_pushinteger(L, (lua_Integer)reader->tape[index + 1]);
      return index + 2;
    case 'u':
      // simdjson uses this only for what does not fit a signed integer, and Lua has no other.
      lua_pushnumber(L, (lua_Number)reader->tape[index + 1]);
      return index + 2;
    case 'd': {
      double number;
      memcpy(&number, &reader->tape[index + 1], sizeof number);
      lua_pushnumber(L, number);
      return index + 2;
    }
    case 't':
      lua_pushboolean(L, 1);
      return index + 1;
    case 'f':
      lua_pushboolean(L, 0);
      return index + 1;
    default:
      lua_pushlightuserdata(L, NULL);
      return index + 1;
  }
}

void clua_push_json(lua_State *L, const cjson_document *document) {
  struct reader reader = {L, cjson_tape(document), cjson_strings(document)};
  // The root word's payload is the index of the last word.
  clua_charge(L, (reader.tape[0] & payload_mask) / 4);
  luaL_checkstack(L, 4, "JSON is nested too deeply");
  (void)push_value(&reader, 1);
}
