/*
 * address_map.h - numbers for the pages of an address space, which programs map, move and give back.
 *
 * Either from 0 in order of first touch, or by page table: the 512 pages of a page table, of which some may
 * never be touched, have consecutive numbers in the order of their addresses, so that neighbours stay
 * neighbours. A page keeps its number when it is given back and touched again, and takes it along when it is
 * moved (mremap()).
 */
#ifndef TRACES_ADDRESS_MAP_H
#define TRACES_ADDRESS_MAP_H

#include <glib.h>

#include "traces/number_map.h"

enum { ADDRESS_MAP_TABLE = 512 };
#define ADDRESS_MAP_NONE UINT32_MAX
enum address_state { ADDRESS_NEVER, ADDRESS_THERE, ADDRESS_GONE };

struct address_map {
	struct number_map tables; /* of address / 2 MiB */
	u32 *number;		  /* per page of a table: its number + 1, 0 = none yet */
	u32 *block;		  /* per table: the number of its first page; ADDRESS_MAP_NONE = not said */
	u32 room;		  /* for tables */
	u64 *owner;		  /* per number: page + 1; 0 = nobody's */
	u8 *there;		  /* per number: enum address_state, kept by the caller */
	u32 numbers;		  /* are below this */
	u32 owner_room;
	bool by_table;
};

void address_map_init(struct address_map *map, bool by_table);
void address_map_release(struct address_map *map);
/* A page that has none. */
u32 address_map_new(struct address_map *map, u32 table, u64 page);

/* The number of a page (address / 4096) that is touched. The caller stops at 2^28. */
static inline u32 address_map_get(struct address_map *map, u64 page)
{
	u32 table = number_map_get(&map->tables, page / ADDRESS_MAP_TABLE), number = 0;

	if (likely(table < map->room))
		number = map->number[table * ADDRESS_MAP_TABLE + page % ADDRESS_MAP_TABLE];
	return likely(number) ? number - 1 : address_map_new(map, table, page);
}

/* Of a page that was touched: the next from *page on below @end, ADDRESS_MAP_NONE if there is none. */
u32 address_map_next(const struct address_map *map, u64 *page, u64 end);
/* The page takes another number when it is touched next; it is not there. */
void address_map_forget(struct address_map *map, u64 page);
/* Pages from @from on, @pages of them, move with their numbers to where none is there. */
void address_map_move(struct address_map *map, u64 from, u64 to, u64 pages);

#endif
