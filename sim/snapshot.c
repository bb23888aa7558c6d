#include "sim/snapshot.h"

#include <string.h>

/* What a driver keeps outside the arena. */
struct engine_state {
	u64 now;
	u64 steps;
	u64 fingerprint;
	struct event_queue events;
	u32 tasks;
	u32 tasks_left;
	u32 periodic;
	u32 pad;
};

/* The arrays are the machine's own, even if the snapshot is of another that was built the same way. */
static void queue_restore(struct event_queue *q, const struct event_queue *from)
{
	struct event_key *heap = q->heap;
	struct event_slot *slot = q->slot;

	*q = *from;
	q->heap = heap;
	q->slot = slot;
}

u64 snapshot_bytes(const struct machine *m, enum snapshot_scope scope)
{
	u64 bytes = sizeof(struct engine_state) + arena_snapshot_bytes(&m->arena, scope == SNAPSHOT_RUN);

	for (u32 i = 0; i < m->tasks; i++)
		bytes += m->task[i].sp;
	return bytes;
}

void snapshot_save(const struct machine *m, enum snapshot_scope scope, void *snapshot)
{
	struct engine_state e;
	u8 *to = snapshot;

	memset(&e, 0, sizeof e);
	e.now = m->now;
	e.steps = m->steps;
	e.fingerprint = m->fingerprint;
	e.events = m->events;
	e.tasks = m->tasks;
	e.tasks_left = m->tasks_left;
	e.periodic = m->periodic;
	memcpy(to, &e, sizeof e);
	to += sizeof e;
	arena_save(&m->arena, to, scope == SNAPSHOT_RUN);
	to += arena_snapshot_bytes(&m->arena, scope == SNAPSHOT_RUN);
	for (u32 i = 0; i < m->tasks; i++) {
		memcpy(to, m->stack + (size_t)i * m->stack_bytes, m->task[i].sp);
		to += m->task[i].sp;
	}
}

void snapshot_load(struct machine *m, enum snapshot_scope scope, const void *snapshot)
{
	struct engine_state e;
	const u8 *from = snapshot;

	memcpy(&e, from, sizeof e);
	from += sizeof e;
	m->now = e.now;
	m->steps = e.steps;
	m->fingerprint = e.fingerprint;
	m->periodic = e.periodic;
	queue_restore(&m->events, &e.events);
	m->tasks = e.tasks;
	m->tasks_left = e.tasks_left;
	arena_load(&m->arena, from, scope == SNAPSHOT_RUN);
	from += arena_snapshot_bytes(&m->arena, scope == SNAPSHOT_RUN);
	for (u32 i = 0; i < m->tasks; i++) {
		memcpy(m->stack + (size_t)i * m->stack_bytes, from, m->task[i].sp);
		from += m->task[i].sp;
	}
}

static u64 hash_stacks(const struct machine *m, u64 h)
{
	for (u32 i = 0; i < m->tasks; i++)
		h = hash_state(m->stack + (size_t)i * m->stack_bytes, m->task[i].sp, h);
	return h;
}

u64 snapshot_hash(const struct machine *m)
{
	return hash_stacks(m, arena_hash(&m->arena));
}

u64 snapshot_hash_stacks(const struct machine *m)
{
	return hash_stacks(m, 0);
}
