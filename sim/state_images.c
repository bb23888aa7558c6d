#include "sim/state_images.h"

#include <string.h>

#include "sim/random.h"
#include "sim/state_part.h"

/* Hashes of some renamings at once; their number is made even by one more identity. */
typedef u64 hashes __attribute__((vector_size(16)));
enum { AT_ONCE = sizeof(hashes) / sizeof(u64) };

struct images_of_part {
	hashes *hash; /* [content][renaming / AT_ONCE] */
	u32 *content; /* [content][renaming], of the part that it is in then */
	u32 contents, room;
};

struct state_images {
	struct state_parts *parts;
	const struct symmetry *symmetry;
	struct images_of_part *of; /* [part] */
	u32 *place;		   /* [part][renaming] the part that it is in then */
	u32 rows;		   /* of hashes, for all renamings */
	hashes *hash;		   /* of the state that is loaded */
	const hashes **change;	   /* pairs of what to exchange for what */
	u8 *bytes;
	u64 image_bytes;
	bool refused;
};

/* ---- a part ---- */

static bool rename_bytes(struct state_images *x, u32 part, u32 i, const u8 *from, u32 n)
{
	const struct state_part *p = &x->parts->part[part];
	const struct machine *m = x->parts->m;
	const struct region *r = &m->arena.region[p->number];
	const struct label_region *row;

	if (!part || p->kind == PART_STACK) {
		if (n)
			memcpy(x->bytes, from, n);
		return !part || symmetry_rename_stack(x->symmetry, m, i, x->bytes, n);
	}
	row = symmetry_region(x->symmetry, r->name);
	if (row && row->joined)
		return x->symmetry->rename_part(x->symmetry, i, from, x->bytes, n);
	return symmetry_rename_elements(x->symmetry, m, i, row, r, p->start, from, x->bytes, n);
}

/* Its hash; @number: its content. */
static u64 image_under(struct state_images *x, u32 part, u32 content, u32 i, u32 *number)
{
	const struct state_part *p = &x->parts->part[part];
	u32 there = x->place[part * x->symmetry->n + i], n = p->content[content].bytes;
	struct state_part *to = &x->parts->part[there];

	if (!rename_bytes(x, part, i, p->kept + p->content[content].at, n)) {
		x->refused = true;
		*number = 0;
		return 0;
	}
	*number = state_part_content(to, there, x->bytes, n);
	if (*number)
		state_part_changes(x->parts, there);
	if (*number != content || there != part)
		state_part_changes(x->parts, part);
	return to->content[*number].hash;
}

static u64 bytes_of_images(const struct state_images *x, u32 contents)
{
	return contents * (x->rows * sizeof(hashes) + x->symmetry->n * sizeof(u32));
}

/* Those of contents up to this one. */
static void add_images(struct state_images *x, u32 part, u32 content)
{
	struct images_of_part *of = &x->of[part];
	u32 n = x->symmetry->n;

	if (content >= of->room) {
		x->image_bytes -= bytes_of_images(x, of->room);
		of->room = MAX(2 * of->room, content + 2);
		of->hash = g_renew(hashes, of->hash, (gsize)of->room * x->rows);
		of->content = g_renew(u32, of->content, (gsize)of->room * n);
		x->image_bytes += bytes_of_images(x, of->room);
	}
	for (; of->contents <= content; of->contents++) {
		hashes *hash = &of->hash[of->contents * x->rows];

		for (u32 i = 0; i < x->rows * AT_ONCE; i++)
			hash[i / AT_ONCE][i % AT_ONCE] =
			    image_under(x, part, of->contents, i % n, &of->content[of->contents * n + i % n]);
	}
}

static inline const hashes *hashes_of(struct state_images *x, u32 part, u32 content)
{
	if (unlikely(content >= x->of[part].contents))
		add_images(x, part, content);
	return &x->of[part].hash[content * x->rows];
}

/* ---- the state ---- */

void state_images_load(struct state_images *x, u32 part, u32 before, u32 after)
{
	const hashes *b, *a;

	hashes_of(x, part, MAX(before, after));
	b = hashes_of(x, part, before);
	a = hashes_of(x, part, after);
	for (u32 row = 0; row < x->rows; row++)
		x->hash[row] ^= b[row] ^ a[row];
}

