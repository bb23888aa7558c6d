#include "cli/size_trial.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/figure.h"
#include "cli/load.h"
#include "cli/report.h"
#include "sim/units.h"

enum { PAGE_BYTES = 4096, PERMYRIAD = 10000 };

/* ---- what is asked ---- */

bool parse_over(const char *text, u32 *percent, GError **error)
{
	u64 n;

	if (!text)
		return true;
	if (!strcmp(text, "worst"))
		*percent = 100;
	else if (!strcmp(text, "median"))
		*percent = 50;
	else if (*text == 'p' && !number_parse(text + 1, &n) && n && n <= 100)
		*percent = (u32)n;
	else
		return bad_value(error, "--over", text, "worst, median, or p1 to p100");
	return true;
}

bool parse_slowdown(const char *text, u64 *permyriad, GError **error)
{
	size_t n = strlen(text);
	u64 whole = 0, part = 0;
	char **half;
	char *number;
	bool good;

	if (!n || text[n - 1] != '%')
		return bad_value(error, "--slowdown", text, "10%, 2.5%, ...");
	number = g_strndup(text, n - 1);
	half = g_strsplit(number, ".", 2);
	good = half[0] && !number_parse(half[0], &whole) && whole <= 1000000;
	if (good && half[1])
		good = strlen(half[1]) <= 2 && !number_parse(half[1], &part);
	*permyriad = whole * 100 + (half[0] && half[1] && strlen(half[1]) == 1 ? part * 10 : part);
	g_strfreev(half);
	g_free(number);
	return good || bad_value(error, "--slowdown", text, "10%, 2.5%, ...");
}

/* ---- runs ---- */

static u64 seed_of(const struct size_trial *t, const struct scenario *s, u32 i)
{
	return (t->seeds.own ? scenario_seed(s) : t->seeds.first) + i;
}

/* All seeds of one scenario; their results and failures are in the batch. */
static bool run_seeds(const struct size_trial *t, const struct scenario *s, struct batch *b, GError **error)
{
	*b = (struct batch){ .run = g_new0(struct batch_run, t->seeds.count),
			     .runs = t->seeds.count,
			     .jobs = t->jobs,
			     .progress = t->progress,
			     .what = t->what,
			     .tolerant = true };
	for (u32 i = 0; i < b->runs; i++)
		b->run[i] =
		    (struct batch_run){ .scenario = s,
					.options = { .kernel = t->kernel, .seed = seed_of(t, s, i) } };
	if (!batch_go(b, error) && !g_error_matches(*error, SWAPSIM_ERROR, ERROR_SCENARIO))
		return false;
	if (!b->interrupted)
		return true;
	g_clear_error(error);
	g_set_error_literal(error, SWAPSIM_ERROR, ERROR_INTERRUPTED, "interrupted: there is no answer yet");
	return false;
}

static void batch_release(struct batch *b)
{
	if (b->run)
		batch_release_results(b);
	g_free(b->run);
}

/* ---- without limits ---- */

static const cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* The assignments that lift all limits of cgroups. */
static void lift_limits(const cJSON *root, GPtrArray *sets)
{
	static const char *const limits[] = { "memory.max", "memory.high", "memory.swap.max",
					      "memory.swap.high", "memory.memsw.max" };
	const cJSON *cgroups = member(root, "cgroups");

	for (int i = 0; i < cJSON_GetArraySize(cgroups); i++)
		for (u32 k = 0; k < ARRAY_SIZE(limits); k++)
			if (member(cJSON_GetArrayItem(cgroups, i), limits[k]))
				g_ptr_array_add(sets,
						g_strdup_printf("cgroups[%d].\"%s\"=max", i, limits[k]));
}

/* Memory for all data twice over, at least what there is. */
static void add_memory(const cJSON *root, const struct scenario *s, GPtrArray *sets)
{
	const cJSON *memory = member(member(root, "machine"), "memory");
	u64 bytes = 0, wanted = (2 * scenario_footprint_pages(s) + 65536) * PAGE_BYTES;

	if (cJSON_IsString(memory))
		size_parse(memory->valuestring, &bytes);
	if (wanted > bytes && wanted <= UINT64_C(1) << 38)
		g_ptr_array_add(sets, g_strdup_printf("machine.memory=%" G_GUINT64_FORMAT, wanted));
}

static struct scenario *without_limits(const struct size_trial *t, GError **error)
{
	struct scenario *s = load_scenario(t->file, t->sets, NULL, error);
	GPtrArray *sets;
	char *text;
	cJSON *root;

	if (!s)
		return NULL;
	text = scenario_effective(s);
	root = cJSON_Parse(text);
	sets = g_ptr_array_new_with_free_func(g_free);
	for (u32 i = 0; t->sets && t->sets[i]; i++)
		g_ptr_array_add(sets, g_strdup(t->sets[i]));
	lift_limits(root, sets);
	add_memory(root, s, sets);
	g_ptr_array_add(sets, NULL);
	scenario_free(s);
	s = load_scenario(t->file, (const char *const *)sets->pdata, NULL, error);
	g_ptr_array_free(sets, TRUE);
	cJSON_Delete(root);
	g_free(text);
	return s;
}

