/* The queue of a device: tags, servers, the data path, times, and the interrupt at the end. */
#include "sim/fixed.h"
#include "sim/irq.h"
#include "tests/unit/queue_world.h"

enum { DRAWS = 2000, MOST_TAGS = 1024 };

static const struct disk_model *preset(const char *device)
{
	return device_model_find(device)->disk;
}

static void test_servers(void)
{
	u32 servers = preset("disk")->servers, first, last = 0;
	struct world w;

	queue_world(&w, "disk", 1);
	first = send(&w, 0, 10, 1, false);
	for (u32 i = 1; i < servers + 2; i++)
		last = send(&w, 0, 10 + 2 * i, 1, false);
	CU_ASSERT_EQUAL(w.k->disk[0].serving, servers);
	CU_ASSERT_EQUAL(w.k->disk[0].tail, last);
	CU_ASSERT_EQUAL(w.k->request[w.k->disk[0].head].next, last);
	wait_for(&w, first);
	CU_ASSERT(w.k->disk[0].serving <= servers);
	wait_for(&w, last);
	CU_ASSERT_EQUAL(w.k->disk[0].head, 0);
	CU_ASSERT_EQUAL(w.k->disk[0].tail, 0);
	while (w.k->disk[0].serving)
		go_on(&w);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_IOS], servers + 2);
	world_release(&w);
}

static void test_one_by_one(void)
{
	enum { N = 6 };
	struct world w;
	u32 request[N];

	queue_world(&w, "loopbuf", 1);
	for (u32 i = 0; i < N; i++)
		request[i] = send(&w, 0, 100 - 2 * i, 1 + i % 3, i % 2);
	for (u32 i = 0; i < N; i++) {
		CU_ASSERT_EQUAL(w.k->disk[0].serving, 1);
		wait_for(&w, request[i]);
		for (u32 j = i + 1; j < N; j++)
			CU_ASSERT(is_under_way(&w, request[j]));
	}
	CU_ASSERT_EQUAL(w.k->disk[0].serving, 0);
	world_release(&w);
}

static void test_tags(void)
{
	u32 tags = preset("disk")->tags, taken;
	bool seen[MOST_TAGS] = { false };
	struct world w;

	queue_world(&w, "disk", 1);
	for (u32 i = 0; i < tags; i++) {
		CU_ASSERT_EQUAL(w.k->disk[0].no_tag, 0);
		taken = send(&w, 0, 1 + 2 * i, 1, true);
		CU_ASSERT_FATAL(taken <= tags && !seen[taken]);
		seen[taken] = true;
	}
	CU_ASSERT(w.k->disk[0].no_tag); /* to be waited for */
	CU_ASSERT_EQUAL(disk_get_request(w.k, 0), 0);
	while (w.k->disk[0].no_tag)
		go_on(&w);
	CU_ASSERT(disk_get_request(w.k, 0) != 0);
	CU_ASSERT(w.k->disk[0].no_tag);
	world_release(&w);
}

static void test_devices_have_their_own(void)
{
	struct world w;
	u32 a, b;

	queue_world(&w, "loopbuf", 2);
	a = send(&w, 0, 1, 1, true);
	b = send(&w, 1, 1, 1, true);
	CU_ASSERT(a != b);
	CU_ASSERT_EQUAL(w.k->request[a].device, 0);
	CU_ASSERT_EQUAL(w.k->request[b].device, 1);
	CU_ASSERT_EQUAL(w.k->disk[0].serving, 1); /* neither waits for the other's server */
	CU_ASSERT_EQUAL(w.k->disk[1].serving, 1);
	while (disk_get_request(w.k, 0))
		;
	CU_ASSERT(w.k->disk[0].no_tag);
	CU_ASSERT_EQUAL(w.k->disk[1].no_tag, 0);
	CU_ASSERT_EQUAL(w.k->request[disk_get_request(w.k, 1)].device, 1);
	world_release(&w);
}

