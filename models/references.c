#include "models/references.h"

#include "models/mm/folio.h"
#include "models/paths.h"
#include "models/swap/slot_cache.h"
#include "sim/object.h"

enum form {
	FORM_NUMBER,
	FORM_PLUS_ONE, /* 0: none */
	FORM_FRAME,    /* any of a folio */
	FORM_LIST,     /* struct folio_list, linked through the folios */
};

/* Rows of the tables below begin with the path that they are of. */
static const struct field {
	u16 path;
	u16 offset;
	u8 what; /* enum referred */
	u8 form;
} fields[] = {
#define CLUSTER(path)                                                                                        \
	{                                                                                                    \
		PATH_##path, offsetof(struct path, cluster), REFERS_CLUSTER, FORM_PLUS_ONE                   \
	}
#define SLOT(path, field)                                                                                    \
	{                                                                                                    \
		PATH_##path, offsetof(struct path, field), REFERS_SLOT, FORM_NUMBER                          \
	}
#define FOLIO(path)                                                                                          \
	{                                                                                                    \
		PATH_##path, offsetof(struct path, folio), REFERS_FOLIO, FORM_NUMBER                         \
	}
#define FOLIOS(path, field)                                                                                  \
	{                                                                                                    \
		PATH_##path, offsetof(struct path, field), REFERS_FOLIO, FORM_LIST                           \
	}
	CLUSTER(isolate_lock_cluster),
	CLUSTER(swap_cluster_alloc_table),
	CLUSTER(alloc_swap_scan_list),
	CLUSTER(alloc_swap_scan_cluster),
	CLUSTER(relocate_cluster),
	CLUSTER(swap_reclaim_full_clusters),
	CLUSTER(swap_sync_discard),
	SLOT(folio_alloc_swap, entry),
	SLOT(cluster_alloc_swap_entry, entry),
	SLOT(alloc_swap_scan_cluster, entry),
	SLOT(swap_reclaim_full_clusters, slot),
	SLOT(try_to_reclaim_swap, entry),
	SLOT(get_swap_slot, entry),
	SLOT(free_swap_slot, entry),
	SLOT(get_swap_pages, entry),
	SLOT(scan_swap_map_slots, entry),
	SLOT(cluster_alloc_swap_entry_locked, entry),
	SLOT(alloc_swap_scan_cluster_locked, entry),
	SLOT(swap_reclaim_full_clusters_locked, slot),
	SLOT(swapcache_free_entries, entry),
	SLOT(swap_entry_range_free, entry),
	SLOT(swap_entry_free, entry),
	SLOT(swap_duplicate, entry),
	SLOT(swap_count_continued, entry),
	SLOT(add_swap_count_continuation, entry),
	SLOT(free_swap_and_cache, entry),
	SLOT(swap_free, entry),
	SLOT(swapcache_prepare, entry),
	SLOT(swapcache_clear, entry),
	SLOT(swap_cache_add_folio, entry),
	SLOT(swap_cache_del_folio, entry),
	SLOT(swap_cache_prepare_and_add, entry),
	SLOT(swap_cache_alloc_folio, entry),
	SLOT(swapin_folio, entry),
	SLOT(swapin_alloc, entry),
	SLOT(swapin_none, entry),
	SLOT(swap_put_entries_cluster, entry),
	SLOT(swap_extend_table_alloc, entry),
	SLOT(swap_cache_alloc, entry),
	SLOT(swap_cache_alloc_order, entry),
	SLOT(swap_cache_read_folio, entry),
	SLOT(swapin_sync, entry),
	SLOT(folio_free_swap, entry),
	SLOT(remove_mapping, entry),
	SLOT(read_swap_cache_async, entry),
	SLOT(swap_read_folio, entry),
	SLOT(swapin_readahead, entry),
	SLOT(swapin_readahead, neighbour),
	SLOT(submit_bio, entry),
	SLOT(zram_write_page, entry),
	SLOT(zram_read_page, entry),
	SLOT(pmem_write_page, entry),
	SLOT(pmem_read_page, entry),
	SLOT(zswap_load, slot),
	SLOT(zswap_writeback_entry, slot),
	SLOT(alloc_swap_folio, entry),
	SLOT(do_swap_page, entry),
	SLOT(swapin_claim, entry),
	SLOT(madvise_willneed, entry),
	SLOT(shmem_swapin_folio, slot),
	SLOT(shmem_swap_alloc_folio, entry),
	SLOT(shmem_writeout, entry),
	SLOT(shmem_free_swap, entry),
	SLOT(unuse_mm, entry),
	FOLIO(folio_alloc_swap),
	FOLIO(try_to_reclaim_swap),
	FOLIO(swap_cache_add_folio),
	FOLIO(swap_cache_del_folio),
	FOLIO(swap_cache_prepare_and_add),
	{ PATH_swap_cache_prepare_and_add, offsetof(struct swap_cache_prepare_and_add, found), REFERS_FOLIO,
	  FORM_NUMBER },
	FOLIO(swap_cache_alloc_folio),
	FOLIO(swapin_folio),
	FOLIO(swap_cache_alloc_order),
	FOLIO(swap_cache_read_folio),
	FOLIO(swapin_sync),
	FOLIO(folio_free_swap),
	FOLIO(remove_mapping),
	FOLIO(read_swap_cache_async),
	FOLIO(swap_read_folio),
	FOLIO(swap_writeout),
	FOLIO(swapin_readahead),
	FOLIO(zram_write_page),
	FOLIO(blkdev_write),
	FOLIO(zram_read_page),
	FOLIO(pmem_write_page),
	FOLIO(pmem_read_page),
	FOLIO(zswap_store),
	FOLIO(zswap_load),
	FOLIO(zswap_writeback_entry),
	FOLIO(do_huge_pmd_anonymous_page),
	FOLIO(do_anonymous_page),
	FOLIO(do_wp_page),
	{ PATH_do_wp_page, offsetof(struct do_wp_page, old), REFERS_FOLIO, FORM_FRAME },
	FOLIO(wp_can_reuse_anon_folio),
	FOLIO(do_read_fault),
	FOLIO(do_cow_fault),
	{ PATH_do_cow_fault, offsetof(struct do_cow_fault, copy), REFERS_FOLIO, FORM_NUMBER },
	FOLIO(filemap_fault),
	FOLIO(filemap_add_folio),
	FOLIO(filemap_read),
	FOLIO(generic_perform_write),
	FOLIO(do_swap_page),
	FOLIO(swapin_claim),
	FOLIO(alloc_pages_slowpath),
	FOLIO(alloc_charged_folio),
	FOLIO(folio_put),
	FOLIO(lru_add_drain),
	FOLIO(shrink_active_list),
	FOLIO(alloc_swap_large),
	FOLIO(shrink_folio_list),
	FOLIO(lru_note_cost_refault),
	FOLIO(folio_referenced),
	FOLIO(try_to_unmap),
	FOLIO(try_to_unmap_one),
	FOLIO(pageout),
	FOLIO(madvise_free),
	FOLIO(lru_lazyfree),
	FOLIO(madvise_willneed),
	FOLIO(uffd_move),
	FOLIO(do_shared_fault),
	FOLIO(shmem_get_folio),
	FOLIO(shmem_alloc_and_add_folio),
	FOLIO(shmem_swapin_folio),
	FOLIO(shmem_swap_alloc_folio),
	FOLIO(shmem_writeout),
	FOLIO(shmem_unuse),
	FOLIO(shmem_undo_range),
	FOLIO(truncate_inode_folio),
	FOLIO(unuse_mm),
	FOLIO(try_to_unuse),
	FOLIOS(free_pages_and_swap_cache, dead),
	FOLIOS(lru_add_drain, dead),
	FOLIOS(shrink_inactive_list, folios),
	FOLIOS(shrink_inactive_list, dead),
	FOLIOS(evict_folios, folios),
	FOLIOS(evict_folios, clean),
	FOLIOS(evict_folios, dead),
	FOLIOS(shrink_active_list, hold),
	FOLIOS(shrink_active_list, active),
	FOLIOS(shrink_active_list, inactive),
	FOLIOS(shrink_folio_list, kept),
	FOLIOS(shrink_folio_list, free),
	FOLIOS(madvise_pageout, folios),
	FOLIOS(madvise_pageout, dead),
	FOLIOS(lru_lazyfree, dead),
#undef CLUSTER
#undef SLOT
#undef FOLIO
#undef FOLIOS
};

