#include "cli/explain_watch.h"

#include <string.h>

#include "models/paths.h"
#include "sim/lock.h"

const char *const spent_name[NR_SPENT] = {
	[SPENT_WORK] = "work",	    [SPENT_RECLAIM] = "reclaim", [SPENT_DEVICE] = "device",
	[SPENT_LOCK] = "lock wait", [SPENT_SLEEP] = "sleep",	 [SPENT_NO_CPU] = "no CPU",
};

/* Of a task. */
struct tracker {
	struct fault fault;
	bool active;
	u64 mark;		/* up to here its time is accounted for */
	enum spent doing;	/* since then */
	enum spent on_cpu;	/* what it will do when it runs again */
	struct fault_step step; /* the one in hand */
};

struct watch {
	struct kernel *k;
	struct fault_wish wish;
	struct tracker *tracker; /* [task], of those that come later too */
	void (*chained)(struct machine *m, const struct task *t);
	u64 begun, seen;
	GArray *kept; /* of struct fault: by latency, longest first, where they compete */
	bool done;
};

static const char *const device_paths[] = { "zram_write_page", "zram_read_page", "pmem_write_page",
					    "pmem_read_page",  "submit_bio",	 NULL };
static const char *const reclaim_paths[] = { "try_to_free_mem_cgroup_pages", NULL };

/* ---- the stack ---- */

static bool is_outermost(const struct machine *m, const struct task *t, u32 offset)
{
	return frame_at(m, t, offset)->below == offset;
}

/* Where handle_mm_fault's frame lies; false when the task is in no fault. */
static bool find_fault(const struct machine *m, const struct task *t, u32 *offset, u32 *depth)
{
	*depth = 1;
	for (*offset = t->frame; t->sp; *offset = frame_at(m, t, *offset)->below, ++*depth) {
		if (frame_at(m, t, *offset)->path == PATH_handle_mm_fault)
			return true;
		if (is_outermost(m, t, *offset))
			return false;
	}
	return false;
}

/* Outermost first. What is deeper than there is room for loses frames next to the innermost. */
static void take_stack(const struct machine *m, const struct task *t, u32 depth, struct fault_step *s)
{
	u32 offset = t->frame;

	s->depth = MIN(depth, FAULT_DEPTH);
	for (u32 i = depth; i--; offset = frame_at(m, t, offset)->below) {
		const struct frame *frame = frame_at(m, t, offset);

		if (i < FAULT_DEPTH || i + 1 == depth)
			s->call[MIN(i, FAULT_DEPTH - 1)] = (struct fault_call){ frame->path, frame->pc };
	}
}

static bool passes_through(const struct machine *m, const struct fault_step *s, const char *const *names)
{
	for (u32 i = 0; i < s->depth; i++)
		if (g_strv_contains(names, m->path[s->call[i].path].info->name))
			return true;
	return false;
}

/* ---- what is waited for ---- */

static void take_holder(const struct machine *m, struct fault_wait *wait, u32 holder)
{
	const struct frame *frame;

	wait->holder = holder;
	if (!holder)
		return;
	frame = frame_at(m, &m->task[holder - 1], m->task[holder - 1].frame);
	wait->at = (struct fault_call){ frame->path, frame->pc };
}

static u32 count_ahead(const struct machine *m, u32 head, const struct task *t)
{
	u32 n = 0;

	for (u32 i = head; i && i != t->id + 1; i = m->task[i - 1].next)
		n++;
	return n;
}

static enum spent wait_for_spinlock(const struct machine *m, const struct task *t, struct fault_wait *wait)
{
	const struct spinlock *lock = arena_at(&m->arena, task_object(t));

	wait->what = m->lock_class[lock->class];
	wait->ahead = count_ahead(m, lock->head, t);
	take_holder(m, wait, lock->owner == SPINLOCK_NOBODY ? 0 : lock->owner);
	return SPENT_LOCK;
}

static enum spent wait_for_sleeping_lock(const struct machine *m, const struct task *t,
					 struct fault_wait *wait)
{
	const struct sleeping_lock *lock = arena_at(&m->arena, task_object(t));

	wait->what = m->lock_class[lock->class];
	wait->ahead = count_ahead(m, lock->head, t);
	take_holder(m, wait, lock->owner);
	return SPENT_LOCK;
}

/* The folio that the bit at a place is of; 0 when it is of none. */
static u32 folio_of(const struct kernel *k, u64 place)
{
	const struct region *r = &k->machine.arena.region[k->folio_region + 1];

	if (place < r->offset || place >= r->offset + r->max * r->size)
		return 0;
	return (u32)((place - r->offset) / r->size);
}

