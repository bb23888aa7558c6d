#include "models/equal_tasks.h"

#include <string.h>

#include "models/mm/folio.h"
#include "models/paths.h"
#include "models/work/work.h"

enum { VERSIONS_MOST = 64, PAGES_MOST = 4096, SIZE_OF_ALL = 3072 /* at which there is one size only */ };

struct equal_tasks {
	struct symmetry symmetry;
	struct kernel *k;
	u32 *class;			  /* [task] */
	const struct label_field **frame; /* [path] */
	struct label_field *fields;
	GHashTable *content;   /* what a page holds -> page << 32 | version */
	struct corpus *corpus; /* as they were; NULL: they still are */
};

/* ---- who is like whom ---- */

static const struct script *script_of(const struct kernel *k, u32 task)
{
	return k->program[task] ? k->program[task]->script : NULL;
}

static bool steps_are_equal(const struct script_step *a, const struct script_step *b)
{
	return a->operation == b->operation && a->page == b->page && a->pages == b->pages && a->to == b->to &&
	       a->device == b->device && a->operation != SCRIPT_FORK;
}

static bool scripts_are_equal(const struct kernel *k, u32 a, u32 b)
{
	const struct script *x = script_of(k, a), *y = script_of(k, b);

	if (x->steps != y->steps || x->setup_steps != y->setup_steps || k->program[a]->fork_by ||
	    k->program[b]->fork_by)
		return false;
	for (u32 i = x->setup_steps; i < x->steps; i++)
		if (!steps_are_equal(&x->step[i], &y->step[i]))
			return false;
	return true;
}

static u32 users_of(const struct kernel *k, u32 mm)
{
	u32 n = 0;

	for (u32 i = 0; i < k->machine.tasks; i++)
		n += k->program[i] && k->work[i].mm == mm;
	return n;
}

static u32 frame_at_page(const struct kernel *k, u32 page)
{
	return (k->pte_flags[page] & (PTE_PRESENT | PTE_ZERO)) == PTE_PRESENT ? k->pte[page] : 0;
}

static bool processes_are_equal(const struct kernel *k, u32 a, u32 b)
{
	const struct mm *x = &k->mm[a], *y = &k->mm[b];

	if (x->pages != y->pages || x->memcg != y->memcg || users_of(k, a) != 1 || users_of(k, b) != 1 ||
	    k->config.mm[a].vmas > 1 || k->config.mm[b].vmas > 1 ||
	    memcmp(&k->corpus[a], &k->corpus[b], sizeof *k->corpus))
		return false;
	for (u32 i = 0; i < x->pages; i++)
		if (!frame_at_page(k, x->first_page + i) != !frame_at_page(k, y->first_page + i))
			return false;
	return true;
}

static bool tasks_are_equal(const struct kernel *k, u32 a, u32 b)
{
	if (!script_of(k, a) || !script_of(k, b) || k->work[a].mm == WORK_NO_MM ||
	    k->work[b].mm == WORK_NO_MM || !scripts_are_equal(k, a, b))
		return false;
	return k->work[a].mm == k->work[b].mm || processes_are_equal(k, k->work[a].mm, k->work[b].mm);
}

/* Whether any are equal. */
static bool find_classes(struct equal_tasks *e)
{
	const struct kernel *k = e->k;
	bool some = false;

	e->class = g_new0(u32, k->config.machine.tasks + 1);
	for (u32 a = 0; a < k->machine.tasks; a++)
		for (u32 b = a + 1; !e->class[a] && b < k->machine.tasks; b++) {
			/* Of one process, or each of its own: not both. */
			bool alike = tasks_are_equal(k, a, b);

			for (u32 c = a + 1; alike && c < b; c++)
				if (e->class[c] == a + 1)
					alike = tasks_are_equal(k, c, b);
			if (alike && !e->class[b]) {
				e->class[b] = a + 1;
				some = true;
			}
		}
	for (u32 b = 0; b < k->machine.tasks; b++)
		if (e->class[b])
			e->class[e->class[b] - 1] = e->class[b];
	return some;
}

/* ---- what belongs to them ---- */

enum { SET_TASK, SET_MM, SET_TABLE, SET_VMA, SET_PAGE, SET_FOLIO, NR_SETS };

