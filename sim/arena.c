#include "sim/arena.h"

#include <endian.h>
#include <string.h>
#include <sys/mman.h>

enum { HOST_PAGE = 4096, SMALL_ALIGN = 8 };

u32 arena_add(struct arena *a, const char *name, void **base, u32 size, u64 max, enum region_kind kind)
{
	BUG_ON(a->mapped || a->regions == ARENA_REGIONS || !size);
	a->region[a->regions] = (struct region){ .name = name,
						 .base = base,
						 .size = size,
						 .max = max,
						 .live = max,
						 .kind = kind,
						 .aspects = UINT32_MAX };
	return a->regions++;
}

/* Small worlds are packed, so that a search copies one short run of bytes; large regions start on a page of
 * their own, so that what is not touched is not paid for. */
static u64 region_start(const struct region *r, u64 end)
{
	u64 align = r->size * r->max < HOST_PAGE ? SMALL_ALIGN : HOST_PAGE;

	return (end + align - 1) / align * align;
}

bool arena_map(struct arena *a)
{
	u64 end = SMALL_ALIGN; /* place 0 means none */

	BUG_ON(a->mapped);
	for (u32 i = 0; i < a->regions; i++) {
		struct region *r = &a->region[i];

		r->offset = region_start(r, end);
		end = r->offset + r->size * r->max;
	}
	a->bytes = (end + HOST_PAGE - 1) / HOST_PAGE * HOST_PAGE;
	a->base =
	    mmap(NULL, a->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (a->base == MAP_FAILED)
		return false;
	madvise(a->base, a->bytes, MADV_HUGEPAGE); /* random accesses over many arrays: the TLB matters */
	for (u32 i = 0; i < a->regions; i++)
		*a->region[i].base = a->base + a->region[i].offset;
	a->mapped = 1;
	return true;
}

void arena_release(struct arena *a)
{
	if (a->mapped)
		munmap(a->base, a->bytes);
	*a = (struct arena){ 0 };
}

void arena_set_live(struct arena *a, u32 region, u64 live)
{
	BUG_ON(region >= a->regions || live > a->region[region].max);
	a->region[region].live = live;
}

void arena_trim(struct arena *a, const char *name, u64 max)
{
	struct region *r = a->region;

	while (strcmp(r->name, name))
		BUG_ON(++r == a->region + a->regions);
	BUG_ON(max > r->max || r->live != r->max);
	r->live = r->max = max;
}

static bool is_copied(const struct region *r, bool statistics)
{
	return r->kind == REGION_STATE || (statistics && r->kind == REGION_STATS);
}

u64 arena_snapshot_bytes(const struct arena *a, bool statistics)
{
	u64 bytes = 0;

	for (u32 i = 0; i < a->regions; i++)
		if (is_copied(&a->region[i], statistics))
			bytes += sizeof(u64) + a->region[i].size * a->region[i].live;
	return bytes;
}

void arena_save(const struct arena *a, void *snapshot, bool statistics)
{
	u8 *to = snapshot;

	for (u32 i = 0; i < a->regions; i++) {
		const struct region *r = &a->region[i];

		if (!is_copied(r, statistics))
			continue;
		memcpy(to, &r->live, sizeof(u64));
		memcpy(to + sizeof(u64), a->base + r->offset, r->size * r->live);
		to += sizeof(u64) + r->size * r->live;
	}
}

void arena_load(struct arena *a, const void *snapshot, bool statistics)
{
	const u8 *from = snapshot;

	for (u32 i = 0; i < a->regions; i++) {
		struct region *r = &a->region[i];
		u64 live;

		if (!is_copied(r, statistics))
			continue;
		memcpy(&live, from, sizeof(u64));
		if (r->live > live)
			memset(a->base + r->offset + r->size * live, 0, r->size * (r->live - live));
		r->live = live;
		memcpy(a->base + r->offset, from + sizeof(u64), r->size * live);
		from += sizeof(u64) + r->size * live;
	}
}

u64 arena_hash(const struct arena *a)
{
	u64 h = 0;

	for (u32 i = 0; i < a->regions; i++) {
		const struct region *r = &a->region[i];

		if (r->kind == REGION_STATE)
			h = hash_state(a->base + r->offset, r->size * r->live, h + i);
	}
	return h;
}

static u64 hash_word(u64 h, u64 word)
{
	h = (h ^ word) * 0xff51afd7ed558ccdull;
	return h ^ h >> 32;
}

u64 hash_bytes(const void *bytes, size_t n, u64 seed)
{
	const u8 *p = bytes;
	u64 h = seed ^ (n * 0x9e3779b97f4a7c15ull);
	u64 word;

	for (; n >= sizeof word; n -= sizeof word, p += sizeof word) {
		memcpy(&word, p, sizeof word);
		h = hash_word(h, le64toh(word));
	}
	if (n) {
		word = 0;
		memcpy(&word, p, n);
		h = hash_word(h, le64toh(word));
	}
	return h ^ h >> 29;
}

static u64 fold(u64 a, u64 b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (u64)product ^ (u64)(product >> 64);
}

u64 hash_state(const void *bytes, size_t n, u64 seed)
{
	const u64 k0 = 0x9e3779b97f4a7c15ull, k1 = 0xd6e8feb86659fd93ull;
	const u8 *p = bytes;
	u64 h = fold(seed ^ k0, n ^ k1);
	u64 pair[2];

	for (; n >= sizeof pair; n -= sizeof pair, p += sizeof pair) {
		memcpy(pair, p, sizeof pair);
		h = fold(le64toh(pair[0]) ^ k0, le64toh(pair[1]) ^ h);
	}
	if (n) {
		memset(pair, 0, sizeof pair);
		memcpy(pair, p, n);
		h = fold(le64toh(pair[0]) ^ k0, le64toh(pair[1]) ^ h);
	}
	return fold(h ^ k0, k1);
}
