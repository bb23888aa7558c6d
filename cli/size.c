/*
 * size.c - swapsim size: the smallest limit, zram or swap cap that does.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/interrupts.h"
#include "cli/load.h"
#include "cli/quantity.h"
#include "cli/size_search.h"
#include "cli/size_trial.h"
#include "sim/units.h"

enum { SEEDS = 3, PAGE_BYTES = 4096, STEPS = 128, STEPS_MAX = 1 << 20 };

struct size_options {
	char *limit;
	char *swap_max;
	char *device;
	char *slowdown;
	char *over;
	char *from;
	char *to;
	char *step;
	char *kernel;
	char *seeds;
	char **set;
	char *format;
	int jobs;
	gboolean no_kill;
	gboolean quiet;
};

static const GOptionEntry options[] = {
	{ "limit", 0, 0, G_OPTION_ARG_STRING, OPTION(struct size_options, limit),
	  "size memory.max of a cgroup", "CGROUP" },
	{ "swap-max", 0, 0, G_OPTION_ARG_STRING, OPTION(struct size_options, swap_max),
	  "size memory.swap.max of a cgroup", "CGROUP" },
	{ "zram", 0, 0, G_OPTION_ARG_STRING, OPTION(struct size_options, device),
	  "size the swap device of that number, from 0", "I" },
	{ "slowdown", 0, 0, G_OPTION_ARG_STRING, OPTION(struct size_options, slowdown),
	  "at most that, and nobody is killed", "P%" },
	{ "no-kill", 0, 0, G_OPTION_ARG_NONE, OPTION(struct size_options, no_kill),
	  "nobody is killed, however slow (goes without saying with --slowdown)", NULL },
	{ "over", 0, 0, G_OPTION_ARG_STRING, OPTION(struct size_options, over),
	  "which seed decides: worst (default), median, p90, ...", "Q" },
	{ "from", 0, 0, G_OPTION_ARG_STRING, OPTION(struct size_options, from),
	  "smallest value (default: a page)", "SIZE" },
	{ "to", 0, 0, G_OPTION_ARG_STRING, OPTION(struct size_options, to),
	  "largest value (default: 110 % of all data)", "SIZE" },
	{ "step", 0, 0, G_OPTION_ARG_STRING, OPTION(struct size_options, step),
	  "how exact (default: a 128th of the range)", "SIZE" },
	{ "kernel", 'k', 0, G_OPTION_ARG_STRING, OPTION(struct size_options, kernel),
	  "release, and patches: 6.18+table-alloc=v3", "K" },
	{ "seeds", 's', 0, G_OPTION_ARG_STRING, OPTION(struct size_options, seeds),
	  "that many from the scenario's on, or from A to B", "N|A..B" },
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct size_options, set),
	  "change the scenario: machine.cpus=4", "PATH=VALUE" },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct size_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ "jobs", 'j', 0, G_OPTION_ARG_INT, OPTION(struct size_options, jobs),
	  "runs at once (default: one per processor)", "N" },
	{ "quiet", 'q', 0, G_OPTION_ARG_NONE, OPTION(struct size_options, quiet),
	  "no progress and notes on stderr", NULL },
	{ 0 },
};

const struct usage size_usage = {
	.command = "size",
	.arguments = "FILE",
	.summary = "Searches for the smallest memory limit of a cgroup, swap cap or swap device that keeps "
		   "the slowdown\n"
		   "against unlimited memory under a bound and kills nobody.",
	.more = "One of --limit, --swap-max and --zram is needed, and --slowdown or --no-kill or both.\n"
		"Ends with 6 when there is no such value.\n\n"
		"Examples:\n"
		"  swapsim size demo --limit build --slowdown 10%\n"
		"  swapsim size demo --zram 0 --no-kill --over p90 --seeds 10",
	.options = options,
	.least = 1,
	.most = 1,
};

/* ---- what is sized ---- */

/* Values are from, from + step, ..., the last of them to. */
struct range {
	char *path;
	char *what; /* in words: memory.max of cgroup "build" */
	u64 from, to, step;
};

static u64 value_at(const struct range *range, u32 i)
{
	return MIN(range->from + (u64)i * range->step, range->to);
}

static const cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool find_cgroup(const cJSON *root, const char *option, const char *name, const char *key,
			struct range *range, GError **error)
{
	const cJSON *cgroups = member(root, "cgroups");
	GString *names = g_string_new(NULL);

