/*
 * cpu.h - what things cost on a CPU: the profiles `server`, `vm` and `emulated`.
 *
 * A step costs what its kind of operation costs unless the profile names "path.STEP". Work that depends on
 * data (compression, a scan over n folios, a TLB flush) is added to t->work_ns before the step. Sources, and
 * what the sums have to come to, are in docs/devices.md; tests/unit/test_cpu.c holds the sums against them.
 */
#ifndef MODELS_CPU_H
#define MODELS_CPU_H

#include "models/kernel.h"
#include "sim/dist.h"

struct step_cost {
	const char *step; /* "path.STEP" */
	u32 ns;
};

struct codec_cost {
	u32 compress_p50, compress_p99;
	u32 decompress_p50, decompress_p99;
};

struct cpu_profile {
	const char *name;
	const char *provenance;
	u32 op_ns[NR_OPS];
	u32 switch_ns;
	u32 wake_ns;
	u32 handover_ns;
	u32 line_ns; /* a cache line that comes from another CPU, see sim/line.h; 0: not known of it */
	u32 cache_lookup_ns[2]; /* by enum swap_cache_design */
	u32 cache_store_ns[2];
	u32 slot_scan_ns;
	u32 free_slot_ns;   /* a slot that is freed: its cgroup, zswap, the device; under the lock */
	u32 free_stored_ns; /* and its data in zram */
	u32 scan_folio_ns;  /* reclaim: looking at one folio of a batch */
	u32 isolate_ns;	    /* a folio off or onto a list */
	u32 issue_ns;	    /* a request handed to its device */
	u32 free_folio_ns;
	u32 map_page_ns;   /* an entry more that is mapped, unmapped or looked at along with its neighbour */
	u32 clear_page_ns; /* a page more of a large folio */
	u32 tlb_flush_ns;
	u32 copy_page_ns;	       /* of a shared page that is written */
	u32 fork_entry_ns;	       /* of an entry of a page table that fork() copies */
	u32 tlb_remote_ns;	       /* more when the process runs on other CPUs */
	u32 tlb_remote_cpu_ns;	       /* more for each of them */
	u32 tlb_interrupt_ns;	       /* and what it takes of each of them */
	u32 store_raw_ns, load_raw_ns; /* a page kept as it is: failed compression, copy */
	u32 same_filled_ns;
	struct codec_cost codec[NR_CODEC_COSTS];
	const struct step_cost *step;
	u32 steps;
	u32 step_times; /* what each of them costs, in its ns */
};

const struct cpu_profile *cpu_profile_list(u32 *n);
const struct cpu_profile *cpu_profile_find(const char *name);
/* Into a machine's configuration, before machine_init(), and its step costs, after. */
void cpu_profile_configure(const struct cpu_profile *p, struct machine_config *c);
void cpu_profile_apply(const struct cpu_profile *p, struct machine *m);
/* Tables of the times drawn per page content. */
void cpu_costs_init(struct kernel *k);
void cpu_costs_release(struct kernel *k);

u64 cpu_compress_ns(const struct kernel *k, enum codec codec, enum stored_form form, u32 content);
u64 cpu_decompress_ns(const struct kernel *k, enum codec codec, enum stored_form form, u32 content);
/* A task came on or went: on how many CPUs each process runs is kept for tlb_flush_ns(). Searches, which know
 * no costs, do not tell. */
void cpu_note_task(struct kernel *k, const struct task *t);
/* On how many CPUs beside that of @t the process of @page runs. */
u32 tlb_others(const struct kernel *k, const struct task *t, u32 page);
/* mm_cpumask(): bits of the CPUs that run it. */
static inline u64 *cpus_that_have(const struct kernel *k, u32 mm)
{
	return k->cpu_mask + (u64)mm * cpu_mask_words(k->machine.config.cpus);
}
/* Flushing the unmapped entries of a page's process from the CPUs it runs on. */
u64 tlb_flush_ns(const struct kernel *k, const struct task *t, u32 page);
/* A line that is where the page was used last - its folio's, that of its anon_vma's lock - to the CPU of @t;
 * 0 if it is there: they are taken to be where its page table is. */
u64 page_line_ns(const struct kernel *k, const struct task *t, u32 page);

#endif