/* Devices that are held, + 1; of one, two or four bytes. */
static const struct {
	u16 path;
	u8 offset;
	u8 bytes;
} pins[] = {
#define PIN(path)                                                                                            \
	{                                                                                                    \
		PATH_##path, offsetof(struct path, pinned), sizeof(((struct path *)NULL)->pinned)            \
	}
	PIN(do_swap_page),     PIN(free_swap_and_cache),    PIN(read_swap_cache_async),
	PIN(folio_alloc_swap), PIN(swap_cache_alloc_folio), PIN(swap_alloc_slow),
	PIN(get_swap_pages),   PIN(shmem_swapin_folio),	    PIN(swap_sync_discard),
	PIN(uffd_move),	       PIN(swap_cache_read_folio),  PIN(zswap_writeback_entry),
#undef PIN
};

static void visit_pin(const struct frame *frame, u32 row, referred_fn *visit, void *data)
{
	const u8 *field = (const u8 *)(frame + 1) + pins[row].offset;
	u32 pinned = pins[row].bytes == 1   ? *field
		     : pins[row].bytes == 2 ? *(const u16 *)field
					    : *(const u32 *)field;

	if (pinned)
		visit(data, REFERS_DEVICE, pinned - 1, frame);
}

/* The list may be broken: that is for others to say. */
static void visit_list(const struct kernel *k, const struct folio_list *list, const struct frame *frame,
		       referred_fn *visit, void *data)
{
	u32 left = k->memory->folio_used;

	for (u32 f = list->head; f && f <= k->memory->folio_used && left--; f = k->folio[f].next)
		visit(data, REFERS_FOLIO, f, frame);
}