static void test_path_is_shared(void)
{
	u64 page_ns = preset("sata-ssd")->path_page, start;
	struct world w;
	u32 a, b;

	queue_world(&w, "sata-ssd", 1);
	start = w.k->machine.now;
	a = send(&w, 0, 1, 10, true);
	CU_ASSERT_EQUAL(w.k->disk[0].path_free[0], start + 10 * page_ns);
	b = send(&w, 0, 100, 20, false);
	CU_ASSERT_EQUAL(w.k->disk[0].path_free[0], start + 30 * page_ns);
	CU_ASSERT(wait_for(&w, b) > 30 * page_ns);
	wait_for(&w, a);
	start = w.k->machine.now; /* it was free meanwhile */
	CU_ASSERT(start > w.k->disk[0].path_free[0]);
	send(&w, 0, 100, 1, false);
	CU_ASSERT_EQUAL(w.k->disk[0].path_free[0], start + page_ns);
	world_release(&w);
}

static void test_full_duplex(void)
{
	u64 page_ns = preset("nvme-client")->path_page, start;
	struct world w;

	queue_world(&w, "nvme-client", 1);
	start = w.k->machine.now;
	send(&w, 0, 1, 10, true);
	send(&w, 0, 100, 20, false);
	CU_ASSERT_EQUAL(w.k->disk[0].path_free[1], start + 10 * page_ns);
	CU_ASSERT_EQUAL(w.k->disk[0].path_free[0], start + 20 * page_ns);
	world_release(&w);
}

/* The time of the first request of a machine; always the same draw. */
static u64 first_time(const char *device, u32 pages, bool write, u32 serving)
{
	struct world w;
	u64 ns;

	queue_world(&w, device, 1);
	w.k->disk[0].serving = serving;
	ns = wait_for(&w, send(&w, 0, 1, pages, write));
	world_release(&w);
	return ns;
}

static void test_time_of_more_pages(void)
{
	static const char *const device[] = { "disk", "loopbuf", "loopdio" };

	for (u32 i = 0; i < 2 * ARRAY_SIZE(device); i++) {
		const struct disk_model *d = preset(device[i / 2]);
		u64 median = i % 2 ? d->write.idle_p50 : d->read.idle_p50;
		u64 page = i % 2 ? d->write_page : d->read_page;
		u64 one = first_time(device[i / 2], 1, i % 2, 0) - d->path_page;

		CU_ASSERT_EQUAL(first_time(device[i / 2], 8, i % 2, 0) - 8 * d->path_page,
				(u64)fixed_scale(one, median + 7 * page, median));
	}
}

/* Halfway in servers is a quarter of the way in time. */
static void test_time_under_load(void)
{
	const struct disk_model *d = preset("nvme-client");
	u32 most = d->servers - 1, half = most / 2;
	u64 idle = first_time("nvme-client", 1, false, 0) - d->path_page;
	u64 busy = first_time("nvme-client", 1, false, most) - d->path_page;

	CU_ASSERT(busy > idle);
	CU_ASSERT_EQUAL(first_time("nvme-client", 1, false, half) - d->path_page,
			idle + fixed_scale(busy - idle, half * half, most * most));
}

static bool is_near(u64 value, u64 expected, u32 percent)
{
	return value * 100 > expected * (100 - percent) && value * 100 < expected * (100 + percent);
}

