/*
 * number_map.h - numbers from 0 for 64-bit keys, in order of first appearance.
 */
#ifndef TRACES_NUMBER_MAP_H
#define TRACES_NUMBER_MAP_H

#include "sim/types.h"

struct number_map {
	u64 *keys;  /* by number */
	u32 *slots; /* number + 1, 0 = free; a power of two of them */
	u32 count;
	u32 keys_room;
	u32 shift; /* 64 - log2(slots) */
};

void number_map_init(struct number_map *map);
void number_map_release(struct number_map *map);
u32 number_map_insert(struct number_map *map, u64 key);
/* The key's number, or UINT32_MAX if it was not seen. */
u32 number_map_find(const struct number_map *map, u64 key);

/* The key's number; a key not seen before gets the next. The caller bounds how many there may be, below 2^31.
 */
static inline u32 number_map_get(struct number_map *map, u64 key)
{
	u64 slot = key * 0x9e3779b97f4a7c15 >> map->shift;
	u32 found = map->slots[slot];

	/* Programs stay near where they are: most lookups end in the first slot. */
	return likely(found && map->keys[found - 1] == key) ? found - 1 : number_map_insert(map, key);
}

#endif