	for (int i = 0; i < cJSON_GetArraySize(cgroups); i++) {
		const char *is = cJSON_GetStringValue(member(cJSON_GetArrayItem(cgroups, i), "name"));

		if (strcmp(is, name)) {
			g_string_append_printf(names, "%s%s", names->len ? ", " : "one of ", is);
			continue;
		}
		range->path = g_strdup_printf("cgroups[%d].\"%s\"", i, key);
		range->what = g_strdup_printf("%s of cgroup \"%s\"", key, name);
		g_string_free(names, TRUE);
		return true;
	}
	bad_value(error, option, name, names->len ? names->str : "the scenario has no cgroups");
	g_string_free(names, TRUE);
	return false;
}

static bool find_device(const cJSON *root, const char *text, struct range *range, GError **error)
{
	const cJSON *swap = member(root, "swap");
	int devices = cJSON_GetArraySize(swap);
	u64 index;

	if (number_parse(text, &index) || index >= (u64)devices)
		return bad_value(error, "--zram", text, "a swap device of the scenario, from 0");
	range->path = g_strdup_printf("swap[%u].size", (u32)index);
	range->what =
	    g_strdup_printf("size of swap[%u] (%s)", (u32)index,
			    cJSON_GetStringValue(member(cJSON_GetArrayItem(swap, (int)index), "device")));
	return true;
}

static bool find_target(const struct size_options *o, const struct scenario *s, struct range *range,
			GError **error)
{
	char *text = scenario_effective(s);
	cJSON *root = cJSON_Parse(text);
	bool good = false;

	g_free(text);
	if (!!o->limit + !!o->swap_max + !!o->device != 1)
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "size: what is to be sized? (one of --limit, --swap-max and --zram)");
	else if (o->limit)
		good = find_cgroup(root, "--limit", o->limit, "memory.max", range, error);
	else if (o->swap_max)
		good = find_cgroup(root, "--swap-max", o->swap_max, "memory.swap.max", range, error);
	else
		good = find_device(root, o->device, range, error);
	cJSON_Delete(root);
	return good;
}

static bool parse_size(const char *option, const char *text, u64 *bytes, GError **error)
{
	if (!text)
		return true;
	return (!size_parse(text, bytes) && *bytes <= UINT64_C(1) << 50) ||
	       bad_value(error, option, text, "bytes, or with KiB, MiB, GiB or TiB");
}

static u64 up_to_pages(u64 bytes)
{
	return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static bool find_range(const struct size_options *o, const struct scenario *s, struct range *range,
		       GError **error)
{
	/* A device has a page for its header, a machine has more than data. */
	u64 data = scenario_footprint_pages(s) * PAGE_BYTES;

	range->from = o->device ? 2 * PAGE_BYTES : PAGE_BYTES;
	range->to = up_to_pages(data + data / 10) + PAGE_BYTES;
	if (!find_target(o, s, range, error) || !parse_size("--from", o->from, &range->from, error) ||
	    !parse_size("--to", o->to, &range->to, error))
		return false;
	range->from = up_to_pages(range->from);
	range->to = up_to_pages(range->to);
	if (range->from > range->to)
		return bad_value(error, "--from", o->from ? o->from : "4KiB", "at most --to");
	range->step = MAX((range->to - range->from) / STEPS, 1);
	if (!parse_size("--step", o->step, &range->step, error))
		return false;
	range->step = up_to_pages(range->step);
	if (!range->step || (range->to - range->from) / range->step >= STEPS_MAX)
		return bad_value(error, "--step", o->step, "a page or more, and at most 1048576 steps");
	return true;
}

/* ---- the search ---- */

struct sizing {
	struct range range;
	struct size_demand demand;
	struct size_trial trial;
	struct size_search search;
	struct size_result *result; /* [value], of those that were tried */
	bool over;		    /* there is an answer, or surely none */
	enum table_format format;
};

static char *percent(u64 permyriad)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT ".%02u %%", permyriad / 100, (u32)(permyriad % 100));
}

static const char *verdict(const struct size_result *r)
{
	if (r->holds)
		return "holds";
	if (r->failed)
		return "does not run";
	return r->killed ? "kills" : "too slow";
}

