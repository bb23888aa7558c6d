/*
 * What tasks do between two entries into the kernel: the accesses of their patterns, one after the other,
 * until one faults or something else is due.
 */
#include "models/work/build.h"
#include "models/work/patterns.h"
#include "models/work/work.h"

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

/* Accesses of the trace until pages are given back, or until something else is due: a mark or the end after
 * @stop_at of them. */
static enum work_stop run_trace(struct kernel *k, const struct task *t, struct stretch *s, u64 stop_at)
{
	const struct trace_header *trace = &k->program[t->id]->trace->header;
	struct work *w = &k->work[t->id];
	u64 tick_ps = trace->tick_ps, ps = s->ps, before = ps, done = w->done;
	const u64 limit = s->limit, gap_ps = k->program[t->id]->gap_ps;
	u8 *const flags = s->flags;
	const struct trace_run *run, *end;
	struct trace_window window;
	u32 offset = w->cursor.offset, page = w->page, write = w->write, begun = w->begun;
	enum work_stop stop = WORK_FAULT;

	if (!work_window(k, t->id, w->cursor.run, &window))
		return WORK_YIELD;
	run = window.runs + (w->cursor.run - window.first);
	end = window.runs + window.count;
	for (;;) {
		if (begun && !hit(flags, page, write))
			break;
		begun = 0;
		stop = WORK_END;
		if (done == stop_at)
			break;
		stop = WORK_ADVISE;
		if (unlikely(run == end)) {
			if (!work_window(k, t->id, (window.first + window.count) % trace->runs, &window))
				break;
			run = window.runs;
			end = run + window.count;
		}
		if (likely(end - run > AHEAD))
			__builtin_prefetch(&flags[run[AHEAD].page]);
		if (unlikely(trace_op(run) == TRACE_UNMAP))
			break;
		page = trace_run_page(run, offset);
		write = trace_op(run) == TRACE_WRITE;
		before = ps;
		ps += trace_gap(run) * tick_ps + gap_ps;
		if (++offset == run->count) {
			run++;
			offset = 0;
		}
		done++;
		begun = 1;
		stop = WORK_YIELD;
		if (unlikely(ps >= limit))
			break;
		stop = WORK_FAULT;
	}
	w->cursor = (struct trace_cursor){ window.first + (u32)(run - window.runs), offset };
	s->hits += done + w->begun - w->done - begun;
	w->page = page;
	w->write = write;
	w->begun = begun;
	w->done = done;
	s->ps = ps;
	s->before = before;
	return stop;
}

/* Pages that lie one behind the other are given back at once, when the last of them is due. */
static enum work_stop take_unmapped(struct kernel *k, const struct task *t, struct stretch *s, u64 stop_at)
{
	const struct workload *load = k->program[t->id];
	struct work *w = &k->work[t->id];
	const struct trace_run *run;
	struct trace_window window;

	if (!work_window(k, t->id, w->cursor.run, &window))
		return WORK_YIELD;
	run = window.runs + (w->cursor.run - window.first);
	w->place = trace_run_page(run, w->cursor.offset);
	w->left = trace_stride(run) == 1 ? (u32)MIN(run->count - w->cursor.offset, stop_at - w->done) : 1;
	w->write = TRACE_UNMAP;
	w->begun = 1;
	w->done += w->left;
	w->cursor.offset += w->left;
	if (w->cursor.offset == run->count)
		w->cursor = (struct trace_cursor){ w->cursor.run + 1, 0 };
	s->before = s->ps;
	s->ps += w->left * (trace_gap(run) * load->trace->header.tick_ps + load->gap_ps);
	return s->ps < s->limit ? WORK_ADVISE : WORK_YIELD;
}

static enum work_stop replay(struct kernel *k, const struct task *t, struct stretch *s, u64 stop_at)
{
	struct work *w = &k->work[t->id];
	enum work_stop stop = WORK_ADVISE;

	if (!w->begun || w->write != TRACE_UNMAP) {
		stop = run_trace(k, t, s, stop_at);
		if (stop == WORK_ADVISE)
			stop = take_unmapped(k, t, s, stop_at);
	}
	if (stop == WORK_ADVISE)
		w->begun = 0;
	return stop;
}

static inline bool draw_write(const struct workload *load, u64 *drawn)
{
	if (load->write_permille % 1000 == 0)
		return load->write_permille;
	return random_below(random_value(load->stream, (*drawn)++), 1000) < load->write_permille;
}

/* Take the access in hand, if there is one. False: it faults. */
static inline bool finish_access(struct work *w, struct stretch *s)
{
	if (!w->begun)
		return true;
	if (!hit(s->flags, w->page, w->write))
		return false;
	s->hits++;
	w->begun = 0;
	return true;
}

