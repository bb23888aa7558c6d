#include "sim/state_store.h"

#include <string.h>

#include "sim/state_images.h"
#include "sim/state_part.h"

enum {
	CHUNK_BYTES = 1 << 20,
	ROW_ALIGN = 8,
	FIRST_BITS = 10,  /* of the number of slots */
	NUMBER_BYTES = 5, /* at most, of one content number */
	PARTS_MOST = UINT16_MAX / NUMBER_BYTES
};

/* Rows lie in chunks, one behind the other: two bytes of length, then the content numbers by column without
 * those at the end that are 0, seven bits a byte, lowest first. */
struct chunk {
	u8 *bytes;
	u32 used;
	u32 needed; /* rows that may be loaded again */
};

struct state_store {
	struct state_parts parts;
	GArray *chunk;
	u32 *row;  /* [state] where it lies, in units of ROW_ALIGN */
	u64 *hash; /* [state], with fingerprints; else NULL */
	u32 states, room;
	u64 *slot; /* open addressing: the upper half of the hash, state + 1 */
	u32 bits;
	u8 *scratch;	  /* the row of the present state, */
	u8 *other;	  /* and of the same renamed */
	u32 *content;	  /* by column */
	u32 *renamed;	  /* likewise */
	const u8 *loaded; /* the row of the state loaded last; NULL: of number 0 */
	u16 *place;	  /* by column, where in that row it is */
	u32 placed;	  /* columns that are there */
	u64 chunk_bytes;
	u64 noted;    /* hash */
	bool merges;  /* states that are the same but for who is who */
	u32 least;    /* the renaming under which the hash of the present state is least, */
	u32 became;   /* that which makes it what was noted, */
	u8 *least_of; /* and [state] as least */
};

static struct chunk *chunk_of(const struct state_store *s, u32 row)
{
	return &g_array_index(s->chunk, struct chunk, row / (CHUNK_BYTES / ROW_ALIGN));
}

static u8 *row_at(const struct state_store *s, u32 row)
{
	return chunk_of(s, row)->bytes + (u64)(row % (CHUNK_BYTES / ROW_ALIGN)) * ROW_ALIGN;
}

/* ---- rows ---- */

static inline u8 *put_number(u8 *to, u32 n)
{
	for (; n >= 0x80; n >>= 7)
		*to++ = (u8)(n | 0x80);
	*to++ = (u8)n;
	return to;
}

static u32 row_bytes(const u8 *row)
{
	u16 bytes;

	memcpy(&bytes, row, sizeof bytes);
	return bytes + (u32)sizeof bytes;
}

static u32 width_of(u32 n)
{
	return n < 1u << 7 ? 1 : n < 1u << 14 ? 2 : n < 1u << 21 ? 3 : n < 1u << 28 ? 4 : 5;
}

/* The row of the state that was loaded with what has changed, if that has the same length. */
static bool patch(struct state_store *s)
{
	const struct state_parts *p = &s->parts;

	for (u32 i = 0; i < p->changes; i++) {
		const struct state_change *c = &p->change[i];

		if (c->column >= s->placed || width_of(c->content) != width_of(p->loaded[c->column]) ||
		    (!c->content && c->column == s->placed - 1))
			return false;
	}
	memcpy(s->scratch, s->loaded, row_bytes(s->loaded));
	for (u32 i = 0; i < p->changes; i++)
		put_number(s->scratch + s->place[p->change[i].column], p->change[i].content);
	return true;
}

static u32 put_row(u8 *row, const u32 *content, u32 n)
{
	u8 *to = row + sizeof(u16), *end = to;
	u16 bytes;

	for (u32 i = 0; i < n; i++) {
		to = put_number(to, content[i]);
		if (content[i])
			end = to;
	}
	bytes = (u16)(end - row - sizeof(u16));
	memcpy(row, &bytes, sizeof bytes);
	return bytes + (u32)sizeof(u16);
}

static void list_contents(struct state_store *s)
{
	const struct state_parts *p = &s->parts;

	memcpy(s->content, p->loaded, p->columns * sizeof *p->loaded);
	for (u32 i = 0; i < p->changes; i++)
		s->content[p->change[i].column] = p->change[i].content;
}

/* Of the present state into the scratch; returns its bytes. */
static u32 encode(struct state_store *s)
{
	if (s->loaded && patch(s))
		return row_bytes(s->scratch);
	list_contents(s);
	return put_row(s->scratch, s->content, s->parts.columns);
}

/* Of the same under a renaming into the other. Columns may be added meanwhile, by contents that are 0. */
static u32 encode_renamed(struct state_store *s, u32 renaming)
{
	struct state_parts *p = &s->parts;

	list_contents(s);
	memset(s->renamed, 0, p->parts * sizeof *s->renamed);
	for (u32 i = 0; i < p->columns; i++) {
		u32 part = p->column[i];
		u32 content = state_images_content(p->images, renaming, &part, s->content[i]);

		if (content)
			s->renamed[p->part[part].column - 1] = content;
	}
	return put_row(s->other, s->renamed, p->columns);
}

