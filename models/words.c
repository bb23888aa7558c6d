#include "models/swap/extend_table.h"
#include "models/words.h"

#include <string.h>

#include "models/choices.h"
#include "models/kernel.h"
#include "models/mm/shmem.h"
#include "models/paths.h"
#include "models/references.h"
#include "models/swap/has_cache.h"
#include "models/swap/zswap.h"

static const struct kernel *kernel_in(const struct machine *m)
{
	return (const struct kernel *)m;
}

/* ---- names ---- */

/* As in scenarios: in small letters, and with a colon where the name ends with a digit. */
static void append_page(const char *process, u32 page, GString *to)
{
	char *name = g_ascii_strdown(process, -1);

	g_string_append_printf(to, "%s%s%u", name,
			       *name && g_ascii_isdigit(name[strlen(name) - 1]) ? ":" : "", page);
	g_free(name);
}

static void page_words(const struct machine *m, u32 page, GString *to)
{
	const struct kernel *k = kernel_in(m);

	for (u32 i = 0; i < k->config.mms; i++) {
		const struct mm *mm = &k->mm[i];

		if (page < mm->first_page || page >= mm->first_page + mm->pages || !k->config.mm[i].name)
			continue;
		append_page(k->config.mm[i].name, page - mm->first_page, to);
		return;
	}
	g_string_append_printf(to, "page %u", page);
}

const char *page_name(const struct kernel *k, u32 page, char *name)
{
	GString *words = g_string_new(NULL);

	page_words(&k->machine, page, words);
	g_strlcpy(name, words->str, PAGE_NAME_BYTES);
	g_string_free(words, TRUE);
	return name;
}

static void folio_words(const struct machine *m, u32 folio, GString *to)
{
	const struct kernel *k = kernel_in(m);

	g_string_append_printf(to, "folio %u", folio);
	if (!k->folio[folio].page)
		return;
	g_string_append(to, " of ");
	page_words(m, k->folio[folio].page, to);
}

static void pte_words(const struct machine *m, u32 page, GString *to)
{
	g_string_append(to, is_segment(kernel_in(m), page_table_of(kernel_in(m), page)->mm)
				? "index entry of "
				: "page table entry of ");
	page_words(m, page, to);
}

static void page_table_words(const struct machine *m, u32 table, GString *to)
{
	const struct kernel *k = kernel_in(m);

	g_string_append_printf(to, "%s %u of %s",
			       is_segment(k, k->page_table[table].mm) ? "index" : "page table", table,
			       k->config.mm[k->page_table[table].mm].name);
}

static void process_words(const struct machine *m, u32 mm, GString *to)
{
	g_string_append_printf(to, "process %s", kernel_in(m)->config.mm[mm].name);
}

static void memcg_words(const struct machine *m, u32 memcg, GString *to)
{
	if (memcg)
		g_string_append_printf(to, "cgroup %s", kernel_in(m)->config.memcg[memcg].name);
	else
		g_string_append(to, "the machine");
}

static void lruvec_words(const struct machine *m, u32 memcg, GString *to)
{
	g_string_append(to, "the LRU lists of ");
	memcg_words(m, memcg, to);
}

static void swap_words(const struct machine *m, u32 index, GString *to)
{
	(void)m, (void)index;
	g_string_append(to, "the list of swap devices");
}

static void oom_words(const struct machine *m, u32 index, GString *to)
{
	(void)m, (void)index;
	g_string_append(to, "the OOM killer");
}

static void swap_slots_words(const struct machine *m, u32 index, GString *to)
{
	(void)m, (void)index;
	g_string_append(to, "the slot caches");
}

static void zswap_words(const struct machine *m, u32 index, GString *to)
{
	(void)m, (void)index;
	g_string_append(to, "zswap");
}

/* ---- values ---- */

static void list_words(const struct machine *m, u64 flags, GString *to)
{
	static const char *const name[NR_CLUSTER_LISTS] = { "none", "free", "nonfull",
							    "frag", "full", "discard" };

	(void)m;
	g_string_append(to, flags < NR_CLUSTER_LISTS ? name[flags] : "?");
}

