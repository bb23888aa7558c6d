#include "sim/machine.h"

#include <string.h>

#include "sim/error.h"
#include "sim/irq.h"
#include "sim/lock.h"
#include "sim/lockdep.h"
#include "sim/next.h"
#include "sim/rcu.h"
#include "sim/sched.h"

/* The text of STEPS(), "A, B, C", as an array. */
static const char *const *split_names(const char *text, u32 *n)
{
	char **names = g_strsplit_set(text, ", \t\n", -1);
	GPtrArray *array = g_ptr_array_new();

	g_ptr_array_add(array, g_strdup("START"));
	for (u32 i = 0; names[i]; i++)
		if (names[i][0])
			g_ptr_array_add(array, g_strdup(names[i]));
	g_strfreev(names);
	*n = array->len;
	g_ptr_array_add(array, NULL);
	return (const char *const *)g_ptr_array_free(array, FALSE);
}

static void path_add(struct machine *m, const struct path_info *info, struct path *path)
{
	struct step *step;

	m->describing = NULL;
	info->fn(m, NULL, NULL, NULL);
	BUG_ON(!m->describing);
	path->info = info;
	path->fn = info->fn;
	path->step_name = split_names(m->describing, &path->steps);
	step = g_new0(struct step, path->steps);
	for (u32 i = 0; i < path->steps; i++) {
		char *name = g_strdup_printf("%s.%s", info->name, path->step_name[i]);

		step[i].hash = (u64)(u32)hash_bytes(name, strlen(name), 0) << STEP_HASH_SHIFT;
		step[i].cost = COST_OF_OPERATION;
		g_free(name);
	}
	path->step = step;
}

/* First of all: the place of what lies on a stack must fit into 32 bits, however large the model's regions
 * are. */
static void declare_regions(struct machine *m)
{
	const struct machine_config *c = &m->config;
	struct arena *a = &m->arena;
	u32 actors = machine_actors(m);

	arena_add(a, "task", (void **)&m->task, sizeof(struct task), c->tasks, REGION_STATE);
	arena_add(a, "cpu", (void **)&m->cpu, sizeof(struct cpu), c->cpus, REGION_STATE);
	arena_add(a, "percpu", (void **)&m->percpu, c->percpu_bytes ? c->percpu_bytes : 8, c->cpus,
		  REGION_STATE);
	arena_add(a, "bucket", (void **)&m->bucket, sizeof(struct wait_queue), c->wait_buckets, REGION_STATE);
	arena_add(a, "rcu", (void **)&m->rcu, sizeof(struct rcu), 1, REGION_STATE);
	m->rcu_region = arena_add(a, "rcu_callback", (void **)&m->rcu_callback, sizeof(struct rcu_callback),
				  c->rcu_callbacks, REGION_STATE);
	arena_set_live(a, m->rcu_region, 0);
	m->irq_region = arena_add(a, "irq", (void **)&m->irq, sizeof(struct irq),
				  c->events + c->cpus * c->cpus, REGION_STATE);
	arena_set_live(a, m->irq_region, 0);
	m->pending_region =
	    arena_add(a, "pending", (void **)&m->pending, sizeof(struct pending), c->events, REGION_STATE);
	arena_set_live(a, m->pending_region, 0);
	if (m->lockdep)
		arena_add(a, "held", (void **)&m->held, sizeof(struct held_locks), c->tasks, REGION_STATE);
	arena_add(a, "stack", (void **)&m->stack, c->stack_bytes, c->tasks, REGION_OWNER);
	arena_add(a, "choice_count", (void **)&m->choice_count, sizeof(u32), (u64)actors * c->choices,
		  REGION_STATS);
	arena_add(a, "lock_stat", (void **)&m->lock_stat, sizeof(struct lock_stat), LOCK_CLASSES,
		  REGION_STATS);
	arena_add(a, "event_key", (void **)&m->events.heap, sizeof(struct event_key), c->events,
		  REGION_STATS);
	arena_add(a, "event_slot", (void **)&m->events.slot, sizeof(struct event_slot), c->events + 1,
		  REGION_STATS);
	arena_add(a, "turns", (void **)&m->turns.time, sizeof(u64), turns_elements(c->cpus), REGION_STATS);
	arena_add(a, "user_turns", (void **)&m->user.time, sizeof(u64), turns_elements(c->cpus),
		  REGION_STATS);
}