/* A folio that nobody works on is with its device: it was read ahead, or written, by whoever. */
static bool is_with_device(const struct kernel *k, u32 folio)
{
	u16 flags = k->folio[folio].flags;

	return flags & FOLIO_SWAPCACHE && !(flags & FOLIO_UPTODATE) &&
	       !device_of(k, k->folio_io[folio].swap)->synchronous;
}

static enum spent wait_for_bit(const struct kernel *k, const struct task *t, struct fault_wait *wait)
{
	const bit_lock_t *word = arena_at(&k->machine.arena, task_object(t));
	u32 folio = folio_of(k, task_object(t));
	u32 owner = bit_lock_owner(*word);

	if (!folio) {
		wait->what = "a free request of the device";
		return SPENT_DEVICE;
	}
	if (owner > k->machine.tasks && (*word & ~BIT_LOCK_WAITERS) != BIT_LOCK_SOMEBODY) {
		wait->what = "the page to be written";
		return SPENT_DEVICE;
	}
	if (owner == t->id + 1u || is_with_device(k, folio)) {
		wait->what = "the page to be read";
		return SPENT_DEVICE;
	}
	wait->what = "the folio lock";
	take_holder(&k->machine, wait, owner == BIT_LOCK_UNKNOWN ? 0 : owner);
	return SPENT_SLEEP;
}

static enum spent wait_asleep(const struct kernel *k, const struct task *t, struct fault_wait *wait)
{
	switch ((enum op)t->op) {
	case OP_DOWN_READ:
	case OP_DOWN_WRITE:
		return wait_for_sleeping_lock(&k->machine, t, wait);
	case OP_BIT_LOCK:
	case OP_BIT_WAIT:
		return wait_for_bit(k, t, wait);
	case OP_WAIT:
		wait->what = task_object(t) ? "a wake-up" : "its time";
		wait->timeout_ns = t->timeout;
		return SPENT_SLEEP;
	case OP_NONE:
	case OP_ACCESS:
	case OP_USER:
	case OP_LOCK:
	case OP_LOCK_IRQ:
	case OP_UNLOCK:
	case OP_UNLOCK_IRQ:
	case OP_LOCAL_LOCK:
	case OP_LOCAL_UNLOCK:
	case OP_RESCHED:
	case OP_COND_RESCHED:
	case OP_UP_READ:
	case OP_UP_WRITE:
	case OP_BIT_UNLOCK:
	case OP_DONE:
	case NR_OPS:
		break;
	}
	return SPENT_NO_CPU; /* on its way to another CPU */
}

/* ---- one fault ---- */

static void fault_release(struct fault *f)
{
	if (f->step)
		g_array_free(f->step, TRUE);
	f->step = NULL;
}

static void fault_clear(void *item)
{
	fault_release(item);
}

static void step_begin(struct tracker *tr)
{
	tr->step = (struct fault_step){ 0 };
	tr->doing = tr->on_cpu = SPENT_WORK;
}

/* The task has entered a fault since it was last looked at. */
static void begin(struct watch *w, const struct task *t, u32 offset)
{
	const struct handle_mm_fault *frame = (const void *)(frame_at(&w->k->machine, t, offset) + 1);
	struct tracker *tr = &w->tracker[t->id];
	GArray *step = tr->fault.step;

	if (!step)
		step = g_array_new(FALSE, FALSE, sizeof(struct fault_step));
	g_array_set_size(step, 0);
	tr->fault = (struct fault){ .number = ++w->begun,
				    .task = t->id,
				    .page = frame->page - mm_of(w->k, frame->page)->first_page,
				    .write = frame->write,
				    .begin_ns = frame->start,
				    .step = step };
	tr->active = true;
	tr->mark = frame->start;
	step_begin(tr);
}

/* Whether the task is in a fault; if it just began, or another one did, it is followed from now on. */
static bool follow(struct watch *w, const struct task *t, u32 *offset, u32 *depth)
{
	struct tracker *tr = &w->tracker[t->id];
	const struct handle_mm_fault *frame;

	if (w->done || !find_fault(&w->k->machine, t, offset, depth)) {
		tr->active = false;
		return false;
	}
	frame = (const void *)(frame_at(&w->k->machine, t, *offset) + 1);
	if (!tr->active || tr->fault.begin_ns != frame->start)
		begin(w, t, *offset);
	return true;
}

static void spend(struct tracker *tr, u64 now)
{
	tr->step.spent[tr->doing] += now - tr->mark;
	if (tr->step.wait.what && tr->doing != SPENT_WORK && tr->doing != SPENT_NO_CPU)
		tr->step.wait.ns += now - tr->mark;
	tr->mark = now;
}

/* ---- which are kept ---- */

static u64 latency_of(const struct fault *f)
{
	return f->end_ns - f->begin_ns;
}

