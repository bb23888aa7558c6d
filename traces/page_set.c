#include "traces/page_set.h"

#include <glib.h>

#include "traces/bytes.h"

void page_set_release(struct page_set *set)
{
	for (u32 i = 0; set->pieces && i < PAGE_SET_PIECES; i++) {
		if (set->pieces[i])
			g_free(set->pieces[i]);
	}
	g_free(set->pieces);
	set->pieces = NULL;
}

u8 *page_set_piece(struct page_set *set, u32 index)
{
	BUG_ON(index >= PAGE_SET_PIECES);
	if (!set->pieces)
		set->pieces = g_new0(u8 *, PAGE_SET_PIECES);
	if (!set->pieces[index])
		set->pieces[index] = g_malloc0(PAGE_SET_PIECE_BYTES);
	return set->pieces[index];
}

u32 page_set_count(const struct page_set *set)
{
	u32 count = 0;

	for (u32 i = 0; set->pieces && i < PAGE_SET_PIECES; i++) {
		for (u32 byte = 0; set->pieces[i] && byte < PAGE_SET_PIECE_BYTES; byte += 8)
			count += (u32)__builtin_popcountll(load_le64(set->pieces[i] + byte));
	}
	return count;
}

u32 page_set_end(const struct page_set *set)
{
	if (!set->pieces)
		return 0;
	for (u32 i = PAGE_SET_PIECES; i-- > 0;) {
		for (u32 word = set->pieces[i] ? PAGE_SET_PIECE_BYTES / 8 : 0; word-- > 0;) {
			u64 bits = load_le64(set->pieces[i] + 8 * word);

			if (bits)
				return i * PAGE_SET_PIECE_PAGES + word * 64 + 64 - (u32)__builtin_clzll(bits);
		}
	}
	return 0;
}

u32 page_set_next(const struct page_set *set, u32 page)
{
	while (set->pieces && page < PAGE_SET_PIECES * PAGE_SET_PIECE_PAGES) {
		const u8 *piece = set->pieces[page / PAGE_SET_PIECE_PAGES];
		u64 bits;

		if (!piece) {
			page = (page / PAGE_SET_PIECE_PAGES + 1) * PAGE_SET_PIECE_PAGES;
			continue;
		}
		bits = load_le64(piece + page % PAGE_SET_PIECE_PAGES / 64 * 8) >> page % 64;
		if (bits)
			return page + (u32)__builtin_ctzll(bits);
		page = (page / 64 + 1) * 64;
	}
	return PAGE_SET_NONE;
}

void page_set_add_range(struct page_set *set, u32 first, u32 last)
{
	for (u32 page = first; page <= last; page++) {
		while (page % 8 == 0 && page + 7 <= last) {
			page_set_piece(set, page / PAGE_SET_PIECE_PAGES)[page % PAGE_SET_PIECE_PAGES / 8] =
			    0xff;
			page += 8;
		}
		if (page <= last)
			page_set_add(set, page);
	}
}

void page_set_subtract(struct page_set *set, const struct page_set *other)
{
	for (u32 i = 0; set->pieces && other->pieces && i < PAGE_SET_PIECES; i++) {
		if (!set->pieces[i] || !other->pieces[i])
			continue;
		for (u32 byte = 0; byte < PAGE_SET_PIECE_BYTES; byte++)
			set->pieces[i][byte] &= (u8)~other->pieces[i][byte];
	}
}
