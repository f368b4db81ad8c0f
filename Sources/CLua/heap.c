#include "heap.h"

#include <lua5.4/lua.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "collisions.h"
#include "run.h"

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
// To the sanitizer a slab is one block: it is told which parts are in use.
#define CLUA_CLOSE(start, size) ASAN_POISON_MEMORY_REGION(start, size)
#define CLUA_OPEN(start, size) ASAN_UNPOISON_MEMORY_REGION(start, size)
#else
#define CLUA_CLOSE(start, size) ((void)(start), (void)(size))
#define CLUA_OPEN(start, size) ((void)(start), (void)(size))
#endif

enum { slab_bytes = 32 * 1024 };

/// Blocks from this size on are charged as work: a concatenation is one instruction to the hook,
/// however long the string.
enum { charged_bytes = 1024, bytes_per_instruction = 32 };

/// Arrays from this size on are looked at more closely.
enum { searched_bytes = 64 << 10 };

struct clua_slab {
  struct clua_slab *next;
  size_t padding;
};

struct free_block {
  struct free_block *next;
};

void clua_heap_init(struct clua_heap *heap, size_t limit, size_t string_limit) {
  memset(heap, 0, sizeof *heap);
  heap->limit = limit;
  heap->string_limit = string_limit;
}

void clua_heap_destroy(struct clua_heap *heap) {
  for (struct clua_slab *slab = heap->slabs; slab != NULL;) {
    struct clua_slab *next = slab->next;
    CLUA_OPEN(slab, slab_bytes);
    free(slab);
    slab = next;
  }
  for (struct clua_large *large = heap->larges; large != NULL;) {
    struct clua_large *next = large->next;
    free(large);
    large = next;
  }
  memset(heap, 0, sizeof *heap);
}

static size_t class_of(size_t size) {
  return (size + CLUA_HEAP_GRANULE - 1) / CLUA_HEAP_GRANULE - 1;
}

static bool may_reserve(const struct clua_heap *heap, size_t bytes) {
  return heap->reserved + bytes <= heap->limit + heap->limit / 4 + slab_bytes;
}

static bool add_slab(struct clua_heap *heap) {
  // What is left of the old slab goes to the free list it fits.
  size_t left = (size_t)(heap->bump_end - heap->bump);
  if (left >= CLUA_HEAP_GRANULE) {
    struct free_block *rest = (struct free_block *)heap->bump;
    size_t index = left / CLUA_HEAP_GRANULE - 1;
    if (index >= CLUA_HEAP_CLASSES) index = CLUA_HEAP_CLASSES - 1;
    CLUA_OPEN(rest, sizeof *rest);
    rest->next = heap->free_lists[index];
    CLUA_CLOSE(rest, sizeof *rest);
    heap->free_lists[index] = rest;
  }
  struct clua_slab *slab = malloc(slab_bytes);
  if (slab == NULL) return false;
  slab->next = heap->slabs;
  heap->slabs = slab;
  heap->reserved += slab_bytes;
  heap->bump = (char *)(slab + 1);
  heap->bump_end = (char *)slab + slab_bytes;
  CLUA_CLOSE(heap->bump, (size_t)(heap->bump_end - heap->bump));
  return true;
}

static void *take_small(struct clua_heap *heap, size_t size, bool forced) {
  size_t index = class_of(size);
  struct free_block *block = heap->free_lists[index];
  if (block != NULL) {
    CLUA_OPEN(block, (index + 1) * CLUA_HEAP_GRANULE);
    heap->free_lists[index] = block->next;
    return block;
  }
  size_t rounded = (index + 1) * CLUA_HEAP_GRANULE;
  if ((size_t)(heap->bump_end - heap->bump) < rounded) {
    if (!forced && !may_reserve(heap, slab_bytes)) return NULL;
    if (!add_slab(heap)) return NULL;
  }
  void *result = heap->bump;
  heap->bump += rounded;
  CLUA_OPEN(result, rounded);
  return result;
}

static void give_small(struct clua_heap *heap, void *block, size_t size) {
  size_t index = class_of(size);
  ((struct free_block *)block)->next = heap->free_lists[index];
  heap->free_lists[index] = block;
  CLUA_CLOSE(block, (index + 1) * CLUA_HEAP_GRANULE);
}

static void link_large(struct clua_heap *heap, struct clua_large *large) {
  large->previous = NULL;
  large->next = heap->larges;
  if (heap->larges != NULL) heap->larges->previous = large;
  heap->larges = large;
}

