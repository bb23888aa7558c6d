#include "models/swap/zswap.h"

#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"

enum { PAGE_BYTES = 4096, SIZE_UNIT = 16, PERCENT = 100 };
/* From 6.12 a page that repeats one word is compressed as any other; what the codecs make of that goes into
 * the smallest object there is. */
enum { SAME_FILLED_BYTES = 32 };

void zswap_init(struct kernel *k)
{
	if (!zswap_is_enabled(k))
		return;
	for (u32 i = 0; i < k->config.memcgs; i++) {
		const struct memcg_config *c = &k->config.memcg[i];

		k->zswap_memcg[i].max = c->zswap_limited ? c->zswap_max_pages : PAGE_COUNTER_MAX;
		k->zswap_memcg[i].writeback = !c->zswap_no_writeback;
	}
	for (u32 n = 0; n < k->machine.cpus; n++)
		zswap_context(&k->machine, n)->class = CLASS_ZSWAP_CTX;
	arena_set_live(&k->machine.arena, k->zswap_region, 1);
}

u64 zswap_entries_max(const struct kernel_config *config, u64 slots)
{
	return config->zswap.enabled ? slots + 1 : 0; /* from 1 */
}

/* ---- the pool ---- */

static u64 max_pages(const struct kernel *k)
{
	return k->memory->pages * k->config.zswap.max_pool_percent / PERCENT;
}

u64 zswap_accept_thr_pages(const struct kernel *k)
{
	return max_pages(k) * k->config.zswap.accept_threshold_percent / PERCENT;
}

bool zswap_check_limits(struct kernel *k)
{
	u64 pages = k->memory->zswap_pages;

	if (pages >= max_pages(k)) {
		count_memcg(k, 0, ZSWAP_POOL_LIMIT_HIT, 1);
		k->zswap->reached_full = 1;
	} else if (k->zswap->reached_full && pages <= zswap_accept_thr_pages(k)) {
		k->zswap->reached_full = 0;
	}
	return k->zswap->reached_full;
}

u32 zswap_compressed_bytes(const struct kernel *k, u32 page, u32 content)
{
	const struct corpus *corpus = corpus_of(k, page);
	enum codec codec = k->config.zswap.compressor;
	u32 bytes = content_bytes(corpus, codec, content);

	if (content_form(corpus, codec, content) == STORED_SAME_FILLED)
		return SAME_FILLED_BYTES;
	return (bytes + SIZE_UNIT - 1) / SIZE_UNIT * SIZE_UNIT;
}

u64 zswap_compress_ns(const struct kernel *k, u32 page, u32 content)
{
	enum codec codec = k->config.zswap.compressor;

	return cpu_compress_ns(k, codec, content_form(corpus_of(k, page), codec, content), content);
}

u64 zswap_decompress_ns(const struct kernel *k, u32 page, u32 content)
{
	enum codec codec = k->config.zswap.compressor;

	return cpu_decompress_ns(k, codec, content_form(corpus_of(k, page), codec, content), content);
}

/* ---- cgroups ---- */

static bool is_v2(const struct kernel *k)
{
	return k->config.cgroup_version == 2;
}

bool zswap_may_store(const struct kernel *k, u32 memcg)
{
	for (; is_v2(k) && memcg; memcg = k->memcg[memcg].parent)
		if (k->zswap_memcg[memcg].bytes / PAGE_BYTES >= k->zswap_memcg[memcg].max)
			return false;
	return true;
}

bool zswap_writeback_enabled(const struct kernel *k, u32 memcg)
{
	if (!zswap_is_enabled(k))
		return true;
	for (; memcg; memcg = k->memcg[memcg].parent)
		if (!k->zswap_memcg[memcg].writeback)
			return false;
	return true;
}

void zswap_set_max(struct kernel *k, u32 memcg, u64 pages)
{
	if (zswap_is_enabled(k))
		k->zswap_memcg[memcg].max = pages;
}

void zswap_folio_swapin(struct kernel *k, u32 memcg)
{
	if (zswap_is_enabled(k))
		k->zswap_memcg[memcg].nr_disk_swapins++;
}

/* All that reads them is of cgroups, the root for all that are below it; what the root itself has is not in
 * the figures. */
static void account(struct kernel *k, u32 memcg, s64 bytes)
{
	s64 entries = bytes > 0 ? 1 : -1;

	if (!memcg)
		return;
	for (; memcg; memcg = k->memcg[memcg].parent) {
		k->zswap_memcg[memcg].bytes += bytes;
		k->zswap_memcg[memcg].stored += entries;
	}
	k->zswap_memcg[0].bytes += bytes;
	k->zswap_memcg[0].stored += entries;
}

