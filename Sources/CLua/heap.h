#ifndef CLUA_HEAP_H
#define CLUA_HEAP_H

// The memory of one Lua state: counted, capped, and given back in one go.
//
// Small blocks come from size classes carved out of slabs, because a run makes hundreds of small
// objects and lives for microseconds; larger ones come from malloc. No finaliser exists in a run's
// state, so it ends by freeing slabs instead of walking its objects.

#include <stdbool.h>
#include <stddef.h>

struct clua_run;

#define CLUA_HEAP_GRANULE 16
#define CLUA_HEAP_CLASSES 32
#define CLUA_HEAP_SMALL (CLUA_HEAP_GRANULE * CLUA_HEAP_CLASSES)

struct clua_slab;

/// Stands before each block that is too large for a slab.
struct clua_large {
  struct clua_large *previous;
  struct clua_large *next;
  size_t size;
  size_t padding;
};

struct clua_heap {
  /// Charged for large blocks and for full collections; NULL while compiling.
  struct clua_run *run;
  size_t used;
  size_t peak;
  size_t limit;
  size_t string_limit;
  /// Bytes taken from malloc; capped too, or a script could make every size class hold the limit.
  size_t reserved;
  char *bump;
  char *bump_end;
  void *free_lists[CLUA_HEAP_CLASSES];
  struct clua_slab *slabs;
  struct clua_large *larges;
  /// The longest string and the largest other block that there ever were.
  size_t longest_string;
  size_t largest_vector;
  /// Why a block was refused although there is memory left; NULL if that did not happen.
  const char *reason;
};

void clua_heap_init(struct clua_heap *heap, size_t limit, size_t string_limit);

/// Frees everything; the state that lived here is gone without lua_close.
void clua_heap_destroy(struct clua_heap *heap);

/// A lua_Alloc.
void *clua_heap_allocate(void *heap, void *block, size_t old_size, size_t new_size);

#endif
