#include <lua5.4/lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libraries.h"
#include "run.h"

/// What the compiler may use for one module.
enum { compiler_bytes = 64 << 20 };

struct compilation {
  const uint8_t *text;
  size_t length;
  struct clua_module *module;
};

clua_bundle *clua_bundle_create(void) {
  if (!clua_load_builtins()) return NULL;
  return calloc(1, sizeof(clua_bundle));
}

static void free_module(struct clua_module *module) {
  free(module->name);
  free(module->chunk_name);
  free(module->bytecode);
}

void clua_bundle_free(clua_bundle *bundle) {
  if (bundle == NULL) return;
  for (size_t i = 0; i < bundle->count; i++) free_module(&bundle->modules[i]);
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

static int compile(lua_State *L) {
  struct compilation *compilation = lua_touserdata(L, 1);
  if (luaL_loadbufferx(
          L, (const char *)compilation->text, compilation->length,
          compilation->module->chunk_name, "t") != LUA_OK)
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
  struct clua_module *grown = realloc(bundle->modules, capacity * sizeof *grown);
  if (grown == NULL) return false;
  bundle->modules = grown;
  bundle->capacity = capacity;
  return true;
}

bool clua_bundle_add(
    clua_bundle *bundle, const char *name, const char *path, bool privileged, const uint8_t *text,
    size_t length, char *message, size_t capacity) {
  if (!reserve_module(bundle)) {
    snprintf(message, capacity, "not enough memory");
    return false;
  }
  struct clua_module *module = &bundle->modules[bundle->count];
  memset(module, 0, sizeof *module);
  size_t path_length = strlen(path);
  module->name = strdup(name);
  module->chunk_name = malloc(path_length + 2);
  module->privileged = privileged;
  if (module->name == NULL || module->chunk_name == NULL) {
    free_module(module);
    snprintf(message, capacity, "not enough memory");
    return false;
  }
  module->chunk_name[0] = '@';
  memcpy(module->chunk_name + 1, path, path_length + 1);
  static const uint8_t nothing[1] = {0};
  struct compilation compilation = {text == NULL ? nothing : text, length, module};
  if (!compile_protected(&compilation, message, capacity)) {
    free_module(module);
    return false;
  }
  bundle->count++;
  return true;
}
