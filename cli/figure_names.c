#include "cli/figure_names.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/list.h"
#include "sim/suggest.h"

GArray *figure_names(const char *const *wanted, GError **error)
{
	struct kernel *k = smallest_kernel(error);
	u64(*count)[NR_COUNTERS];
	struct run_phase phase;
	struct run_result r;
	GArray *figures;

	if (!k)
		return NULL;
	count = g_malloc0(sizeof *count);
	phase = (struct run_phase){ .name = (char *)"", .count = count };
	r = (struct run_result){ .phases = 1, .phase = &phase, .locks = k->machine.lock_classes };
	r.latency = g_new0(struct histogram, NR_LATENCIES);
	r.lock = g_new0(struct run_lock, r.locks + 1);
	for (u32 i = 0; i < r.locks; i++)
		r.lock[i].name = k->machine.lock_class[i];
	figures = figures_of(&r, wanted);
	g_free(r.lock);
	g_free(r.latency);
	g_free(count);
	kernel_free(k);
	return figures;
}

/* The rest is ": " and what would be right. */
static bool no_figure(const char *option, const char *key, const char *of_what, const GArray *known,
		      bool of_cgroups, GError **error)
{
	GPtrArray *names = g_ptr_array_new();
	const char *near;

	for (u32 i = 0; i < known->len; i++)
		if (!of_cgroups || g_array_index(known, struct figure, i).of_cgroups)
			g_ptr_array_add(names, g_array_index(known, struct figure, i).key);
	g_ptr_array_add(names, NULL);
	near = suggest(key, (const char *const *)names->pdata);
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "%s: there is no figure %s%s (%s%s%s)", option, key,
		    of_what, near ? "did you mean " : "swapsim list figures names them", near ? near : "",
		    near ? "?" : "");
	g_ptr_array_free(names, TRUE);
	return false;
}

/* "lock_wait_ns" is what some figures begin with, no cgroup. */
static bool begins_a_figure(const GArray *known, const char *key, size_t n)
{
	for (u32 i = 0; i < known->len; i++)
		if (!strncmp(g_array_index(known, struct figure, i).key, key, n + 1))
			return true;
	return false;
}

static bool no_cgroup(const char *option, const char *name, const struct scenario *s, GError **error)
{
	char *names = scenario_cgroup_names(s);

	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "%s: there is no cgroup \"%s\" (%s%s)", option, name,
		    *names ? "one of " : "the scenario has none", names);
	g_free(names);
	return false;
}

static bool is_valid(const char *option, const char *key, const GArray *known, const struct scenario *s,
		     GError **error)
{
	const char *colon = strchr(key, ':');
	const struct figure *figure;
	bool good;
	char *name;

	if (figure_find(known, key))
		return true;
	if (!colon || begins_a_figure(known, key, (size_t)(colon - key)))
		return no_figure(option, key, "", known, false, error);
	name = g_strndup(key, (gsize)(colon - key));
	figure = figure_find(known, colon + 1);
	if (!scenario_memcg(s, name))
		good = no_cgroup(option, name, s, error);
	else
		good = (figure && figure->of_cgroups) ||
		       no_figure(option, colon + 1, " of a cgroup", known, true, error);
	g_free(name);
	return good;
}

bool figure_names_valid(const char *option, const char *const *keys, const struct scenario *s, GError **error)
{
	GArray *known = keys && *keys ? figure_names(NULL, error) : NULL;
	bool good = known || !keys || !*keys;

	for (; known && good && *keys; keys++)
		good = is_valid(option, *keys, known, s, error);
	figures_free(known);
	return good;
}