static void unlink_large(struct clua_heap *heap, struct clua_large *large) {
  if (large->previous != NULL) large->previous->next = large->next;
  else heap->larges = large->next;
  if (large->next != NULL) large->next->previous = large->previous;
}

static void *take_large(struct clua_heap *heap, size_t size, bool forced) {
  if (!forced && !may_reserve(heap, size)) return NULL;
  struct clua_large *large = malloc(sizeof *large + size);
  if (large == NULL) return NULL;
  large->size = size;
  link_large(heap, large);
  heap->reserved += size;
  return large + 1;
}

static void give_large(struct clua_heap *heap, void *block, size_t size) {
  struct clua_large *large = (struct clua_large *)block - 1;
  unlink_large(heap, large);
  heap->reserved -= size;
  free(large);
}

static void give(struct clua_heap *heap, void *block, size_t size) {
  if (size <= CLUA_HEAP_SMALL) give_small(heap, block, size);
  else give_large(heap, block, size);
}

static void *take(struct clua_heap *heap, size_t size, bool forced) {
  return size <= CLUA_HEAP_SMALL ? take_small(heap, size, forced) : take_large(heap, size, forced);
}

/// liblua answers NULL with a full collection and one more try. A script that lives at its limit
/// would collect at every allocation, so each refusal costs what marking the heap costs.
static void *refuse(struct clua_heap *heap) {
  if (heap->run != NULL) clua_charge_quietly(heap->run, heap->used / bytes_per_instruction);
  return NULL;
}

/// Why a large array of nodes or a longer stack may not be made: the instruction that wants it would
/// not end for long. NULL if there is no reason.
static const char *reason_against(const struct clua_heap *heap, size_t new_size) {
  if (heap->run != NULL && heap->run->coroutine != NULL
      && lua_gettop(heap->run->coroutine) > CLUA_VALUES_OF_A_CALL)
    return CLUA_VALUES_MESSAGE;
  return clua_may_rehash(heap, new_size) ? NULL : CLUA_COLLISION_MESSAGE;
}

static void *refuse_for(struct clua_heap *heap, const char *reason) {
  heap->reason = reason;
  return refuse(heap);
}

/// The more one instruction can find to do, the sooner the hook looks at the clock.
static void note_size(struct clua_heap *heap, size_t size, bool is_string) {
  size_t *largest = is_string ? &heap->longest_string : &heap->largest_vector;
  if (size <= *largest) return;
  *largest = size;
  if (heap->run != NULL) clua_note_block(heap->run);
}

void *clua_heap_allocate(void *context, void *block, size_t old_size, size_t new_size) {
  struct clua_heap *heap = context;
  // Without a block, old_size is the type of the object that is being made.
  bool is_string = block == NULL && old_size == LUA_TSTRING;
  bool is_vector = block != NULL || old_size == 0;
  if (block == NULL) old_size = 0;
  if (new_size == 0) {
    if (old_size > 0) {
      give(heap, block, old_size);
      heap->used -= old_size;
    }
    return NULL;
  }
  bool shrinks = new_size <= old_size;
  if (!shrinks) {
    if (is_string && new_size > heap->string_limit) return refuse(heap);
    if (heap->used - old_size + new_size > heap->limit) return refuse(heap);
    if (block == NULL && is_vector && new_size >= searched_bytes) {
      const char *reason = reason_against(heap, new_size);
      if (reason != NULL) return refuse_for(heap, reason);
    }
    if (new_size >= charged_bytes && heap->run != NULL)
      clua_charge_quietly(heap->run, new_size / bytes_per_instruction);
  }
  if (old_size > 0 && old_size <= CLUA_HEAP_SMALL && new_size <= CLUA_HEAP_SMALL
      && class_of(old_size) == class_of(new_size)) {
    heap->used = heap->used - old_size + new_size;
    if (heap->used > heap->peak) heap->peak = heap->used;
    return block;
  }
  // liblua relies on shrinking not to fail.
  void *result = take(heap, new_size, shrinks);
  if (result == NULL) return refuse(heap);
  if (old_size > 0) {
    memcpy(result, block, shrinks ? new_size : old_size);
    give(heap, block, old_size);
  }
  heap->used = heap->used - old_size + new_size;
  if (heap->used > heap->peak) heap->peak = heap->used;
  if (new_size >= charged_bytes && (is_string || is_vector)) note_size(heap, new_size, is_string);
  return result;
}
