#include "models/mm/memory.h"

#include "models/mm/folio.h"
#include "models/mm/free_frames.h"
#include "sim/error.h"
#include "sim/object.h"

enum { PAGE_BYTES = 4096, PAGEBLOCK_PAGES = 512, MIGRATE_TYPES = 3 };

static u64 isqrt(u64 n)
{
	u64 root = 0;

	for (u64 bit = UINT64_C(1) << 31; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= n)
			root += bit;
	return root;
}

/* init_per_zone_wmark_min() and set_recommended_min_free_kbytes(). */
u64 memory_min_watermark(u64 pages)
{
	u64 kib = isqrt(16 * pages * (PAGE_BYTES / 1024));
	u64 zones = pages > (UINT64_C(3) << 30) / PAGE_BYTES ? 3 : 2;
	u64 thp_pages = (2 + MIGRATE_TYPES * MIGRATE_TYPES) * PAGEBLOCK_PAGES * zones;
	u64 min;

	kib = kib < 128 ? 128 : kib > 262144 ? 262144 : kib;
	min = kib / (PAGE_BYTES / 1024);
	if (thp_pages > pages / 20)
		thp_pages = pages / 20;
	return min > thp_pages ? min : thp_pages;
}

static void take(struct kernel *k, u64 pages)
{
	struct memory *mem = k->memory;

	BUG_ON(mem->free < pages);
	mem->free -= pages;
	if (mem->free < mem->lowest && !machine_forgets(&k->machine))
		mem->lowest = mem->free;
}

bool memory_take(struct kernel *k, u64 pages, u64 watermark)
{
	if (k->memory->free < watermark + pages)
		return false;
	take(k, pages);
	return true;
}

static void prep_compound_page(struct kernel *k, u32 folio, u32 order)
{
	k->folio[folio].flags |= FOLIO_LARGE;
	for (u32 i = 1; i < 1u << order; i++) {
		k->folio[folio + i] = (struct folio){ .prev = folio, .flags = FOLIO_TAIL | FOLIO_IN_USE };
		folio_io_clear(k, folio + i);
	}
	k->folio[folio + 1].next = order;
}

u32 folio_alloc(struct kernel *k, u32 order, u64 watermark)
{
	u32 folio;

	if (k->memory->free < watermark + (UINT64_C(1) << order))
		return 0;
	folio = frames_take(k, order);
	if (!folio)
		return 0;
	take(k, UINT64_C(1) << order);
	k->folio[folio] = (struct folio){ .refs = 1, .flags = FOLIO_IN_USE };
	folio_io_clear(k, folio);
	if (order)
		prep_compound_page(k, folio, order);
	return folio;
}

void folio_misused(struct kernel *k, u32 folio, const char *what)
{
	k->machine.violated = object_place(&k->machine, &k->folio[folio]);
	machine_fail(&k->machine, ERROR_FINDING, "lifetime: folio %u %s", folio, what);
}

/* free_page_is_bad() */
static bool is_bad(const struct kernel *k, u32 folio)
{
	const struct folio *f = &k->folio[folio];

	return f->memcg || folio_mapped(k, folio) || k->folio_io[folio].writeback ||
	       f->flags & (FOLIO_LRU | FOLIO_SWAPCACHE | FOLIO_TAIL) || !(f->flags & FOLIO_IN_USE);
}

void folio_free(struct kernel *k, u32 folio)
{
	u32 order = folio_order(k, folio);

	if (G_UNLIKELY(is_bad(k, folio))) {
		folio_misused(k, folio, "is freed, and it is still in use or was freed before");
		return;
	}
	for (u32 i = 0; i < 1u << order; i++) {
		k->folio[folio + i] = (struct folio){ 0 };
		folio_io_clear(k, folio + i);
	}
	frames_give(k, folio, order);
	k->memory->free += UINT64_C(1) << order;
}

static u64 pages_for(u64 bytes)
{
	return (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
}

/* @bytes of objects packed into whole pages. */
static void account(struct kernel *k, u64 *bytes, u64 *pages, s64 more, const char *what)
{
	u64 needed = pages_for(*bytes + more);

	*bytes += more;
	if (needed > *pages) {
		if (k->memory->free < needed - *pages) {
			machine_fail(&k->machine, ERROR_SCENARIO,
				     "the machine's last page is gone and %s needs one (give "
				     "machine.memory or machine.min_free_kbytes more)",
				     what);
			return;
		}
		take(k, needed - *pages);
	} else {
		k->memory->free += *pages - needed;
	}
	*pages = needed;
}

void memory_meta_add(struct kernel *k, s64 bytes)
{
	struct memory *mem = k->memory;

	account(k, &mem->meta_bytes, &mem->meta_pages, bytes, "swap metadata");
	if (mem->meta_bytes > mem->meta_peak && !machine_forgets(&k->machine))
		mem->meta_peak = mem->meta_bytes;
}

void memory_pool_add(struct kernel *k, s64 bytes)
{
	account(k, &k->memory->pool_bytes, &k->memory->pool_pages, bytes, "compressed data");
}

bool memory_zswap_add(struct kernel *k, s64 bytes)
{
	struct memory *mem = k->memory;

	if (pages_for(mem->zswap_bytes + bytes) > mem->zswap_pages + mem->free)
		return false;
	account(k, &mem->zswap_bytes, &mem->zswap_pages, bytes, "zswap");
	return true;
}