/* Takes the fault's steps over. */
static void keep(struct watch *w, struct fault *f)
{
	u32 at = 0;

	while (at < w->kept->len && latency_of(&g_array_index(w->kept, struct fault, at)) >= latency_of(f))
		at++;
	if (at >= MAX(w->wish.slowest, 1))
		return;
	g_array_insert_val(w->kept, at, *f);
	f->step = NULL;
	if (w->kept->len > MAX(w->wish.slowest, 1))
		g_array_set_size(w->kept, w->kept->len - 1);
}

static void judge(struct watch *w, struct fault *f)
{
	const struct fault_wish *wish = &w->wish;

	if (wish->by_page && (f->task != wish->task || f->page != wish->page))
		return;
	w->seen++;
	if (wish->slowest) {
		keep(w, f);
		return;
	}
	if (wish->by_page ? w->seen != wish->nth : f->number != wish->number)
		return;
	keep(w, f);
	w->done = true;
}

static void finish(struct watch *w, struct tracker *tr, const struct task *t, u32 offset)
{
	const struct handle_mm_fault *frame = (const void *)(frame_at(&w->k->machine, t, offset) + 1);

	tr->active = false;
	tr->fault.cpu = t->cpu;
	tr->fault.major = frame->major;
	tr->fault.end_ns = w->k->machine.now;
	judge(w, &tr->fault);
}

/* ---- what the machine tells ---- */

static void on_state(struct machine *m, const struct task *t)
{
	struct watch *w = m->log_data;
	struct tracker *tr = &w->tracker[t->id];
	u32 offset, depth;

	if (w->chained)
		w->chained(m, t);
	if (!follow(w, t, &offset, &depth))
		return;
	spend(tr, m->now);
	switch ((enum task_state)t->state) {
	case TASK_RUNNABLE:
		if (tr->doing == SPENT_WORK)
			tr->on_cpu = SPENT_NO_CPU;
		tr->doing = SPENT_NO_CPU;
		break;
	case TASK_RUNNING:
		tr->doing = tr->on_cpu;
		break;
	case TASK_SPINNING:
		tr->doing = tr->on_cpu = wait_for_spinlock(m, t, &tr->step.wait);
		break;
	case TASK_BLOCKED:
		tr->doing = tr->on_cpu = wait_asleep(w->k, t, &tr->step.wait);
		break;
	case TASK_DONE:
		break;
	}
}

static void on_step(struct machine *m, void *data, const struct log_entry *e)
{
	const struct task *t = &m->task[e->task];
	struct watch *w = data;
	struct tracker *tr = &w->tracker[e->task];
	struct fault_step *s = &tr->step;
	u32 offset, depth;

	if (!follow(w, t, &offset, &depth))
		return;
	spend(tr, m->now);
	take_stack(m, t, depth, s);
	s->end_ns = m->now;
	if (passes_through(m, s, device_paths)) {
		s->spent[SPENT_DEVICE] += s->spent[SPENT_WORK];
		s->spent[SPENT_WORK] = 0;
	} else if (passes_through(m, s, reclaim_paths)) {
		s->spent[SPENT_RECLAIM] = s->spent[SPENT_WORK];
		s->spent[SPENT_WORK] = 0;
	}
	g_array_append_val(tr->fault.step, *s);
	step_begin(tr);
	if (e->path == PATH_handle_mm_fault && !strcmp(m->path[e->path].step_name[e->step], "EXIT"))
		finish(w, tr, t, offset);
}

struct watch *watch_new(struct kernel *k, const struct fault_wish *wish)
{
	struct watch *w = g_new0(struct watch, 1);

	w->k = k;
	w->wish = *wish;
	w->tracker = g_new0(struct tracker, k->machine.config.tasks);
	w->kept = g_array_new(FALSE, FALSE, sizeof(struct fault));
	g_array_set_clear_func(w->kept, fault_clear);
	w->chained = k->machine.on_task_state;
	k->machine.on_task_state = on_state;
	k->machine.log = on_step;
	k->machine.log_data = w;
	return w;
}

void watch_free(struct watch *w)
{
	w->k->machine.on_task_state = w->chained;
	w->k->machine.log = NULL;
	for (u32 i = 0; i < w->k->machine.config.tasks; i++)
		fault_release(&w->tracker[i].fault);
	g_free(w->tracker);
	g_array_free(w->kept, TRUE);
	g_free(w);
}

bool watch_is_done(const struct watch *w)
{
	return w->done;
}

const struct fault *watch_fault(const struct watch *w)
{
	u64 index = w->wish.slowest ? w->wish.slowest - 1 : 0;

	return index < w->kept->len ? &g_array_index(w->kept, struct fault, index) : NULL;
}

u64 watch_seen(const struct watch *w)
{
	return w->seen;
}
