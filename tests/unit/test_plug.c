/* Plugs: what is merged, what is held back, and when it is sent. */
#include "models/block/block.h"
#include "models/cpu.h"

#include "tests/unit/world.h"

enum { MOST_PAGES = 128 /* of a request to loopbuf */, TAGS = 128 };

/* Who holds the plug of a test: a task that never runs. What is submitted is submitted by tasks of their own,
 * which are lent it. */
static struct task *holder(const struct world *w)
{
	u32 last = w->k->machine.config.tasks - 1;

	w->k->machine.task[last].id = last;
	return &w->k->machine.task[last];
}

static struct plug *plug_in_hand(const struct world *w)
{
	return plug_of(w->k, holder(w));
}

/* The devices never get anything done, so that their queues show what they were sent, in order. */
static void plugged_world(struct world *w, const char *release, u32 devices)
{
	world_init(w, (struct world_size){ .release = release, .device = "loopbuf", .devices = devices });
	for (u32 i = 0; i < w->k->config.devices; i++)
		w->k->disk[i].serving = 1;
	plug_start(w->k, holder(w));
}

static void submit(struct world *w, bool write, u32 entry, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		u32 id = w->k->machine.tasks;

		w->k->plug[id] = *plug_in_hand(w);
		RUN(w, submit_bio, .entry = entry + i, .nr = 1, .write = write);
		*plug_in_hand(w) = w->k->plug[id];
		w->k->plug[id] = (struct plug){ 0 };
	}
}

static u32 on_second_device(const struct world *w, u32 offset)
{
	return w->k->device[1].first_slot + offset;
}

/* "w9+3": a write of 3 pages from slot 9 on; "1:w9+3": on the second device. */
static void check_chain(const struct world *w, u32 head, const char *expected)
{
	GString *s = g_string_new(NULL);

	for (u32 r = head; r; r = w->k->request[r].next) {
		const struct request *q = &w->k->request[r];

		g_string_append_printf(s, "%s%s%c%u+%u", s->len ? " " : "", q->device ? "1:" : "",
				       q->write ? 'w' : 'r', q->slot - w->k->device[q->device].first_slot,
				       q->pages);
	}
	CU_ASSERT_STRING_EQUAL(s->str, expected);
	if (strcmp(s->str, expected))
		printf("\n  is: %s\nnot: %s\n", s->str, expected);
	g_string_free(s, TRUE);
}

static void check_plug(const struct world *w, const char *expected)
{
	check_chain(w, plug_in_hand(w)->head, expected);
}

static void check_sent(const struct world *w, const char *expected)
{
	check_chain(w, w->k->disk[0].head, expected);
}

static void test_either_end(void)
{
	struct world w;

	plugged_world(&w, "6.18", 1);
	submit(&w, true, 10, 1);
	submit(&w, true, 11, 1);
	submit(&w, true, 9, 1);
	check_plug(&w, "w9+3");
	submit(&w, true, 13, 1); /* leaves a gap */
	submit(&w, true, 12, 1);
	check_plug(&w, "w9+3 w12+2");
	check_sent(&w, "");
	world_release(&w);
}

static void test_reads_and_writes_apart(void)
{
	struct world w;

	plugged_world(&w, "6.18", 1);
	submit(&w, true, 10, 1);
	submit(&w, false, 11, 2);
	submit(&w, true, 13, 1);
	check_plug(&w, "w10+1 r11+2 w13+1");
	world_release(&w);
}

static void test_newest_only(void)
{
	static const struct {
		const char *release, *plug;
	} rows[] = { { "6.18", "w10+1 w20+1 w11+2" },
		     { "6.14", "w10+3 w20+1" }, /* the oldest, and no other */
		     { "6.18+plug-peek=newest", "w11+2 w20+1 w10+1" } };

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		plugged_world(&w, rows[i].release, 1);
		submit(&w, true, 10, 1);
		submit(&w, true, 20, 1);
		submit(&w, true, 11, 2); /* not into the first */
		check_plug(&w, rows[i].plug);
		world_release(&w);
	}
}

