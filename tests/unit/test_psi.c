/*
 * Pressure by hand: tasks are put into states at given times, as the scheduler would. Ticks are 4 ms. Cgroup
 * 2 lies below cgroup 1; tasks belong to cgroup 2, or are threads of the kernel and belong to the root.
 */
#include "models/mm/psi.h"

#include "tests/unit/world.h"

#define MS UINT64_C(1000000)

static void stage(struct world *w, u32 cpus)
{
	world_init(w, (struct world_size){ .cpus = cpus, .memcgs = 3 });
	w->k->mm[0].memcg = 2;
	for (u32 i = 0; i < 4; i++) {
		w->k->machine.task[i].id = i;
		w->k->program[i] = &w->load;
	}
}

static struct task *task_of(struct world *w, u32 task)
{
	return &w->k->machine.task[task];
}

static void become(struct world *w, u64 ms, u32 task, u32 cpu, enum task_state state)
{
	struct machine *m = &w->k->machine;

	m->now = ms * MS;
	m->task[task].cpu = cpu;
	m->task[task].state = state;
	m->on_task_state(m, &m->task[task]);
}

static void sleep_on(struct world *w, u64 ms, u32 task, u32 cpu, enum op op, const void *object)
{
	task_of(w, task)->op = op;
	task_set_object(&w->k->machine, task_of(w, task), object);
	become(w, ms, task, cpu, TASK_BLOCKED);
	task_of(w, task)->op = OP_ACCESS;
}

/* For a folio, where it is a bit that it waits for. */
static void sleep_for(struct world *w, u64 ms, u32 task, u32 cpu, enum op op)
{
	sleep_on(w, ms, task, cpu, op, &w->k->folio_io->lock);
}

static void enter(struct world *w, u64 ms, u32 task)
{
	w->k->machine.now = ms * MS;
	psi_memstall_enter(w->k, task_of(w, task));
}

static void leave(struct world *w, u64 ms, u32 task)
{
	w->k->machine.now = ms * MS;
	psi_memstall_leave(w->k, task_of(w, task));
}

/* What memory.pressure says, in ns. */
static u64 shown(struct world *w, u64 ms, u32 memcg, enum psi_state s)
{
	w->k->machine.now = ms * MS;
	return psi_show(w->k, memcg).total[s];
}

static bool is_idle(const struct world *w, u32 memcg, u32 cpu)
{
	const struct psi_cpu *c = &w->k->psi_cpu[memcg * w->k->machine.cpus + cpu];
	bool idle = !c->state;

	for (u32 i = 0; i < NR_PSI_COUNTS; i++)
		idle = idle && !c->tasks[i];
	return idle;
}

static void test_alone(void)
{
	struct world w;

	stage(&w, 1);
	become(&w, 0, 0, 0, TASK_RUNNING);
	enter(&w, 10, 0);
	leave(&w, 30, 0);
	for (u32 memcg = 0; memcg < 3; memcg++) {
		CU_ASSERT_EQUAL(shown(&w, 100, memcg, PSI_MEM_SOME), 20 * MS);
		CU_ASSERT_EQUAL(shown(&w, 100, memcg, PSI_MEM_FULL), 20 * MS);
	}
	enter(&w, 200, 0);
	CU_ASSERT_EQUAL(shown(&w, 207, 2, PSI_MEM_SOME), 27 * MS);
	leave(&w, 210, 0);
	CU_ASSERT_EQUAL(shown(&w, 220, 2, PSI_MEM_SOME), 30 * MS);
	world_release(&w);
}

/* Task 1 could run from the start, but the CPU is busy reclaiming, or spinning for it: 8 + 4 ms of 24 are
 * full. */
