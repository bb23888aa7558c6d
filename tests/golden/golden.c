/*
 * golden - runs every scenario on every release and compares what comes out with the golden file.
 *
 * A line is a scenario, a release and its figures: the two fingerprints, the simulated time, and those
 * counters that tell what happened. A fingerprint that changed while the counters did not means other steps
 *or costs; counters that changed mean another behaviour. Each line also runs with an event for every
 *access and step, which has to come to the same; SWAPSIM_GOLDEN_STEPS=N has only every Nth line do so, of
 *each scenario other releases, and 0 none. SWAPSIM_GOLDEN_HALF=0 or 1 runs one half of the lines, of each
 *scenario every other release.
 *
 *	golden FILE DATA_DIR SCENARIO...	SWAPSIM_UPDATE_GOLDEN=1 rewrites FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/run.h"

static const enum counter shown[] = { ACCESSES, PGFAULT, PGMAJFAULT, PSWPIN,	 PSWPOUT,
				      PGSCAN,	PGSTEAL, PGACTIVATE, EVENTS_MAX, WORKINGSET_REFAULT_ANON };

static void add_head(GString *out)
{
	g_string_append(out, "scenario,kernel,seed,fingerprint_events,fingerprint_counts,time_ns,steps");
	for (u32 i = 0; i < ARRAY_SIZE(shown); i++)
		g_string_append_printf(out, ",%s", counter_info[shown[i]].name);
	g_string_append(out, "\n");
}

static void add_line(GString *out, const char *name, const struct run_result *r)
{
	g_string_append_printf(out,
			       "%s,%s,%" G_GUINT64_FORMAT ",%016" G_GINT64_MODIFIER "x,%016" G_GINT64_MODIFIER
			       "x,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT,
			       name, r->kernel, r->seed, r->fingerprint_events, r->fingerprint_counts,
			       r->time_ns, r->steps);
	for (u32 i = 0; i < ARRAY_SIZE(shown); i++)
		g_string_append_printf(out, ",%" G_GUINT64_FORMAT, r->phase[0].count[0][shown[i]]);
	g_string_append(out, "\n");
}

/* Whether that line, of all files, runs in both modes. */
static bool has_steps(u32 line)
{
	const char *every = g_getenv("SWAPSIM_GOLDEN_STEPS");
	u32 n = every ? (u32)strtoul(every, NULL, 10) : 1;

	return n && line % n == 0;
}

/* One line in each of its @modes; what differs between them is an error. */
static bool run_kernel(const struct scenario *s, const char *kernel, u32 modes, GString *out)
{
	struct build_options options = { .kernel = kernel, .seed = scenario_seed(s) };
	GString *line[2] = { g_string_new(NULL), g_string_new(NULL) };
	bool ok = true;

	for (u32 every_step = 0; ok && every_step < modes; every_step++) {
		GError *error = NULL;
		struct run_result *r;

		options.every_step = every_step;
		r = run_scenario(s, &options, NULL, NULL, &error);
		if (r)
			add_line(line[every_step], scenario_name(s), r);
		else if (error->code == ERROR_SCENARIO)
			g_string_append_printf(line[every_step], "%s,%s,\"%s\"\n", scenario_name(s), kernel,
					       error->message);
		else
			fprintf(stderr, "golden: %s on %s: %s\n", scenario_name(s), kernel, error->message);
		ok =
		    r || error->code == ERROR_SCENARIO; /* what a release does not have is in the file, too */
		run_result_free(r);
		g_clear_error(&error);
	}
	if (ok && modes == 2 && strcmp(line[0]->str, line[1]->str)) {
		fprintf(stderr, "golden: modes differ:\n%severy step:\n%s", line[0]->str, line[1]->str);
		ok = false;
	}
	g_string_append(out, line[0]->str);
	g_string_free(line[0], TRUE);
	g_string_free(line[1], TRUE);
	return ok;
}

static bool is_left_out(u32 line)
{
	const char *half = g_getenv("SWAPSIM_GOLDEN_HALF");

	return half && !g_getenv("SWAPSIM_UPDATE_GOLDEN") && line % 2 != (*half == '1');
}

/* A line a release; those that are left out are empty. @nth: of all files. */
static bool run_file(const char *file, const char *data_dir, u32 nth, GString *out)
{
	GError *error = NULL;
	struct json_doc *doc = json_doc_load(file, &error);
	struct scenario *s = doc ? scenario_read(doc, data_dir, &error) : NULL;
	const struct release *releases;
	bool ok = s;
	u32 n;

	releases = release_list(&n);
	for (u32 i = 0; ok && i < n; i++) {
		if (is_left_out(nth + i))
			g_string_append_c(out, '\n');
		else
			ok = run_kernel(s, releases[i].name, has_steps(nth + i) ? 2 : 1, out);
	}
	if (error)
		fprintf(stderr, "golden: %s\n", error->message);
	g_clear_error(&error);
	scenario_free(s);
	json_doc_free(doc);
	return ok;
}

static bool same_lines(const char *file, char **was, char **is)
{
	bool same = true;

	for (u32 i = 0; was[i] || is[i]; i++) {
		if (!g_strcmp0(was[i], is[i]) || (was[i] && is[i] && !*is[i]))
			continue;
		fprintf(stderr, "golden: %s:%u:\n-%s\n+%s\n", file, i + 1, was[i] ? was[i] : "",
			is[i] ? is[i] : "");
		same = false;
		if (!was[i] || !is[i])
			break;
	}
	return same;
}

static bool compare(const char *file, const GString *out)
{
	char *golden = NULL;
	char **was, **is;
	bool same;

	if (g_getenv("SWAPSIM_UPDATE_GOLDEN"))
		g_file_set_contents(file, out->str, -1, NULL);
	if (!g_file_get_contents(file, &golden, NULL, NULL)) {
		fprintf(stderr, "golden: %s cannot be read (SWAPSIM_UPDATE_GOLDEN=1 writes it)\n", file);
		return false;
	}
	was = g_strsplit(golden, "\n", -1);
	is = g_strsplit(out->str, "\n", -1);
	same = same_lines(file, was, is);
	g_strfreev(was);
	g_strfreev(is);
	g_free(golden);
	return same;
}

int main(int argc, char **argv)
{
	GString *out = g_string_new(NULL);
	bool ok = argc > 3;

	add_head(out);
	for (int i = 3; i < argc; i++)
		ok &= run_file(argv[i], argv[2], (u32)i, out);
	ok = ok && compare(argv[1], out);
	g_string_free(out, TRUE);
	return ok ? 0 : 1;
}