static void test_no_more_than_fits(void)
{
	struct world w;

	plugged_world(&w, "6.18", 1);
	submit(&w, false, 1, 1);
	submit(&w, true, 500, MOST_PAGES + 2);
	check_plug(&w, "r1+1 w500+128 w628+2");
	CU_ASSERT_EQUAL(plug_in_hand(&w)->pages, MOST_PAGES + 3);
	CU_ASSERT_EQUAL(plug_in_hand(&w)->count, 3);
	submit(&w, true, 499, 1); /* the full one is no longer the newest, and it is full */
	check_plug(&w, "r1+1 w500+128 w628+2 w499+1");
	world_release(&w);
}

/* 1 switches only searches off that are not modelled. */
static void test_nomerges(void)
{
	static const char *const plug[] = { "w10+2", "w10+2", "w10+1 w11+1" };

	for (u32 nomerges = 0; nomerges < ARRAY_SIZE(plug); nomerges++) {
		struct world w;

		plugged_world(&w, "6.18", 1);
		w.device[0].nomerges = nomerges;
		submit(&w, true, 10, 2);
		check_plug(&w, plug[nomerges]);
		world_release(&w);
	}
}

static void test_two_devices(void)
{
	struct world w;

	plugged_world(&w, "6.18", 2);
	submit(&w, true, 10, 1);
	submit(&w, true, on_second_device(&w, 11), 1); /* the same slot of another device is no neighbour */
	submit(&w, true, on_second_device(&w, 12), 1);
	check_plug(&w, "w10+1 1:w11+2");
	CU_ASSERT(plug_in_hand(&w)->several);
	submit(&w, true, 11, 1); /* the newest is another device's */
	check_plug(&w, "w10+2 1:w11+2");
	submit(&w, true, 20, 1);
	submit(&w, true, on_second_device(&w, 10), 1);
	submit(&w, true, 12, 1);
	check_plug(&w, "w10+2 1:w10+3 w20+1 w12+1"); /* the newest is this device's, and the only one tried */
	plug_finish(w.k, holder(&w));
	check_sent(&w, "w10+2 w20+1 w12+1");
	check_chain(&w, w.k->disk[1].head, "1:w10+3");
	world_release(&w);
}

/* When the newest request is another device's the plug is looked through from the head, for one request: the
 * oldest of the device, or with the rule up to 6.12.0 the newest. */
static void test_merge_among_devices(void)
{
	static const struct {
		const char *release;
		u32 slot;
		const char *plug;
	} rows[] = {
		{ "6.18", 11, "w10+2 w20+1 1:w1+1" },
		{ "6.18", 21, "w10+1 w20+1 1:w1+1 w21+1" },
		{ "6.18+plug-peek=newest", 11, "w11+1 1:w1+1 w20+1 w10+1" },
		{ "6.18+plug-peek=newest", 21, "1:w1+1 w20+2 w10+1" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		plugged_world(&w, rows[i].release, 2);
		submit(&w, true, 10, 1);
		submit(&w, true, 20, 1);
		submit(&w, true, on_second_device(&w, 1), 1);
		submit(&w, true, rows[i].slot, 1);
		check_plug(&w, rows[i].plug);
		world_release(&w);
	}
}

/* That there were several devices is forgotten with the plug, not when it is sent. */
static void test_several_until_the_end(void)
{
	struct world w;

	plugged_world(&w, "6.18", 2);
	submit(&w, true, 10, 1);
	submit(&w, true, on_second_device(&w, 1), 1);
	plug_flush(w.k, holder(&w));
	CU_ASSERT(plug_in_hand(&w)->several);
	plug_start(w.k, holder(&w));
	CU_ASSERT(plug_in_hand(&w)->several);
	plug_finish(w.k, holder(&w));
	plug_finish(w.k, holder(&w));
	plug_start(w.k, holder(&w));
	CU_ASSERT_FALSE(plug_in_hand(&w)->several);
	world_release(&w);
}

static void test_nesting(void)
{
	static const struct {
		const char *release, *plug, *sent;
	} rows[] = { { "6.18", "w10+1 w20+1", "" }, { "6.18+plug-peek=nested", "", "w10+1 w20+1" } };

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		plugged_world(&w, rows[i].release, 1);
		submit(&w, true, 10, 1);
		plug_start(w.k, holder(&w));
		submit(&w, true, 20, 1);
		plug_finish(w.k, holder(&w));
		check_plug(&w, rows[i].plug);
		check_sent(&w, rows[i].sent);
		CU_ASSERT_EQUAL(plug_in_hand(&w)->depth, 1);
		plug_finish(w.k, holder(&w));
		check_plug(&w, "");
		check_sent(&w, "w10+1 w20+1");
		CU_ASSERT_EQUAL(holder(&w)->work_ns, 2 * w.k->cpu_profile->issue_ns);
		world_release(&w);
	}
}

