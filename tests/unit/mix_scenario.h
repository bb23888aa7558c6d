/*
 * mix_scenario.h - random scenarios in which small tasks do everything at once: what a seed says, as the text
 * of a scenario file, so that one that goes wrong can be replayed with `swapsim race` and kept.
 *
 * A new operation of "do" gets a row in mix_operations[]; a new dimension of the machine a line in
 * mix_machine().
 */
#ifndef TESTS_UNIT_MIX_SCENARIO_H
#define TESTS_UNIT_MIX_SCENARIO_H

#include <string.h>

#include <glib.h>

#include "sim/random.h"
#include "sim/types.h"

enum { MIX_TASKS_MOST = 3, MIX_PAGES = 12 };

struct mix {
	u64 seed;
	u64 drawn;
	u32 operations; /* of each task */
	u32 devices;
	u32 children; /* tasks that other tasks fork, so far */
	bool old;     /* 6.1: no zswap, no large folios, no UFFDIO_MOVE */
	bool shares;  /* the process in hand: shared memory */
	bool huge;    /* in large folios */
	GString *text;
};

static inline u32 mix_draw(struct mix *x, u32 n)
{
	return random_below(random_value(x->seed, x->drawn++), n);
}

#define MIX_ONE_OF(x, ...)                                                                                   \
	((const char *const[]){                                                                              \
	    __VA_ARGS__ })[mix_draw(x, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))]

/* How often an operation comes up among the others. */
static const struct {
	const char *name;
	u32 weight;
} mix_operations[] = {
	{ "read", 30 },	       { "write", 30 },		  { "swap_out", 15 }, { "madvise_dontneed", 4 },
	{ "madvise_free", 4 }, { "madvise_willneed", 4 }, { "swapoff", 1 },   { "swapon", 2 },
	{ "truncate", 4 },     { "uffd_move", 8 },
};

/* Whether there is such a thing in that release, for that memory. */
static inline bool mix_fits(const struct mix *x, const char *operation)
{
	if (!strcmp(operation, "truncate"))
		return x->shares;
	return strcmp(operation, "uffd_move") || (!x->shares && !x->old);
}

static inline const char *mix_any_operation(struct mix *x)
{
	u32 sum = 0, at;

	for (u32 i = 0; i < ARRAY_SIZE(mix_operations); i++)
		sum += mix_operations[i].weight;
	at = mix_draw(x, sum);
	for (u32 i = 0;; i++) {
		if (at < mix_operations[i].weight)
			return mix_operations[i].name;
		at -= mix_operations[i].weight;
	}
}

static inline const char *mix_operation(struct mix *x)
{
	const char *operation;

	do
		operation = mix_any_operation(x);
	while (!mix_fits(x, operation));
	return operation;
}

/* What a release has not got yet, or got too late: its known bugs are the race scenarios' business. */
#define MIX_FIXES "+readahead-device-ref=on+unuse-stable-mm=on+uffd-move-recheck=on+reclaim-slot-recheck=on"
#define MIX_FIXES_OF_LARGE_SHMEM                                                                             \
	"+shmem-split-before-insert=on+shmem-fallback-cached=on+shmem-verify-before-split=on"                \
	"+shmem-free-swap-order=on+shmem-truncate-advances=on"

static inline void mix_machine(struct mix *x, const char *kernel)
{
	x->devices = 1 + mix_draw(x, 2);
	g_string_append_printf(
	    x->text,
	    "{ \"format\": 1, \"name\": \"mix\",\n  \"machine\": { \"kernel\": \"%s%s%s\", \"cpus\": %u, "
	    "\"memory\": \"1MiB\", \"lru\": \"%s\", \"preemption\": \"%s\", \"page-cluster\": %u, "
	    "\"slots_per_cluster\": %u, \"pages_per_table\": %u, \"charge_batch\": %u, "
	    "\"reclaim_batch\": %u, \"slot_cache\": 2, \"reclaim_retries\": 2%s%s },\n  \"swap\": [",
	    kernel, MIX_FIXES, x->huge ? MIX_FIXES_OF_LARGE_SHMEM : "", 1 + mix_draw(x, 3),
	    MIX_ONE_OF(x, "classic", "mglru"), MIX_ONE_OF(x, "voluntary", "full"), mix_draw(x, 3),
	    2u << mix_draw(x, 2), 4u << mix_draw(x, 2), 1 + mix_draw(x, 4), 1 + mix_draw(x, 8),
	    mix_draw(x, 4) || x->old ? "" : ", \"zswap\": { \"enabled\": true }",
	    x->old ? ""
		   : MIX_ONE_OF(
			 x, "", ", \"thp\": { \"sizes\": { \"8KiB\": \"always\" } }",
			 ", \"thp\": { \"defrag\": \"always\", \"sizes\": { \"8KiB\": \"always\", \"16KiB\": "
			 "\"always\" } }",
			 ", \"thp\": { \"defrag\": \"defer\", \"sizes\": { \"16KiB\": \"always\", \"32KiB\": "
			 "\"always\" } }"));
	for (u32 i = 0; i < x->devices; i++)
		g_string_append_printf(x->text, "%s { \"device\": \"%s\", \"size\": \"%uKiB\"%s }",
				       i ? "," : "",
				       MIX_ONE_OF(x, "zram-lz4", "pmem", "nvme-client", "hdd7200"),
				       (mix_draw(x, 4) ? 64u : 16u) + 16 * mix_draw(x, 3),
				       i && mix_draw(x, 2) ? ", \"swapon\": false" : "");
}

