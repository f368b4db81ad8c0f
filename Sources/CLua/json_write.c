#include "json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "run.h"

void clua_write_begin(
    struct clua_writer *writer, lua_State *L, const char *subject, size_t limit,
    clua_failure_kind too_large, bool ends_run) {
  writer->L = L;
  writer->run = clua_run_of(L);
  writer->subject = subject;
  writer->limit = limit;
  writer->too_large = too_large;
  writer->ends_run = ends_run;
  writer->skips_functions = false;
  writer->visited = 0;
  writer->tables = 0;
  writer->began = clua_nanoseconds();
  writer->depth = 0;
  writer->run->output_length = 0;
}

static uint64_t work_of(const struct clua_writer *writer) {
  return writer->run->output_length / 16 + writer->visited;
}

void clua_write_end(struct clua_writer *writer) { clua_charge(writer->L, work_of(writer)); }

/// The path of the value that is being written, such as "result[1].topic".
static void describe_path(const struct clua_writer *writer, char *text, size_t capacity) {
  size_t length = (size_t)snprintf(text, capacity, "%s", writer->subject);
  for (int level = 0; level < writer->depth && length < capacity - 1; level++) {
    const char *key = writer->keys[level];
    int added = key != NULL
        ? snprintf(text + length, capacity - length, ".%.40s", key)
        : snprintf(
              text + length, capacity - length, "[%lld]", (long long)writer->positions[level]);
    if (added < 0) break;
    length += (size_t)added;
  }
}

static void refuse(struct clua_writer *writer, const char *reason) {
  clua_charge_quietly(writer->run, work_of(writer));
  char path[CLUA_PATH_BYTES];
  char message[CLUA_PATH_BYTES + 120];
  describe_path(writer, path, sizeof path);
  snprintf(message, sizeof message, "%s: %s", path, reason);
  if (writer->ends_run) (void)clua_kill(writer->L, CLUA_RESULT, message);
  else (void)luaL_error(writer->L, "%s", message);
}

static void refuse_size(struct clua_writer *writer) {
  char message[120];
  snprintf(
      message, sizeof message, "the %s is larger than %zu bytes", writer->subject, writer->limit);
  (void)clua_kill(writer->L, writer->too_large, message);
}

static uint8_t *reserve(struct clua_writer *writer, size_t added) {
  struct clua_run *run = writer->run;
  size_t needed = run->output_length + added;
  if (needed > run->output_capacity) {
    if (needed > writer->limit + 16) refuse_size(writer);
    size_t capacity = run->output_capacity == 0 ? 1024 : run->output_capacity * 2;
    if (capacity < needed) capacity = needed;
    uint8_t *grown = realloc(run->output, capacity);
    if (grown == NULL) refuse_size(writer);
    run->output = grown;
    run->output_capacity = capacity;
  }
  return run->output + run->output_length;
}

void clua_write_byte(struct clua_writer *writer, char byte) {
  *reserve(writer, 1) = (uint8_t)byte;
  writer->run->output_length++;
}

static void write_bytes(struct clua_writer *writer, const char *bytes, size_t length) {
  memcpy(reserve(writer, length), bytes, length);
  writer->run->output_length += length;
}

/// The length of the well-formed UTF-8 sequence at `bytes`, or 0.
static size_t sequence_length(const unsigned char *bytes, size_t available) {
  unsigned char lead = bytes[0];
  size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || length > available) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((bytes[i] & 0xc0) != 0x80) return 0;
  }
  if (lead == 0xe0 && bytes[1] < 0xa0) return 0;
  if (lead == 0xed && bytes[1] > 0x9f) return 0;
  if (lead == 0xf0 && bytes[1] < 0x90) return 0;
  if (lead == 0xf4 && bytes[1] > 0x8f) return 0;
  return length;
}