static void add_row(struct table *t, const struct size_result *r)
{
	char *value = quantity(r->value, UNIT_BYTES), *median = percent(r->median),
	     *worst = percent(r->worst);
	bool none = r->killed + r->failed == r->seeds;

	table_text(t, value);
	table_text(t, none ? "-" : median);
	table_text(t, none ? "-" : worst);
	table_printf(t, "%u/%u", r->killed, r->seeds);
	if (none)
		table_text(t, "-");
	else
		table_number(t, r->pgmajfault);
	table_text(t, verdict(r));
	g_free(value);
	g_free(median);
	g_free(worst);
}

static struct table *for_people(const struct sizing *z)
{
	struct table *t = table_new();

	table_column(t, "value", TABLE_RIGHT);
	table_column(t, "median slowdown", TABLE_RIGHT);
	table_column(t, "worst", TABLE_RIGHT);
	table_column(t, "killed", TABLE_RIGHT);
	table_column(t, "pgmajfault", TABLE_RIGHT);
	table_column(t, "verdict", TABLE_LEFT);
	for (u32 i = 0; i < z->search.n; i++)
		if (z->search.state[i] != SIZE_UNTRIED)
			add_row(t, &z->result[i]);
	return t;
}

static struct table *for_programs(const struct sizing *z)
{
	static const char *const columns[] = { "value_bytes",
					       "seeds",
					       "good",
					       "killed",
					       "failed",
					       "slowdown_permyriad_median",
					       "slowdown_permyriad_worst",
					       "pgmajfault_median",
					       "verdict",
					       "answer" };
	struct table *t = table_new();
	u32 answer = 0;
	bool found = z->over && size_search_answer(&z->search, &answer);

	for (u32 i = 0; i < ARRAY_SIZE(columns); i++)
		table_column(t, columns[i], TABLE_LEFT);
	for (u32 i = 0; i < z->search.n; i++) {
		const struct size_result *r = &z->result[i];

		if (z->search.state[i] == SIZE_UNTRIED)
			continue;
		table_number(t, r->value);
		table_number(t, r->seeds);
		table_number(t, r->good);
		table_number(t, r->killed);
		table_number(t, r->failed);
		table_number(t, r->median);
		table_number(t, r->worst);
		table_number(t, r->pgmajfault);
		table_text(t, verdict(r));
		table_text(t, found && i == answer ? "true" : "false");
	}
	return t;
}

static char *demand_in_words(const struct sizing *z)
{
	char *bound = percent(z->demand.slowdown);
	GString *text = g_string_new(NULL);

	if (z->demand.bounded)
		g_string_append_printf(text, "keeps the slowdown within %s and ", bound);
	g_string_append(text, "kills nobody");
	if (z->trial.seeds.count == 1)
		g_string_append(text, ", with one seed");
	else if (z->demand.percent == 100)
		g_string_append_printf(text, ", with any of %u seeds", z->trial.seeds.count);
	else
		g_string_append_printf(text, ", with %u %% of %u seeds", z->demand.percent,
				       z->trial.seeds.count);
	g_free(bound);
	return g_string_free(text, FALSE);
}

/* The sentence below the table; empty when there is no answer. */
static char *answer_in_words(const struct sizing *z)
{
	GString *text = g_string_new(NULL);
	u32 answer, holds, fails;
	char *value, *other, *demand;

	if (!size_search_answer(&z->search, &answer))
		return g_string_free(text, FALSE);
	demand = demand_in_words(z);
	value = quantity(value_at(&z->range, answer), UNIT_BYTES);
	g_string_printf(text, "\n%s = %s (%" G_GUINT64_FORMAT " bytes) %s.\n", z->range.what, value,
			value_at(&z->range, answer), demand);
	if (!answer)
		g_string_append(text, "It is the smallest value that was asked for (--from).\n");
	g_free(value);
	if (size_search_hole(&z->search, &holds, &fails)) {
		value = quantity(value_at(&z->range, holds), UNIT_BYTES);
		other = quantity(value_at(&z->range, fails), UNIT_BYTES);
		g_string_append_printf(
		    text, "Not monotone: %s holds too, but %s does not; the answer is above both.\n", value,
		    other);
		g_free(value);
		g_free(other);
	}
	g_free(demand);
	return g_string_free(text, FALSE);
}

static bool is_for_people(const struct sizing *z)
{
	return z->format == TABLE_TEXT || z->format == TABLE_MARKDOWN;
}

/* What was tried. */
static bool print_table(const struct sizing *z, GError **error)
{
	struct table *t = is_for_people(z) ? for_people(z) : for_programs(z);
	char *text = table_write(t, z->format);
	bool good = print_result(text, error);

	table_free(t);
	g_free(text);
	return good;
}