static inline void mix_script(struct mix *x, const char *owner, bool forks)
{
	u32 fork = forks ? mix_draw(x, x->operations) : x->operations;

	for (u32 i = 0; i < x->operations; i++) {
		const char *operation = i == fork ? "fork" : mix_operation(x);

		g_string_append_printf(x->text, "%s\n      { \"op\": \"%s\", ", i ? "," : "", operation);
		if (i == fork)
			g_string_append_printf(x->text, "\"child\": \"c%u\" }", x->children);
		else if (g_str_has_prefix(operation, "swapo"))
			g_string_append_printf(x->text, "\"device\": %u }", mix_draw(x, x->devices));
		else if (!strcmp(operation, "uffd_move"))
			g_string_append_printf(x->text, "\"page\": \"%s:%u\", \"to\": \"%s:%u\" }", owner,
					       mix_draw(x, MIX_PAGES), owner, mix_draw(x, MIX_PAGES));
		else
			g_string_append_printf(x->text, "\"page\": \"%s:%u\" }", owner,
					       mix_draw(x, MIX_PAGES));
	}
	if (!mix_draw(x, 3))
		g_string_append(x->text, ",\n      { \"op\": \"exit\" }");
	g_string_append(x->text, " ] }");
}

/* A task of a process, and now and then one that it forks. */
static inline void mix_task(struct mix *x, u32 task, u32 process)
{
	bool forks = !mix_draw(x, 3);
	char owner[16];

	g_snprintf(owner, sizeof owner, "p%u", process);
	g_string_append_printf(x->text,
			       "%s\n    { \"name\": \"t%u\", \"process\": \"p%u\", \"cgroup\": \"g\", "
			       "\"do\": [",
			       task ? "," : "", task, process);
	mix_script(x, owner, forks);
	if (!forks)
		return;
	g_snprintf(owner, sizeof owner, "c%u", x->children);
	g_string_append_printf(
	    x->text, ",\n    { \"name\": \"c%u\", \"fork_of\": \"t%u\", \"overhead_pages\": 0, \"do\": [",
	    x->children++, task);
	mix_script(x, owner, false);
}

/* The text; g_free(). */
static inline char *mix_scenario(u64 seed, const char *kernel, u32 operations)
{
	struct mix x = { .seed = seed,
			 .operations = operations,
			 .old = !strcmp(kernel, "6.1"),
			 .text = g_string_new(NULL) };
	u32 tasks = 1 + mix_draw(&x, MIX_TASKS_MOST), processes = 1 + mix_draw(&x, tasks);
	u32 sharing = mix_draw(&x, 3) ? 0 : 1 + mix_draw(&x, processes); /* the first ones */

	x.huge = sharing && !x.old && mix_draw(&x, 2);
	mix_machine(&x, kernel);
	g_string_append_printf(x.text,
			       " ],\n  \"cgroups\": [ { \"name\": \"g\", \"memory.max\": \"%uKiB\" } ],\n"
			       "%s  \"processes\": [",
			       48 + 4 * mix_draw(&x, 8) + (sharing ? 48 : 0),
			       !sharing ? ""
			       : x.huge ? "  \"shared_memory\": [ { \"name\": \"s\", \"size\": "
					  "\"48KiB\", \"huge\": \"16KiB\" } ],\n"
					: "  \"shared_memory\": [ { \"name\": \"s\", \"size\": "
					  "\"48KiB\" } ],\n");
	for (u32 i = 0; i < processes; i++)
		g_string_append_printf(x.text, "%s { \"name\": \"p%u\", \"overhead_pages\": 0%s }",
				       i ? "," : "", i, i < sharing ? ", \"shares\": \"s\"" : "");
	g_string_append(x.text, " ],\n  \"tasks\": [");
	for (u32 i = 0; i < tasks; i++) {
		x.shares = i % processes < sharing;
		mix_task(&x, i, i % processes);
	}
	g_string_append(x.text, " ]\n}\n");
	return g_string_free(x.text, FALSE);
}

#endif
