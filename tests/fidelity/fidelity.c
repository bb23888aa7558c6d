/*
 * fidelity - run what real kernels ran and lay our figures beside theirs.
 *
 *	fidelity ROWS.csv STREAMS [PERCENT | markdown]
 *
 * One line for each figure of each row, then how many were near enough. On asynchronous devices counts hang
 * on when things happen: there our figure is the median of some seeds, and their band is printed, too. On
 * zram every workload is also run on every design of slot allocation and swap cache: with one task on a
 * synchronous device they must count the same events. (For this reclaim gets fresh statistics: with old ones
 * it depends on the time of day what it sees, and the designs do not take equally long.)
 *
 * Exits with 6 if a judged figure is too far off - or, with PERCENT, if fewer than that are near enough by
 * the stricter rule -, 3 if the designs differ, 1 if a file cannot be read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"
#include "tests/fidelity/judge.h"
#include "tests/fidelity/replay.h"

enum { EXIT_THRESHOLD = 6, SEEDS = 5, PAGE_CLUSTER = 3 };

/* What one workload came to with each seed; killed: the run ended in an OOM kill. */
struct trial {
	struct replay replay[SEEDS];
	u32 n;
	u32 killed;
};

struct tally {
	u32 judged;
	u32 near;
	u32 strict;
	u32 workloads;
	u32 differences;
};

static void print_tenths(s64 tenths)
{
	printf("%" PRId64, tenths / 10);
	if (tenths % 10)
		printf(".%" PRId64, tenths % 10);
}

static void print_error(s64 ours, s64 theirs)
{
	s64 error = ours - theirs, permille;

	if (!theirs) {
		printf("%+" PRId64 " pages", error / 10);
		return;
	}
	permille = (llabs(error) * 1000 + theirs / 2) / theirs;
	printf("%s%" PRId64 ".%" PRId64 " %%",
	       !permille   ? ""
	       : error < 0 ? "-"
			   : "+",
	       permille / 10, permille % 10);
}

static s64 figure_of(const struct replay *replay, const struct row *row, const struct figure_info *info)
{
	enum phase phase = strcmp(row->phase, "run") ? PHASE_ALL : PHASE_RUN;

	if (info->counter == PEAK)
		return 10 * (s64)replay->peak_bytes;
	if (info->counter == SWAP_PEAK)
		return 10 * (s64)replay->swap_peak_bytes;
	return 10 * (s64)replay->count[phase][info->counter];
}

static int ascending(const void *a, const void *b)
{
	s64 x = *(const s64 *)a, y = *(const s64 *)b;

	return x < y ? -1 : x > y;
}

static struct figure ours_of(const struct trial *trial, const struct row *row, const struct figure_info *info)
{
	s64 value[SEEDS];

	for (u32 i = 0; i < trial->n; i++)
		value[i] = figure_of(&trial->replay[i], row, info);
	qsort(value, trial->n, sizeof *value, ascending);
	return (struct figure){ value[trial->n / 2], value[0], value[trial->n - 1] };
}

static void print_row_name(const struct row *row)
{
	printf("%s %s v%u pc %u %s %s %s%u %% %s", row->kernel, row->device, row->cgroup_version,
	       row->page_cluster, row->pattern, row->arguments, row->high ? "high " : "", row->ratio,
	       row->phase);
}

static void print_figure(const struct figure *f)
{
	print_tenths(f->median);
	if (f->least == f->most)
		return;
	printf(" (");
	print_tenths(f->least);
	printf("-");
	print_tenths(f->most);
	printf(")");
}

static void report_figure(const struct rows *rows, const struct row *row, const struct trial *trial, u32 i,
			  struct tally *tally)
{
	u32 n;
	const struct figure_info *info = &figure_list(&n)[i];
	const struct figure *theirs = &row->figure[i];
	struct figure ours = ours_of(trial, row, info);
	bool judged = row_judges(row, info);
	bool near = judge_near(ours.median, theirs);
	bool strict = judge_strict(ours.median, theirs, rows_spread_permille(rows, row, i));

	if (info->cgroup_version && info->cgroup_version != row->cgroup_version)
		return;
	print_row_name(row);
	printf(" %s: ", info->name);
	print_figure(&ours);
	printf(", should be about ");
	print_figure(theirs);
	printf(", ");
	print_error(ours.median, theirs->median);
	printf(", %s\n", !judged ? "for information" : strict ? "ok" : near ? "near" : "TOO FAR");
	if (!judged)
		return;
	tally->judged++;
	tally->near += near;
	tally->strict += strict;
}

/* Ours, and theirs in brackets, after the fill. */
static void report_markdown(const struct row *row, const struct trial *trial)
{
	u32 n;
	const struct figure_info *info = figure_list(&n);

	if (strcmp(row->phase, "run"))
		return;
	printf("| %s, %s", row->kernel, row->device);
	if (row->page_cluster != PAGE_CLUSTER)
		printf(", page-cluster %u", row->page_cluster);
	printf(" | %s `%s`%s%s | %s%u |", row->pattern, row->arguments,
	       *row->swap_limit ? ", MiB of swap " : "", row->swap_limit, row->high ? "high " : "",
	       row->ratio);
	for (u32 i = 0; i < n; i++) {
		if (!row_judges(row, &info[i]))
			continue;
		printf(" ");
		print_tenths(ours_of(trial, row, &info[i]).median);
		printf(" (");
		print_tenths(row->figure[i].median);
		printf(") |");
	}
	printf("\n");
}