static void test_preempted(void)
{
	struct world w;

	stage(&w, 1);
	become(&w, 0, 0, 0, TASK_RUNNING);
	become(&w, 0, 1, 0, TASK_RUNNABLE);
	enter(&w, 0, 0);
	become(&w, 4, 0, 0, TASK_SPINNING);
	become(&w, 8, 0, 0, TASK_RUNNABLE);
	become(&w, 8, 1, 0, TASK_RUNNING);
	become(&w, 20, 1, 0, TASK_RUNNABLE);
	become(&w, 20, 0, 0, TASK_RUNNING);
	leave(&w, 24, 0);
	CU_ASSERT_EQUAL(shown(&w, 40, 2, PSI_MEM_SOME), 24 * MS);
	CU_ASSERT_EQUAL(shown(&w, 40, 2, PSI_MEM_FULL), 12 * MS);
	world_release(&w);
}

static void test_both_stalled(void)
{
	struct world w;

	stage(&w, 1);
	become(&w, 0, 0, 0, TASK_RUNNING);
	enter(&w, 0, 0);
	become(&w, 4, 0, 0, TASK_RUNNABLE);
	become(&w, 4, 1, 0, TASK_RUNNING);
	enter(&w, 8, 1);
	leave(&w, 16, 1);
	CU_ASSERT_EQUAL(shown(&w, 20, 2, PSI_MEM_SOME), 20 * MS);
	CU_ASSERT_EQUAL(shown(&w, 20, 2, PSI_MEM_FULL), 12 * MS);
	world_release(&w);
}

/* A stalled task that sleeps holds nobody up; when the other one sleeps too, nothing goes on. */
static void test_blocked(void)
{
	static const enum op how[] = { OP_WAIT, OP_BIT_WAIT, OP_BIT_LOCK, OP_DOWN_READ };

	for (u32 i = 0; i < ARRAY_SIZE(how); i++) {
		struct world w;

		stage(&w, 1);
		become(&w, 0, 0, 0, TASK_RUNNING);
		enter(&w, 0, 0);
		sleep_for(&w, 0, 0, 0, how[i]);
		become(&w, 0, 1, 0, TASK_RUNNING);
		sleep_for(&w, 12, 1, 0, how[i]);
		become(&w, 20, 0, 0, TASK_RUNNING);
		leave(&w, 20, 0);
		CU_ASSERT_EQUAL(shown(&w, 40, 2, PSI_MEM_SOME), 20 * MS);
		CU_ASSERT_EQUAL(shown(&w, 40, 2, PSI_MEM_FULL), 8 * MS);
		world_release(&w);
	}
}

/* CPU 0 is stalled for all of 100 ms, CPU 1 works for 50 ms and then has a task that only sleeps: it counts
 * for 12 ticks, to the monitor for 50 ms, and for the whole time if it is I/O that it waits for. */
static void test_weights(void)
{
	static const struct {
		enum op how;
		u64 shown, sampled;
	} cases[] = {
		{ OP_WAIT, 100 * MS * 25 / (25 + 12), 100 * MS * 100 / (100 + 50) },
		{ OP_BIT_WAIT, 50 * MS, 50 * MS },
		{ OP_BIT_LOCK, 50 * MS, 50 * MS },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w;

		stage(&w, 2);
		become(&w, 0, 0, 0, TASK_RUNNING);
		become(&w, 0, 1, 1, TASK_RUNNING);
		enter(&w, 0, 0);
		sleep_for(&w, 50, 1, 1, cases[i].how);
		CU_ASSERT_EQUAL(shown(&w, 100, 2, PSI_MEM_SOME), cases[i].shown);
		CU_ASSERT_EQUAL(shown(&w, 100, 2, PSI_MEM_FULL), cases[i].shown);
		psi_sample(w.k);
		CU_ASSERT_EQUAL(psi_sampled(w.k, 2, PSI_MEM_SOME), cases[i].sampled);
		CU_ASSERT_EQUAL(psi_sampled(w.k, 2, PSI_MEM_FULL), cases[i].sampled);
		world_release(&w);
	}
}

/* CPU 0 is stalled for all of 100 ms; CPU 1 works for 50 ms, then its task waits for a bit: only for a page
 * or a disk that is I/O. */
