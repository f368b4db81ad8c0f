#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "run.h"

// Which lines of a module can run, and which did.
//
// liblua tells the lines of a function that exists, but not of those inside it that were not made
// yet. They are read from the bytecode, whose format is that of ldump.c of Lua 5.4.

/// Reads bytecode; once anything is not as expected, nothing more is read.
struct reader {
  const uint8_t *next;
  const uint8_t *end;
  bool broken;
};

static uint8_t read_byte(struct reader *reader) {
  if (reader->next >= reader->end) {
    reader->broken = true;
    return 0;
  }
  return *reader->next++;
}

static const uint8_t *skip(struct reader *reader, size_t length) {
  const uint8_t *start = reader->next;
  if (length > (size_t)(reader->end - reader->next)) {
    reader->broken = true;
    reader->next = reader->end;
    return reader->end;
  }
  reader->next += length;
  return start;
}

/// Seven bits a byte, the highest first; the last byte has its top bit set.
static size_t read_size(struct reader *reader) {
  size_t value = 0;
  while (!reader->broken) {
    uint8_t byte = read_byte(reader);
    if (value > SIZE_MAX >> 8) reader->broken = true;
    value = value << 7 | (byte & 0x7f);
    if (byte & 0x80) break;
  }
  return value;
}

static void skip_string(struct reader *reader) {
  size_t size = read_size(reader);
  if (size > 0) skip(reader, size - 1);
}

static void skip_constants(struct reader *reader) {
  enum { integer = 3, floating = 19, short_string = 4, long_string = 20 };
  size_t count = read_size(reader);
  for (size_t i = 0; i < count && !reader->broken; i++) {
    uint8_t tag = read_byte(reader);
    if (tag == integer) skip(reader, sizeof(lua_Integer));
    if (tag == floating) skip(reader, sizeof(lua_Number));
    if (tag == short_string || tag == long_string) skip_string(reader);
  }
}

struct absolute_line {
  size_t instruction;
  size_t line;
};

struct line_marks {
  uint8_t *flags;
  size_t count;
};

static void mark(struct line_marks *marks, size_t line) {
  if (line < marks->count) marks->flags[line] = 1;
}

static void read_function(struct reader *reader, struct line_marks *marks, int depth);

/// Marks the line of each instruction but two that stand for no text of the author: the first of a
/// function with "...", and the return behind the last statement.
static void read_lines(
    struct reader *reader, struct line_marks *marks, size_t first_line, bool is_vararg) {
  enum { has_absolute_line = -128 };
  size_t count = read_size(reader);
  const uint8_t *steps = skip(reader, count);
  size_t absolute_count = read_size(reader);
  if (reader->broken || absolute_count > count) {
    reader->broken = true;
    return;
  }
  struct absolute_line *absolutes = calloc(absolute_count + 1, sizeof *absolutes);
  if (absolutes == NULL) {
    reader->broken = true;
    return;
  }
  for (size_t i = 0; i < absolute_count; i++) {
    absolutes[i].instruction = read_size(reader);
    absolutes[i].line = read_size(reader);
  }
  size_t line = first_line, next_absolute = 0;
  for (size_t i = 0; i < count && !reader->broken; i++) {
    int step = (int8_t)steps[i];
    if (step == has_absolute_line && next_absolute < absolute_count) {
      line = absolutes[next_absolute++].line;
    } else {
      line = (size_t)((long)line + step);
    }
    if ((i == 0 && is_vararg) || i + 1 == count) continue;
    mark(marks, line);
  }
  free(absolutes);
}

static void read_function(struct reader *reader, struct line_marks *marks, int depth) {
  if (depth > 200) reader->broken = true;
  if (reader->broken) return;
  skip_string(reader);
  size_t first_line = read_size(reader);
  read_size(reader);
  read_byte(reader);
  bool is_vararg = read_byte(reader) != 0;
  read_byte(reader);
  size_t instructions = read_size(reader);
  if (instructions > (size_t)(reader->end - reader->next)) {
    reader->broken = true;
    return;
  }
  skip(reader, instructions * 4);
  skip_constants(reader);
  size_t upvalues = read_size(reader);
  if (upvalues > 255) reader->broken = true;
  skip(reader, upvalues * 3);
  size_t functions = read_size(reader);
  for (size_t i = 0; i < functions && !reader->broken; i++)
    read_function(reader, marks, depth + 1);
  read_lines(reader, marks, first_line, is_vararg);
  size_t variables = read_size(reader);
  for (size_t i = 0; i < variables && !reader->broken; i++) {
    skip_string(reader);
    read_size(reader);
    read_size(reader);
  }
  size_t names = read_size(reader);
  for (size_t i = 0; i < names && !reader->broken; i++) skip_string(reader);
}

bool clua_bundle_lines(
    const clua_bundle *bundle, const char *name, uint8_t *flags, size_t count) {
  // Signature, version, format, check bytes, three sizes, an integer, a number.
  enum { header = 4 + 1 + 1 + 6 + 3 + 8 + 8 };
  memset(flags, 0, count);
  for (size_t i = 0; i < bundle->count; i++) {
    const struct clua_module *module = bundle->modules[i];
    if (strcmp(module->name, name) != 0) continue;
    struct reader reader = {module->bytecode, module->bytecode + module->length, false};
    const uint8_t *start = skip(&reader, header);
    if (reader.broken || start[4] != 0x54 || start[5] != 0) return false;
    read_byte(&reader);
    struct line_marks marks = {flags, count};
    read_function(&reader, &marks, 0);
    return !reader.broken;
  }
  return false;
}

// MARK: Lines that ran

bool clua_run_collect_lines(clua_run *run) {
  if (run->bundle->count == 0) return false;
  run->lines = calloc(run->bundle->count, sizeof *run->lines);
  return run->lines != NULL;
}

void clua_free_lines(struct clua_run *run) {
  if (run->lines == NULL) return;
  for (size_t i = 0; i < run->bundle->count; i++) free(run->lines[i].flags);
  free(run->lines);
  run->lines = NULL;
}

static struct clua_lines *lines_of(struct clua_run *run, const char *chunk_name) {
  // Most lines are followed by one of the same module.
  struct clua_module *const *modules = run->bundle->modules;
  if (strcmp(modules[run->last_module]->chunk_name, chunk_name) == 0)
    return &run->lines[run->last_module];
  for (size_t i = 0; i < run->bundle->count; i++) {
    if (strcmp(modules[i]->chunk_name, chunk_name) != 0) continue;
    run->last_module = i;
    return &run->lines[i];
  }
  return NULL;
}

void clua_note_line(struct clua_run *run, lua_State *L, lua_Debug *record) {
  if (!lua_getinfo(L, "S", record) || record->currentline < 0) return;
  struct clua_lines *lines = lines_of(run, record->source);
  if (lines == NULL) return;
  size_t line = (size_t)record->currentline;
  if (line >= lines->count) {
    size_t count = (line + 1) * 2;
    uint8_t *grown = realloc(lines->flags, count);
    if (grown == NULL) return;
    memset(grown + lines->count, 0, count - lines->count);
    lines->flags = grown;
    lines->count = count;
  }
  lines->flags[line] = 1;
}

clua_bytes clua_run_lines(const clua_run *run, const char *name) {
  for (size_t i = 0; run->lines != NULL && i < run->bundle->count; i++) {
    if (strcmp(run->bundle->modules[i]->name, name) == 0)
      return (clua_bytes){run->lines[i].flags, run->lines[i].count};
  }
  return (clua_bytes){NULL, 0};
}
