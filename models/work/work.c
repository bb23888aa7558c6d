/*
 * The program of a task: its accesses, its marks, its calls, its end.
 */
#include "models/work/work.h"

#include "models/mm/oom.h"
#include "models/mm/thp.h"
#include "models/paths.h"
#include "models/work/children.h"
#include "models/work/gate.h"
#include "models/work/patterns.h"
#include "sim/lock.h"

enum { PS_PER_NS = 1000 };

static const char *const phase_mark[] = { "hot_2",  "hot_3",  "hot_4",	"hot_5",  "hot_6",
					  "hot_7",  "hot_8",  "hot_9",	"hot_10", "hot_11",
					  "hot_12", "hot_13", "hot_14", "hot_15", "hot_16" };
G_STATIC_ASSERT(ARRAY_SIZE(phase_mark) == HOT_PHASES_MAX - 1);
static const char *const part_mark[] = { "part_2", "part_3", "part_4", "part_5", "part_6",
					 "part_7", "part_8", "part_9", "part_10" };
G_STATIC_ASSERT(ARRAY_SIZE(part_mark) == ROUNDS_PARTS - 1);

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
	if (load->begun_mark)
		return 2;
	return load->fill + marks_of_pattern(load) + load->munmap + (load->ended_mark != NULL);
}

const char *workload_mark(const struct workload *load, u32 i)
{
	if (load->begun_mark)
		return i ? load->ended_mark : load->begun_mark;
	if (load->ended_mark && i == workload_marks(load) - 1)
		return load->ended_mark;
	if (load->fill && !i--)
		return "fill_done";
	if (load->munmap && i == marks_of_pattern(load))
		return "munmap";
	if (load->pattern == PATTERN_TRACE)
		return load->trace->header.marks[i].name;
	return load->pattern == PATTERN_ROUNDS ? part_mark[i] : phase_mark[i];
}

/* Marks count the first time that the task runs. */
static void pass_mark(struct kernel *k, u32 task)
{
	struct work *w = &k->work[task];

	if (w->round)
		return;
	machine_catch_up(&k->machine);
	if (k->on_mark)
		k->on_mark(k, task, workload_mark(k->program[task], w->passed));
	w->passed++;
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
	if (!load->begun_mark)
		pass_mark(k, t->id);
}

static enum advice advice_of(const struct workload *load, const struct work *w)
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
	case PATTERN_ROUNDS:
		return w->left ? ADVICE_DONTNEED : ADVICE_PAGEOUT;
	case PATTERN_SEQ:
	case PATTERN_BACK:
	case PATTERN_STRIDE:
	case PATTERN_RAND:
	case PATTERN_ZIPF:
	case PATTERN_ZIPFLOC:
	case PATTERN_HOTCOLD:
	case PATTERN_OBJECTS:
	case PATTERN_CHURN:
	case PATTERN_TRACE:
	case PATTERN_BUILD:
		break;
	}
	return load->advice;
}

/* What madvise() is called with: all pages, or the chunk that is to be filled again. */
static void prepare_advice(const struct kernel *k, const struct task *t, struct task_main *f)
{
	const struct workload *load = k->program[t->id];
	const struct work *w = &k->work[t->id];

	f->advice = advice_of(load, w);
	f->page = k->mm[w->mm].first_page + (w->left ? w->place : 0);
	f->end = f->page + (w->left ? w->left : load->pages);
}

/* A fill only stores. */
static bool is_filling(const struct workload *load, const struct work *w)
{
	if (load->fill && !w->fill_marked)
		return true;
	return load->pattern == PATTERN_TRACE
		   ? load->trace->header.marks_count && !w->mark
		   : load->pattern == PATTERN_CHURN || load->pattern == PATTERN_ROUNDS;
}

/* An update of a page that is not there faults at its load. */
static bool faults_by_load(const struct kernel *k, const struct workload *load, const struct work *w)
{
	return load->update && !is_filling(load, w) &&
	       !(k->pte_flags[k->mm[w->mm].first_page + w->page] & PTE_PRESENT);
}

static u32 fault_page(const struct workload *load, const struct work *w)
{
	return w->on_stack ? load->stack_first + w->on_stack - 1 : w->page;
}

static bool fault_writes(const struct kernel *k, const struct workload *load, const struct work *w)
{
	return w->on_stack || (w->write && !faults_by_load(k, load, w));
}

