/*
 * alloc_world.h - the small world of the seed bug: tasks on two CPUs about to give a page a slot each. Three
 * clusters of four slots; the header's is partly used, the others have no table yet.
 */
#ifndef TESTS_UNIT_ALLOC_WORLD_H
#define TESTS_UNIT_ALLOC_WORLD_H

#include "models/block/device.h"
#include "models/mm/memory.h"
#include "models/paths.h"
#include "models/swap/ownership.h"

enum { ALLOC_WORLD_CPUS = 2, ALLOC_WORLD_PER_CLUSTER = 4, ALLOC_WORLD_CLUSTERS = 3 };

/* Ready for a search; free it with kernel_free(). Each task's page, or folio if there are orders. */
static inline struct kernel *alloc_world_of(const char *release, u32 tasks, const u32 *order)
{
	static const struct swap_device_config device = {
		.model = "zram-lz4", .pages = ALLOC_WORLD_CLUSTERS * ALLOC_WORLD_PER_CLUSTER - 1
	};
	static const struct memcg_config memcg = { .name = "", .max_pages = PAGE_COUNTER_MAX };
	static const struct mm_config mm = { .name = "p", .pages = 4 };
	struct kernel_config c = kernel_config_default();
	struct kernel *k;

	BUG_ON(!release_parse(release, &c.release, &c.patches, NULL));
	c.machine.cpus = ALLOC_WORLD_CPUS;
	c.machine.tasks = tasks;
	c.machine.stack_bytes = 512;
	c.machine.wait_buckets = 1;
	c.machine.events = 1;
	c.slots_per_cluster = ALLOC_WORLD_PER_CLUSTER;
	c.space_clusters = 1;
	c.pages_per_table = 4;
	c.memory_pages = 16;
	for (u32 i = 0; order && i < tasks; i++)
		c.max_folio_order = MAX(c.max_folio_order, order[i]);
	c.min_free_pages = 4;
	c.devices = c.memcgs = c.mms = 1;
	c.device = &device;
	c.memcg = &memcg;
	c.mm = &mm;
	k = kernel_new(&c, NULL);
	BUG_ON(!k);
	machine_search(&k->machine);
	for (u32 i = 0; i < tasks; i++) {
		struct folio_alloc_swap *f = machine_add_task(&k->machine, PATH_folio_alloc_swap, sizeof *f,
							      i % ALLOC_WORLD_CPUS, false, 0);

		f->folio = folio_alloc(k, order ? order[i] : 0, 0);
		k->folio_io[f->folio].lock = i + 1;
	}
	return k;
}
static inline struct kernel *alloc_world(const char *release, u32 tasks)
{
	return alloc_world_of(release, tasks, NULL);
}

#endif
