#include "models/equal_tasks.h"

#include <string.h>

#include "models/mm/folio.h"
#include "models/paths.h"
#include "models/work/work.h"

enum { VERSIONS_MOST = 64, PAGES_MOST = 4096, SIZE_OF_ALL = 3072 /* at which there is one size only */ };

struct equal_tasks {
	struct symmetry tasks, cpus; /* of tasks alone, and with the CPUs; no renamings: there are none */
	struct kernel *k;
	u32 *class;			  /* [task], then [CPU] */
	const struct label_field **frame; /* [path] */
	struct label_field *fields;
	GHashTable *content;   /* what a page holds -> page << 32 | version */
	struct corpus *corpus; /* as they were; NULL: they still are */
};

static u64 region_elements(const struct kernel *k, const char *name)
{
	const struct arena *a = &k->machine.arena;

	for (u32 i = 0; i < a->regions; i++)
		if (!strcmp(a->region[i].name, name))
			return a->region[i].max;
	BUG();
}

static u32 members_of(const struct kernel *k)
{
	return k->config.machine.tasks + k->machine.cpus;
}

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

static void find_classes(struct equal_tasks *e)
{
	const struct kernel *k = e->k;

	e->class = g_new0(u32, members_of(k));
	for (u32 a = 0; a < k->machine.tasks; a++)
		for (u32 b = a + 1; !e->class[a] && b < k->machine.tasks; b++) {
			/* Of one process, or each of its own: not both. */
			bool alike = tasks_are_equal(k, a, b);

			for (u32 c = a + 1; alike && c < b; c++)
				if (e->class[c] == a + 1)
					alike = tasks_are_equal(k, c, b);
			if (alike && !e->class[b])
				e->class[b] = a + 1;
		}
	for (u32 b = 0; b < k->machine.tasks; b++)
		if (e->class[b])
			e->class[e->class[b] - 1] = e->class[b];
}

/* Of two a task that wakes goes on on the one or the other; of more it would be the first that has nothing to
 * do. A task that is pinned, and what is kept for each CPU in one array, tell them apart. */
static bool cpus_are_equal(const struct kernel *k)
{
	for (u32 i = 0; i < k->machine.tasks; i++)
		if (k->machine.task[i].pinned)
			return false;
	return k->machine.cpus == 2 && !region_elements(k, "slots_cache") &&
	       !region_elements(k, "scan_base") && !region_elements(k, "order_hint");
}

/* ---- what belongs to them ---- */

enum { SET_TASK, SET_CPU, SET_MM, SET_TABLE, SET_VMA, SET_PAGE, SET_FOLIO, NR_SETS };

static u32 *new_numbers(const struct kernel *k, u32 each)
{
	u32 n = members_of(k) * each, *number = g_new(u32, n + 1);

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

static void make_renamings(struct equal_tasks *e, struct symmetry *s, u32 *class)
{
	static const u32 label[NR_SETS] = { LABEL_TASK, LABEL_CPU,  LABEL_MM,	LABEL_TABLE,
					    LABEL_VMA,	LABEL_PAGE, LABEL_FOLIO };
	const struct kernel *k = e->k;
	const u32 numbers[NR_LABELS] = { [LABEL_TASK] = k->config.machine.tasks,
					 [LABEL_CPU] = k->machine.cpus,
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
		if (class[i]) {
			number[SET_TASK][i] = i;
			list_process(k, i, pages, number);
		}
	for (u32 n = 0; n < k->machine.cpus; n++)
		number[SET_CPU][k->config.machine.tasks + n] = n;
	symmetry_init(s, numbers, NR_LABELS, class, members_of(k), set, NR_SETS);
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
	for (u32 page = 1; page < region_elements(e->k, "pte"); page++)
		for (u32 version = 0; version < VERSIONS_MOST; version++)
			g_hash_table_insert(e->content, GUINT_TO_POINTER(content_of(page, version)),
					    new_page_version(page, version));
}

/* What was written to one page is what was written to the other as often. */
static bool rename_content(const struct symmetry *s, u32 i, u64 *content)
{
	const struct equal_tasks *e = s->data;
	const u64 *both = g_hash_table_lookup(e->content, GUINT_TO_POINTER((u32)*content));

	if (!*content)
		return true;
	if (!both)
		return false;
	*content = content_of(symmetry_rename(s, i, LABEL_PAGE, (u32)(*both >> 32)), (u32)*both);
	return true;
}

static bool rename_value(const struct symmetry *s, u32 i, u32 form, u64 *value)
{
	u32 folio;

	if (form == LABEL_CONTENT)
		return rename_content(s, i, value);
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

/* With what is equal by now. */
static void make_symmetry(struct equal_tasks *e, struct symmetry *s)
{
	make_renamings(e, s, e->class);
	s->region = label_regions;
	s->frame = e->frame;
	s->rename = rename_value;
	s->rename_part = rename_entries;
	s->data = e;
	s->sleepers = e->k->machine.task_names;
}

struct equal_tasks *equal_tasks_new(struct kernel *k)
{
	struct equal_tasks *e;

	if (is_beyond(k))
		return NULL;
	e = g_new0(struct equal_tasks, 1);
	e->k = k;
	index_frames(e);
	list_contents(e);
	find_classes(e);
	make_symmetry(e, &e->tasks);
	if (cpus_are_equal(k)) {
		for (u32 n = 0; n < k->machine.cpus; n++)
			e->class[k->config.machine.tasks + n] = k->config.machine.tasks + 1;
		make_symmetry(e, &e->cpus);
		e->cpus.otherwise = e->tasks.n > 1 ? &e->tasks : NULL;
	}
	make_alike(e);
	return e;
}

void equal_tasks_free(struct equal_tasks *e)
{
	if (!e)
		return;
	if (e->corpus)
		memcpy(e->k->corpus, e->corpus, e->k->config.mms * sizeof *e->corpus);
	symmetry_release(&e->tasks);
	symmetry_release(&e->cpus);
	g_hash_table_destroy(e->content);
	g_free(e->corpus);
	g_free(e->frame);
	g_free(e->fields);
	g_free(e->class);
	g_free(e);
}

const struct symmetry *equal_tasks_symmetry(const struct equal_tasks *e)
{
	if (!e)
		return NULL;
	if (e->cpus.n > 1)
		return &e->cpus;
	return e->tasks.n > 1 ? &e->tasks : NULL;
}
