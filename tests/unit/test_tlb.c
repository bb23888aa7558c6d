/*
 * Reclaim has the CPUs that run a page's process flush their TLBs, and waits for those that have interrupts
 * off.
 */
#include "models/mm/tlb.h"

#include "models/cpu.h"
#include "sim/lock.h"
#include "tests/unit/world.h"

enum { PAGES = 14, MOVE_NS = 100000, FAULT_NS = 1000000 };

/* A page that is on its list, and new ones in the batch of CPU 1, which takes long to move. */
static void make_slow(struct world *w, struct cpu_profile *slow)
{
	world_init(w, (struct world_size){ .cpus = 2 });
	world_write(w, PAGES);
	world_drain(w, 0);
	for (u32 i = 0; i < PAGES; i++)
		world_access(w, 1, i, true);
	*slow = *w->k->cpu_profile;
	slow->isolate_ns = MOVE_NS;
	w->k->cpu_profile = slow;
}

static void run(struct world *w)
{
	CU_ASSERT_FATAL(machine_run(&w->k->machine, TIME_NEVER - 1, NULL));
}

/* The page is taken off its list, then the other CPU has lru_lock for PAGES moves, and only then is
 * written. */
static void test_waits(void)
{
	struct cpu_profile slow;
	struct lock_stat *stat;
	struct world w;
	u64 began;

	make_slow(&w, &slow);
	began = w.k->machine.now;
	ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, PAGES), .count = 1);
	CU_ASSERT_FATAL(machine_run(&w.k->machine, began + MOVE_NS / 2, NULL));
	ADD_ON(&w, 1, lru_add_drain, .folio = 0);
	run(&w);
	stat = &w.k->machine.lock_stat[CLASS_CSD];
	CU_ASSERT_EQUAL(stat->contended, 1);
	CU_ASSERT(stat->wait_ns > MOVE_NS * (PAGES - 1) && stat->wait_ns < MOVE_NS * (PAGES + 1));
	CU_ASSERT(w.k->machine.now - began > MOVE_NS * (PAGES + 1));
	CU_ASSERT(w.k->pte_flags[page_of(&w, PAGES)] & PTE_SWAP);
	CU_ASSERT_EQUAL(w.k->tlb[0].lock.owner, 0);
	CU_ASSERT_EQUAL(w.k->tlb[1].stolen_ns, slow.tlb_interrupt_ns);
	world_release(&w);
}

/* Who may be interrupted is not waited for; of @cpus the last runs the process, too. */
static void interrupt_last(u32 cpus)
{
	struct world w;

	world_init(&w, (struct world_size){ .cpus = cpus });
	world_write(&w, 0);
	machine_set_cost(&w.k->machine, "handle_mm_fault.ENTRY", FAULT_NS);
	ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, 0), .count = 1);
	ADD_ON(&w, cpus - 1, handle_mm_fault, .page = page_of(&w, 1), .write = true);
	CU_ASSERT_FATAL(machine_run(&w.k->machine, w.k->machine.now + FAULT_NS / 2, NULL));
	CU_ASSERT(w.k->pte_flags[page_of(&w, 0)] & PTE_SWAP);
	CU_ASSERT_EQUAL(w.k->machine.lock_stat[CLASS_CSD].taken, 0);
	for (u32 n = 0; n < cpus; n++)
		CU_ASSERT_EQUAL(w.k->tlb[n].stolen_ns,
				n == cpus - 1 ? w.k->cpu_profile->tlb_interrupt_ns : 0);
	run(&w);
	world_release(&w);
}

/* It pays at its next fault. */
static void test_interrupts(void)
{
	struct world w;
	u64 ns[2];

	interrupt_last(2);
	interrupt_last(64);
	interrupt_last(65);
	world_init(&w, (struct world_size){ 0 });
	for (u32 i = 0; i < 2; i++) {
		w.k->tlb[0].stolen_ns = i * 777;
		ns[i] = w.k->machine.now;
		world_write(&w, i);
		ns[i] = w.k->machine.now - ns[i];
	}
	CU_ASSERT_EQUAL(ns[1] - ns[0], 777);
	CU_ASSERT_EQUAL(w.k->tlb[0].stolen_ns, 0);
	world_release(&w);
}

/* Nobody else runs the process: no interrupt. */
static void test_own_process(void)
{
	struct cpu_profile slow;
	struct world w;

	make_slow(&w, &slow);
	CU_ASSERT_EQUAL(RUN(&w, madvise_pageout, .page = page_of(&w, PAGES), .count = 1), 1);
	CU_ASSERT_EQUAL(w.k->tlb[1].stolen_ns, 0);
	CU_ASSERT_EQUAL(w.k->machine.lock_stat[CLASS_CSD].taken, 0);
	world_release(&w);
}

/* Nobody takes the CPU from who waits for the others. */
static void test_waits_on_its_cpu(void)
{
	struct cpu_profile slow;
	struct world w;
	u64 began;
	u32 task;

	make_slow(&w, &slow);
	began = w.k->machine.now;
	task = ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, PAGES), .count = 1);
	CU_ASSERT_FATAL(machine_run(&w.k->machine, began + MOVE_NS / 2, NULL));
	ADD_ON(&w, 1, lru_add_drain, .folio = 0);
	while (!world_is_at(&w, task, "pageout.WAIT"))
		CU_ASSERT_FATAL(machine_run(&w.k->machine, machine_next_due(&w.k->machine), NULL));
	CU_ASSERT_EQUAL(w.k->machine.task[task].preempt_off, 1);
	run(&w);
	CU_ASSERT_EQUAL(w.k->machine.task[task].preempt_off, 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "reclaim waits for a CPU that has interrupts off", test_waits },
	{ "one that has them on is interrupted, and pays for it", test_interrupts },
	{ "a process that runs nowhere else costs no interrupt", test_own_process },
	{ "who waits is not taken off its CPU", test_waits_on_its_cpu },
};

UNIT_MAIN("tlb", tests)