static void list_changes(struct state_images *x)
{
	const struct state_parts *s = x->parts;

	for (u32 c = 0; c < s->changes; c++)
		hashes_of(x, s->change[c].part, MAX(s->loaded[s->change[c].column], s->change[c].content));
	for (u32 c = 0; c < s->changes; c++) {
		x->change[2 * c] = hashes_of(x, s->change[c].part, s->loaded[s->change[c].column]);
		x->change[2 * c + 1] = hashes_of(x, s->change[c].part, s->change[c].content);
	}
}

u64 state_images_least(struct state_images *x, u32 *renaming)
{
	u64 least = UINT64_MAX;

	list_changes(x);
	*renaming = 0;
	for (u32 row = 0; row < x->rows; row++) {
		hashes present = x->hash[row];

		for (u32 c = 0; c < 2 * x->parts->changes; c++)
			present ^= x->change[c][row];
		for (u32 i = 0; i < AT_ONCE; i++)
			if (present[i] < least) {
				least = present[i];
				*renaming = row * AT_ONCE + i;
			}
	}
	return random_mix(least); /* the least of several is small, and a place in a table */
}

u32 state_images_content(struct state_images *x, u32 renaming, u32 *part, u32 content)
{
	u32 of = *part;

	*part = x->place[of * x->symmetry->n + renaming];
	hashes_of(x, of, content);
	return x->of[of].content[content * x->symmetry->n + renaming];
}

bool state_images_refused(const struct state_images *x)
{
	return x->refused;
}

/* ---- life ---- */

static u32 part_at(const struct state_parts *s, const struct state_part *like, u32 number, u32 start)
{
	for (u32 i = 0; i < s->parts; i++)
		if (s->part[i].kind == like->kind && s->part[i].number == number &&
		    s->part[i].start == start && s->part[i].bytes == like->bytes && s->part[i].at)
			return i;
	return UINT32_MAX;
}

/* Where the part is under a renaming; refused: not in one. */
static u32 place_of(struct state_images *x, u32 part, u32 i)
{
	const struct state_parts *s = x->parts;
	const struct state_part *p = &s->part[part];
	const struct region *r = &s->m->arena.region[p->number];
	const struct label_region *row;
	u32 start, there;

	if (!part)
		return part;
	if (p->kind == PART_STACK)
		return part_at(s, p, symmetry_rename(x->symmetry, i, LABEL_TASK, p->number), 0);
	row = symmetry_region(x->symmetry, r->name);
	if (row && row->joined)
		return part;
	start = symmetry_place(x->symmetry, row, r, i, p->start, p->bytes);
	there = start == UINT32_MAX ? start : part_at(s, p, p->number, start);
	if (there == UINT32_MAX)
		x->refused = true;
	return there == UINT32_MAX ? part : there;
}

struct state_images *state_images_new(struct state_parts *s)
{
	struct state_images *x = g_new0(struct state_images, 1);
	u32 n = s->symmetry->n, most = 0;

	x->parts = s;
	x->symmetry = s->symmetry;
	x->of = g_new0(struct images_of_part, s->parts);
	x->place = g_new(u32, s->parts * n);
	x->rows = (n + AT_ONCE - 1) / AT_ONCE;
	x->hash = g_new0(hashes, x->rows);
	x->change = g_new(const hashes *, 2 * s->parts);
	for (u32 part = 0; part < s->parts; part++) {
		most = MAX(most, s->part[part].bytes);
		for (u32 i = 0; i < n; i++)
			x->place[part * n + i] = place_of(x, part, i);
	}
	x->bytes = g_malloc0(most + 1);
	for (u32 part = 0; part < s->parts && !x->refused; part++)
		for (u32 row = 0; row < x->rows; row++)
			x->hash[row] ^= hashes_of(x, part, 0)[row];
	return x;
}

void state_images_free(struct state_images *x)
{
	for (u32 i = 0; i < x->parts->parts; i++) {
		g_free(x->of[i].hash);
		g_free(x->of[i].content);
	}
	g_free(x->of);
	g_free(x->place);
	g_free(x->hash);
	g_free(x->change);
	g_free(x->bytes);
	g_free(x);
}

u64 state_images_bytes(const struct state_images *x)
{
	return x->image_bytes + (u64)x->parts->parts * (sizeof *x->of + x->symmetry->n * sizeof *x->place);
}
