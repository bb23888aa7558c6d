/*
 * The program of a task: its accesses, its marks, its calls, its end.
 */
#include "models/work/work.h"

#include "models/mm/oom.h"
#include "models/paths.h"
#include "models/work/patterns.h"

enum { PS_PER_NS = 1000 };

static const char *const phase_mark[] = { "hot_2",  "hot_3",  "hot_4",	"hot_5",  "hot_6",
					  "hot_7",  "hot_8",  "hot_9",	"hot_10", "hot_11",
					  "hot_12", "hot_13", "hot_14", "hot_15", "hot_16" };
G_STATIC_ASSERT(ARRAY_SIZE(phase_mark) == HOT_PHASES_MAX - 1);

/* Those of a trace are at accesses of its first pass; to a replay that begins elsewhere they mean nothing. */
static u32 marks_of_pattern(const struct workload *load)
{
	u32 n = 0;

	if (load->pattern == PATTERN_TRACE) {
		const struct trace_header *header = &load->trace->header;

		while (!load->trace_first && n < header->marks_count &&
		       header->marks[n].access <= load->accesses)
			n++;
	} else if (load->phases) {
		n = load->phases - 1;
	}
	return n;
}

u32 workload_marks(const struct workload *load)
{
	return load->fill + marks_of_pattern(load);
}

const char *workload_mark(const struct workload *load, u32 i)
{
	if (load->fill && !i--)
		return "fill_done";
	return load->pattern == PATTERN_TRACE ? load->trace->header.marks[i].name : phase_mark[i];
}

static void work_mark(struct kernel *k, struct task *t)
{
	const struct workload *load = k->program[t->id];
	struct work *w = &k->work[t->id];

	if (load->fill && !w->fill_marked) {
		w->fill_marked = 1;
	} else {
		w->mark++;
		pattern_next_phase(load, w);
	}
	if (k->on_mark)
		k->on_mark(k, t->id, workload_mark(load, w->passed));
	w->passed++;
}

static enum advice advice_of(const struct workload *load)
{
	switch (load->pattern) {
	case PATTERN_PAGEOUT:
		return ADVICE_PAGEOUT;
	case PATTERN_DONTNEED:
		return ADVICE_DONTNEED;
	case PATTERN_FREE:
		return ADVICE_FREE;
	case PATTERN_WILLNEED:
		return ADVICE_WILLNEED;
	case PATTERN_SEQ:
	case PATTERN_BACK:
	case PATTERN_STRIDE:
	case PATTERN_RAND:
	case PATTERN_ZIPF:
	case PATTERN_ZIPFLOC:
	case PATTERN_HOTCOLD:
	case PATTERN_CHURN:
	case PATTERN_TRACE:
		break;
	}
	return load->advice;
}

/* What madvise() is called with: all pages, or the chunk that is to be filled again. */
static void prepare_advice(const struct kernel *k, const struct task *t, struct task_main *f)
{
	const struct workload *load = k->program[t->id];
	const struct work *w = &k->work[t->id];

	f->advice = advice_of(load);
	f->page = k->mm[w->mm].first_page + (w->left ? w->place : 0);
	f->end = f->page + (w->left ? w->left : load->pages);
}

/* A fill only stores. */
static bool is_filling(const struct workload *load, const struct work *w)
{
	if (load->fill && !w->fill_marked)
		return true;
	return load->pattern == PATTERN_TRACE ? load->trace->header.marks_count && !w->mark
					      : load->pattern == PATTERN_CHURN;
}

/* An update of a page that is not there faults at its load. */
static bool faults_by_load(const struct kernel *k, const struct workload *load, const struct work *w)
{
	return load->update && !is_filling(load, w) &&
	       !(k->pte_flags[k->mm[w->mm].first_page + w->page] & PTE_PRESENT);
}

/* The program of a task, and its end: of its own accord, or by SIGKILL. Everything but a hit is a step that
 * takes at least the machine's lookahead. */
PATH(task_main)
{
	STEPS(OVER_HIGH, USER, FAULT, MARK, ADVISE, PAGEOUT, DONTNEED, FREE, WILLNEED, EXIT, EXIT_MM);
	struct work *const w = &k->work[t->id];

	BEGIN;
	for (;;) {
		if (k->memcg_task[t->id].pages_over_high)
			CALL(OVER_HIGH, mem_cgroup_handle_over_high);
		user_mode(USER);
		f->stop = task_is_dying(k, t) ? WORK_END : work_run(k, t);
		if (f->stop == WORK_FAULT) {
			CALL(FAULT, handle_mm_fault, .page = k->mm[w->mm].first_page + w->page,
			     .write = w->write && !faults_by_load(k, k->program[t->id], w));
		} else if (f->stop == WORK_MARK) {
			AT(MARK);
			work_mark(k, t);
		} else if (f->stop == WORK_ADVISE) {
			AT(ADVISE);
			prepare_advice(k, t, f);
			if (f->advice == ADVICE_PAGEOUT)
				CALL(PAGEOUT, madvise_pageout, .page = f->page, .count = f->end - f->page);
			else if (f->advice == ADVICE_DONTNEED)
				CALL(DONTNEED, madvise_dontneed, .page = f->page, .count = f->end - f->page);
			else if (f->advice == ADVICE_FREE)
				CALL(FREE, madvise_free, .page = f->page, .end = f->end);
			else
				CALL(WILLNEED, madvise_willneed, .page = f->page, .end = f->end);
			if (pattern_advises(k->program[t->id]->pattern))
				t->work_ns = k->program[t->id]->gap_ps / PS_PER_NS;
		} else if (f->stop == WORK_END) {
			break;
		}
	}
	AT(EXIT);
	if (k->on_exit)
		k->on_exit(k, t->id);
	if (!--k->mm[w->mm].users)
		CALL(EXIT_MM, exit_mmap, .mm = w->mm);
	RETURN(0);
	END;
}

void work_add_task(struct kernel *k, const struct workload *load, u32 mm, u32 cpu, bool pinned)
{
	u32 id = k->machine.tasks;
	struct work *w = &k->work[id];

	k->program[id] = load;
	w->mm = mm;
	k->mm[mm].users++;
	if (load->pattern == PATTERN_TRACE)
		w->cursor = trace_seek(load->trace, load->trace_first % load->trace->header.accesses);
	machine_add_task(&k->machine, PATH_task_main, sizeof(struct task_main), cpu, pinned, 0);
}
