#ifndef CLUA_COLLISIONS_H
#define CLUA_COLLISIONS_H

#include <stdbool.h>
#include <stddef.h>

struct clua_heap;

/// Whether a block of this size may be made: false when it would be the new home of a table whose keys
/// meet in one place, so that moving them takes long.
bool clua_may_rehash(const struct clua_heap *heap, size_t new_size);

#endif
