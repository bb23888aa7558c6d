/*
 * fidelity - run what real kernels ran and lay our figures beside theirs.
 *
 *	fidelity ROWS.csv STREAMS [markdown]
 *
 * One line for each figure of each row, then how many were near enough. Every workload is also run on every
 * design of slot allocation and swap cache: with one task on a synchronous device they must count the same
 *events. (For this reclaim gets fresh statistics: with old ones it depends on the time of day what it sees,
 *and the designs do not take equally long.) Exits with 6 if a judged figure is too far off, 3 if the designs
 *differ, 1 if a file cannot be read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"
#include "tests/fidelity/judge.h"
#include "tests/fidelity/replay.h"

enum { EXIT_THRESHOLD = 6 };

struct tally {
	u32 judged;
	u32 near;
	u32 strict;
	u32 not_run;
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

static s64 ours_of(const struct replay *replay, const struct row *row, const struct figure_info *info)
{
	enum phase phase = strcmp(row->phase, "run") ? PHASE_ALL : PHASE_RUN;

	return 10 * (s64)(info->counter == PEAK ? replay->peak_bytes : replay->count[phase][info->counter]);
}

static void print_row_name(const struct row *row)
{
	printf("%s v%u %s %s %u %% %s", row->kernel, row->cgroup_version, row->pattern, row->arguments,
	       row->ratio, row->phase);
}

static void report_figure(const struct rows *rows, const struct row *row, const struct replay *replay, u32 i,
			  struct tally *tally)
{
	u32 n;
	const struct figure_info *info = &figure_list(&n)[i];
	const struct figure *theirs = &row->figure[i];
	s64 ours = ours_of(replay, row, info);
	bool near = judge_near(ours, theirs);

	if (info->cgroup_version && info->cgroup_version != row->cgroup_version)
		return;
	print_row_name(row);
	printf(" %s: ", info->name);
	print_tenths(ours);
	printf(", should be about ");
	print_tenths(theirs->median);
	printf(" (");
	print_tenths(theirs->least);
	printf("-");
	print_tenths(theirs->most);
	printf("), ");
	print_error(ours, theirs->median);
	printf(", %s\n", !info->judged ? "for information" : near ? "ok" : "TOO FAR");
	if (!info->judged)
		return;
	tally->judged++;
	tally->near += near;
	tally->strict += judge_strict(ours, theirs, rows_spread_permille(rows, row, i));
}

/* Ours, and theirs in brackets, after the fill. */
static void report_markdown(const struct row *row, const struct replay *replay)
{
	u32 n;
	const struct figure_info *info = figure_list(&n);

	if (strcmp(row->phase, "run"))
		return;
	printf("| %s | %s `%s` | %u |", row->kernel, row->pattern, row->arguments, row->ratio);
	for (u32 i = 0; i < n; i++) {
		if (!info[i].judged)
			continue;
		printf(" ");
		print_tenths(ours_of(replay, row, &info[i]));
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
	static const char *const designs[] = { "6.12+stats-ratelimited=off", "6.17+stats-ratelimited=off",
					       "6.18+stats-ratelimited=off" };
	struct replay first, other;

	if (!replay_run(&first, row, designs[0], 0, streams, error))
		return false;
	for (u32 i = 1; i < ARRAY_SIZE(designs); i++) {
		if (!replay_run(&other, row, designs[i], 0, streams, error))
			return false;
		compare_designs(row, designs[i], &first, &other, tally);
	}
	tally->workloads++;
	return true;
}

static bool run_row(const struct row *row, const char *streams, struct replay *replay, struct tally *tally,
		    GError **error)
{
	return replay_run(replay, row, row->kernel, replay_monitor_ns(row), streams, error) &&
	       run_designs(row, streams, tally, error);
}

static bool report(const struct rows *rows, const char *streams, bool markdown, struct tally *tally,
		   GError **error)
{
	struct replay replay;
	u32 figures;

	figure_list(&figures);
	for (u32 i = 0; i < rows->count; i++) {
		const struct row *row = &rows->row[i];
		const char *missing = replay_missing(row);

		if (missing) {
			tally->not_run++;
			if (!markdown) {
				print_row_name(row);
				printf(" swap %s MiB: not run, %s\n", row->swap_limit, missing);
			}
			continue;
		}
		if ((!i || !row_same_runs(row, row - 1)) && !run_row(row, streams, &replay, tally, error))
			return false;
		if (markdown)
			report_markdown(row, &replay);
		for (u32 f = 0; !markdown && f < figures; f++)
			report_figure(rows, row, &replay, f, tally);
	}
	return true;
}

static void print_tally(const struct tally *t)
{
	printf("%u workloads on every design, %u rows not run, %u differences of the designs\n", t->workloads,
	       t->not_run, t->differences);
	printf("%u of %u judged figures within 10 %% or 32 pages; %u by the stricter rule\n", t->near,
	       t->judged, t->strict);
}

int main(int argc, char **argv)
{
	bool markdown = argc == 4 && !strcmp(argv[3], "markdown");
	struct tally tally = { 0 };
	struct rows rows = { 0 };
	GError *error = NULL;
	bool ok;

	if (argc != 3 && !markdown) {
		fprintf(stderr, "usage: fidelity ROWS.csv STREAMS [markdown]\n");
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
	return tally.near < tally.judged ? EXIT_THRESHOLD : 0;
}