static bool report(const struct sizing *z, GError **error)
{
	char *words = answer_in_words(z), *demand, *to;
	const char *reason;
	u32 answer;
	bool good = print_table(z, error) && (!is_for_people(z) || print_result(words, error));

	g_free(words);
	if (!good || size_search_answer(&z->search, &answer))
		return good;
	demand = demand_in_words(z);
	to = quantity(z->range.to, UNIT_BYTES);
	reason = z->result[z->search.n - 1].reason;
	g_set_error(error, SWAPSIM_ERROR, ERROR_THRESHOLD, "size: no %s up to %s %s%s%s%s", z->range.what, to,
		    demand, reason ? " (" : "", reason ? reason : "", reason ? ")" : "");
	g_free(to);
	g_free(demand);
	return false;
}

/* What there is by then, and no answer. */
static void report_interrupted(const struct sizing *z, GError *why, GError **error)
{
	char *value;
	u32 least;

	if (!print_table(z, error)) {
		g_error_free(why);
		return;
	}
	if (size_search_answer(&z->search, &least)) {
		value = quantity(value_at(&z->range, least), UNIT_BYTES);
		g_set_error(error, SWAPSIM_ERROR, ERROR_INTERRUPTED, "%s, only that %s holds", why->message,
			    value);
		g_free(value);
		g_error_free(why);
	} else {
		g_propagate_error(error, why);
	}
}

static bool search(struct sizing *z, GError **error)
{
	GError *cause = NULL;
	u32 i;

	size_search_init(&z->search,
			 (u32)((z->range.to - z->range.from + z->range.step - 1) / z->range.step) + 1);
	z->result = g_new0(struct size_result, z->search.n);
	while (size_search_next(&z->search, &i)) {
		g_free(z->trial.what);
		z->trial.what = quantity(value_at(&z->range, i), UNIT_BYTES);
		if (!size_trial_go(&z->trial, z->range.path, value_at(&z->range, i), &z->demand,
				   &z->result[i], &cause)) {
			if (g_error_matches(cause, SWAPSIM_ERROR, ERROR_INTERRUPTED))
				report_interrupted(z, cause, error);
			else
				g_propagate_error(error, cause);
			return false;
		}
		z->search.state[i] = z->result[i].holds ? SIZE_HOLDS : SIZE_FAILS;
	}
	z->over = true;
	return report(z, error);
}

static void sizing_release(struct sizing *z)
{
	for (u32 i = 0; z->result && i < z->search.n; i++)
		size_result_release(&z->result[i]);
	g_free(z->result);
	size_search_release(&z->search);
	size_trial_release(&z->trial);
	g_free(z->range.path);
	g_free(z->range.what);
}

static bool sizing_init(struct sizing *z, const struct size_options *o, const char *file, GError **error)
{
	*z = (struct sizing){
		.demand = { .percent = 100 },
		.trial = { .file = file,
			   .sets = (const char *const *)o->set,
			   .kernel = o->kernel,
			   .seeds = { .own = true, .count = SEEDS },
			   .progress = !o->quiet },
	};
	if (!parse_format(o->format, &z->format, error) || !parse_jobs(o->jobs, &z->trial.jobs, error) ||
	    !parse_seeds(o->seeds, &z->trial.seeds, error) || !check_kernel(o->kernel, error) ||
	    !parse_over(o->over, &z->demand.percent, error))
		return false;
	if (!o->slowdown && !o->no_kill) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "size: what is to hold? (--slowdown, --no-kill or both)");
		return false;
	}
	z->demand.bounded = o->slowdown;
	return !o->slowdown || parse_slowdown(o->slowdown, &z->demand.slowdown, error);
}

static bool size(const struct size_options *o, const char *file, GError **error)
{
	struct sizing z;
	struct scenario *s = NULL;
	bool good = sizing_init(&z, o, file, error);

	if (good)
		s = load_scenario(file, z.trial.sets, NULL, error);
	good = s && find_range(o, s, &z.range, error);
	scenario_free(s);
	interrupts_hold(); /* noticed in a batch, at the latest in the next one */
	good = good && size_trial_init(&z.trial, error) && search(&z, error);
	sizing_release(&z);
	return good;
}

bool command_size(int argc, char **argv, GError **error)
{
	struct size_options o = { 0 };
	bool good = arguments_parse(&size_usage, &o, &argc, &argv, error) && size(&o, argv[1], error);

	arguments_release(&size_usage, &o);
	return good;
}