static void visit_field(const struct kernel *k, const struct frame *frame, const struct field *field,
			referred_fn *visit, void *data)
{
	const void *at = (const u8 *)(frame + 1) + field->offset;
	u32 number;

	if (field->form == FORM_LIST) {
		visit_list(k, at, frame, visit, data);
		return;
	}
	number = *(const u32 *)at;
	if (field->form == FORM_FRAME)
		number = page_folio(k, number);
	if (number)
		visit(data, field->what, number - (field->form == FORM_PLUS_ONE), frame);
}

/* Paths that work on slots in a row: how many is in the frame, or follows from an order, or the folio. */
enum length { LENGTH, LENGTH_OF_ORDER, LENGTH_OF_FOLIO };
static const struct {
	u16 path, entry;
	u16 length; /* the field that tells, */
	u16 form;   /* and how: enum length */
} ranges[] = {
#define ROW(path, entry, field, form)                                                                        \
	{                                                                                                    \
		PATH_##path, offsetof(struct path, entry), offsetof(struct path, field), form                \
	}
#define RANGE(path) ROW(path, entry, nr, LENGTH)
#define OF_ORDER(path) ROW(path, entry, order, LENGTH_OF_ORDER)
#define OF_FOLIO(path) ROW(path, entry, folio, LENGTH_OF_FOLIO)
	RANGE(folio_alloc_swap),
	RANGE(swapcache_free_entries),
	RANGE(swap_entry_range_free),
	RANGE(swap_entry_free),
	RANGE(swap_duplicate),
	RANGE(swap_free),
	RANGE(free_swap_and_cache),
	RANGE(swap_put_entries_cluster),
	RANGE(swap_cache_del_folio),
	OF_FOLIO(swap_cache_prepare_and_add),
	RANGE(swapcache_prepare),
	RANGE(swapcache_clear),
	RANGE(submit_bio),
	OF_ORDER(cluster_alloc_swap_entry),
	OF_ORDER(alloc_swap_scan_cluster),
	OF_ORDER(get_swap_pages),
	OF_ORDER(cluster_alloc_swap_entry_locked),
	OF_ORDER(alloc_swap_scan_cluster_locked),
	OF_FOLIO(swap_cache_add_folio),
	OF_FOLIO(folio_free_swap),
	OF_FOLIO(remove_mapping),
	OF_FOLIO(swap_read_folio),
	OF_FOLIO(zram_write_page),
	OF_FOLIO(zram_read_page),
	OF_FOLIO(pmem_write_page),
	OF_FOLIO(pmem_read_page),
	RANGE(do_swap_page),
	RANGE(swap_shmem_alloc),
	RANGE(shmem_writeout),
	OF_FOLIO(shmem_swap_alloc_folio),
	ROW(shmem_free_swap, entry, count, LENGTH),
	ROW(shmem_swapin_folio, slot, folio, LENGTH_OF_FOLIO),
#undef ROW
#undef RANGE
#undef OF_ORDER
#undef OF_FOLIO
};