static void test_io(void)
{
	struct world w;

	for (u32 i = 0; i < 5; i++) {
		stage(&w, 2);
		const void *const bit[] = { &w.k->folio_io->writeback, &w.k->disk->no_tag, &w.k->work->waits,
					    &w.k->swap->reclaim_idle, &w.k->memory->kswapd_asleep };

		become(&w, 0, 0, 0, TASK_RUNNING);
		become(&w, 0, 1, 1, TASK_RUNNING);
		enter(&w, 0, 0);
		sleep_on(&w, 50, 1, 1, OP_BIT_WAIT, bit[i]);
		psi_sample(w.k);
		w.k->machine.now = 100 * MS;
		psi_sample(w.k);
		CU_ASSERT_EQUAL(psi_sampled(w.k, 2, PSI_MEM_SOME), i < 2 ? 50 * MS : 75 * MS);
		world_release(&w);
	}
}

/* CPU 0 works, on CPU 1 a stalled task sleeps. */
static void test_stalled_sleeper(void)
{
	struct world w;

	stage(&w, 2);
	become(&w, 0, 0, 0, TASK_RUNNING);
	become(&w, 0, 1, 1, TASK_RUNNING);
	enter(&w, 0, 1);
	sleep_for(&w, 0, 1, 1, OP_WAIT);
	CU_ASSERT_EQUAL(shown(&w, 100, 2, PSI_MEM_SOME), 50 * MS);
	CU_ASSERT_EQUAL(shown(&w, 100, 2, PSI_MEM_FULL), 50 * MS);
	world_release(&w);
}

/* 40 ms of 100 on one CPU, 10 of 20 on the other: 25 and 5 ticks. */
static void test_two_stalled_cpus(void)
{
	struct world w;

	stage(&w, 2);
	become(&w, 0, 0, 0, TASK_RUNNING);
	become(&w, 0, 1, 1, TASK_RUNNING);
	enter(&w, 0, 1);
	leave(&w, 10, 1);
	become(&w, 20, 1, 1, TASK_DONE);
	enter(&w, 60, 0);
	become(&w, 90, 2, 0, TASK_RUNNABLE);
	leave(&w, 100, 0);
	CU_ASSERT_EQUAL(shown(&w, 100, 2, PSI_MEM_SOME), (40 * 25 + 10 * 5) * MS / 30);
	CU_ASSERT_EQUAL(shown(&w, 100, 2, PSI_MEM_FULL), (40 * 25 + 10 * 5) * MS / 30);
	world_release(&w);
}

/* A kernel thread that runs does good to the machine, not to the cgroup. */
static void test_hierarchy(void)
{
	struct world w;

	stage(&w, 1);
	w.k->program[1] = NULL;
	become(&w, 0, 0, 0, TASK_RUNNING);
	enter(&w, 0, 0);
	become(&w, 8, 0, 0, TASK_RUNNABLE);
	become(&w, 8, 1, 0, TASK_RUNNING);
	become(&w, 20, 1, 0, TASK_DONE);
	become(&w, 20, 0, 0, TASK_RUNNING);
	for (u32 memcg = 0; memcg < 3; memcg++) {
		CU_ASSERT_EQUAL(shown(&w, 20, memcg, PSI_MEM_SOME), 20 * MS);
		CU_ASSERT_EQUAL(shown(&w, 20, memcg, PSI_MEM_FULL), memcg ? 20 * MS : 8 * MS);
	}
	world_release(&w);
}

static void test_nested(void)
{
	struct world w;

	stage(&w, 1);
	become(&w, 0, 0, 0, TASK_RUNNING);
	enter(&w, 0, 0);
	enter(&w, 4, 0);
	enter(&w, 5, 0);
	leave(&w, 6, 0);
	leave(&w, 8, 0);
	CU_ASSERT_EQUAL(shown(&w, 12, 2, PSI_MEM_SOME), 12 * MS);
	leave(&w, 16, 0);
	CU_ASSERT_EQUAL(shown(&w, 40, 2, PSI_MEM_SOME), 16 * MS);
	CU_ASSERT_EQUAL(task_of(&w, 0)->flags, 0);
	world_release(&w);
}

