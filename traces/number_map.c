#include "traces/number_map.h"

#include <glib.h>

#define FIRST_BITS 12

void number_map_init(struct number_map *map)
{
	*map = (struct number_map){ .shift = 64 - FIRST_BITS, .keys_room = 1u << FIRST_BITS };
	map->slots = g_new0(u32, 1u << FIRST_BITS);
	map->keys = g_new(u64, map->keys_room);
}

void number_map_release(struct number_map *map)
{
	g_free(map->slots);
	g_free(map->keys);
}

static u64 find(const struct number_map *map, u64 key)
{
	u64 mask = (1ull << (64 - map->shift)) - 1;
	u64 slot = key * 0x9e3779b97f4a7c15 >> map->shift;

	while (map->slots[slot] && map->keys[map->slots[slot] - 1] != key)
		slot = (slot + 1) & mask;
	return slot;
}

u32 number_map_find(const struct number_map *map, u64 key)
{
	return map->slots[find(map, key)] - 1;
}

/* At most half of the slots are taken. */
static void grow(struct number_map *map)
{
	map->shift--;
	g_free(map->slots);
	map->slots = g_new0(u32, 1ull << (64 - map->shift));
	for (u32 i = 0; i < map->count; i++)
		map->slots[find(map, map->keys[i])] = i + 1;
}

u32 number_map_insert(struct number_map *map, u64 key)
{
	u64 slot = find(map, key);

	if (map->slots[slot])
		return map->slots[slot] - 1;
	if (map->count == map->keys_room) {
		map->keys_room *= 2;
		map->keys = g_renew(u64, map->keys, map->keys_room);
	}
	map->keys[map->count] = key;
	map->slots[slot] = ++map->count;
	if (map->count > 1ull << (63 - map->shift))
		grow(map);
	return map->count - 1;
}
