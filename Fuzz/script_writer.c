#include "script_writer.h"

#include <stdarg.h>
#include <stdio.h>

struct writer {
  const uint8_t *bytes;
  const uint8_t *end;
  char *text;
  size_t length;
  size_t capacity;
  int depth;
};

enum { maximum_depth = 6, variables = 4 };

static uint8_t take(struct writer *writer) {
  return writer->bytes < writer->end ? *writer->bytes++ : 0;
}

static void put(struct writer *writer, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t left = writer->capacity - writer->length;
  int added = vsnprintf(writer->text + writer->length, left, format, arguments);
  va_end(arguments);
  if (added > 0 && (size_t)added < left) writer->length += (size_t)added;
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const leaves[] = {
    "nil", "null", "true", "false", "0", "1", "-1", "3", "2.5", "1e308", "0/0", "-0.0", "1 << 62",
    "math.mininteger", "math.maxinteger", "math.huge", "''", "'x'", "'abc def'", "'10'", "'0x1p4'",
    "'\\xff\\xfe'", "'\\0'", "('ab'):rep(50)", "('x'):rep(3000)", "'%a+'", "'(.*)%1'", "'%f[%w]'",
    "'%b()'", "'^(a-)$'", "'[^%s]*'", "'()'", "'%'", "'[a'", "'%5.3s|%d|%g|%q'", "'%s'", "'%x%i%c'",
    "{}", "array()", "{1, 2, 3}", "array{3, 1, 2}", "{a = 1, b = {}}", "{[2] = 2, x = null}", "...",
    "(...)", "string", "math", "table", "_ENV", "host", "rule", "error", "pcall", "type", "print",
};

static const char *const functions[] = {
    "assert", "array", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal",
    "rawget", "rawlen", "rawset", "require", "select", "setmetatable", "tonumber", "tostring",
    "type", "xpcall", "string.byte", "string.char", "string.find", "string.format", "string.gmatch",
    "string.gsub", "string.len", "string.lower", "string.match", "string.rep", "string.reverse",
    "string.sub", "string.upper", "table.concat", "table.insert", "table.move", "table.pack",
    "table.remove", "table.sort", "table.unpack", "utf8.char", "utf8.codepoint", "utf8.codes",
    "utf8.len", "utf8.offset", "math.abs", "math.ceil", "math.floor", "math.fmod", "math.log",
    "math.max", "math.modf", "math.tointeger", "math.type", "math.ult", "host.perform",
};

static const char *const operators[] = {
    "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", "and", "or", "&", "|", "~",
    "<<", ">>",
};

static const char *const events[] = {
    "__index", "__newindex", "__call", "__concat", "__eq", "__len", "__lt", "__le", "__pairs",
    "__tostring", "__metatable", "__close", "__name", "__add", "__unm", "__gc", "__mode",
};

static void block(struct writer *writer);

static void expression(struct writer *writer) {
  uint8_t choice = take(writer);
  if (writer->depth >= maximum_depth) choice = 0;
  writer->depth++;
  switch (choice % 16) {
    case 1: case 2: case 3:
      put(writer, "v%d", take(writer) % variables);
      break;
    case 4: case 5: case 6: case 7: {
      put(writer, "%s(", functions[take(writer) % COUNT(functions)]);
      int count = take(writer) % 5;
      for (int i = 0; i < count; i++) {
        if (i > 0) put(writer, ", ");
        expression(writer);
      }
      put(writer, ")");
      break;
    }
    case 8: case 9:
      put(writer, "(");
      expression(writer);
      put(writer, " %s ", operators[take(writer) % COUNT(operators)]);
      expression(writer);
      put(writer, ")");
      break;
    case 10:
      put(writer, "function(...) local v1, v2 = ... ");
      block(writer);
      put(writer, " end");
      break;
    case 11:
      put(writer, "{x = ");
      expression(writer);
      put(writer, ", ");
      expression(writer);
      put(writer, "}");
      break;
    case 12:
      put(writer, "setmetatable({");
      expression(writer);
      put(writer, "}, {%s = ", events[take(writer) % COUNT(events)]);
      expression(writer);
      put(writer, "})");
      break;
    case 13:
      put(writer, "(v%d).x", take(writer) % variables);
      break;
    case 14:
      put(writer, "(v%d)[", take(writer) % variables);
      expression(writer);
      put(writer, "]");
      break;
    case 15:
      put(writer, "host.perform{effect = 'x', value = ");
      expression(writer);
      put(writer, "}");
      break;
    default:
      put(writer, "%s", leaves[take(writer) % COUNT(leaves)]);
  }
  writer->depth--;
}

static void statement(struct writer *writer) {
  int variable = take(writer) % variables;
  switch (take(writer) % 12) {
    case 0: case 1: case 2: case 3:
      put(writer, "v%d = ", variable);
      expression(writer);
      break;
    case 4:
      put(writer, "v%d[", variable);
      expression(writer);
      put(writer, "] = ");
      expression(writer);
      break;
    case 5:
      put(writer, "for k, w in pairs(v%d) do v1, v2 = k, w ", variable);
      block(writer);
      put(writer, " end");
      break;
    case 6:
      put(writer, "for i = 1, %d do v3 = i ", take(writer));
      block(writer);
      put(writer, " end");
      break;
    case 7:
      put(writer, "while ");
      expression(writer);
      put(writer, " do ");
      block(writer);
      put(writer, " end");
      break;
    case 8:
      put(writer, "if ");
      expression(writer);
      put(writer, " then ");
      block(writer);
      put(writer, " end");
      break;
    case 9:
      put(writer, "do local c <close> = v%d ", variable);
      block(writer);
      put(writer, " end");
      break;
    case 10:
      put(writer, "local v%d = pcall(", variable);
      expression(writer);
      put(writer, ", ");
      expression(writer);
      put(writer, ")");
      break;
    default:
      put(writer, "v0, v%d = ", variable);
      expression(writer);
  }
  put(writer, "\n");
}

static void block(struct writer *writer) {
  if (writer->depth >= maximum_depth) return;
  writer->depth++;
  int count = take(writer) % 4;
  for (int i = 0; i < count; i++) statement(writer);
  if (take(writer) % 4 == 0) {
    put(writer, "do return ");
    expression(writer);
    put(writer, " end ");
  }
  writer->depth--;
}

size_t write_script(const uint8_t *bytes, size_t size, char *text, size_t capacity) {
  struct writer writer = {bytes, bytes + size, text, 0, capacity, 0};
  put(&writer, "local v0, v1, v2, v3 = {}, ...\n");
  while (writer.bytes < writer.end && writer.length + 512 < capacity) {
    // An error ends its own statement only.
    put(&writer, "pcall(function(...) ");
    statement(&writer);
    put(&writer, "end, ...)\n");
  }
  put(&writer, "do return v0, v1, v2, v3 end");
  return writer.length;
}