/* Asleep it counts where it ran, from then on where it wakes: 20 of 20 ms on the one CPU, 20 of 24 on the
 * other. A task that goes on elsewhere without having slept is counted there. */
static void test_migration(void)
{
	struct world w;

	stage(&w, 2);
	become(&w, 0, 0, 0, TASK_RUNNING);
	enter(&w, 0, 0);
	sleep_for(&w, 10, 0, 0, OP_BIT_WAIT);
	become(&w, 20, 0, 1, TASK_RUNNABLE);
	CU_ASSERT(is_idle(&w, 2, 0));
	become(&w, 30, 0, 1, TASK_RUNNING);
	become(&w, 40, 0, 1, TASK_DONE);
	become(&w, 40, 1, 0, TASK_RUNNABLE);
	become(&w, 44, 1, 1, TASK_RUNNING);
	CU_ASSERT(is_idle(&w, 2, 0));
	become(&w, 44, 1, 1, TASK_DONE);
	for (u32 memcg = 0; memcg < 3; memcg++) {
		CU_ASSERT_EQUAL(shown(&w, 80, memcg, PSI_MEM_SOME), 20 * MS);
		CU_ASSERT(is_idle(&w, memcg, 0) && is_idle(&w, memcg, 1));
	}
	world_release(&w);
}

/* What lasts less than a tick has no weight, and is gone once somebody has looked. */
static void test_below_a_tick(void)
{
	struct world w;

	stage(&w, 1);
	become(&w, 0, 0, 0, TASK_RUNNING);
	enter(&w, 0, 0);
	CU_ASSERT_EQUAL(shown(&w, 3, 2, PSI_MEM_SOME), 0);
	psi_sample(w.k);
	CU_ASSERT_EQUAL(psi_sampled(w.k, 2, PSI_MEM_SOME), 3 * MS);
	CU_ASSERT_EQUAL(shown(&w, 13, 2, PSI_MEM_SOME), 10 * MS);
	psi_sample(w.k);
	CU_ASSERT_EQUAL(psi_sampled(w.k, 2, PSI_MEM_SOME), 13 * MS);
	world_release(&w);
}

/* CPU 0 is stalled for a second, then CPU 1 works for two. At 2008 ms, 502 ticks after it all began, the
 * worker has seen nothing of CPU 1 but 2 ticks; from then on there is no pressure, but more turns: the second
 * period ends at 4008 ms, and a timer for 501 ticks takes one more. */
static void test_worker(void)
{
	struct world w;

	stage(&w, 2);
	become(&w, 0, 0, 0, TASK_RUNNING);
	enter(&w, 0, 0);
	leave(&w, 1000, 0);
	become(&w, 1000, 0, 0, TASK_DONE);
	become(&w, 2000, 1, 1, TASK_RUNNING);
	CU_ASSERT_EQUAL(w.k->psi[2].work_at, 2008 * MS);
	become(&w, 3900, 1, 1, TASK_DONE);
	CU_ASSERT_EQUAL(w.k->psi[2].work_at, 4016 * MS);
	CU_ASSERT_EQUAL(shown(&w, 4000, 2, PSI_MEM_SOME), 1000 * MS * 250 / 252);
	psi_sample(w.k);
	CU_ASSERT_EQUAL(psi_sampled(w.k, 2, PSI_MEM_SOME), 1000 * MS * 1000 / 2900);
	world_release(&w);
}