/* The program writes to its stack and its data, the first @n pages of them. False: one faults. */
static bool use_stack(const struct workload *load, struct work *w, struct stretch *s, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		if (!hit(s->flags, load->stack_first + i, true)) {
			w->on_stack = (u16)(i + 1);
			return false;
		}
	}
	w->on_stack = 0;
	return true;
}

/* False: the access has to wait. */
static inline bool begin_access(const struct workload *load, struct work *w, struct stretch *s, u32 page,
				bool write)
{
	w->page = page;
	w->write = write;
	w->begun = 1;
	s->before = s->ps;
	s->ps += load->gap_ps;
	return s->ps < s->limit;
}

static __attribute__((always_inline)) inline enum work_stop run_in_registers(const struct workload *load,
									     struct work *w,
									     struct stretch *s, u64 stop_at,
									     enum pattern pattern)
{
	for (;;) {
		u32 page;

		if (!finish_access(w, s))
			return WORK_FAULT;
		if (w->done == stop_at)
			return WORK_END;
		page = pattern_next(load, w, pattern);
		w->done++;
		if (!begin_access(load, w, s, page, draw_write(load, &w->drawn)))
			return WORK_YIELD;
	}
}

/* The same as run_trace() for a generated pattern; once for each, so that nothing is asked twice. On copies
 * of its own, which no store to a flag could be to. */
static __attribute__((always_inline)) inline enum work_stop
run_pattern(const struct workload *load, struct work *w, struct stretch *s, u64 stop_at, enum pattern pattern)
{
	const struct workload l = *load;
	struct work work = *w;
	struct stretch stretch = *s;
	enum work_stop stop = run_in_registers(&l, &work, &stretch, stop_at, pattern);

	*w = work;
	*s = stretch;
	return stop;
}

static enum work_stop run_generated(const struct workload *load, struct work *w, struct stretch *s,
				    u64 stop_at)
{
#define CASE(pattern)                                                                                        \
	case pattern:                                                                                        \
		return run_pattern(load, w, s, stop_at, pattern)
	switch (load->pattern) {
		CASE(PATTERN_SEQ);
		CASE(PATTERN_BACK);
		CASE(PATTERN_STRIDE);
		CASE(PATTERN_RAND);
		CASE(PATTERN_ZIPF);
		CASE(PATTERN_ZIPFLOC);
		CASE(PATTERN_HOTCOLD);
		CASE(PATTERN_OBJECTS);
	case PATTERN_CHURN:
	case PATTERN_ROUNDS:
	case PATTERN_TRACE:
	case PATTERN_BUILD:
	case PATTERN_PAGEOUT:
	case PATTERN_DONTNEED:
	case PATTERN_FREE:
	case PATTERN_WILLNEED:
		break;
	}
#undef CASE
	BUG();
}

/* Accesses, calls or chunks. */
static u64 work_end_of(const struct workload *load)
{
	return load->stop_accesses ? MIN(load->accesses, load->stop_accesses) : load->accesses;
}

/* Fill chunk after chunk, each after the kernel was told that it is not needed. */
static enum work_stop run_churn(const struct workload *load, struct work *w, struct stretch *s)
{
	for (;;) {
		if (!finish_access(w, s))
			return WORK_FAULT;
		if (!w->left) {
			if (w->done == work_end_of(load))
				return WORK_END;
			w->done++;
			pattern_next_chunk(load, w);
			return WORK_ADVISE;
		}
		w->left--;
		if (!begin_access(load, w, s, w->place++, true))
			return WORK_YIELD;
	}
}

/* Round after round: swap all out, write some pieces, fill some chunks anew. */
static enum work_stop run_rounds(const struct workload *load, struct work *w, struct stretch *s)
{
	for (;;) {
		if (!finish_access(w, s))
			return WORK_FAULT;
		if (w->left) {
			w->left--;
			if (!begin_access(load, w, s, w->place++, true))
				return WORK_YIELD;
			continue;
		}
		if (w->done == work_end_of(load))
			return WORK_END;
		if (w->done == pattern_phase_end(load, w->mark))
			return WORK_MARK;
		if (pattern_next_of_round(load, w))
			return WORK_ADVISE;
	}
}

/* Read the files, work, write the object. */
static enum work_stop run_build(const struct workload *load, struct work *w, struct stretch *s)
{
	u64 reads = build_reads(load), end = build_steps(load, w);

	for (;;) {
		bool write;
		u32 page;

		if (!finish_access(w, s))
			return WORK_FAULT;
		if (w->done > end)
			return WORK_END;
		if (w->done == end || w->done < reads)
			return w->done++ == end ? WORK_WRITE : WORK_READ;
		page = build_next(load, w, w->done++ - reads, &write);
		if (!begin_access(load, w, s, page, write))
			return WORK_YIELD;
	}
}