static uint8_t *write_escape(uint8_t *out, unsigned char byte) {
  static const char digits[] = "0123456789abcdef";
  char letter = 0;
  switch (byte) {
    case '"': letter = '"'; break;
    case '\\': letter = '\\'; break;
    case '\n': letter = 'n'; break;
    case '\r': letter = 'r'; break;
    case '\t': letter = 't'; break;
    case '\b': letter = 'b'; break;
    case '\f': letter = 'f'; break;
    default: break;
  }
  *out++ = '\\';
  if (letter != 0) {
    *out++ = (uint8_t)letter;
    return out;
  }
  *out++ = 'u';
  *out++ = '0';
  *out++ = '0';
  *out++ = (uint8_t)digits[byte >> 4];
  *out++ = (uint8_t)digits[byte & 15];
  return out;
}

void clua_write_string(struct clua_writer *writer, const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  clua_write_byte(writer, '"');
  size_t start = 0;
  for (size_t i = 0; i < length;) {
    unsigned char byte = bytes[i];
    if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
      i++;
    } else if (byte >= 0x80) {
      size_t sequence = sequence_length(bytes + i, length - i);
      if (sequence == 0) refuse(writer, "the string is not valid UTF-8");
      i += sequence;
    } else {
      write_bytes(writer, text + start, i - start);
      uint8_t *out = reserve(writer, 6);
      writer->run->output_length += (size_t)(write_escape(out, byte) - out);
      start = ++i;
    }
  }
  write_bytes(writer, text + start, length - start);
  clua_write_byte(writer, '"');
}

static void write_integer(struct clua_writer *writer, lua_Integer value) {
  char digits[24];
  char *at = digits + sizeof digits;
  lua_Unsigned rest = value < 0 ? 0 - (lua_Unsigned)value : (lua_Unsigned)value;
  do {
    *--at = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0) *--at = '-';
  write_bytes(writer, at, (size_t)(digits + sizeof digits - at));
}

static void write_number(struct clua_writer *writer, lua_Number value) {
  if (!isfinite(value)) refuse(writer, "the number is not finite");
  char text[40];
  int length = 0;
  for (int precision = 15; precision <= 17; precision++) {
    length = snprintf(text, sizeof text, "%.*g", precision, value);
    if (strtod(text, NULL) == value) break;
  }
  write_bytes(writer, text, (size_t)length);
  // A float stays one on the way back.
  if (strpbrk(text, ".e") == NULL) write_bytes(writer, ".0", 2);
}

static bool is_skipped(const struct clua_writer *writer, int index) {
  return writer->skips_functions && lua_type(writer->L, index) == LUA_TFUNCTION;
}

static void count_visit(struct clua_writer *writer) {
  if (++writer->visited > writer->limit) refuse_size(writer);
}

/// Writes the members of a table as long as liblua lists their keys as 1, 2, 3…; returns the first
/// position that it does not, or 0 when that was all.
static lua_Integer write_listed_elements(struct clua_writer *writer, int table, int level) {
  lua_State *L = writer->L;
  lua_Integer expected = 1;
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    count_visit(writer);
    if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) != expected) {
      lua_pop(L, 2);
      return expected;
    }
    if (expected > 1) clua_write_byte(writer, ',');
    writer->keys[level] = NULL;
    writer->positions[level] = expected++;
    clua_write_value(writer, lua_gettop(L));
    lua_pop(L, 1);
  }
  return 0;
}

/// The same from this position on for a table whose elements lie in its hash part, in any order.
static void write_elements(
    struct clua_writer *writer, int table, int level, lua_Integer first) {
  lua_State *L = writer->L;
  lua_Integer count = 0;
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    count_visit(writer);
    lua_pop(L, 1);
    count++;
    if (!lua_isinteger(L, -1)) refuse(writer, "an array has a key that is not a position");
  }
  for (lua_Integer position = first; position <= count; position++) {
    if (lua_rawgeti(L, table, position) == LUA_TNIL)
      refuse(writer, "an array has a gap (use null for an empty place)");
    if (position > 1) clua_write_byte(writer, ',');
    writer->keys[level] = NULL;
    writer->positions[level] = position;
    clua_write_value(writer, lua_gettop(L));
    lua_pop(L, 1);
  }
}

static void write_array(struct clua_writer *writer, int table, int level) {
  clua_write_byte(writer, '[');
  // Nothing is written twice: tables inside each other would double it with each level.
  lua_Integer rest = write_listed_elements(writer, table, level);
  if (rest > 0) write_elements(writer, table, level, rest);
  clua_write_byte(writer, ']');
}