/* The 33rd request sends the 32 before it; of several devices, the 65th. */
static void test_count_rule(void)
{
	for (u32 several = 0; several < 2; several++) {
		u32 most = BLK_MAX_REQUEST_COUNT << several;
		struct world w;

		plugged_world(&w, "6.18", 1 + several);
		submit(&w, true, several ? on_second_device(&w, 10) : 10, 1);
		for (u32 i = 1; i < most; i++)
			submit(&w, true, 10 + 2 * i, 1);
		CU_ASSERT_EQUAL(plug_in_hand(&w)->count, most);
		submit(&w, true, 10 + 2 * most - 1, 1); /* merged: no new request */
		CU_ASSERT_EQUAL(plug_in_hand(&w)->count, most);
		submit(&w, false, 10, 1);
		check_plug(&w, "r10+1");
		CU_ASSERT_EQUAL(plug_in_hand(&w)->pages, 1);
		CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], most);
		world_release(&w);
	}
}

/* A large request behind a small one, and one before it: which of them has the plug sent when one more is
 * added. */
static void test_size_rule(void)
{
	static const struct {
		const char *release;
		u32 first, second;
		const char *plug, *sent;
	} rows[] = {
		{ "6.18", 1, 32, "w100+1 w200+32 w300+1", "" },
		{ "6.18", 31, 1, "w100+31 w200+1 w300+1", "" },
		{ "6.18", 32, 1, "w200+1 w300+1", "w100+32" },
		{ "6.17", 1, 32, "w100+1 w200+32 w300+1", "" },
		{ "6.12", 1, 32, "w100+1 w200+32 w300+1", "" },
		{ "6.18+plug-peek=newest", 1, 32, "w300+1", "w200+32 w100+1" },
		{ "6.18+plug-peek=newest", 31, 31, "w300+1 w200+31 w100+31", "" },
		{ "6.18+plug-peek=total", 1, 31, "w300+1", "w100+1 w200+31" },
		{ "6.18+plug-peek=total", 1, 30, "w100+1 w200+30 w300+1", "" },
		{ "6.18+plug-peek=nested", 1, 32, "w100+1 w200+32 w300+1", "" },
		{ "6.18+plug-peek=nested", 32, 1, "w200+1 w300+1", "w100+32" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		plugged_world(&w, rows[i].release, 1);
		submit(&w, true, 100, 1);
		plug_in_hand(&w)->pages = w.k->request[plug_in_hand(&w)->head].pages = rows[i].first;
		submit(&w, true, 200, rows[i].second);
		submit(&w, true, 300, 1);
		check_plug(&w, rows[i].plug);
		check_sent(&w, rows[i].sent);
		world_release(&w);
	}
}

static void test_nomerges_has_no_size_rule(void)
{
	struct world w;

	plugged_world(&w, "6.18", 2);
	w.device[1].nomerges = 2;
	submit(&w, true, 100, BLK_PLUG_FLUSH_PAGES);
	submit(&w, true, on_second_device(&w, 10), 1); /* it is the queue of the new one that says so */
	check_plug(&w, "w100+32 1:w10+1");
	submit(&w, true, 200, 1);
	check_plug(&w, "w200+1");
	world_release(&w);
}

static void test_without_plug(void)
{
	struct world w;
	u64 start;

	plugged_world(&w, "6.18", 1);
	plug_finish(w.k, holder(&w));
	start = w.k->machine.now;
	submit(&w, true, 10, 2);
	check_sent(&w, "w10+1 w11+1");
	CU_ASSERT(w.k->machine.now - start >= 2 * w.k->cpu_profile->issue_ns);
	world_release(&w);
}

static void test_unsent_pages(void)
{
	struct world w;

	plugged_world(&w, "6.18", 1);
	submit(&w, true, 10, 3);
	submit(&w, false, 50, 2);
	CU_ASSERT_EQUAL(plug_unsent_pages(w.k), 3);
	w.k->plug[0] = *plug_in_hand(&w); /* another task's */
	CU_ASSERT_EQUAL(plug_unsent_pages(w.k), 6);
	w.k->plug[0] = (struct plug){ 0 };
	plug_flush(w.k, holder(&w));
	CU_ASSERT_EQUAL(plug_unsent_pages(w.k), 0);
	world_release(&w);
}

/* ---- sleeping ---- */

/* A task that has a plug with a write in it goes on in @path until it sleeps, perhaps for ever. */
static u32 with_plug(struct world *w, u32 path, const void *arguments, u32 bytes)
{
	u32 task = w->k->machine.tasks;

	w->k->plug[task] = *plug_in_hand(w);
	*plug_in_hand(w) = (struct plug){ 0 };
	world_add(w, 0, path, arguments, bytes);
	machine_run(&w->k->machine, w->k->machine.now + 100000, NULL);
	return task;
}
#define WITH_PLUG(w, path, ...) with_plug(w, PATH_##path, &(struct path){ __VA_ARGS__ }, sizeof(struct path))

/* Page 0 is in the cache and locked, the plug holds one write. */
static u32 locked_page(struct world *w)
{
	u32 folio, entry;

	plugged_world(w, "6.18", 1);
	world_write(w, 0);
	CU_ASSERT_EQUAL(world_pageout(w, 0, 1), 0);
	entry = entry_at(w, 0);
	folio = word_folio(w->k->slot[entry].cache);
	CU_ASSERT(folio != 0);
	w->k->folio_io[folio].lock = holder(w)->id + 1;
	submit(w, true, 100, 1);
	check_plug(w, "w100+1");
	return folio;
}

static void check_flushed_by(struct world *w, u32 task, const char *step)
{
	CU_ASSERT(world_is_at(w, task, step));
	CU_ASSERT_EQUAL(w->k->machine.task[task].state, TASK_BLOCKED);
	CU_ASSERT_EQUAL(w->k->plug[task].head, 0);
	CU_ASSERT_EQUAL(w->k->plug[task].depth, 1); /* it goes on collecting when it wakes */
	check_chain(w, w->k->disk[0].tail, "w100+1");
}

static void test_bit_wait_flushes(void)
{
	struct world w;
	u32 folio = locked_page(&w), task;

	task = WITH_PLUG(&w, handle_mm_fault, .page = page_of(&w, 0));
	check_flushed_by(&w, task, "do_swap_page.WAIT_FOLIO");
	CU_ASSERT(w.k->folio_io[folio].lock & BIT_LOCK_WAITERS);
	world_release(&w);
}

static void test_bit_lock_flushes(void)
{
	struct world w;
	u32 task;

	locked_page(&w);
	task = WITH_PLUG(&w, handle_mm_fault, .page = page_of(&w, 0), .tried = 1);
	check_flushed_by(&w, task, "do_swap_page.LOCK_FOLIO");
	world_release(&w);
}

static void test_timeout_flushes(void)
{
	struct world w;
	u32 entry, task;

	locked_page(&w);
	entry = entry_at(&w, 0);
	w.k->slot[entry].cache = 0; /* somebody has claimed it and has no page yet */
	task = WITH_PLUG(&w, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
	check_flushed_by(&w, task, "read_swap_cache_async.RETRY_SLEEP");
	world_release(&w);
}

static void test_free_lock_does_not(void)
{
	struct world w;
	u32 folio = locked_page(&w), task;

	w.k->folio_io[folio].lock = 0;
	task = WITH_PLUG(&w, handle_mm_fault, .page = page_of(&w, 0), .tried = 1);
	CU_ASSERT_EQUAL(w.k->machine.task[task].state, TASK_DONE);
	check_chain(&w, w.k->plug[task].head, "w100+1");
	world_release(&w);
}

/* What the first task had unsent when the second one came on. */
struct look {
	struct kernel *k;
	u32 first, second;
	u64 unsent;
	bool first_was_done, seen;
};

static void look_at_first(struct machine *m, void *data, const struct log_entry *e)
{
	struct look *look = data;

	if (look->seen || e->task != look->second)
		return;
	look->seen = true;
	look->first_was_done = m->task[look->first].state == TASK_DONE;
	look->unsent = plug_unsent_pages(look->k);
}

static void test_preemption_does_not(void)
{
	static const enum preemption kinds[] = { PREEMPT_VOLUNTARY, PREEMPT_FULL };

	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct look look = { 0 };
		struct world w;

		world_init(&w, (struct world_size){ .device = "loopbuf", .preemption = kinds[i] });
		w.k->machine.config.slice_ns = 20000;
		world_write_range(&w, 0, 100);
		look.k = w.k;
		look.first = ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, 0), .count = 100);
		look.second = ADD_ON(&w, 0, lru_add_drain, .folio = 0);
		w.k->machine.log = look_at_first;
		w.k->machine.log_data = &look;
		CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
		CU_ASSERT(look.seen);
		CU_ASSERT_FALSE(look.first_was_done);
		CU_ASSERT(look.unsent > 0 && look.unsent < 100);
		CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 1); /* not sent in pieces */
		world_release(&w);
	}
}

