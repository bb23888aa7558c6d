#include "tests/fidelity/device_load.h"

#include "models/block/block.h"
#include "models/block/content.h"
#include "models/work/work.h"
#include "sim/fixed.h"
#include "sim/random.h"

enum { PAGE_BYTES = 4096, WRITE_PAGES = 32, DEVICE_PAGES = 1 << 20, SECOND = 1000000000 };
enum load_draw { DRAW_ARRIVAL = 2000, DRAW_SLOT };

struct load {
	struct kernel *k;
	u64 seed;
	u64 mean_ns[2]; /* between two arrivals */
	u64 next[2], drawn[2];
	u32 write_slot;
};

/* Exponential; 693147 millionths are the logarithm of 2. */
static u64 until_next(struct load *load, u32 write)
{
	u64 value = random_value(random_key(load->seed, DRAW_ARRIVAL, write), load->drawn[write]++);
	s64 halvings = 64 * FIXED_ONE - fixed_log2(value | 1);

	return (u64)fixed_scale(fixed_scale((s64)load->mean_ns[write], 693147, 1000000), halvings, FIXED_ONE);
}

/* The time that a model gives a request of one random page and one of 32 pages in a row. */
static void set_rates(struct load *load, const struct linear_model *m, u32 percent)
{
	u64 read_page = (u64)PAGE_BYTES * SECOND / m->read_bytes,
	    write_page = (u64)PAGE_BYTES * SECOND / m->write_bytes;
	u64 read_ns = MAX(SECOND / m->random_reads, read_page);
	u64 write_ns = MAX(SECOND / m->sequential_writes, write_page) + (WRITE_PAGES - 1) * write_page;

	load->mean_ns[1] = (WRITE_PAGES * read_ns + write_ns) * 100 / percent;
	load->mean_ns[0] = load->mean_ns[1] / WRITE_PAGES;
}

/* A machine in which time passes and nobody does anything. */
static struct kernel *idle_machine(const char *device, u64 ns, struct workload *idle)
{
	const struct swap_device_config swap = { .model = device, .pages = DEVICE_PAGES };
	const struct memcg_config root = { .name = "", .max_pages = PAGE_COUNTER_MAX };
	const struct mm_config mm = { .name = "idle", .pages = 1 };
	struct kernel_config c = kernel_config_default();
	struct kernel *k;

	c.devices = c.memcgs = c.mms = 1;
	c.device = &swap;
	c.memcg = &root;
	c.mm = &mm;
	k = kernel_new(&c, NULL);
	BUG_ON(!k);
	*idle = (struct workload){ .pattern = PATTERN_PAGEOUT,
				   .gap_ps = 4000000000u,
				   .accesses = 10 + ns / 4000000 };
	work_add_task(k, idle, 0, 0, true);
	return k;
}

static void send(struct load *load, bool write)
{
	struct kernel *k = load->k;
	struct machine *m = &k->machine;
	u32 request, slot = random_below(random_value(random_key(load->seed, DRAW_SLOT, 0), load->drawn[0]),
					 DEVICE_PAGES);

	while (!(request = disk_get_request(k, 0)))
		machine_run(m, event_queue_next(&m->events), NULL);
	if (write) {
		slot = load->write_slot;
		load->write_slot = (slot + WRITE_PAGES) % DEVICE_PAGES;
	}
	k->request[request].slot = slot;
	k->request[request].pages = write ? WRITE_PAGES : 1;
	k->request[request].write = write;
	disk_issue(k, request, 0);
}

void device_load(const char *device, const struct linear_model *model, u32 percent, u64 ns, u64 seed,
		 struct histogram latency[2])
{
	struct workload idle;
	struct load load = { .k = idle_machine(device, ns, &idle), .seed = seed };
	struct machine *m = &load.k->machine;

	set_rates(&load, model, percent);
	for (u32 write = 0; write < 2; write++)
		load.next[write] = until_next(&load, write);
	while (m->now < ns) {
		u32 write = load.next[1] < load.next[0];

		if (load.next[write] > m->now)
			machine_run(m, load.next[write], NULL);
		send(&load, write);
		load.next[write] += until_next(&load, write);
	}
	latency[0] = load.k->latency[LATENCY_SWAP_READ];
	latency[1] = load.k->latency[LATENCY_SWAP_WRITE];
	kernel_free(load.k);
}
