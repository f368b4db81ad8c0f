#include <lua5.4/lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "libraries.h"
#include "run.h"

/// What the compiler may use for one module.
enum { compiler_bytes = 64 << 20 };

/// liblua's compiler reads the text in pieces of this size, and is looked at before each of them.
enum { piece_bytes = 512 };

/// The processor time that the compiler may take for one module. A text of ordinary code takes some 50 ms
/// a MiB, but liblua walks along the whole chain for each further 'and', 'or', 'elseif' or 'break': a
/// MiB of them takes half a minute.
enum { compiler_nanoseconds = 1000000000 };

struct compilation {
  const uint8_t *text;
  size_t length;
  size_t offset;
  int line;
  uint64_t began;
  struct clua_module *module;
};

clua_bundle *clua_bundle_create(void) {
  if (!clua_load_builtins()) return NULL;
  return calloc(1, sizeof(clua_bundle));
}

static void release_module(struct clua_module *module) {
  if (atomic_fetch_sub(&module->owners, 1) > 1) return;
  free(module->name);
  free(module->chunk_name);
  free(module->bytecode);
  free(module);
}

void clua_bundle_free(clua_bundle *bundle) {
  if (bundle == NULL) return;
  for (size_t i = 0; i < bundle->count; i++) release_module(bundle->modules[i]);
  free(bundle->modules);
  free(bundle);
}

static int write_bytecode(lua_State *L, const void *bytes, size_t length, void *context) {
  (void)L;
  struct clua_module *module = context;
  if (module->length + length > module->capacity) {
    size_t capacity = module->capacity == 0 ? 4096 : module->capacity * 2;
    while (capacity < module->length + length) capacity *= 2;
    unsigned char *grown = realloc(module->bytecode, capacity);
    if (grown == NULL) return 1;
    module->bytecode = grown;
    module->capacity = capacity;
  }
  memcpy(module->bytecode + module->length, bytes, length);
  module->length += length;
  return 0;
}

/// A bundle lives as long as the process: what its growth has reserved is worth giving back.
static void give_back_spare(struct clua_module *module) {
  unsigned char *exact = realloc(module->bytecode, module->length);
  if (exact == NULL) return;
  module->bytecode = exact;
  module->capacity = module->length;
}

static const char *next_piece(lua_State *L, void *context, size_t *length) {
  struct compilation *compilation = context;
  if (clua_thread_nanoseconds() - compilation->began > compiler_nanoseconds)
    luaL_error(
        L, "%s:%d: the script takes too long to compile (a chain of thousands of operators or jumps?)",
        compilation->module->chunk_name + 1, compilation->line);
  const uint8_t *piece = compilation->text + compilation->offset;
  size_t left = compilation->length - compilation->offset;
  *length = left < piece_bytes ? left : piece_bytes;
  for (size_t i = 0; i < *length; i++) compilation->line += piece[i] == '\n';
  compilation->offset += *length;
  return *length > 0 ? (const char *)piece : NULL;
}

static int compile(lua_State *L) {
  struct compilation *compilation = lua_touserdata(L, 1);
  compilation->began = clua_thread_nanoseconds();
  if (lua_load(L, next_piece, compilation, compilation->module->chunk_name, "t") != LUA_OK)
    return lua_error(L);
  // Debug information stays: errors name their line.
  if (lua_dump(L, write_bytecode, compilation->module, 0) != 0)
    return luaL_error(L, "not enough memory");
  return 0;
}

static int panic(lua_State *L) {
  const char *text = lua_tostring(L, -1);
  fprintf(stderr, "liblua: error outside of a protected call: %s\n", text ? text : "?");
  abort();
}

static bool compile_protected(struct compilation *compilation, char *message, size_t capacity) {
  struct clua_heap heap;
  clua_heap_init(&heap, compiler_bytes, compiler_bytes);
  lua_State *L = lua_newstate(clua_heap_allocate, &heap);
  if (L == NULL) {
    clua_heap_destroy(&heap);
    snprintf(message, capacity, "not enough memory");
    return false;
  }
  lua_atpanic(L, panic);
  lua_pushcfunction(L, compile);
  lua_pushlightuserdata(L, compilation);
  bool compiled = lua_pcall(L, 1, 0, 0) == LUA_OK;
  if (compiled) give_back_spare(compilation->module);
  if (!compiled) {
    bool is_text = lua_type(L, -1) == LUA_TSTRING;
    snprintf(message, capacity, "%s", is_text ? lua_tostring(L, -1) : "cannot be compiled");
  }
  clua_heap_destroy(&heap);
  return compiled;
}

static bool reserve_module(clua_bundle *bundle) {
  if (bundle->count < bundle->capacity) return true;
  size_t capacity = bundle->capacity == 0 ? 16 : bundle->capacity * 2;
  struct clua_module **grown = realloc(bundle->modules, capacity * sizeof *grown);
  if (grown == NULL) return false;
  bundle->modules = grown;
  bundle->capacity = capacity;
  return true;
}

/// A module without bytecode; NULL when there is no memory for it.
static struct clua_module *create_module(const char *name, const char *path, bool privileged) {
  struct clua_module *module = calloc(1, sizeof *module);
  if (module == NULL) return NULL;
  atomic_init(&module->owners, 1);
  size_t path_length = strlen(path);
  module->name = strdup(name);
  module->chunk_name = malloc(path_length + 2);
  module->privileged = privileged;
  if (module->name == NULL || module->chunk_name == NULL) {
    release_module(module);
    return NULL;
  }
  module->chunk_name[0] = '@';
  memcpy(module->chunk_name + 1, path, path_length + 1);
  return module;
}

bool clua_bundle_add(
    clua_bundle *bundle, const char *name, const char *path, bool privileged, const uint8_t *text,
    size_t length, char *message, size_t capacity) {
  struct clua_module *module = NULL;
  if (reserve_module(bundle)) module = create_module(name, path, privileged);
  if (module == NULL) {
    snprintf(message, capacity, "not enough memory");
    return false;
  }
  static const uint8_t nothing[1] = {0};
  struct compilation compilation = {
      .text = text == NULL ? nothing : text, .length = length, .line = 1, .module = module};
  if (!compile_protected(&compilation, message, capacity)) {
    release_module(module);
    return false;
  }
  bundle->modules[bundle->count++] = module;
  return true;
}

bool clua_bundle_share(clua_bundle *bundle, const clua_bundle *other, const char *name) {
  for (size_t i = 0; i < other->count; i++) {
    if (strcmp(other->modules[i]->name, name) != 0) continue;
    if (!reserve_module(bundle)) return false;
    atomic_fetch_add(&other->modules[i]->owners, 1);
    bundle->modules[bundle->count++] = other->modules[i];
    return true;
  }
  return false;
}
