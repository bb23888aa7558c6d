#include "models/work/work.h"

#include "models/mm/oom.h"
#include "models/paths.h"
#include "sim/random.h"

enum {
	PS_PER_NS = 1000,
	MOST_NS = 1 << 30,
	AHEAD = 16, /* runs; their pages' flags are fetched into the cache by the time they are needed */
};

/* What one stay in user mode works on, in registers: the flags are bytes, and a store to a byte could be to
 * anything that is in memory. */
struct stretch {
	u8 *flags;  /* of the process's pages */
	u64 ps;	    /* since the stretch began, and what was left of a ns before */
	u64 limit;  /* in ps: accesses from then on have to wait */
	u64 before; /* ps when the access in hand was not yet taken */
	u64 hits;
};

/* @write is 0 or 1. No branch on it: whether the next access is a write cannot be foretold. */
static inline bool hit(u8 *flags, u32 page, u32 write)
{
	u8 needed = PTE_PRESENT | write * PTE_WRITE, old = flags[page];

	if (unlikely(needed & ~old))
		return false;
	flags[page] = old | PTE_ACCESSED | write * PTE_DIRTY;
	return true;
}

/* Accesses of the trace until something else is due: a mark or the end after @stop_at of them. */
static enum work_stop run_trace(const struct workload *load, struct work *w, struct stretch *s, u64 stop_at)
{
	const struct trace *trace = load->trace;
	u64 tick_ps = trace->header.tick_ps, ps = s->ps, before = ps, done = w->done, hits = 0;
	const u64 limit = s->limit;
	u8 *const flags = s->flags;
	const struct trace_run *const runs = trace->runs, *const end = runs + trace->header.runs;
	const struct trace_run *run = runs + w->cursor.run;
	u32 offset = w->cursor.offset;
	u32 page = w->page, write = w->write, begun = w->begun;
	enum work_stop stop = WORK_FAULT;

	for (;;) {
		if (begun) {
			if (!hit(flags, page, write))
				break;
			hits++;
			begun = 0;
		}
		if (done == stop_at) {
			stop = WORK_END;
			break;
		}
		if (unlikely(run == end)) {
			run = runs;
			offset = 0;
		}
		if (likely(end - run > AHEAD))
			__builtin_prefetch(&flags[run[AHEAD].page]);
		page = trace_run_page(run, offset);
		write = trace_op(run) == TRACE_WRITE;
		before = ps;
		ps += trace_gap(run) * tick_ps;
		if (++offset == run->count) {
			run++;
			offset = 0;
		}
		done++;
		begun = 1;
		if (unlikely(ps >= limit)) {
			stop = WORK_YIELD;
			break;
		}
	}
	w->cursor = (struct trace_cursor){ run - runs, offset };
	w->page = page;
	w->write = write;
	w->begun = begun;
	w->done = done;
	s->ps = ps;
	s->before = before;
	s->hits += hits;
	return stop;
}

static inline u32 draw_page(const struct workload *load, u64 done, u64 *drawn)
{
	u64 value;

	if (load->pattern == PATTERN_SEQ)
		return done % load->pages;
	value = random_value(load->stream, (*drawn)++);
	return load->pattern == PATTERN_RAND ? random_below(value, load->pages)
					     : scatter_at(&load->scatter, zipf_at(load->zipf, value));
}

static inline bool draw_write(const struct workload *load, u64 *drawn)
{
	if (load->write_permille % 1000 == 0)
		return load->write_permille;
	return random_below(random_value(load->stream, (*drawn)++), 1000) < load->write_permille;
}

/* The same for a generated pattern. */
static enum work_stop run_generated(const struct workload *load, struct work *w, struct stretch *s)
{
	enum work_stop stop = WORK_FAULT;