/* obj_cgroup_charge(): by the page; what is left of it is there for the next. Who reclaims may go beyond the
 * limit. */
static void charge(struct kernel *k, struct task *t, u32 memcg, u32 bytes)
{
	struct zswap_memcg *z = &k->zswap_memcg[memcg];
	u32 batch = k->config.charge_batch;
	u8 no_swap = 0;

	if (!memcg || !is_v2(k))
		return;
	if (z->own_pages * PAGE_BYTES - z->own_bytes < bytes) {
		if (memcg_try_charge(k, t, memcg, 1, &batch, &no_swap))
			memcg_force_charge(k, memcg, 1);
		z->own_pages++;
	}
	z->own_bytes += bytes;
	account(k, memcg, bytes);
}

/* obj_cgroup_uncharge(): more than a page is not kept. */
static void uncharge(struct kernel *k, u32 memcg, u32 bytes)
{
	struct zswap_memcg *z = &k->zswap_memcg[memcg];
	u64 kept;

	if (!memcg || !is_v2(k))
		return;
	BUG_ON(z->own_bytes < bytes);
	z->own_bytes -= bytes;
	account(k, memcg, -(s64)bytes);
	kept = z->own_pages * PAGE_BYTES - z->own_bytes;
	if (kept <= PAGE_BYTES)
		return;
	z->own_pages -= kept / PAGE_BYTES;
	memcg_uncharge(k, memcg, kept / PAGE_BYTES);
}

/* ---- the list of a cgroup ---- */

static void list_del(struct kernel *k, u32 entry)
{
	struct zswap_entry *e = &k->zswap_entry[entry];
	struct zswap_memcg *z = &k->zswap_memcg[e->memcg];

	if (e->prev)
		k->zswap_entry[e->prev].next = e->next;
	else
		z->head = e->next;
	if (e->next)
		k->zswap_entry[e->next].prev = e->prev;
	else
		z->tail = e->prev;
	e->prev = e->next = 0;
	e->listed = 0;
	z->count--;
}

void zswap_lru_add(struct kernel *k, u32 entry)
{
	struct zswap_entry *e = &k->zswap_entry[entry];
	struct zswap_memcg *z = &k->zswap_memcg[e->memcg];

	e->prev = z->tail;
	if (z->tail)
		k->zswap_entry[z->tail].next = entry;
	else
		z->head = entry;
	z->tail = entry;
	e->listed = 1;
	z->count++;
}

void zswap_lru_rotate(struct kernel *k, u32 entry)
{
	list_del(k, entry);
	zswap_lru_add(k, entry);
}

/* ---- entries ---- */

static u32 entry_alloc(struct kernel *k)
{
	u32 entry = k->zswap->entry_free;

	if (entry) {
		k->zswap->entry_free = k->zswap_entry[entry].next;
		return entry;
	}
	entry = ++k->zswap->entry_used;
	arena_set_live(&k->machine.arena, k->zswap_region, entry + 1);
	return entry;
}

u32 zswap_insert(struct kernel *k, struct task *t, u32 frame, u32 bytes)
{
	u32 folio = page_folio(k, frame), slot = frame_slot(k, frame), entry;
	const struct folio *f = &k->folio[folio];

	zswap_erase(k, slot);
	entry = entry_alloc(k);
	k->zswap_entry[entry] = (struct zswap_entry){
		.slot = slot,
		.page = f->page + (frame - folio),
		.content = k->folio[frame].content,
		.bytes = bytes,
		.memcg = f->memcg,
		.referenced = 1,
	};
	k->zswap_tree[slot] = entry;
	charge(k, t, f->memcg, bytes);
	k->zswap->stored_pages++;
	return entry;
}

void zswap_erase(struct kernel *k, u32 slot)
{
	u32 entry = zswap_entry_at(k, slot);
	struct zswap_entry *e;

	if (!entry)
		return;
	e = &k->zswap_entry[entry];
	k->zswap_tree[slot] = 0;
	if (e->listed)
		list_del(k, entry);
	BUG_ON(!memory_zswap_add(k, -(s64)e->bytes));
	uncharge(k, e->memcg, e->bytes);
	k->zswap->stored_pages--;
	*e = (struct zswap_entry){ .next = k->zswap->entry_free };
	k->zswap->entry_free = entry;
}
