#include "include/cmemory.h"

#include <malloc.h>

/// glibc's own starting value. Once it is set, glibc no longer raises it by itself after a large block
/// was freed, which would leave lists of thousands of objects to the heap for ever.
enum { large_bytes = 128 * 1024 };

void cmemory_be_sparing(void) {
  // One thread does nearly all of the work (docs/adr/0006): what the others freed is there for it to
  // use, instead of lying in a heap of theirs.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, large_bytes);
  mallopt(M_TRIM_THRESHOLD, large_bytes);
}
