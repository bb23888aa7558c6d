/*
 * patterns.h - which page a generated pattern goes to next. Inside work/: part of the loop over accesses.
 *
 * A pattern is a function of the values drawn so far and of where it is, which is in struct work. Sweeps
 * remember their place, so that no access costs a division.
 */
#ifndef MODELS_WORK_PATTERNS_H
#define MODELS_WORK_PATTERNS_H

#include "models/work/work.h"
#include "sim/random.h"

/* Round and round; back: the place is counted from the end. */
static inline u32 next_in_order(const struct workload *load, struct work *w)
{
	u32 place = w->place;

	if (++w->left < load->touches)
		return place;
	w->left = 0;
	w->place = place + 1 == load->pages ? 0 : place + 1;
	return place;
}

/* Every load->stride-th page from the first on, then from the second, and so on until each had its turn. */
static inline u32 next_in_strides(const struct workload *load, struct work *w)
{
	u32 page = w->place, next = page + load->stride;

	if (next >= load->pages) {
		next = page % load->stride + 1;
		if (next == load->stride || next >= load->pages)
			next = 0;
	}
	w->place = next;
	return page;
}

/* The hot set begins at w->place and goes round. One value says whether it is to be a hot page, and which. */
static inline u32 next_hot_or_cold(const struct workload *load, const struct work *w, u64 value)
{
	unsigned __int128 pick = (unsigned __int128)value * 1000;
	bool hot = (u32)(pick >> 64) < load->hot_permille;
	u32 among = dist_select(hot, load->hot_pages, load->pages - load->hot_pages);
	u32 page = w->place + random_below((u64)pick, among) + dist_select(hot, 0, load->hot_pages);

	return page - dist_select(page >= load->pages, load->pages, 0);
}

enum { OBJECT_PAGE_BYTES = 4096 };

/* The pages of an object, and then those of another. */
static inline u32 next_of_object(const struct workload *load, struct work *w)
{
	if (!w->left) {
		u64 object = random_below(random_value(load->stream, w->drawn++), load->objects);
		u64 first = object * load->object_bytes, last = first + load->object_bytes - 1;

		w->place = (u32)(first / OBJECT_PAGE_BYTES);
		w->left = (u32)(last / OBJECT_PAGE_BYTES) - w->place + 1;
	}
	w->left--;
	return w->place++;
}

static inline u32 pattern_next(const struct workload *load, struct work *w, enum pattern pattern)
{
	u64 value;

	if (pattern == PATTERN_SEQ)
		return next_in_order(load, w);
	if (pattern == PATTERN_BACK)
		return load->pages - 1 - next_in_order(load, w);
	if (pattern == PATTERN_STRIDE)
		return next_in_strides(load, w);
	if (pattern == PATTERN_OBJECTS)
		return next_of_object(load, w);
	value = random_value(load->stream, w->drawn++);
	if (pattern == PATTERN_RAND)
		return random_below(value, load->pages);
	if (pattern == PATTERN_HOTCOLD)
		return next_hot_or_cold(load, w, value);
	return pattern == PATTERN_ZIPFLOC ? zipf_at(load->zipf, value)
					  : scatter_at(&load->scatter, zipf_at(load->zipf, value));
}

/* Accesses made when phase @n, from 0, is over and a mark is due; UINT64_MAX: the last one ends with the
 * work. */
static inline u64 pattern_phase_end(const struct workload *load, u32 n)
{
	if (n + 1 >= load->phases)
		return UINT64_MAX;
	return (u64)((unsigned __int128)load->accesses * (n + 1) / load->phases);
}

/* The chunk to be given back and filled next. */
static inline void pattern_next_chunk(const struct workload *load, struct work *w)
{
	u64 chunk = load->n_order ? load->order[(w->done - 1) % load->n_order]
				  : random_below(random_value(load->stream, w->drawn++), load->chunks);

	w->place = (u32)(chunk * load->pages / load->chunks);
	w->left = (u32)((chunk + 1) * load->pages / load->chunks) - w->place;
}

/* What comes next in a round: a call of madvise() for all pages, a piece to be written, a chunk to be given
 * back and filled again. Returns whether there is something to tell the kernel. */
static inline bool pattern_next_of_round(const struct workload *load, struct work *w)
{
	u64 at = w->done++ % (1 + load->pieces + load->refills);

	if (!at)
		return true;
	if (at > load->pieces) {
		pattern_next_chunk(load, w);
		return true;
	}
	w->left = load->piece_pages;
	w->place = random_below(random_value(load->stream, w->drawn++), load->pages / w->left) * w->left;
	return false;
}

/* A phase begins: the hot set moves on by its size. */
static inline void pattern_next_phase(const struct workload *load, struct work *w)
{
	if (load->pattern == PATTERN_HOTCOLD)
		w->place = (w->place + load->hot_pages) % load->pages;
}

#endif