static u32 *new_numbers(const struct kernel *k, u32 each)
{
	u32 n = k->config.machine.tasks * each, *number = g_new(u32, n + 1);

	for (u32 i = 0; i < n; i++)
		number[i] = UINT32_MAX;
	return number;
}

/* Its own process; one that several tasks share stays where it is. */
static void list_process(const struct kernel *k, u32 task, u32 pages, u32 *const *number)
{
	const struct mm *mm = &k->mm[k->work[task].mm];

	if (users_of(k, k->work[task].mm) != 1)
		return;
	number[SET_MM][task] = k->work[task].mm;
	number[SET_VMA][task] = page_table_of(k, mm->first_page)->vma;
	for (u32 i = 0; i < mm->pages; i++) {
		u32 page = mm->first_page + i, at = task * pages + i;

		number[SET_PAGE][at] = page;
		if (!(page % k->config.pages_per_table))
			number[SET_TABLE][at] = page >> k->table_shift;
		if (frame_at_page(k, page))
			number[SET_FOLIO][at] = frame_at_page(k, page);
	}
}

static u64 region_elements(const struct kernel *k, const char *name)
{
	const struct arena *a = &k->machine.arena;

	for (u32 i = 0; i < a->regions; i++)
		if (!strcmp(a->region[i].name, name))
			return a->region[i].max;
	BUG();
}

static void make_renamings(struct equal_tasks *e)
{
	static const u32 label[NR_SETS] = { LABEL_TASK, LABEL_MM,   LABEL_TABLE,
					    LABEL_VMA,	LABEL_PAGE, LABEL_FOLIO };
	const struct kernel *k = e->k;
	const u32 numbers[NR_LABELS] = { [LABEL_TASK] = k->config.machine.tasks,
					 [LABEL_MM] = k->config.mms,
					 [LABEL_TABLE] = (u32)region_elements(k, "page_table"),
					 [LABEL_VMA] = (u32)region_elements(k, "vma"),
					 [LABEL_PAGE] = (u32)region_elements(k, "pte"),
					 [LABEL_FOLIO] = (u32)region_elements(k, "folio") };
	struct label_set set[NR_SETS];
	u32 pages = 1, *number[NR_SETS];

	for (u32 i = 0; i < k->config.mms; i++)
		pages = MAX(pages, k->mm[i].pages);
	for (u32 i = 0; i < NR_SETS; i++) {
		u32 each = i < SET_TABLE || i == SET_VMA ? 1 : pages;

		number[i] = new_numbers(k, each);
		set[i] = (struct label_set){ label[i], each, number[i] };
	}
	for (u32 i = 0; i < k->machine.tasks; i++)
		if (e->class[i]) {
			number[SET_TASK][i] = i;
			list_process(k, i, pages, number);
		}
	symmetry_init(&e->symmetry, numbers, NR_LABELS, e->class, k->config.machine.tasks, set, NR_SETS);
	for (u32 i = 0; i < NR_SETS; i++)
		g_free(number[i]);
}

/* ---- what is more than a number ---- */

static u64 *new_page_version(u32 page, u32 version)
{
	u64 both = (u64)page << 32 | version;

	return g_memdup2(&both, sizeof both);
}

static void list_contents(struct equal_tasks *e)
{
	e->content = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
	for (u32 page = 1; page < e->symmetry.numbers[LABEL_PAGE]; page++)
		for (u32 version = 0; version < VERSIONS_MOST; version++)
			g_hash_table_insert(e->content, GUINT_TO_POINTER(content_of(page, version)),
					    new_page_version(page, version));
}

/* What was written to one page is what was written to the other as often. */
static bool rename_content(const struct equal_tasks *e, u32 i, u64 *content)
{
	const u64 *both = g_hash_table_lookup(e->content, GUINT_TO_POINTER((u32)*content));

	if (!*content)
		return true;
	if (!both)
		return false;
	*content = content_of(symmetry_rename(&e->symmetry, i, LABEL_PAGE, (u32)(*both >> 32)), (u32)*both);
	return true;
}