/* Requests one at a time: their middle and their 99th percentile are the preset's, within 10 and 25 %. */
static void test_distribution(void)
{
	static const char *const device[] = { "disk", "loopdio" };

	for (u32 i = 0; i < 8; i++) {
		const struct disk_model *d = preset(device[i / 4]);
		const struct disk_latency *of = i % 2 ? &d->write : &d->read;
		bool busy = i / 2 % 2, write = i % 2;
		const struct histogram *h;
		struct world w;

		queue_world(&w, device[i / 4], 1);
		w.k->disk[0].serving = busy ? d->servers - 1 : 0;
		for (u32 n = 0; n < DRAWS; n++)
			wait_for(&w, send(&w, 0, 1, 1, write));
		h = &w.k->latency[write ? LATENCY_SWAP_WRITE : LATENCY_SWAP_READ];
		CU_ASSERT_EQUAL(h->count, DRAWS);
		CU_ASSERT(is_near(histogram_quantile(h, 500000), busy ? of->busy_p50 : of->idle_p50, 10));
		CU_ASSERT(is_near(histogram_quantile(h, 990000), busy ? of->busy_p99 : of->idle_p99, 25));
		world_release(&w);
	}
}

/* From being sent on, the wait for a server included. */
static void test_latency(void)
{
	struct world w;
	u64 first, second;

	queue_world(&w, "loopbuf", 1);
	first = send(&w, 0, 1, 1, true);
	second = send(&w, 0, 10, 1, false);
	first = wait_for(&w, first);
	second = first + wait_for(&w, second);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_SWAP_WRITE].count, 1);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_SWAP_WRITE].max, first);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_SWAP_READ].count, 1);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_SWAP_READ].max, second);
	world_release(&w);
}

static void test_counters(void)
{
	struct world w;
	u32 write, read;

	queue_world(&w, "disk", 1);
	CU_ASSERT(disk_get_request(w.k, 0) != 0); /* not sent: not counted */
	write = send(&w, 0, 1, 7, true);
	read = send(&w, 0, 20, 3, false);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 1);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_PAGES], 7);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_IOS], 1);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_PAGES], 3);
	CU_ASSERT_EQUAL(w.k->disk[0].pages_in_flight[0], 3);
	CU_ASSERT_EQUAL(w.k->disk[0].pages_in_flight[1], 7);
	wait_for(&w, read);
	CU_ASSERT_EQUAL(w.k->disk[0].pages_in_flight[0], 0);
	wait_for(&w, write);
	CU_ASSERT_EQUAL(w.k->disk[0].pages_in_flight[1], 0);
	CU_ASSERT_EQUAL(w.k->count[1][BLK_WR_IOS], 0); /* the machine's, nobody's in particular */
	world_release(&w);
}

/* The server goes on, but nobody hears of the end until interrupts are on again. */
static void test_interrupts_off(void)
{
	struct world w;
	u32 task, request, other;

	world_init(&w, (struct world_size){ .device = "loopbuf" });
	world_write(&w, 0);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1);
	CU_ASSERT(world_step_to(&w, task, "shrink_inactive_list.UNLOCK_LRU"));
	request = send(&w, 0, 100, 1, true);
	other = send(&w, 0, 200, 1, true);
	w.k->request[other].cpu = 1;
	disk_done(&w.k->machine, request);
	CU_ASSERT(is_under_way(&w, request));
	CU_ASSERT_EQUAL(w.k->disk[0].serving, 1);
	CU_ASSERT_EQUAL(w.k->disk[0].head, 0); /* the next one is being served */
	disk_done(&w.k->machine, other);       /* on another CPU */
	CU_ASSERT_FALSE(is_under_way(&w, other));
	CU_ASSERT(world_step_to(&w, task, "shrink_folio_list.RESCHED"));
	CU_ASSERT_FALSE(is_under_way(&w, request));
	CU_ASSERT_EQUAL(w.k->disk[0].pages_in_flight[1], 0);
	world_release(&w);
}

/* Of the pages of a request each finds its folio through its slot. */
static void test_end_of_each_page(void)
{
	struct world w;
	u32 folio[3];

	world_init(&w, (struct world_size){ .device = "loopbuf" });
	world_write_range(&w, 0, 3);
	for (u32 i = 0; i < 3; i++)
		folio[i] = w.k->pte[page_of(&w, i)];
	world_pageout(&w, 0, 3);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 1);
	for (u32 i = 0; i < 3; i++)
		CU_ASSERT(w.k->folio_io[folio[i]].writeback);
	world_idle(&w, 10);
	for (u32 i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(w.k->folio_io[folio[i]].writeback, 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 3);
	world_release(&w);
}

