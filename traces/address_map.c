#include "traces/address_map.h"

#include <string.h>

void address_map_init(struct address_map *map, bool by_table)
{
	*map = (struct address_map){ .by_table = by_table };
	number_map_init(&map->tables);
}

void address_map_release(struct address_map *map)
{
	number_map_release(&map->tables);
	g_free(map->number);
	g_free(map->block);
	g_free(map->owner);
	g_free(map->there);
}

static void make_room_for_table(struct address_map *map, u32 table)
{
	u32 before = map->room;

	if (table < before)
		return;
	map->room = MAX(2 * before, table + 1);
	map->number = g_renew(u32, map->number, (gsize)map->room * ADDRESS_MAP_TABLE);
	map->block = g_renew(u32, map->block, map->room);
	memset(map->number + (gsize)before * ADDRESS_MAP_TABLE, 0,
	       (gsize)(map->room - before) * ADDRESS_MAP_TABLE * sizeof(*map->number));
	memset(map->block + before, 0xff, (map->room - before) * sizeof(*map->block));
}

static u32 take_numbers(struct address_map *map, u32 count)
{
	u32 first = map->numbers, before = map->owner_room;

	map->numbers += count;
	if (map->numbers > before) {
		map->owner_room = MAX(2 * before, map->numbers);
		map->owner = g_renew(u64, map->owner, map->owner_room);
		map->there = g_renew(u8, map->there, map->owner_room);
		memset(map->owner + before, 0, (map->owner_room - before) * sizeof(*map->owner));
		memset(map->there + before, 0, map->owner_room - before);
	}
	return first;
}

/* Its place among the pages of its table; if a page that was moved away has that number, the table begins
 * anew. */
static u32 number_by_table(struct address_map *map, u32 table, u64 page)
{
	u32 *block = &map->block[table], place = page % ADDRESS_MAP_TABLE;

	if (*block == ADDRESS_MAP_NONE || map->owner[*block + place])
		*block = take_numbers(map, ADDRESS_MAP_TABLE);
	return *block + place;
}

u32 address_map_new(struct address_map *map, u32 table, u64 page)
{
	u32 *entry, number;

	make_room_for_table(map, table);
	entry = &map->number[table * ADDRESS_MAP_TABLE + page % ADDRESS_MAP_TABLE];
	if (*entry)
		return *entry - 1;
	number = map->by_table ? number_by_table(map, table, page) : take_numbers(map, 1);
	map->owner[number] = page + 1;
	*entry = number + 1;
	return number;
}

/* Where its number stands; NULL if no page of its table was touched. */
static u32 *find(const struct address_map *map, u64 page)
{
	u32 table = number_map_find(&map->tables, page / ADDRESS_MAP_TABLE);

	return table < map->room ? &map->number[table * ADDRESS_MAP_TABLE + page % ADDRESS_MAP_TABLE] : NULL;
}

/* The first table that begins at @at or behind and was touched; where there are few, all of them are looked
 * at. */
static u64 next_table(const struct address_map *map, u64 at)
{
	u64 best = UINT64_MAX;

	for (u32 i = 0; i < map->tables.count; i++)
		if (map->tables.keys[i] >= at / ADDRESS_MAP_TABLE)
			best = MIN(best, map->tables.keys[i]);
	return best == UINT64_MAX ? UINT64_MAX : best * ADDRESS_MAP_TABLE;
}

u32 address_map_next(const struct address_map *map, u64 *page, u64 end)
{
	while (*page < end) {
		const u32 *entry = find(map, *page);

		if (!entry) {
			*page = MAX(*page, next_table(map, *page));
			continue;
		}
		if (*entry)
			return *entry - 1;
		++*page;
	}
	return ADDRESS_MAP_NONE;
}

void address_map_forget(struct address_map *map, u64 page)
{
	u32 *entry = find(map, page);

	if (map->by_table)
		map->block[number_map_find(&map->tables, page / ADDRESS_MAP_TABLE)] = ADDRESS_MAP_NONE;
	map->owner[*entry - 1] = 0;
	*entry = 0;
}

void address_map_move(struct address_map *map, u64 from, u64 to, u64 pages)
{
	u64 end = from + pages;
	u32 number;

	for (u64 page = from; (number = address_map_next(map, &page, end)) != ADDRESS_MAP_NONE; page++) {
		u64 target = to + (page - from);
		u32 table = number_map_get(&map->tables, target / ADDRESS_MAP_TABLE), *entry;

		make_room_for_table(map, table);
		*find(map, page) = 0;
		entry = &map->number[table * ADDRESS_MAP_TABLE + target % ADDRESS_MAP_TABLE];
		if (*entry)
			map->owner[*entry - 1] = 0;
		*entry = number + 1;
		map->owner[number] = target + 1;
	}
}
