/*
 * queue_world.h - a device that requests are sent to by hand, in a machine in which nothing else happens.
 */
#ifndef TESTS_UNIT_QUEUE_WORLD_H
#define TESTS_UNIT_QUEUE_WORLD_H

#include "models/block/block.h"
#include "tests/unit/world.h"

/* The slots of these requests are nobody's, so their I/O ends on folio 0, which is nobody either. */
static inline u32 send(struct world *w, u32 device, u32 slot, u32 pages, bool write)
{
	u32 request = disk_get_request(w->k, device);
	struct request *r = &w->k->request[request];

	CU_ASSERT_FATAL(request != 0);
	r->slot = w->k->device[device].first_slot + slot;
	r->pages = pages;
	r->write = write;
	disk_issue(w->k, request, 0);
	return request;
}

/* A machine in which time passes while nobody does anything. */
static inline void queue_world(struct world *w, const char *device, u32 devices)
{
	world_init(w, (struct world_size){ .device = device, .devices = devices });
	w->load = (struct workload){ .pattern = PATTERN_PAGEOUT, .gap_ps = 4000000000u, .accesses = 1000000 };
	work_add_task(w->k, &w->load, 0, 1, true);
}

/* Go to the next event. */
static inline void go_on(struct world *w)
{
	struct machine *m = &w->k->machine;

	CU_ASSERT_FATAL(m->events.count > 0);
	machine_run(m, event_queue_next(&m->events), NULL);
}

static inline bool is_under_way(const struct world *w, u32 request)
{
	return w->k->request[request].pages != 0;
}

/* Returns how long it took from now on. */
static inline u64 wait_for(struct world *w, u32 request)
{
	u64 start = w->k->machine.now;

	while (is_under_way(w, request))
		go_on(w);
	return w->k->machine.now - start;
}

#endif
