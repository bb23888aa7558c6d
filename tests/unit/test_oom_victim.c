/* The OOM killer, one choice at a time: who of two processes of a cgroup it takes, and when nobody. */
#include "models/mm/memory.h"
#include "models/mm/oom.h"
#include "tests/unit/world.h"

enum { PAGES = 8 };

struct oom_world {
	struct world w;
	struct mm_config mm[2];
};

/* Each process has as many pages, and a task that has not begun. */
static void begin(struct oom_world *f)
{
	struct world_size size = { .pages = PAGES, .cpus = 4 };
	struct kernel_config c = world_config(&f->w, &size);

	f->mm[0] = f->mm[1] = f->w.mm;
	f->mm[1].name = "other";
	c.mm = f->mm;
	c.mms = 2;
	f->w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(f->w.k != NULL);
	f->w.load = (struct workload){ .pattern = PATTERN_SEQ, .pages = PAGES, .accesses = 1 };
	world_by_hand(&f->w);
	for (u32 i = 0; i < 2; i++) {
		f->w.k->mm[i].users = 1;
		f->w.k->mm[i].anon_pages = PAGES;
		work_add_task(f->w.k, &f->w.load, i, 2 + i, true);
	}
	f->w.k->memcg[1].max = 0; /* no room at all */
}

static bool is_victim(const struct oom_world *f, u32 mm)
{
	return f->w.k->mm[mm].oom & MM_OOM_VICTIM;
}

/* How often the reaper is to come for one of them. */
static u32 reaps(const struct oom_world *f)
{
	const struct machine *m = &f->w.k->machine;
	u32 n = 0;

	for (u32 i = 0; i < m->arena.region[m->pending_region].live; i++)
		n += m->pending[i].kind == EVENT_OOM_REAPER;
	return n;
}

/* For want of memory of the cgroup, or of the machine. */
static void call_for(struct oom_world *f, u32 memcg)
{
	u32 task = memcg ? ADD_ON(&f->w, 0, mem_cgroup_oom, .memcg = memcg)
			 : ADD_ON(&f->w, 0, out_of_memory, .hope = 0);

	CU_ASSERT_FATAL(world_step_to(&f->w, task, NULL));
}

/* The larger one, of two as large the one that comes later, and none that has given up its memory. */
static void test_choice(void)
{
	static const struct {
		u32 more[2], oom[2];
		u32 victim; /* 2: nobody */
	} as[] = {
		{ { 0, 0 }, { 0, 0 }, 1 },
		{ { 1, 0 }, { 0, 0 }, 0 },
		{ { 0, 1 }, { 0, 0 }, 1 },
		{ { 0, 1 }, { 0, MM_OOM_SKIP }, 0 },
		{ { 0, 1 }, { 0, MM_OOM_SKIP | MM_OOM_VICTIM }, 0 },
		{ { 0, 0 }, { MM_OOM_SKIP, MM_OOM_SKIP }, 2 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct oom_world f;

		begin(&f);
		for (u32 mm = 0; mm < 2; mm++) {
			f.w.k->mm[mm].anon_pages += as[i].more[mm];
			f.w.k->mm[mm].oom = (u8)as[i].oom[mm];
		}
		call_for(&f, 1);
		CU_ASSERT_EQUAL(f.w.k->machine.failure != NULL, as[i].victim == 2);
		for (u32 mm = 0; mm < 2; mm++)
			CU_ASSERT_EQUAL(!!(f.w.k->mm[mm].oom & MM_SIGKILL), mm == as[i].victim);
		world_release(&f.w);
	}
}

/* While one is dying nobody else is taken, and the reaper is called for it once. */
static void test_one_is_enough(void)
{
	struct oom_world f;

	begin(&f);
	call_for(&f, 1);
	CU_ASSERT(is_victim(&f, 1));
	CU_ASSERT_EQUAL(reaps(&f), 1);
	call_for(&f, 1);
	CU_ASSERT_FALSE(is_victim(&f, 0));
	CU_ASSERT_EQUAL(f.w.k->count[1][EVENTS_OOM_KILL], 1);
	f.w.k->mm[1].oom &= ~MM_OOM_VICTIM; /* as if it died of something else, and was to be reaped */
	call_for(&f, 1);
	CU_ASSERT(is_victim(&f, 1));
	CU_ASSERT_EQUAL(reaps(&f), 1);
	world_release(&f.w);
}

/* The machine kills nobody if there is memory by now, nor a cgroup that has room. */
static void test_no_need(void)
{
	for (u32 memcg = 0; memcg < 2; memcg++) {
		struct oom_world f;

		begin(&f);
		f.w.k->memcg[1].max = 1;
		f.w.k->memory->free = f.w.k->memory->high + 1;
		call_for(&f, memcg);
		CU_ASSERT_FALSE(is_victim(&f, 0) || is_victim(&f, 1));
		f.w.k->memcg[1].max = 0;
		f.w.k->memory->free = f.w.k->memory->high;
		call_for(&f, memcg);
		CU_ASSERT(is_victim(&f, 1));
		world_release(&f.w);
	}
}

/* A swapoff that nobody else is to pay for, and which is of no process, dies once, and first. */
static void test_swapoff(void)
{
	struct oom_world f;
	u32 task;

	begin(&f);
	task = ADD_ON(&f.w, 1, swapoff, .device = 0);
	f.w.k->work[task].mm = WORK_NO_MM;
	f.w.k->work[task].oom_origin = 1;
	f.w.k->memory->free = 0;
	for (u32 i = 0; i < 2; i++) {
		call_for(&f, 0);
		CU_ASSERT(f.w.k->work[task].killed);
		CU_ASSERT_EQUAL(f.w.k->count[0][EVENTS_OOM_KILL], 1);
		CU_ASSERT_FALSE(is_victim(&f, 0) || is_victim(&f, 1));
	}
	world_release(&f.w);
}

static const struct unit tests[] = {
	{ "who is taken", test_choice },
	{ "nobody while one is dying", test_one_is_enough },
	{ "nobody where there is no need any more", test_no_need },
	{ "a swapoff before all others", test_swapoff },
};

UNIT_MAIN("oom: who is taken", tests)