static struct trace_stream *stream_of(struct kernel *k, u32 task)
{
	if (!k->stream)
		k->stream = g_new0(struct trace_stream *, k->config.machine.tasks);
	if (!k->stream[task])
		k->stream[task] = trace_stream_new(k->program[task]->trace);
	return k->stream[task];
}

static bool stream_failed(struct kernel *k, GError *error)
{
	machine_fail(&k->machine, error->code, "%s", error->message);
	g_error_free(error);
	return false;
}

bool work_window(struct kernel *k, u32 task, u32 run, struct trace_window *window)
{
	const struct trace *trace = k->program[task]->trace;
	GError *error = NULL;

	if (trace->runs)
		*window = (struct trace_window){ trace->runs, 0, (u32)trace->header.runs };
	else if (!trace_stream_window(stream_of(k, task), MIN(run, (u32)trace->header.runs - 1), window,
				      &error))
		return stream_failed(k, error);
	return true;
}

static void seek(struct kernel *k, u32 task, u64 access)
{
	const struct trace *trace = k->program[task]->trace;
	struct trace_cursor *cursor = &k->work[task].cursor;
	GError *error = NULL;

	if (trace->runs)
		*cursor = trace_seek(trace, access);
	else if (!trace_stream_seek(stream_of(k, task), access, cursor, &error))
		stream_failed(k, error);
}

/* From the beginning, but with other choices if it ran before. */
static void work_begin(struct kernel *k, u32 task)
{
	const struct workload *load = k->program[task];
	struct work *w = &k->work[task];

	w->done = 0;
	w->page = w->filled = w->place = w->left = w->mark = 0;
	w->fraction_ps = w->write = w->begun = w->fill_marked = 0;
	w->on_stack = 0;
	w->built = load->fork_by != 0; /* by the parent */
	w->stop_at = load->stop_ns ? k->machine.now + load->stop_ns : UINT64_MAX;
	if (load->pattern == PATTERN_TRACE)
		seek(k, task, load->trace_first % load->trace->header.accesses);
	if (load->begun_mark)
		pass_mark(k, task);
	children_begin(k, task);
}

/* Nobody has to wait for the task any longer. */
static void leave_gate(struct kernel *k, u32 task)
{
	if (!k->program[task]->gate_tasks || k->work[task].left_gate)
		return;
	k->work[task].left_gate = 1;
	gate_leave(k, task);
}

void work_end(struct kernel *k, const struct task *t)
{
	if (k->stream)
		g_clear_pointer(&k->stream[t->id], trace_stream_free);
	leave_gate(k, t->id);
	children_leave(k, t->id);
	machine_catch_up(&k->machine);
	if (k->on_exit)
		k->on_exit(k, t->id);
}

/* Time to the next call, if the pattern is calls. */
static u64 pause_between_calls(const struct kernel *k, const struct task *t)
{
	const struct workload *load = k->program[t->id];
	u64 left = k->work[t->id].stop_at - MIN(k->machine.now, k->work[t->id].stop_at);

	return pattern_advises(load->pattern) ? MIN(load->gap_ps / PS_PER_NS, left) : 0;
}

/* The program of a task, and its end: of its own accord, or by SIGKILL. Everything but a hit is a step that
 * takes at least the machine's lookahead. */