static void write_object(struct clua_writer *writer, int table, int level) {
  lua_State *L = writer->L;
  bool first = true;
  clua_write_byte(writer, '{');
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    count_visit(writer);
    if (lua_type(L, -2) != LUA_TSTRING)
      refuse(writer, "a table with names as keys has a key that is not a string");
    if (!is_skipped(writer, -1)) {
      size_t length;
      const char *key = lua_tolstring(L, -2, &length);
      if (!first) clua_write_byte(writer, ',');
      first = false;
      writer->keys[level] = key;
      clua_write_string(writer, key, length);
      clua_write_byte(writer, ':');
      clua_write_value(writer, lua_gettop(L));
    }
    lua_pop(L, 1);
  }
  clua_write_byte(writer, '}');
}

static bool is_marked_array(const struct clua_writer *writer, int table) {
  if (!lua_getmetatable(writer->L, table)) return false;
  bool marked = lua_topointer(writer->L, -1) == writer->run->array_metatable;
  lua_pop(writer->L, 1);
  return marked;
}

static bool begins_as_array(lua_State *L, int table) {
  lua_pushnil(L);
  if (lua_next(L, table) == 0) return false;
  bool result = lua_type(L, -2) == LUA_TNUMBER;
  lua_pop(L, 2);
  return result;
}

/// One table for so many bytes of the limit: shared ones multiply without taking memory.
enum { bytes_per_table = 64 };

/// Ends the run when writing takes longer than the largest result does: a table that was emptied is
/// searched from end to end each time that it occurs.
static void check_time(struct clua_writer *writer) {
  enum { tables_between_looks = 8, allowed = 300000 * CLUA_NANOSECONDS };
  if (writer->tables % tables_between_looks != 0) return;
  if (clua_nanoseconds() - writer->began <= allowed) return;
  // The thread may have waited for a processor; that is not the script's fault.
  if (clua_thread_nanoseconds() - writer->run->resumed_at <= allowed) return;
  char message[120];
  snprintf(message, sizeof message, "the %s takes too long to be read", writer->subject);
  (void)clua_kill(writer->L, writer->too_large, message);
}

static void write_table(struct clua_writer *writer, int table) {
  if (++writer->tables > writer->limit / bytes_per_table + 1) {
    char message[120];
    snprintf(
        message, sizeof message, "the %s has more than %zu tables", writer->subject,
        writer->limit / bytes_per_table);
    (void)clua_kill(writer->L, writer->too_large, message);
  }
  check_time(writer);
  const void *identity = lua_topointer(writer->L, table);
  for (int level = 0; level < writer->depth; level++) {
    if (writer->open_tables[level] == identity) refuse(writer, "the table contains itself");
  }
  if (writer->depth == CLUA_JSON_DEPTH) refuse(writer, "nested deeper than 100 tables");
  luaL_checkstack(writer->L, 8, "nested too deeply");
  int level = writer->depth++;
  writer->open_tables[level] = identity;
  writer->keys[level] = NULL;
  writer->positions[level] = 0;
  if (is_marked_array(writer, table) || begins_as_array(writer->L, table))
    write_array(writer, table, level);
  else
    write_object(writer, table, level);
  writer->depth--;
}

void clua_write_value(struct clua_writer *writer, int index) {
  lua_State *L = writer->L;
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      write_bytes(writer, "null", 4);
      break;
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, index)) write_bytes(writer, "true", 4);
      else write_bytes(writer, "false", 5);
      break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) write_integer(writer, lua_tointeger(L, index));
      else write_number(writer, lua_tonumber(L, index));
      break;
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(L, index, &length);
      clua_write_string(writer, text, length);
      break;
    }
    case LUA_TTABLE:
      write_table(writer, index);
      break;
    case LUA_TLIGHTUSERDATA:
      write_bytes(writer, "null", 4);
      break;
    default:
      if (is_skipped(writer, index)) write_bytes(writer, "null", 4);
      else refuse(writer, "a function cannot be JSON");
      break;
  }
  if (writer->run->output_length > writer->limit) refuse_size(writer);
}