static u32 field_of(const struct frame *frame, u32 offset)
{
	return *(const u32 *)((const u8 *)(frame + 1) + offset);
}

static u32 slots_of(const struct kernel *k, const struct frame *frame, u32 row)
{
	u32 value = field_of(frame, ranges[row].length);

	if (ranges[row].form == LENGTH_OF_ORDER)
		return 1u << value;
	return ranges[row].form == LENGTH_OF_FOLIO ? folio_nr_pages(k, value) : value;
}

/* The slots after the first, which is a field like others. */
static void visit_range(const struct kernel *k, const struct frame *frame, u32 row, referred_fn *visit,
			void *data)
{
	u32 entry = field_of(frame, ranges[row].entry), nr = slots_of(k, frame, row);

	for (u32 i = 1; entry && i < nr; i++)
		visit(data, REFERS_SLOT, entry + i, frame);
}

/* Slots that are not one number. */
static void visit_slots(const struct kernel *k, const struct frame *frame, referred_fn *visit, void *data)
{
	if (frame->path == PATH_get_swap_pages) {
		const struct get_swap_pages *f = (const void *)(frame + 1);

		for (u32 i = 0; f->cache && i < f->n; i++)
			visit(data, REFERS_SLOT,
			      k->cached_slot[slot_row_of(k, f->cache - 1, SLOTS_TAKEN) + i], frame);
	} else if (frame->path == PATH_scan_swap_map_slots) {
		const struct scan_swap_map_slots *f = (const void *)(frame + 1);

		for (u32 i = 0; f->cache && i < f->n; i++)
			visit(data, REFERS_SLOT,
			      k->cached_slot[slot_row_of(k, f->cache - 1, SLOTS_TAKEN) + i], frame);
	} else if (frame->path == PATH_swapcache_free_entries) {
		const struct swapcache_free_entries *f = (const void *)(frame + 1);

		for (u32 i = 0; !f->entry && i < f->n; i++)
			visit(data, REFERS_SLOT, k->cached_slot[f->first + i], frame);
	}
}

/* Likewise, folios. */
static void visit_folios(const struct kernel *k, const struct frame *frame, referred_fn *visit, void *data)
{
	if (frame->path == PATH_page_cache_readahead) {
		const struct page_cache_readahead *f = (const void *)(frame + 1);

		for (u32 p = f->first; p < f->next; p++)
			if (word_folio(k->page_cache[p]))
				visit(data, REFERS_FOLIO, word_folio(k->page_cache[p]), frame);
	} else if (frame->path == PATH_zap_pages) {
		const struct zap_pages *f = (const void *)(frame + 1);

		for (u32 i = 0; i < f->nr; i++)
			for (u32 n = 0; n < f->refs[i]; n++)
				visit(data, REFERS_FOLIO, f->gathered[i], frame);
	}
}

/* ---- which rows are of which path ---- */

enum { ROWS_MOST = MAX(ARRAY_SIZE(fields), ARRAY_SIZE(ranges)) };

struct rows {
	u16 first[NR_PATHS + 1];
	u16 row[ROWS_MOST]; /* by path, else as in the table */
};

struct reference_index {
	struct rows fields, ranges, pins;
	struct field field[ARRAY_SIZE(fields)]; /* by path */
};