static bool take_base(struct size_trial *t, const struct batch *b, GError **error)
{
	t->base_time = g_new0(u64, b->runs);
	t->base_accesses = g_new0(u64, b->runs);
	for (u32 i = 0; i < b->runs; i++) {
		const struct run_result *r = b->run[i].result;

		if (!r || r->kill->len) {
			char *why = r ? kills_in_words(r) : g_strdup(b->run[i].failure->message);

			g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "size: without limits %s%s",
				    r ? "the OOM killer comes, too: " : "", why);
			g_free(why);
			return false;
		}
		t->base_time[i] = main_part_of(r).time_ns;
		t->base_accesses[i] = main_part_of(r).accesses;
	}
	return true;
}

bool size_trial_init(struct size_trial *t, GError **error)
{
	struct scenario *s = without_limits(t, error);
	struct batch batch = { 0 };
	GError *cause = NULL;
	bool good;

	t->what = g_strdup("without limits");
	good = s && run_seeds(t, s, &batch, &cause);

	if (cause)
		g_propagate_error(error, cause);
	good = good && !cause && take_base(t, &batch, error);
	batch_release(&batch);
	scenario_free(s);
	return good;
}

void size_trial_release(struct size_trial *t)
{
	g_clear_pointer(&t->what, g_free);
	g_clear_pointer(&t->base_time, g_free);
	g_clear_pointer(&t->base_accesses, g_free);
}

/* ---- with one ---- */

/* 0 when it is faster; rounded up. A run without accesses is as slow as can be. */
static u64 slowdown_of(const struct size_trial *t, u32 seed, struct main_part part)
{
	unsigned __int128 now = (unsigned __int128)part.time_ns * t->base_accesses[seed];
	unsigned __int128 base = (unsigned __int128)t->base_time[seed] * part.accesses;

	if (!base)
		return now ? UINT64_MAX : 0;
	if (now <= base)
		return 0;
	return (u64)MIN(((now - base) * PERMYRIAD + base - 1) / base, UINT64_MAX);
}

static int ascending(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static u64 median(u64 *value, u32 n)
{
	qsort(value, n, sizeof *value, ascending);
	return n ? value[(n - 1) / 2] : 0;
}

static void judge(const struct size_trial *t, const struct batch *b, const struct size_demand *demand,
		  struct size_result *result)
{
	u64 *slowdown = g_new(u64, b->runs), *faults = g_new(u64, b->runs);
	u32 n = 0;

	for (u32 i = 0; i < b->runs; i++) {
		const struct run_result *r = b->run[i].result;

		if (!r) {
			result->failed++;
			if (!result->reason)
				result->reason = g_strdup(b->run[i].failure->message);
			continue;
		}
		if (r->kill->len) {
			result->killed++;
			if (!result->reason)
				result->reason = kills_in_words(r);
			continue;
		}
		slowdown[n] = slowdown_of(t, i, main_part_of(r));
		faults[n] = r->phase[0].count[0][PGMAJFAULT];
		result->good += !demand->bounded || slowdown[n] <= demand->slowdown;
		n++;
	}
	result->median = median(slowdown, n);
	result->worst = n ? slowdown[n - 1] : 0;
	result->pgmajfault = median(faults, n);
	result->holds = (u64)result->good * 100 >= (u64)b->runs * demand->percent;
	g_free(slowdown);
	g_free(faults);
}

static bool run_and_judge(const struct size_trial *t, const struct scenario *s,
			  const struct size_demand *demand, struct size_result *result, GError **error)
{
	struct batch batch = { 0 };
	GError *cause = NULL;
	bool good = run_seeds(t, s, &batch, &cause);

	if (!good)
		g_propagate_error(error, cause);
	else if (cause) {
		result->failed = batch.runs;
		result->reason = g_strdup(cause->message);
		g_error_free(cause);
	} else {
		judge(t, &batch, demand, result);
	}
	batch_release(&batch);
	return good;
}

bool size_trial_go(const struct size_trial *t, const char *path, u64 value, const struct size_demand *demand,
		   struct size_result *result, GError **error)
{
	char *assignment = g_strdup_printf("%s=%" G_GUINT64_FORMAT, path, value);
	GError *cause = NULL;
	struct scenario *s = load_scenario(t->file, t->sets, assignment, &cause);
	bool good = true;

	g_free(assignment);
	*result = (struct size_result){ .value = value, .seeds = t->seeds.count };
	if (s) {
		good = run_and_judge(t, s, demand, result, error);
		scenario_free(s);
	} else if (g_error_matches(cause, SWAPSIM_ERROR, ERROR_SCENARIO)) {
		result->failed = t->seeds.count;
		result->reason = g_strdup(cause->message);
		g_error_free(cause);
	} else {
		g_propagate_error(error, cause);
		good = false;
	}
	return good;
}

void size_result_release(struct size_result *r)
{
	g_free(r->reason);
}
