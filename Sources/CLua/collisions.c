#include "collisions.h"

#include <limits.h>
#include <lua5.4/lua.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"

// A table that grows moves its keys one by one, each past all those that have the same place, within
// one instruction. liblua places strings by a seed that no script knows, but numbers by their value:
// a script can choose a hundred thousand that have places of their own in one table and a single one
// in the next larger, which takes 15 seconds. So before a large array of nodes is made, the arrays
// that there are (one of them is the table's present one) are searched for such keys.

/// What lobject.h of Lua 5.4 calls a Node.
struct node {
  uint64_t value;
  uint8_t value_type;
  uint8_t key_type;
  int32_t next;
  uint64_t key;
};

_Static_assert(sizeof(struct node) == 24, "a node of Lua 5.4 has 24 bytes");

enum {
  key_integer = LUA_TNUMBER,
  key_float = LUA_TNUMBER | 1 << 4,
  type_mask = 0x0f,
  /// Moving fewer nodes is never long.
  least_nodes = 4096,
  /// Steps past other keys that a move may take: some milliseconds.
  most_steps = 1 << 21,
};

/// The number of nodes in a block of this size; 0 when it cannot be an array of nodes.
static size_t nodes_in(size_t size) {
  size_t count = size / sizeof(struct node);
  bool is_power_of_two = (count & (count - 1)) == 0;
  return size % sizeof(struct node) == 0 && is_power_of_two ? count : 0;
}

/// liblua's own hash of a float: the upper half of its digits, so that very many have the same.
static unsigned hash_of_float(uint64_t bits) {
  double number;
  memcpy(&number, &bits, sizeof number);
  int exponent;
  double digits = frexp(number, &exponent) * -(double)INT_MIN;
  if (!(digits >= (double)INT64_MIN && digits < -(double)INT64_MIN)) return 0;
  unsigned hash = (unsigned)exponent + (unsigned)(int64_t)digits;
  return hash <= INT_MAX ? hash : ~hash;
}

/// The steps that moving the nodes into an array of `places` takes; `met` has a 0 for each place.
static uint64_t steps_of_moving(
    const struct node *nodes, size_t count, size_t places, uint32_t *met) {
  uint64_t steps = 0;
  uint64_t divisor = (places - 1) | 1;
  for (size_t i = 0; i < count; i++) {
    if ((nodes[i].value_type & type_mask) == LUA_TNIL) continue;
    if (nodes[i].key_type == key_float) steps += met[hash_of_float(nodes[i].key) % divisor]++;
    if (nodes[i].key_type == key_integer) steps += met[nodes[i].key % divisor]++;
  }
  return steps;
}

bool clua_may_rehash(const struct clua_heap *heap, size_t new_size) {
  size_t places = nodes_in(new_size);
  if (places < least_nodes) return true;
  for (const struct clua_large *large = heap->larges; large != NULL; large = large->next) {
    size_t count = nodes_in(large->size);
    if (count < least_nodes) continue;
    uint32_t *met = calloc(places, sizeof *met);
    if (met == NULL) return false;
    uint64_t steps = steps_of_moving((const struct node *)(large + 1), count, places, met);
    free(met);
    if (steps > most_steps) return false;
  }
  return true;
}