PATH(task_main)
{
	STEPS(NOT_YET, LATE, OLD_ONE, EXEC, FORKED, OVER_HIGH, USER, FAULT, MARK, ADVISE, PAGEOUT, DONTNEED,
	      FREE, WILLNEED, CLONE, FORK, FILE, DONE, GATE, MUNMAP, CHILDREN, EXIT, EXIT_MM, PAUSE, GONE);
	const struct workload *const load = k->program[t->id];
	struct work *const w = &k->work[t->id];

	BEGIN;
	if (load->start_ns && !load->fork_by)
		wait_on(NOT_YET, NULL, load->start_ns);
	if (load->late_ns)
		wait_on(LATE, NULL, load->late_ns);
again:
	if (load->fork_by) {
		bit_wait(FORKED, &w->waits);
		if (!w->forked)
			goto gone;
		work_begin(k, t->id);
	} else if (load->start_ns || w->round) {
		while (k->mm[w->mm].oom & MM_EXITING)
			wait_on(OLD_ONE, NULL, tick_timeout(m, 1));
		if (task_is_dying(k, t))
			goto gone;
		if (!k->mm[w->mm].users++)
			CALL(EXEC, exec_mmap, .mm = w->mm);
		work_begin(k, t->id);
	}
	for (;;) {
		if (k->memcg_task[t->id].pages_over_high)
			CALL(OVER_HIGH, mem_cgroup_handle_over_high);
		user_mode(USER);
		f->stop = task_is_dying(k, t) ? WORK_END : work_run(k, t);
		if (f->stop == WORK_FAULT) {
			CALL(FAULT, handle_mm_fault, .page = k->mm[w->mm].first_page + fault_page(load, w),
			     .write = fault_writes(k, load, w));
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
			t->work_ns = pause_between_calls(k, t);
			w->user_ns += t->work_ns;
		} else if (f->stop == WORK_FORK) {
			AT(CLONE);
			f->child = children_due(k, t->id);
			CALL(FORK, dup_mmap, .parent = w->mm, .child = k->work[f->child].mm);
			child_forked(k, f->child, !t->ret);
		} else if (f->stop == WORK_READ || f->stop == WORK_WRITE) {
			CALL(FILE, build_access_file, .write = f->stop == WORK_WRITE);
		} else if (f->stop == WORK_END) {
			break;
		}
	}
	if ((load->gate_tasks || load->munmap || w->children) && !task_is_dying(k, t)) {
		AT(DONE);
		if (load->gate_tasks && !w->left_gate)
			gate_arrive(k, t->id);
		if (w->waits)
			bit_wait(GATE, &w->waits);
		if (load->munmap && !load->begun_mark && !task_is_dying(k, t))
			pass_mark(k, t->id);
		if (load->munmap && !task_is_dying(k, t))
			CALL(MUNMAP, munmap, .page = k->mm[w->mm].first_page, .count = load->pages);
		if (w->children && !task_is_dying(k, t)) {
			w->waits = BIT_LOCK_NOBODY;
			w->waits_for_children = 1;
			bit_wait(CHILDREN, &w->waits);
		}
	}
	AT(EXIT);
	f->last = ++w->round >= load->repeat || task_is_dying(k, t);
	if (f->last)
		work_end(k, t);
	if (!--k->mm[w->mm].users)
		CALL(EXIT_MM, exit_mmap, .mm = w->mm);
	if (load->fork_by)
		child_ended(k, t->id, f->last);
	if (!f->last) {
		if (load->pause_ns && !load->fork_by)
			wait_on(PAUSE, NULL, load->pause_ns);
		goto again;
	}
	RETURN(0);

gone: /* its process was killed while it was away, or will not be forked */
	AT(GONE);
	work_end(k, t);
	RETURN(0);
	END;
}

void work_wake_killed(struct kernel *k, u32 mm)
{
	for (u32 i = 0; i < k->machine.tasks; i++)
		if (k->program[i] && k->work[i].mm == mm) {
			leave_gate(k, i);
			if (!k->work[i].waits_for_children)
				continue;
			k->work[i].waits_for_children = 0;
			bit_lock_release(&k->machine, &k->work[i].waits);
		}
}

/* Whether nobody but the task and reclaim touches pages that its program may hit, and its program comes to no
 * harm when it is behind: the others would have to have it catch up. */
static bool may_lag(const struct kernel *k, const struct workload *load, u32 mm)
{
	return !load->script && !load->start_ns && !k->mm[mm].users && !k->families &&
	       !k->config.mm[mm].shares && !k->config.moves_pages && !k->config.swap_operations &&
	       !has_large_folios(k);
}

void work_add_task(struct kernel *k, const struct workload *load, u32 mm, u32 cpu, bool pinned)
{
	u32 id = k->machine.tasks;

	k->machine.may_lag &= may_lag(k, load, mm);
	k->program[id] = load;
	k->work[id].mm = mm;
	if (load->gate_tasks)
		gate_join(k, id);
	k->work[id].due = k->work[id].fork_at = WORK_NEVER;
	if (load->fork_by) {
		k->work[id].waits = BIT_LOCK_NOBODY;
	} else if (!load->start_ns) {
		k->mm[mm].users++;
		work_begin(k, id);
	}
	if (load->script)
		machine_add_task(&k->machine, PATH_task_script, sizeof(struct task_script), cpu, pinned,
				 load->priority);
	else
		machine_add_task(&k->machine, PATH_task_main, sizeof(struct task_main), cpu, pinned,
				 load->priority);
	if (load->fork_by && !k->program[load->fork_by - 1]->start_ns)
		children_begin(k, load->fork_by - 1);
}