/* The sums of one who looks do not hang on how often the other does. */
static void test_apart(void)
{
	struct world w[2];

	for (u32 i = 0; i < 2; i++) {
		stage(&w[i], 2);
		become(&w[i], 0, 0, 0, TASK_RUNNING);
		become(&w[i], 0, 1, 1, TASK_RUNNING);
		enter(&w[i], 0, 0);
		for (u64 ms = 1; i && ms < 100; ms++) {
			w[i].k->machine.now = ms * MS;
			psi_sample(w[i].k);
		}
		leave(&w[i], 100, 0);
		become(&w[i], 100, 0, 0, TASK_DONE);
	}
	CU_ASSERT_EQUAL(shown(&w[0], 900, 2, PSI_MEM_SOME), shown(&w[1], 900, 2, PSI_MEM_SOME));
	CU_ASSERT_EQUAL(shown(&w[0], 900, 2, PSI_MEM_SOME), 100 * MS * 25 / (25 + 225));
	psi_sample(w[1].k);
	CU_ASSERT_EQUAL(psi_sampled(w[1].k, 2, PSI_MEM_SOME), 99 * MS / 2 + MS / 802);
	world_release(&w[0]);
	world_release(&w[1]);
}

static void check_averages(struct world *w, u64 ms, u32 avg10, u32 avg60, u32 avg300)
{
	struct psi_pressure p;

	w->k->machine.now = ms * MS;
	p = psi_show(w->k, 2);
	for (u32 s = 0; s < NR_PSI_PRESSURES; s++) {
		CU_ASSERT_EQUAL(p.avg[s][PSI_AVG10], avg10);
		CU_ASSERT_EQUAL(p.avg[s][PSI_AVG60], avg60);
		CU_ASSERT_EQUAL(p.avg[s][PSI_AVG300], avg300);
	}
}

/* One period of full pressure, one of none, and ten missed while nothing happened; in hundredths of a
 * percent. Periods of the averages end every 2004 ms. */
static void test_averages(void)
{
	struct world w;

	stage(&w, 1);
	become(&w, 0, 0, 0, TASK_RUNNING);
	enter(&w, 0, 0);
	check_averages(&w, 2000, 0, 0, 0);
	leave(&w, 2008, 0);
	become(&w, 2008, 0, 0, TASK_DONE);
	check_averages(&w, 2012, 1811, 327, 68);
	check_averages(&w, 4012, 1483, 316, 67);
	check_averages(&w, 6011 + 10 * 2004, 200, 226, 63);
	check_averages(&w, 6012 + 10 * 2004, 164, 219, 62);
	world_release(&w);
}

/* Then none: a period that the worker sees, and 30 that nobody does. */
static void test_steady(void)
{
	struct world w;

	stage(&w, 1);
	become(&w, 0, 0, 0, TASK_RUNNING);
	enter(&w, 0, 0);
	check_averages(&w, 4000000, 10000, 10000, 10000);
	CU_ASSERT_EQUAL(shown(&w, 4000000, 2, PSI_MEM_FULL), 4000000 * MS);
	leave(&w, 4000000, 0);
	become(&w, 4000000, 0, 0, TASK_DONE);
	check_averages(&w, 4003992 + 30 * 2004, 16, 3453, 8019);
	world_release(&w);
}

/* At 100 Hz the worker is two ticks behind the clock that averages go by, and a period in which it has
 * nothing else to do may be 1990 ms after 2020 of activity: the rest of that belongs to the next period. */
static void test_overlong_period(void)
{
	struct world w;

	stage(&w, 1);
	w.k->machine.config.hz = 100;
	w.k->machine.tick_ns = 10 * MS;
	psi_init(w.k);
	become(&w, 0, 0, 0, TASK_RUNNING);
	become(&w, 10, 0, 0, TASK_DONE);
	become(&w, 6020, 1, 0, TASK_RUNNING);
	enter(&w, 6020, 1);
	CU_ASSERT_EQUAL(w.k->psi[2].work_at, 8040 * MS);
	check_averages(&w, 8040, 1811, 327, 68);
	CU_ASSERT_EQUAL(w.k->psi[2].averaged[PSI_MEM_SOME], 1990 * MS);
	CU_ASSERT_EQUAL(w.k->psi[2].total[PSI_AVGS][PSI_MEM_SOME], 2020 * MS);
	world_release(&w);
}

