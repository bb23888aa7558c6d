#include "models/work/work.h"

#include "models/paths.h"
#include "sim/random.h"

enum { PS_PER_NS = 1000 };

/* ns until an access that comes @ps after the one before; what is below a ns is carried on. */
static inline u64 gap_ns(struct work *w, u64 ps)
{
	u64 sum = ps + w->fraction_ps;

	w->fraction_ps = sum % PS_PER_NS;
	return sum / PS_PER_NS;
}

static inline void next_fill(struct work *w)
{
	w->page = w->filled++;
	w->write = 1;
}

static inline void next_generated(const struct workload *load, struct work *w)
{
	u64 value;

	if (load->pattern == PATTERN_SEQ) {
		w->page = w->done % load->pages;
	} else {
		value = random_value(load->stream, w->drawn++);
		w->page = load->pattern == PATTERN_RAND
			      ? random_below(value, load->pages)
			      : scatter_at(&load->scatter, zipf_at(load->zipf, value));
	}
	w->write = load->write_permille == 1000 ||
		   (load->write_permille &&
		    random_below(random_value(load->stream, w->drawn++), 1000) < load->write_permille);
}

/* Returns the gap in ps. */
static inline u64 next_of_trace(const struct workload *load, struct work *w)
{
	const struct trace_run *run;

	if (trace_at_end(load->trace, w->cursor))
		w->cursor = (struct trace_cursor){ 0 };
	run = &load->trace->runs[w->cursor.run];
	w->page = trace_run_page(run, w->cursor.offset);
	w->write = trace_op(run) == TRACE_WRITE;
	trace_advance(load->trace, &w->cursor, 1);
	return trace_gap(run) * load->trace->header.tick_ps;
}

/* Take the next access in hand; its time from now in *gap. False: the work is done or something else is due.
 */
static inline bool next_access(const struct workload *load, struct work *w, u64 *gap)
{
	u64 ps = load->gap_ps;

	if (load->fill && w->filled < load->pages) {
		next_fill(w);
	} else {
		if (w->done == load->accesses)
			return false;
		if (load->pattern == PATTERN_TRACE)
			ps = next_of_trace(load, w);
		else
			next_generated(load, w);
		w->done++;
	}
	*gap = gap_ns(w, ps);
	return true;
}

/* Marks of a trace are of its first pass, begun at its beginning. */
static inline bool mark_due(const struct workload *load, const struct work *w)
{
	const struct trace_header *header;

	if (load->fill && w->filled == load->pages && !w->fill_marked)
		return true;
	if (load->pattern != PATTERN_TRACE || load->trace_first)
		return false;
	header = &load->trace->header;
	return w->mark < header->marks_count && w->done == header->marks[w->mark].access;
}

enum work_stop work_run(struct kernel *k, struct task *t)
{
	struct machine *m = &k->machine;
	const struct workload *load = k->program[t->id];
	struct work *w = &k->work[t->id];
	u8 *flags_of = &k->pte_flags[k->mm[w->mm].first_page];
	u64 now = m->now, gap, hits = 0;
	enum work_stop stop = WORK_YIELD;

	if (load->pattern == PATTERN_PAGEOUT)
		return w->done++ < load->accesses ? WORK_ADVISE : WORK_END;
	for (;;) {
		if (w->begun) {
			u8 flags = flags_of[w->page];
			u8 needed = w->write ? PTE_PRESENT | PTE_WRITE : PTE_PRESENT;

			if ((flags & needed) != needed) {
				stop = WORK_FAULT;
				break;
			}
			flags_of[w->page] = flags | PTE_ACCESSED | (w->write ? PTE_DIRTY : 0);
			w->begun = 0;
			hits++;
		}
		if (mark_due(load, w)) {
			stop = WORK_MARK;
			break;
		}
		if (!next_access(load, w, &gap)) {
			stop = WORK_END;
			break;
		}
		w->begun = 1;
		if (now + gap >= m->user_until) {
			t->work_ns = gap;
			break;
		}
		now += gap;
	}
	m->now = now;
	count_memcg(k, k->mm[w->mm].memcg, ACCESSES, hits);
	return stop;
}

static void work_mark(struct kernel *k, struct task *t)
{
	const struct workload *load = k->program[t->id];
	struct work *w = &k->work[t->id];
	const char *name = "fill_done";

	if (load->fill && !w->fill_marked)
		w->fill_marked = 1;
	else
		name = load->trace->header.marks[w->mark++].name;
	if (k->on_mark)
		k->on_mark(k, t->id, name);
}

/* The program of a task. Everything but a hit is a step that takes at least the machine's lookahead. */
PATH(task_main)
{
	STEPS(USER, FAULT, MARK, ADVISE, PAGEOUT, EXIT);
	struct work *const w = &k->work[t->id];

	BEGIN;
	for (;;) {
		user_mode(USER);
		f->stop = work_run(k, t);
		if (f->stop == WORK_FAULT) {
			CALL(FAULT, handle_mm_fault, .page = k->mm[w->mm].first_page + w->page,
			     .write = w->write);
		} else if (f->stop == WORK_MARK) {
			AT(MARK);
			work_mark(k, t);
		} else if (f->stop == WORK_ADVISE) {
			AT(ADVISE);
			CALL(PAGEOUT, madvise_pageout, .page = k->mm[w->mm].first_page,
			     .count = k->program[t->id]->pages);
			t->work_ns = k->program[t->id]->gap_ps / PS_PER_NS;
		} else if (f->stop == WORK_END) {
			break;
		}
	}
	AT(EXIT);
	RETURN(0);
	END;
}

void work_add_task(struct kernel *k, const struct workload *load, u32 mm, u32 cpu, bool pinned)
{
	u32 id = k->machine.tasks;
	struct work *w = &k->work[id];

	k->program[id] = load;
	w->mm = mm;
	if (load->pattern == PATTERN_TRACE)
		w->cursor = trace_seek(load->trace, load->trace_first % load->trace->header.accesses);
	machine_add_task(&k->machine, PATH_task_main, sizeof(struct task_main), cpu, pinned, 0);
}