/* The last tag is in the task's own plug: it sleeps, and so sends what will give it one. */
static void test_no_tag(void)
{
	struct world w;
	u64 start;

	plugged_world(&w, "6.18", 1);
	w.k->disk[0].serving = 0;
	for (u32 i = 0; i < TAGS - 1; i++)
		CU_ASSERT(disk_get_request(w.k, 0) != 0);
	submit(&w, true, 10, 1);
	submit(&w, true, 11, 1); /* needs none */
	check_plug(&w, "w10+2");
	start = w.k->machine.now;
	submit(&w, true, 20, 1);
	CU_ASSERT(w.k->machine.now - start > 10000);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_PAGES], 2);
	CU_ASSERT_EQUAL(w.k->disk[0].serving, 0);
	check_plug(&w, "w20+1");
	world_release(&w);
}

/* To send the plug takes time for each of its requests. */
static void test_time_to_send(void)
{
	struct cpu_profile slow;
	struct world w;
	u64 began;

	plugged_world(&w, "6.18", 1);
	slow = *w.k->cpu_profile;
	slow.issue_ns = 1000000;
	w.k->cpu_profile = &slow;
	for (u32 i = 0; i < BLK_MAX_REQUEST_COUNT; i++)
		submit(&w, true, 10 + 2 * i, 1);
	began = w.k->machine.now;
	submit(&w, true, 1000, 1);
	check_plug(&w, "w1000+1");
	CU_ASSERT_EQUAL((w.k->machine.now - began) / slow.issue_ns, BLK_MAX_REQUEST_COUNT);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "bios in a row become one request, on either end", test_either_end },
	{ "reads and writes do not mix", test_reads_and_writes_apart },
	{ "only the newest request is tried", test_newest_only },
	{ "a request takes what the device takes at most", test_no_more_than_fits },
	{ "with nomerges 2 every bio is a request", test_nomerges },
	{ "requests of several devices lie in one plug", test_two_devices },
	{ "of those one is tried if the newest is another's", test_merge_among_devices },
	{ "a plug of several devices stays one until it is finished", test_several_until_the_end },
	{ "who started the plug first sends it", test_nesting },
	{ "32 requests are enough, 64 of several devices", test_count_rule },
	{ "128 KiB are enough: in the oldest, the newest, all", test_size_rule },
	{ "but not where nothing is merged", test_nomerges_has_no_size_rule },
	{ "without a plug a request is sent at once", test_without_plug },
	{ "unsent are the writes in all plugs", test_unsent_pages },
	{ "who waits for a bit sends its plug", test_bit_wait_flushes },
	{ "who waits for a lock sends it", test_bit_lock_flushes },
	{ "who sleeps for a time sends it", test_timeout_flushes },
	{ "who gets the lock at once does not", test_free_lock_does_not },
	{ "nor does who loses its CPU", test_preemption_does_not },
	{ "without a tag the plug is sent, and the wait ends", test_no_tag },
	{ "to send a plug takes time", test_time_to_send },
};

UNIT_MAIN("plug", tests)