static bool rename_value(const struct symmetry *s, u32 i, u32 form, u64 *value)
{
	u32 folio;

	if (form == LABEL_CONTENT)
		return rename_content(s->data, i, value);
	BUG_ON(form != LABEL_CACHE_WORD);
	folio = word_folio(*value);
	if (folio)
		*value = (*value & ~((u64)UINT32_MAX << FOLIO_SHIFT)) |
			 (u64)symmetry_rename(s, i, LABEL_FOLIO, folio) << FOLIO_SHIFT;
	return true;
}

/* Page table entries: the bytes of their flags, then the words, which are slots or, while unmapped too,
 * frames. */
static bool rename_entries(const struct symmetry *s, u32 i, const u8 *from, u8 *to, u32 n)
{
	const struct kernel *k = ((const struct equal_tasks *)s->data)->k;
	u64 words = (u64)((u8 *)k->pte - k->pte_flags);

	memset(to, 0, n);
	for (u32 page = 0; page < s->numbers[LABEL_PAGE]; page++) {
		u32 there = symmetry_rename(s, i, LABEL_PAGE, page), entry;

		to[there] = from[page];
		memcpy(&entry, from + words + page * sizeof entry, sizeof entry);
		if (!(from[page] & PTE_SWAP))
			entry = symmetry_rename(s, i, LABEL_FOLIO, entry);
		memcpy(to + words + there * sizeof entry, &entry, sizeof entry);
	}
	return true;
}

/* ---- pages that compress alike ---- */

static bool some_are_stored(const struct kernel *k)
{
	const struct swap_device *last = &k->device[k->config.devices - 1];

	for (u64 s = 0; k->config.devices && s < last->first_slot + ((u64)last->clusters << k->cluster_shift);
	     s++)
		if (k->slot[s].content || k->slot[s].stored)
			return true;
	return k->memory->zswap_bytes;
}

static void make_alike(struct equal_tasks *e)
{
	struct kernel *k = e->k;

	if (some_are_stored(k))
		return;
	e->corpus = g_memdup2(k->corpus, k->config.mms * sizeof *k->corpus);
	for (u32 i = 0; i < k->machine.tasks; i++)
		if (e->class[i])
			k->corpus[k->work[i].mm] =
			    (struct corpus){ .mean_bytes = { SIZE_OF_ALL, SIZE_OF_ALL, SIZE_OF_ALL } };
}

/* ---- life ---- */

static void index_frames(struct equal_tasks *e)
{
	u32 rows = 0, n = 0;

	while (label_rows[rows].path != NR_PATHS)
		rows++;
	e->frame = g_new0(const struct label_field *, NR_PATHS);
	e->fields = g_new0(struct label_field, 2 * rows + 1);
	for (u32 i = 0; i < rows; i++) {
		if (!e->frame[label_rows[i].path])
			e->frame[label_rows[i].path] = &e->fields[n];
		e->fields[n++] = label_rows[i].field;
		n += label_rows[i].field.bytes && label_rows[i + 1].path != label_rows[i].path;
	}
}

/* What no table is made for. */
static bool is_beyond(const struct kernel *k)
{
	return k->families || k->keeps_holds || k->files || k->config.max_folio_order || k->config.mms == 0 ||
	       region_elements(k, "pte") > PAGES_MOST;
}

struct equal_tasks *equal_tasks_new(struct kernel *k)
{
	struct equal_tasks *e = g_new0(struct equal_tasks, 1);

	e->k = k;
	if (is_beyond(k) || !find_classes(e)) {
		g_free(e->class);
		g_free(e);
		return NULL;
	}
	make_renamings(e);
	index_frames(e);
	list_contents(e);
	e->symmetry.region = label_regions;
	e->symmetry.frame = e->frame;
	e->symmetry.rename = rename_value;
	e->symmetry.rename_part = rename_entries;
	e->symmetry.data = e;
	make_alike(e);
	return e;
}

void equal_tasks_free(struct equal_tasks *e)
{
	if (!e)
		return;
	if (e->corpus)
		memcpy(e->k->corpus, e->corpus, e->k->config.mms * sizeof *e->corpus);
	symmetry_release(&e->symmetry);
	g_hash_table_destroy(e->content);
	g_free(e->corpus);
	g_free(e->frame);
	g_free(e->fields);
	g_free(e->class);
	g_free(e);
}

const struct symmetry *equal_tasks_symmetry(const struct equal_tasks *e)
{
	return e ? &e->symmetry : NULL;
}