/* What goes into a buffer waits for no server. */
static void test_buffered_write(void)
{
	struct world w;

	queue_world(&w, "nvme-client", 1);
	w.k->disk[0].serving = preset("nvme-client")->servers;
	send(&w, 0, 1, 1, true);
	CU_ASSERT_EQUAL(w.k->disk[0].tail, 0);
	CU_ASSERT_EQUAL(w.k->disk[0].serving, preset("nvme-client")->servers);
	send(&w, 0, 10, 1, false);
	CU_ASSERT(w.k->disk[0].tail != 0);
	world_release(&w);
}

/* Where a discard stops the device it waits for the data path, and that for it; else neither does. */
static void test_discard(void)
{
	static const char *const device[] = { "nvme-client", "sata-ssd" };

	for (u32 stops = 0; stops < ARRAY_SIZE(device); stops++) {
		u64 discard_ns = preset(device[stops])->discard_ns, before[2], end;
		struct world w;

		queue_world(&w, device[stops], 1);
		send(&w, 0, 1, 100, false);
		before[0] = w.k->disk[0].path_free[0];
		before[1] = w.k->disk[0].path_free[1];
		CU_ASSERT(before[0] > w.k->machine.now);
		end = disk_discard(w.k, 0);
		CU_ASSERT_EQUAL(end, (stops ? before[0] : w.k->machine.now) + discard_ns);
		CU_ASSERT_EQUAL(w.k->disk[0].path_free[0], stops ? end : before[0]);
		CU_ASSERT_EQUAL(w.k->disk[0].path_free[1], stops ? end : before[1]);
		world_release(&w);
	}
}

/* What was written is brought back on the CPU that sent it. */
static void test_ends_where_it_was_sent(void)
{
	for (u32 cpu = 0; cpu < 2; cpu++) {
		u32 folio, request = 1;
		struct world w;

		world_init(&w, (struct world_size){ .device = "loopbuf" });
		world_write(&w, 0);
		world_drain(&w, 0);
		folio = w.k->pte[page_of(&w, 0)];
		world_pageout(&w, 0, 1);
		CU_ASSERT_FATAL(w.k->folio_io[folio].writeback);
		while (!is_under_way(&w, request))
			request++;
		w.k->request[request].cpu = cpu;
		end_io(&w.k->machine, request);
		for (u32 i = 0; i < 2; i++) {
			const struct percpu *c = percpu_of(&w.k->machine, i);

			CU_ASSERT_EQUAL(c->rotate_count, i == cpu);
		}
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "as many requests are served at a time as there are servers", test_servers },
	{ "a single server serves them in the order in which they came", test_one_by_one },
	{ "a tag is taken by one request, and given back at its end", test_tags },
	{ "every device has its own", test_devices_have_their_own },
	{ "data goes through one path, one request after the other", test_path_is_shared },
	{ "in full duplex there is one for each direction", test_full_duplex },
	{ "a request of more pages takes longer in proportion", test_time_of_more_pages },
	{ "with more servers at work each takes longer", test_time_under_load },
	{ "times are distributed as the preset says", test_distribution },
	{ "latency counts from when a request was sent", test_latency },
	{ "what is sent is counted, and in flight until its end", test_counters },
	{ "the end waits for interrupts to be on", test_interrupts_off },
	{ "every page of a request ends", test_end_of_each_page },
	{ "what is buffered waits for no server", test_buffered_write },
	{ "a discard may stop the device", test_discard },
	{ "the end is where it was sent", test_ends_where_it_was_sent },
};

UNIT_MAIN("queue", tests)