static u32 row_keep(struct state_store *s, u32 bytes)
{
	struct chunk *last = s->chunk->len ? &g_array_index(s->chunk, struct chunk, s->chunk->len - 1) : NULL;
	u32 at;

	if (!last || last->used + bytes > CHUNK_BYTES) {
		struct chunk fresh = { .bytes = g_malloc(CHUNK_BYTES) };

		g_array_append_val(s->chunk, fresh);
		s->chunk_bytes += CHUNK_BYTES;
		last = &g_array_index(s->chunk, struct chunk, s->chunk->len - 1);
	}
	at = last->used;
	memcpy(last->bytes + at, s->scratch, bytes);
	last->used += (bytes + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
	last->needed++;
	return (s->chunk->len - 1) * (CHUNK_BYTES / ROW_ALIGN) + at / ROW_ALIGN;
}

/* ---- finding ---- */

static u32 slot_of(const struct state_store *s, u64 hash)
{
	return (u32)(hash >> (64 - s->bits));
}

static void grow_slots(struct state_store *s)
{
	u32 old = 1u << s->bits;
	u64 *slot = s->slot;

	s->slot = g_new0(u64, (gsize)2 << s->bits);
	s->bits++;
	for (u32 i = 0; i < old; i++) {
		u32 at = slot_of(s, slot[i]);

		if (!slot[i])
			continue;
		while (s->slot[at])
			at = (at + 1) & ((1u << s->bits) - 1);
		s->slot[at] = slot[i];
	}
	g_free(slot);
}

/* The renaming that makes the present state that one, if any does. */
static u32 renaming_to(const struct state_store *s, u32 state)
{
	const struct symmetry *symmetry = s->parts.symmetry;

	return s->merges ? symmetry_both(symmetry, s->least, symmetry->inverse[s->least_of[state]]) : 0;
}

static bool is_same(struct state_store *s, u32 state, u64 hash, u32 bytes)
{
	s->became = renaming_to(s, state);
	if (s->hash)
		return s->hash[state] == hash;
	if (!s->became)
		return !memcmp(row_at(s, s->row[state]), s->scratch, bytes);
	bytes = encode_renamed(s, s->became);
	return !memcmp(row_at(s, s->row[state]), s->other, bytes);
}

static u32 state_add(struct state_store *s, u64 hash, u32 bytes)
{
	if (s->states == s->room) {
		s->room *= 2;
		s->row = g_renew(u32, s->row, s->room);
		if (s->hash)
			s->hash = g_renew(u64, s->hash, s->room);
		if (s->merges)
			s->least_of = g_renew(u8, s->least_of, s->room);
	}
	if (s->merges)
		s->least_of[s->states] = (u8)s->least;
	s->row[s->states] = row_keep(s, bytes);
	if (s->hash)
		s->hash[s->states] = hash;
	return s->states++;
}

/* Numbers fit as long as their slots can be found by half a hash. */
static u32 find_or_add(struct state_store *s, u64 hash, bool *fresh)
{
	u64 upper = hash & ~(u64)UINT32_MAX;
	u32 bytes = encode(s), at;

	for (at = slot_of(s, hash); s->slot[at]; at = (at + 1) & ((1u << s->bits) - 1)) {
		u32 state = (u32)s->slot[at] - 1;

		if ((s->slot[at] & ~(u64)UINT32_MAX) == upper && is_same(s, state, hash, bytes)) {
			*fresh = false;
			return state;
		}
	}
	*fresh = true;
	s->became = 0;
	s->slot[at] = upper | (state_add(s, hash, bytes) + 1);
	if (s->states > (1u << s->bits) / 8 * 5)
		grow_slots(s);
	return s->states - 1;
}

/* Somebody is about to look for that one. */
static void expect(const struct state_store *s, u64 hash)
{
	__builtin_prefetch(&s->slot[slot_of(s, hash)]);
}

void state_store_compare(struct state_store *s)
{
	s->noted = state_parts_compare(&s->parts);
	if (!s->merges)
		expect(s, s->noted);
}

u32 state_store_keep(struct state_store *s, bool *fresh)
{
	if (s->merges) {
		s->noted = state_images_least(s->parts.images, &s->least);
		expect(s, s->noted);
	}
	return find_or_add(s, s->noted, fresh);
}

u32 state_store_became(const struct state_store *s)
{
	return s->became;
}

bool state_store_refused(const struct state_store *s)
{
	return s->parts.images && state_images_refused(s->parts.images);
}

u64 state_store_hash_renamed(struct state_store *s)
{
	u32 renaming;

	return s->parts.images ? state_images_least(s->parts.images, &renaming) : s->noted;
}

u32 state_store_note(struct state_store *s, bool *fresh)
{
	state_store_compare(s);
	return state_store_keep(s, fresh);
}

u32 state_store_changed(const struct state_store *s)
{
	return s->parts.changed;
}

void state_store_mark(struct state_store *s)
{
	state_parts_mark(&s->parts);
}

bool state_store_changed_only(const struct state_store *s, const struct task *t, const void *object,
			      u32 bytes)
{
	return state_parts_changed_only(&s->parts, t, object, bytes);
}

u64 state_store_hash(const struct state_store *s)
{
	return s->noted;
}

void state_store_undo(struct state_store *s)
{
	state_parts_undo(&s->parts);
}

void state_store_load(struct state_store *s, u32 state)
{
	const u8 *row = row_at(s, s->row[state]), *from = row + sizeof(u16), *end = row + row_bytes(row);
	u32 n = 0;

	for (; from < end; n++) {
		u32 shift = 0;

		s->place[n] = (u16)(from - row);
		s->content[n] = *from & 0x7f;
		while (*from++ & 0x80) {
			shift += 7;
			s->content[n] |= (u32)(*from & 0x7f) << shift;
		}
	}
	s->loaded = row;
	s->placed = n;
	state_parts_load(&s->parts, s->content, n);
}

void state_store_forget(struct state_store *s, u32 state)
{
	struct chunk *c;

	if (!s->hash)
		return;
	c = chunk_of(s, s->row[state]);
	c->needed--;
	if (!c->needed && c != &g_array_index(s->chunk, struct chunk, s->chunk->len - 1)) {
		g_clear_pointer(&c->bytes, g_free);
		s->chunk_bytes -= CHUNK_BYTES;
	}
}

/* ---- life ---- */

bool state_store_fits(struct machine *m)
{
	struct state_parts parts;
	bool fits;

	state_parts_init(&parts, m, NULL);
	fits = parts.parts <= PARTS_MOST;
	state_parts_release(&parts);
	return fits;
}

struct state_store *state_store_new(struct machine *m, bool fingerprints, const struct symmetry *symmetry,
				    bool merges)
{
	struct state_store *s = g_new0(struct state_store, 1);
	bool fresh;

	state_parts_init(&s->parts, m, symmetry);
	s->merges = merges && symmetry;
	s->chunk = g_array_new(FALSE, FALSE, sizeof(struct chunk));
	s->room = 1u << FIRST_BITS;
	s->row = g_new(u32, s->room);
	s->hash = fingerprints ? g_new(u64, s->room) : NULL;
	s->bits = FIRST_BITS;
	s->slot = g_new0(u64, (gsize)1 << FIRST_BITS);
	s->scratch = g_malloc(sizeof(u16) + (gsize)s->parts.parts * NUMBER_BYTES);
	s->other = g_malloc(sizeof(u16) + (gsize)s->parts.parts * NUMBER_BYTES);
	s->content = g_new(u32, s->parts.parts);
	s->renamed = g_new(u32, s->parts.parts);
	s->least_of = s->merges ? g_new(u8, s->room) : NULL;
	s->place = g_new(u16, s->parts.parts);
	BUG_ON(s->parts.parts > PARTS_MOST);
	state_store_note(s, &fresh);
	return s;
}

void state_store_free(struct state_store *s)
{
	for (u32 i = 0; i < s->chunk->len; i++)
		g_free(g_array_index(s->chunk, struct chunk, i).bytes);
	g_array_free(s->chunk, TRUE);
	state_parts_release(&s->parts);
	g_free(s->row);
	g_free(s->hash);
	g_free(s->slot);
	g_free(s->scratch);
	g_free(s->other);
	g_free(s->content);
	g_free(s->renamed);
	g_free(s->least_of);
	g_free(s->place);
	g_free(s);
}

u32 state_store_states(const struct state_store *s)
{
	return s->states;
}

u64 state_store_bytes(const struct state_store *s)
{
	return state_parts_bytes(&s->parts) + s->chunk_bytes + ((u64)sizeof *s->slot << s->bits) +
	       s->room * (sizeof *s->row + (s->hash ? sizeof *s->hash : 0) + s->merges);
}

u64 state_store_live_bytes(const struct state_store *s, u64 *changing)
{
	return state_parts_live_bytes(&s->parts, changing);
}

/* n^2 / 2^65 pairs of states, each with one chance in 2^64. */
u32 state_store_collision_exponent(const struct state_store *s)
{
	u32 log = 0;

	while (log < 32 && (u64)1 << log < s->states)
		log++;
	return 65 - 2 * log;
}