	for (;;) {
		if (w->begun) {
			if (!hit(s->flags, w->page, w->write))
				break;
			s->hits++;
			w->begun = 0;
		}
		if (w->done == load->accesses) {
			stop = WORK_END;
			break;
		}
		w->page = draw_page(load, w->done++, &w->drawn);
		w->write = draw_write(load, &w->drawn);
		w->begun = 1;
		s->before = s->ps;
		s->ps += load->gap_ps;
		if (s->ps >= s->limit) {
			stop = WORK_YIELD;
			break;
		}
	}
	return stop;
}

/* Write every page once, in order. */
static enum work_stop run_fill(const struct workload *load, struct work *w, struct stretch *s)
{
	for (;;) {
		if (w->begun) {
			if (!hit(s->flags, w->page, w->write))
				return WORK_FAULT;
			s->hits++;
			w->begun = 0;
		}
		if (w->filled == load->pages)
			return WORK_MARK;
		w->page = w->filled++;
		w->write = 1;
		w->begun = 1;
		s->before = s->ps;
		s->ps += load->gap_ps;
		if (s->ps >= s->limit)
			return WORK_YIELD;
	}
}

/* Accesses of the trace before its next mark. Marks are of its first pass, begun at its beginning. */
static u64 next_mark(const struct workload *load, const struct work *w)
{
	const struct trace_header *header = &load->trace->header;

	return w->mark < header->marks_count && !load->trace_first ? header->marks[w->mark].access
								   : UINT64_MAX;
}

static enum work_stop run_accesses(const struct workload *load, struct work *w, struct stretch *s)
{
	u64 mark;
	enum work_stop stop;

	if (load->fill && !w->fill_marked)
		return run_fill(load, w, s);
	if (load->pattern != PATTERN_TRACE)
		return run_generated(load, w, s);
	mark = next_mark(load, w);
	stop = run_trace(load, w, s, mark < load->accesses ? mark : load->accesses);
	return stop == WORK_END && mark <= load->accesses ? WORK_MARK : stop;
}

enum work_stop work_run(struct kernel *k, struct task *t)
{
	struct machine *m = &k->machine;
	const struct workload *load = k->program[t->id];
	struct work *w = &k->work[t->id];
	u64 ns = m->user_until - m->now;
	struct stretch s = {
		.flags = &k->pte_flags[k->mm[w->mm].first_page],
		.ps = w->fraction_ps,
		.limit = (ns < MOST_NS ? ns : MOST_NS) * PS_PER_NS,
	};
	enum work_stop stop;

	if (load->pattern == PATTERN_PAGEOUT)
		return w->done++ < load->accesses ? WORK_ADVISE : WORK_END;
	stop = run_accesses(load, w, &s);
	count_memcg(k, k->mm[w->mm].memcg, ACCESSES, s.hits);
	w->fraction_ps = s.ps % PS_PER_NS;
	if (stop == WORK_YIELD) {
		t->work_ns = s.ps / PS_PER_NS - s.before / PS_PER_NS;
		m->now += s.before / PS_PER_NS;
	} else {
		m->now += s.ps / PS_PER_NS;
	}
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

/* An update of a page that is not there faults at its load. The fill only stores. */
static bool faults_by_load(const struct kernel *k, const struct workload *load, const struct work *w)
{
	bool filling = load->pattern == PATTERN_TRACE ? load->trace->header.marks_count && !w->mark
						      : load->fill && !w->fill_marked;

	return load->update && !filling && !(k->pte_flags[k->mm[w->mm].first_page + w->page] & PTE_PRESENT);
}

/* The program of a task, and its end: of its own accord, or by SIGKILL. Everything but a hit is a step that
 * takes at least the machine's lookahead. */
PATH(task_main)
{
	STEPS(USER, FAULT, MARK, ADVISE, PAGEOUT, EXIT, EXIT_MM);
	struct work *const w = &k->work[t->id];

	BEGIN;
	for (;;) {
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
			CALL(PAGEOUT, madvise_pageout, .page = k->mm[w->mm].first_page,
			     .count = k->program[t->id]->pages);
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
