#ifndef CLUA_COVERAGE_H
#define CLUA_COVERAGE_H

#include <lua5.4/lua.h>

struct clua_run;

/// Notes that a line is about to run; for the line hook of a run whose lines are collected.
void clua_note_line(struct clua_run *run, lua_State *L, lua_Debug *record);

void clua_free_lines(struct clua_run *run);

#endif
