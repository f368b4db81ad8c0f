#include "traceback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { shown_frames = 16, line_bytes = 512 };

static bool is_last_script_frame(lua_State *L, int level) {
  lua_Debug record;
  while (lua_getstack(L, ++level, &record)) {
    if (lua_getinfo(L, "S", &record) && record.what[0] != 'C') return false;
  }
  return true;
}

/// One line of the traceback; 0 for a frame that is the host's.
static int write_frame(struct clua_run *run, lua_State *L, int level, char *line) {
  lua_Debug record;
  if (!lua_getstack(L, level, &record) || !lua_getinfo(L, "Sln", &record)) return 0;
  if (record.what[0] == 'C') {
    if (record.name == NULL) return 0;
    return snprintf(line, line_bytes, "[built in]: in function '%.80s'\n", record.name);
  }
  const char *path = record.source[0] == '@' ? record.source + 1 : record.short_src;
  if (strcmp(record.what, "main") == 0)
    return snprintf(line, line_bytes, "%.300s:%d: in the module\n", path, record.currentline);
  const char *name = record.name;
  if (name == NULL && run->function != NULL && is_last_script_frame(L, level))
    name = run->function;
  if (name == NULL)
    return snprintf(
        line, line_bytes, "%.300s:%d: in a function of line %d\n", path, record.currentline,
        record.linedefined);
  return snprintf(
      line, line_bytes, "%.300s:%d: in function '%.80s'\n", path, record.currentline, name);
}

void clua_capture_traceback(struct clua_run *run, lua_State *L) {
  free(run->traceback);
  run->traceback = malloc((size_t)(shown_frames + 1) * line_bytes);
  run->traceback_length = 0;
  if (run->traceback == NULL) return;
  lua_Debug record;
  int shown = 0;
  for (int level = 0; lua_getstack(L, level, &record); level++) {
    char *end = run->traceback + run->traceback_length;
    if (shown == shown_frames) {
      int length = snprintf(end, line_bytes, "...\n");
      run->traceback_length += (size_t)length;
      return;
    }
    int length = write_frame(run, L, level, end);
    if (length <= 0) continue;
    if (length >= line_bytes) length = line_bytes - 1;
    run->traceback_length += (size_t)length;
    shown++;
  }
}