/* Write every page once, in order. */
static enum work_stop run_fill(const struct workload *load, struct work *w, struct stretch *s)
{
	for (;;) {
		if (!finish_access(w, s))
			return WORK_FAULT;
		if (w->filled == load->pages)
			return WORK_MARK;
		if (!begin_access(load, w, s, w->filled++, true))
			return WORK_YIELD;
	}
}

/* The number of accesses after which the pattern's next mark comes. Marks of a trace are of its first pass,
 * begun at its beginning. */
static u64 next_mark(const struct workload *load, const struct work *w)
{
	const struct trace_header *header;

	if (load->pattern != PATTERN_TRACE)
		return pattern_phase_end(load, w->mark);
	header = &load->trace->header;
	return w->mark < header->marks_count && !load->trace_first ? header->marks[w->mark].access
								   : UINT64_MAX;
}

static enum work_stop run_accesses(struct kernel *k, const struct task *t, struct stretch *s)
{
	const struct workload *load = k->program[t->id];
	struct work *w = &k->work[t->id];
	u64 mark, end, stop_at;
	enum work_stop stop;

	if (load->fill && !w->fill_marked)
		return run_fill(load, w, s);
	if (load->pattern == PATTERN_CHURN)
		return run_churn(load, w, s);
	if (load->pattern == PATTERN_ROUNDS)
		return run_rounds(load, w, s);
	if (load->pattern == PATTERN_BUILD)
		return run_build(load, w, s);
	mark = next_mark(load, w);
	end = work_end_of(load);
	stop_at = MIN(mark, end);
	stop = load->pattern == PATTERN_TRACE ? replay(k, t, s, stop_at) : run_generated(load, w, s, stop_at);
	return stop == WORK_END && mark <= end ? WORK_MARK : stop;
}

/* Whatever a program accesses, it works with its stack, too; with more of it where a phase begins or its work
 * ends, and with all when it has just begun. */
static enum work_stop run_on_stack(struct kernel *k, const struct task *t, struct stretch *s)
{
	const struct workload *load = k->program[t->id];
	struct work *w = &k->work[t->id];
	enum work_stop stop;

	w->on_stack = 0;
	if (!finish_access(w, s) || !use_stack(load, w, s, w->built ? load->stack_used : load->stack_pages))
		return WORK_FAULT;
	w->built = 1;
	stop = run_accesses(k, t, s);
	if ((stop == WORK_MARK || stop == WORK_END) && !use_stack(load, w, s, load->stack_at_marks))
		return WORK_FAULT;
	return stop;
}

/* Children are forked when the memory is filled. */
static u64 forks_at(const struct workload *load, const struct work *w)
{
	bool filling = (load->fill && !w->fill_marked) ||
		       (load->pattern == PATTERN_TRACE && load->trace->header.marks_count && !w->mark);

	return filling ? WORK_NEVER : w->fork_at;
}

enum work_stop work_run(struct kernel *k, struct task *t)
{
	struct machine *m = &k->machine;
	const struct workload *load = k->program[t->id];
	struct work *w = &k->work[t->id];
	u64 stop_at = MIN(w->stop_at, forks_at(load, w)), until = MIN(m->user_until, stop_at);
	u64 ns = until - MIN(m->now, until);
	struct stretch s = {
		.flags = &k->pte_flags[k->mm[w->mm].first_page],
		.ps = w->fraction_ps,
		.limit = (ns < MOST_NS ? ns : MOST_NS) * PS_PER_NS,
	};
	enum work_stop stop;

	if (m->now >= w->stop_at)
		return WORK_END;
	if (m->now >= stop_at)
		return WORK_FORK;
	if (pattern_advises(load->pattern))
		return w->done++ < work_end_of(load) ? WORK_ADVISE : WORK_END;
	stop = load->stack_pages ? run_on_stack(k, t, &s) : run_accesses(k, t, &s);
	count_memcg(k, k->mm[w->mm].memcg, ACCESSES, s.hits);
	w->fraction_ps = s.ps % PS_PER_NS;
	if (stop == WORK_YIELD) {
		m->now += s.before / PS_PER_NS;
		t->work_ns = MIN(s.ps / PS_PER_NS - s.before / PS_PER_NS, stop_at - m->now);
		w->user_ns += s.before / PS_PER_NS + t->work_ns;
	} else {
		m->now += s.ps / PS_PER_NS;
		w->user_ns += s.ps / PS_PER_NS;
	}
	return stop;
}