/* Events only: what the designs do to locks and memory is theirs. */
static bool is_event(enum counter id)
{
	return id != TABLE_ALLOC_FAILED && id != CACHE_ADD_FAILED;
}

static void compare_designs(const struct row *row, const char *design, const struct replay *a,
			    const struct replay *b, struct tally *tally)
{
	for (u32 i = 0; i < PHASES * NR_COUNTERS; i++) {
		u32 phase = i / NR_COUNTERS, id = i % NR_COUNTERS;

		if (!is_event(id) || a->count[phase][id] == b->count[phase][id])
			continue;
		print_row_name(row);
		printf(" %s: the designs differ, %" PRIu64 " and, %s, %" PRIu64 "\n", counter_info[id].name,
		       a->count[phase][id], design, b->count[phase][id]);
		tally->differences++;
	}
}

static bool run_designs(const struct row *row, const char *streams, struct tally *tally, GError **error)
{
	static const char *const designs[] = { "6.12+stats-ratelimited=off", "6.14+stats-ratelimited=off",
					       "6.17+stats-ratelimited=off", "6.18+stats-ratelimited=off" };
	struct replay first, other;

	if (!replay_run(&first, row, designs[0], 1, 0, streams, error))
		return false;
	for (u32 i = 1; i < ARRAY_SIZE(designs); i++) {
		if (!replay_run(&other, row, designs[i], 1, 0, streams, error))
			return false;
		compare_designs(row, designs[i], &first, &other, tally);
	}
	tally->workloads++;
	return true;
}

/* A run that ended in an OOM kill has no figures, but for those that were to. */
static bool run_row(const struct row *row, const char *streams, struct trial *trial, struct tally *tally,
		    GError **error)
{
	bool zram = !strcmp(row->device, "zram");

	*trial = (struct trial){ 0 };
	for (u32 seed = 1; seed <= (zram ? 1 : SEEDS); seed++) {
		struct replay *replay = &trial->replay[trial->n];

		if (!replay_run(replay, row, row->kernel, seed, replay_monitor_ns(row), streams, error))
			return false;
		if (replay->killed && strcmp(row->pattern, "alloc"))
			trial->killed++;
		else
			trial->n++;
	}
	return !zram || run_designs(row, streams, tally, error);
}

static bool report(const struct rows *rows, const char *streams, bool markdown, struct tally *tally,
		   GError **error)
{
	struct trial trial;
	u32 figures;

	figure_list(&figures);
	for (u32 i = 0; i < rows->count; i++) {
		const struct row *row = &rows->row[i];

		if (!replay_knows(row, streams)) {
			print_row_name(row);
			printf(": not run, there is no stream and no generator\n");
			continue;
		}
		if ((!i || !row_same_runs(row, row - 1)) && !run_row(row, streams, &trial, tally, error))
			return false;
		if (!markdown && trial.killed) {
			print_row_name(row);
			printf(": killed with %u of %d seeds\n", trial.killed, SEEDS);
		}
		if (markdown)
			report_markdown(row, &trial);
		for (u32 f = 0; trial.n && !markdown && f < figures; f++)
			report_figure(rows, row, &trial, f, tally);
	}
	return true;
}

static void print_tally(const struct tally *t)
{
	printf("%u workloads on every design, %u differences of the designs\n", t->workloads, t->differences);
	printf("%u of %u judged figures within 10 %% or 32 pages; %u by the stricter rule\n", t->near,
	       t->judged, t->strict);
}

int main(int argc, char **argv)
{
	bool markdown = argc == 4 && !strcmp(argv[3], "markdown");
	u32 percent = argc == 4 && !markdown ? strtoul(argv[3], NULL, 10) : 0;
	struct tally tally = { 0 };
	struct rows rows = { 0 };
	GError *error = NULL;
	bool ok;

	if (argc != 3 && !markdown && !percent) {
		fprintf(stderr, "usage: fidelity ROWS.csv STREAMS [PERCENT | markdown]\n");
		return ERROR_USAGE;
	}
	ok = rows_load(&rows, argv[1], &error) && report(&rows, argv[2], markdown, &tally, &error);
	rows_release(&rows);
	if (!ok) {
		fprintf(stderr, "fidelity: %s\n", error->message);
		g_error_free(error);
		return ERROR_IO;
	}
	if (!markdown)
		print_tally(&tally);
	if (tally.differences)
		return ERROR_FINDING;
	if (percent)
		return tally.strict * 100 < tally.judged * percent ? EXIT_THRESHOLD : 0;
	return tally.near < tally.judged ? EXIT_THRESHOLD : 0;
}