static void yes_words(const struct machine *m, u64 value, GString *to)
{
	(void)m;
	g_string_append(to, value ? "yes" : "no");
}

static void times_words(const struct machine *m, u64 value, GString *to)
{
	if (value > 1)
		g_string_append_printf(to, "%u times", (u32)value);
	else
		yes_words(m, value, to);
}

static void map_words(const struct machine *m, u64 map, GString *to)
{
	(void)m;
	if (map == SWAP_MAP_BAD)
		g_string_append(to, "bad");
	else if ((map & ~(u64)SWAP_HAS_CACHE) == SWAP_MAP_SHMEM)
		g_string_append_printf(to, "shared memory's%s",
				       map & SWAP_HAS_CACHE ? " + SWAP_HAS_CACHE" : "");
	else
		g_string_append_printf(to, "%u%s%s", (u32)(map & SWAP_MAP_BAD),
				       map & COUNT_CONTINUED ? " + COUNT_CONTINUED" : "",
				       map & SWAP_HAS_CACHE ? " + SWAP_HAS_CACHE" : "");
}

static void number_or_none(u32 number, const char *what, GString *to)
{
	if (number)
		g_string_append_printf(to, "%s %u", what, number);
	else
		g_string_append(to, "none");
}

static void cache_words(const struct machine *m, u64 word, GString *to)
{
	const struct kernel *k = (const struct kernel *)m;

	if (word_shadow(word & ~word_flags(k)))
		g_string_append(to, "shadow");
	else
		number_or_none(word_folio(word), "folio", to);
	if (word_flags(k) && word)
		g_string_append_printf(to, ", %s", word == WORD_BAD ? "bad" : "count ");
	if (word_flags(k) && word && word != WORD_BAD)
		g_string_append_printf(to, "%u%s", word_count(word), word & WORD_ZERO ? ", zeroes" : "");
}

static void slot_words(const struct machine *m, u64 slot, GString *to)
{
	(void)m;
	number_or_none((u32)slot, "slot", to);
}

/* The flags beside it say what the number is of. */
static void entry_words(const struct machine *m, const u8 *state, u64 place, u64 entry, GString *to)
{
	const struct kernel *k = kernel_in(m);
	u64 page = (place - object_place(m, k->pte)) / sizeof *k->pte;
	u32 flags = state[object_place(m, k->pte_flags) + page * sizeof *k->pte_flags];

	if (flags & PTE_SWAP)
		g_string_append_printf(to, "slot %u", (u32)entry);
	else if (flags & PTE_PRESENT && !(flags & PTE_ZERO))
		g_string_append_printf(to, "folio %u", (u32)entry);
	else
		g_string_append(to, "none");
}

static void content_words(const struct machine *m, u64 content, GString *to)
{
	(void)m;
	if (content)
		g_string_append_printf(to, "%08x", (u32)content);
	else
		g_string_append(to, "none");
}

static void folio_flag_words(const struct machine *m, u64 flags, GString *to)
{
	static const char *const name[] = { "uptodate", "dirty",     "referenced", "active",
					    "lru",	"swapcache", "lazyfree",   "workingset",
					    "file",	"in use",    "reclaim",	   "tail",
					    "large",	"exclusive", "shmem",	   "partly mapped" };
	const char *comma = "";

	(void)m;
	for (u32 i = 0; i < ARRAY_SIZE(name); i++) {
		if (!(flags >> i & 1))
			continue;
		g_string_append_printf(to, "%s%s", comma, name[i]);
		comma = ",";
	}
	if (!*comma)
		g_string_append(to, "free");
}

static void pte_flag_words(const struct machine *m, u64 flags, GString *to)
{
	(void)m;
	g_string_append(to, flags & PTE_SWAP	  ? "swapped"
			    : flags & PTE_ZERO	  ? "zero page"
			    : flags & PTE_PRESENT ? "present"
						  : "none");
	if (flags & PTE_PRESENT && flags & PTE_DIRTY)
		g_string_append(to, ",dirty");
}

/* ---- fields ---- */

#define FIELD(type, member, name_, kind_, key, words_)                                                       \
	{                                                                                                    \
		.name = name_, .offset = offsetof(struct type, member),                                      \
		.bytes = sizeof(((struct type *)0)->member), .kind = kind_, .concerns = key, .words = words_ \
	}