void machine_init(struct machine *m, const struct machine_config *config, const struct path_info *paths,
		  u32 n)
{
	_Static_assert(SPINLOCK_NOBODY > EVENT_SLAB_MASK, "no task has that number");
	/* An access takes what the program says: hits that run inline would not pay more. */
	BUG_ON(config->op_cost[OP_USER] || config->tasks > EVENT_SLAB_MASK ||
	       config->stack_bytes > UINT16_MAX);
	*m = (struct machine){ .config = *config, .paths = n };
	m->line_ns = config->cpus > 1 ? config->line_ns : 0;
	m->path = g_new0(struct path, n);
	for (u32 i = 0; i < n; i++)
		path_add(m, &paths[i], &m->path[i]);
	BUG_ON(config->cpus > SPINLOCK_CPUS);
	m->cpus = config->cpus;
	m->stack_bytes = config->stack_bytes;
	m->percpu_bytes = config->percpu_bytes;
	m->tick_ns = 1000000000ull / config->hz;
	machine_on_event(m, EVENT_SLICE, sched_slice_over);
	machine_on_event(m, EVENT_TIMEOUT, lock_timeout);
	machine_on_event(m, EVENT_RCU, rcu_check);
	if (config->check_locks)
		m->lockdep = lockdep_new();
	declare_regions(m);
}

u32 machine_lock_class(struct machine *m, const char *name)
{
	BUG_ON(m->lock_classes == LOCK_CLASSES);
	m->lock_class[m->lock_classes] = name;
	return m->lock_classes++;
}

void machine_on_event(struct machine *m, u32 kind, event_fn *fn)
{
	BUG_ON(kind >= EVENT_KINDS || m->event[kind]);
	m->event[kind] = fn;
}

void machine_on_periodic_event(struct machine *m, u32 kind, event_fn *fn)
{
	machine_on_event(m, kind, fn);
	m->periodic_kinds |= 1u << kind;
}

bool machine_set_cost(struct machine *m, const char *path_step, u32 ns)
{
	const char *dot = strchr(path_step, '.');

	for (u32 i = 0; dot && i < m->paths; i++) {
		struct path *path = &m->path[i];

		if (strncmp(path->info->name, path_step, dot - path_step) ||
		    path->info->name[dot - path_step])
			continue;
		for (u32 s = 0; s < path->steps; s++)
			if (!strcmp(path->step_name[s], dot + 1)) {
				path->step[s].cost = ns;
				return true;
			}
	}
	return false;
}

bool machine_map(struct machine *m)
{
	const struct machine_config *c = &m->config;

	if (!arena_map(&m->arena))
		return false;
	event_queue_init(&m->events, m->events.heap, m->events.slot, c->events);
	event_queue_set_ties(&m->events, c->ties, c->seed);
	turns_init(&m->turns, m->turns.time, c->cpus);
	turns_init(&m->user, m->user.time, c->cpus);
	m->user_due = TIME_NEVER;
	return true;
}

void machine_release(struct machine *m)
{
	for (u32 i = 0; i < m->paths; i++) {
		for (u32 s = 0; s < m->path[i].steps; s++)
			g_free((char *)m->path[i].step_name[s]);
		g_free((void *)m->path[i].step_name);
		g_free(m->path[i].step);
	}
	g_free(m->path);
	lockdep_free(m->lockdep);
	g_clear_error(&m->failure);
	arena_release(&m->arena);
}

void *machine_add_task(struct machine *m, u32 path, u32 frame_bytes, u32 cpu, bool pinned, u8 priority)
{
	struct task *t = &m->task[m->tasks];
	void *frame;

	BUG_ON(m->tasks == m->config.tasks || cpu >= m->cpus);
	*t = (struct task){ .id = m->tasks, .priority = priority, .pinned = pinned ? cpu + 1 : 0 };
	frame = frame_push(m, t, frame_at(m, t, 0), path, frame_bytes);
	t->op = OP_ACCESS;
	m->tasks++;
	m->tasks_left++;
	m->priorities |= priority > 0;
	sched_enqueue(m, t, cpu);
	return frame;
}

void machine_stop(struct machine *m)
{
	m->stopped = true;
	m->horizon = 0;
}

void machine_fail(struct machine *m, int code, const char *format, ...)
{
	va_list args;

	if (!m->failure) {
		va_start(args, format);
		m->failure = g_error_new_valist(SWAPSIM_ERROR, code, format, args);
		va_end(args);
	}
	machine_stop(m);
}

const char *machine_step_name(struct machine *m, const struct task *t, u32 depth, char *buffer, size_t bytes)
{
	u32 offset = t->frame;
	const struct frame *frame = frame_at(m, t, offset);

	for (; depth; depth--) {
		if (!offset)
			return NULL;
		offset = frame->below;
		frame = frame_at(m, t, offset);
	}
	g_snprintf(buffer, bytes, "%s.%s", m->path[frame->path].info->name,
		   m->path[frame->path].step_name[frame->pc]);
	return buffer;
}

event_id machine_at(struct machine *m, u64 time, u32 kind, u32 arg)
{
	if (m->searching)
		return next_expect(m, kind, arg);
	if (time < m->horizon)
		m->horizon = time;
	m->periodic += m->periodic_kinds >> kind & 1;
	return event_queue_push(&m->events, time, kind, arg);
}

void machine_cancel(struct machine *m, event_id id)
{
	event_queue_cancel(&m->events, id);
}