static void index_rows(struct rows *r, const void *table, size_t size, u32 n)
{
	u32 rows = 0;

	for (u32 path = 0; path < NR_PATHS; path++) {
		r->first[path] = (u16)rows;
		for (u32 i = 0; i < n; i++)
			if (*(const u16 *)(const void *)((const u8 *)table + i * size) == path)
				r->row[rows++] = (u16)i;
	}
	r->first[NR_PATHS] = (u16)rows;
}

struct reference_index *reference_index_new(void)
{
	struct reference_index *x = g_new(struct reference_index, 1);

	index_rows(&x->fields, fields, sizeof *fields, ARRAY_SIZE(fields));
	index_rows(&x->ranges, ranges, sizeof *ranges, ARRAY_SIZE(ranges));
	index_rows(&x->pins, pins, sizeof *pins, ARRAY_SIZE(pins));
	for (u32 i = 0; i < ARRAY_SIZE(fields); i++)
		x->field[i] = fields[x->fields.row[i]];
	return x;
}

static void visit_frame(const struct kernel *k, const struct frame *frame, u32 wanted, referred_fn *visit,
			void *data)
{
	const struct reference_index *x = k->reference_index;
	u32 path = frame->path;

	for (u32 i = x->fields.first[path]; i < x->fields.first[path + 1]; i++)
		if (wanted >> x->field[i].what & 1)
			visit_field(k, frame, &x->field[i], visit, data);
	if (wanted & 1 << REFERS_SLOT) {
		for (u32 i = x->ranges.first[path]; i < x->ranges.first[path + 1]; i++)
			visit_range(k, frame, x->ranges.row[i], visit, data);
		visit_slots(k, frame, visit, data);
	}
	if (wanted & 1 << REFERS_FOLIO)
		visit_folios(k, frame, visit, data);
	for (u32 i = x->pins.first[path]; wanted & 1 << REFERS_DEVICE && i < x->pins.first[path + 1]; i++)
		visit_pin(frame, x->pins.row[i], visit, data);
}

void references_of_task(const struct kernel *k, const struct task *t, u32 wanted, referred_fn *visit,
			void *data)
{
	u32 offset = t->frame;

	if (t->state == TASK_DONE)
		return;
	for (;;) {
		const struct frame *frame = frame_at(&k->machine, t, offset);

		visit_frame(k, frame, wanted, visit, data);
		if (!offset)
			return;
		offset = frame->below;
	}
}

struct search_for {
	enum referred what;
	u32 number;
	bool found;
};

static void look(void *data, enum referred what, u32 number, const struct frame *frame)
{
	struct search_for *s = data;

	(void)frame;
	s->found |= what == s->what && number == s->number;
}

u32 references_count(const struct kernel *k, enum referred what, u32 number)
{
	u32 n = 0;

	for (u32 i = 0; i < k->machine.tasks; i++) {
		struct search_for s = { .what = what, .number = number };

		references_of_task(k, &k->machine.task[i], 1 << what, look, &s);
		n += s.found;
	}
	return n;
}

struct translation {
	const struct kernel *k;
	u32 task;
	void (*visit)(void *data, u32 task, u64 place);
	void *data;
};

static void translate(void *data, enum referred what, u32 number, const struct frame *frame)
{
	const struct translation *tr = data;
	const struct kernel *k = tr->k;
	const void *object = NULL;

	(void)frame;
	switch (what) {
	case REFERS_CLUSTER:
		object = &k->cluster[number];
		break;
	case REFERS_SLOT:
		object = &k->slot[number];
		break;
	case REFERS_FOLIO:
		object = &k->folio[number];
		break;
	case REFERS_DEVICE:
		object = &k->device[number];
		break;
	}
	tr->visit(tr->data, tr->task, object_place(&k->machine, object));
}

void references_visit(const struct machine *m, const struct task *t, reference_fn *visit, void *data)
{
	const struct kernel *k = (const struct kernel *)m;
	struct translation tr = { .k = k, .task = t->id, .visit = visit, .data = data };

	references_of_task(k, t, REFERS_ANY, translate, &tr);
}