#define END_OF_FIELDS                                                                                        \
	{                                                                                                    \
		.name = NULL                                                                                 \
	}

static const struct object_field cluster_fields[] = {
	FIELD(swap_cluster_info, lock, "lock", FIELD_SPINLOCK, NULL, NULL),
	FIELD(swap_cluster_info, flags, "list", FIELD_NUMBER, NULL, list_words),
	FIELD(swap_cluster_info, count, "slots in use", FIELD_NUMBER, NULL, NULL),
	FIELD(swap_cluster_info, has_table, "swap table", FIELD_NUMBER, NULL, yes_words),
	END_OF_FIELDS,
};
static const struct object_field device_fields[] = {
	FIELD(swap_device, lock, "lock", FIELD_SPINLOCK, NULL, NULL),
	FIELD(swap_device, global_cluster_lock, "global cluster lock", FIELD_SPINLOCK, NULL, NULL),
	FIELD(swap_device, cont_lock, "lock of count continuations", FIELD_SPINLOCK, NULL, NULL),
	FIELD(swap_device, global_next, "hint", FIELD_NUMBER, "cluster", slot_words),
	FIELD(swap_device, inuse, "slots in use", FIELD_NUMBER, NULL, NULL),
	FIELD(swap_device, users.in_use, "end of all use", FIELD_BIT, NULL, NULL),
	FIELD(swap_device, users.dying, "swapoff ends", FIELD_NUMBER, "slot cluster", yes_words),
	FIELD(swap_device, has_maps, "maps", FIELD_NUMBER, "slot cluster", yes_words),
	FIELD(swap_device, on_avail_list, "to be allocated from", FIELD_NUMBER, "slot cluster", yes_words),
	FIELD(swap_device, grace, "grace period", FIELD_BIT, NULL, NULL),
	FIELD(swap_device, discard_work, "discards", FIELD_BIT, NULL, NULL),
	FIELD(swap_device, reclaim_work, "reclaim of full clusters", FIELD_BIT, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field slot_fields[] = {
	FIELD(swap_slot, map, "count", FIELD_NUMBER, "pte", map_words),
	FIELD(swap_slot, cache, "swap cache", FIELD_NUMBER, NULL, cache_words),
	FIELD(swap_slot, content, "content", FIELD_NUMBER, "pte folio zswap_entry", content_words),
	FIELD(swap_slot, memcg, "cgroup", FIELD_NUMBER, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field folio_io_fields[] = {
	FIELD(folio_io, lock, "folio lock", FIELD_BIT, NULL, NULL),
	FIELD(folio_io, writeback, "writeback", FIELD_BIT, NULL, NULL),
	FIELD(folio_io, swap, "slot", FIELD_NUMBER, NULL, slot_words),
	{ 0 },
};

static const struct object_field folio_fields[] = {
	FIELD(folio, flags, "flags", FIELD_NUMBER, NULL, folio_flag_words),
	FIELD(folio, refs, "references", FIELD_NUMBER, NULL, NULL),
	FIELD(folio, mapcount, "mapped", FIELD_NUMBER, NULL, times_words),
	FIELD(folio, content, "content", FIELD_NUMBER, NULL, content_words),
	END_OF_FIELDS,
};
static const struct object_field page_table_fields[] = {
	FIELD(page_table, ptl, "lock", FIELD_SPINLOCK, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field lruvec_fields[] = {
	FIELD(lruvec, lru_lock, "lock", FIELD_SPINLOCK, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field memcg_fields[] = {
	FIELD(memcg, usage, "pages charged", FIELD_NUMBER, NULL, NULL),
	FIELD(memcg, swap_usage, "slots charged", FIELD_NUMBER, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field space_fields[] = {
	FIELD(swap_address_space, xa_lock, "lock", FIELD_SPINLOCK, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field swap_fields[] = {
	FIELD(swap_state, avail_lock, "lock", FIELD_SPINLOCK, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field slots_cache_fields[] = {
	FIELD(swap_slots_cache, alloc_lock, "alloc lock", FIELD_SLEEPING, NULL, NULL),
	FIELD(swap_slots_cache, free_lock, "free lock", FIELD_SPINLOCK, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field swap_slots_fields[] = {
	FIELD(swap_slots_state, mutex, "mutex", FIELD_SLEEPING, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field oom_fields[] = {
	FIELD(oom, lock, "lock", FIELD_SLEEPING, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field disk_fields[] = {
	FIELD(disk, no_tag, "a free request", FIELD_BIT, NULL, NULL),
	END_OF_FIELDS,
};
static const struct object_field cpu_fields[] = {
	FIELD(percpu, swap_lock, "swap lock", FIELD_LOCAL, NULL, NULL),
	FIELD(percpu, lru_lock, "LRU batch lock", FIELD_LOCAL, NULL, NULL),
	FIELD(percpu, zswap_ctx, "compressor", FIELD_SLEEPING, NULL, NULL),
	FIELD(percpu, swap_hint, "hint", FIELD_NUMBER, "cluster", slot_words),
	END_OF_FIELDS,
};
static const struct object_field zswap_entry_fields[] = {
	FIELD(zswap_entry, slot, "slot", FIELD_NUMBER, "slot folio pte", slot_words),
	FIELD(zswap_entry, content, "content", FIELD_NUMBER, NULL, content_words),
	FIELD(zswap_entry, referenced, "referenced", FIELD_NUMBER, NULL, yes_words),
	END_OF_FIELDS,
};
static const struct object_field zswap_fields[] = {
	FIELD(zswap, stored_pages, "pages kept", FIELD_NUMBER, NULL, NULL),
	FIELD(zswap, reached_full, "full", FIELD_NUMBER, "zswap zswap_entry", yes_words),
	END_OF_FIELDS,
};
static const struct object_field pte_fields[] = {
	{ .name = "", .bytes = sizeof(u32), .words_in = entry_words },
	END_OF_FIELDS,
};
static const struct object_field pte_flags_fields[] = {
	{ .name = "page", .bytes = sizeof(u8), .concerns = "slot folio pte", .words = pte_flag_words },
	END_OF_FIELDS,
};

static const struct object_kind kinds[] = {
	{ "cluster", "cluster", NULL, cluster_fields },
	{ "device", "swap device", NULL, device_fields },
	{ "slot", "slot", NULL, slot_fields },
	{ "folio", "folio", folio_words, folio_fields },
	{ "folio_io", "folio", folio_words, folio_io_fields },
	{ "pte", "page", pte_words, pte_fields },
	{ "pte_flags", "page", page_words, pte_flags_fields },
	{ "page_table", "page table", page_table_words, page_table_fields },
	{ "mm", "process", process_words, NULL },
	{ "memcg", "cgroup", memcg_words, memcg_fields },
	{ "lruvec", "cgroup", lruvec_words, lruvec_fields },
	{ "space", "swap address space", NULL, space_fields },
	{ "swap", "swap", swap_words, swap_fields },
	{ "slots_cache", "slot cache of CPU", NULL, slots_cache_fields },
	{ "swap_slots", "slot caches", swap_slots_words, swap_slots_fields },
	{ "oom", "OOM killer", oom_words, oom_fields },
	{ "disk", "swap device", NULL, disk_fields },
	{ "percpu", "CPU", NULL, cpu_fields },
	{ "zswap", "zswap", zswap_words, zswap_fields },
	{ "zswap_entry", "entry of zswap", NULL, zswap_entry_fields },
	{ NULL, NULL, NULL, NULL },
};

static void answer_words(u32 kind, u32 answer, GString *to)
{
	if (kind == CHOICE_ATOMIC_ALLOC || kind == CHOICE_SLEEP_ALLOC)
		g_string_append(to, answer ? "fails" : "succeeds");
	else if (kind == CHOICE_WAKE_CPU)
		g_string_append_printf(to, "CPU %u", answer);
	else
		g_string_append_printf(to, "%u", answer);
}

const struct vocabulary kernel_vocabulary = {
	.kind = kinds,
	.choice = choice_names,
	.answer = answer_words,
	.references = references_visit,
	.polls = has_cache_polls,
	.is_of_device = folio_lock_is_of_device,
};