/* The kernel's clock stops when nothing happens, and starts again with the next task. */
static void test_clock_stops(void)
{
	struct world w;

	stage(&w, 1);
	become(&w, 0, 0, 0, TASK_RUNNING);
	become(&w, 1000, 0, 0, TASK_DONE);
	shown(&w, 100000, 2, PSI_MEM_SOME);
	CU_ASSERT_EQUAL(w.k->psi[2].work_at, 0);
	become(&w, 200001, 1, 0, TASK_RUNNING);
	CU_ASSERT_EQUAL(w.k->psi[2].work_at, 200000 * MS + 502 * 4 * MS);
	world_release(&w);
}

/* Its time stands still; but how deep a task is in stalls is part of its state. */
static void test_search(void)
{
	struct world w;

	stage(&w, 1);
	become(&w, 0, 0, 0, TASK_RUNNING);
	world_by_hand(&w);
	enter(&w, 10, 0);
	CU_ASSERT_EQUAL(task_of(&w, 0)->flags, PF_MEMSTALL);
	become(&w, 20, 0, 0, TASK_BLOCKED);
	leave(&w, 30, 0);
	CU_ASSERT_EQUAL(task_of(&w, 0)->flags, 0);
	CU_ASSERT_EQUAL(shown(&w, 40, 2, PSI_MEM_SOME), 0);
	world_release(&w);
}

/* Through the scheduler: direct reclaim, and nothing but it. */
static void test_reclaim(void)
{
	struct world w;
	u64 reclaim;

	world_init(&w, (struct world_size){ .cpus = 1, .limit = 100 });
	world_fill(&w, 500);
	RUN(&w, madvise_pageout, .page = page_of(&w, 450), .count = 50);
	reclaim = w.k->latency[LATENCY_RECLAIM].total;
	CU_ASSERT(reclaim > 0);
	psi_sample(w.k);
	for (u32 memcg = 0; memcg < 2; memcg++) {
		CU_ASSERT_EQUAL(psi_sampled(w.k, memcg, PSI_MEM_SOME), reclaim);
		CU_ASSERT_EQUAL(psi_sampled(w.k, memcg, PSI_MEM_FULL), reclaim);
		CU_ASSERT(is_idle(&w, memcg, 0));
	}
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a stalled task alone on its CPU: some and full, at all levels", test_alone },
	{ "a stalled task that waits for a productive one is some, one that runs is full", test_preempted },
	{ "nothing productive is runnable when all that could run are stalled", test_both_stalled },
	{ "a stalled sleeper is full when nobody runs", test_blocked },
	{ "CPUs are weighted by their busy time, which waiting for I/O is and sleeping is not",
	  test_weights },
	{ "who waits for a folio or a disk waits for I/O, who waits for work just sleeps", test_io },
	{ "a CPU whose only task is stalled and asleep is busy", test_stalled_sleeper },
	{ "a cgroup's pressure is the weighted mean of its CPUs'", test_two_stalled_cpus },
	{ "what runs outside a cgroup does it no good", test_hierarchy },
	{ "of stalls within a stall the outermost counts", test_nested },
	{ "a task takes its stall along to another CPU", test_migration },
	{ "the kernel weighs whole ticks, a monitor nanoseconds", test_below_a_tick },
	{ "the worker sums up every two seconds, late or not", test_worker },
	{ "a monitor changes nothing of what the kernel shows", test_apart },
	{ "averages rise and decay as the kernel's do", test_averages },
	{ "steady pressure comes to 100 percent, and goes", test_steady },
	{ "an average never sees more than there was time for", test_overlong_period },
	{ "the worker stops when nothing happens", test_clock_stops },
	{ "a search counts nothing", test_search },
	{ "reclaim under a limit is pressure, pageout by advice is not", test_reclaim },
};

UNIT_MAIN("pressure", tests)
