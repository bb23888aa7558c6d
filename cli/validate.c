/*
 * validate.c - swapsim validate: scenario files are right, or what is wrong with them.
 */
#include <stdio.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/sweep_axes.h"

static const GOptionEntry options[] = { { 0 } };

const struct usage validate_usage = {
	.command = "validate",
	.arguments = "FILE...",
	.summary = "Checks scenarios, the traces they name and what they sweep included, and runs nothing. "
		   "Prints a line for "
		   "each that is\n"
		   "right; what is wrong goes to stderr.",
	.options = options,
	.least = 1,
	.most = 1u << 20,
};

/* The paths of a sweep, and each of its values by itself. */
static bool validate_sweep(const char *file, GError **error)
{
	struct sweep_axes axes;
	bool good = sweep_axes_init(&axes, file, NULL, error);

	sweep_axes_release(&axes);
	return good;
}

static bool validate_one(const char *file, GError **error)
{
	struct scenario *s = load_scenario(file, NULL, NULL, error);
	struct scenario_words words;
	char *line;
	bool good;

	if (!s || !validate_sweep(file, error)) {
		scenario_free(s);
		return false;
	}
	words = scenario_in_words(s);
	line = g_strdup_printf("%s: ok: %s on %s; %s; %s; %" G_GUINT64_FORMAT
			       " pages of data; hash %016" G_GINT64_MODIFIER "x\n",
			       file, scenario_name(s), scenario_kernel(s), words.work, words.devices,
			       scenario_footprint_pages(s), scenario_hash(s));
	print_warnings(s);
	good = print_result(line, error);
	g_free(line);
	scenario_words_release(&words);
	scenario_free(s);
	return good;
}

/* All of them are looked at; the status is that of the first that is wrong. */
bool command_validate(int argc, char **argv, GError **error)
{
	GError *first = NULL;

	if (!arguments_parse(&validate_usage, NULL, &argc, &argv, error))
		return false;
	for (int i = 1; i < argc; i++) {
		GError *cause = NULL;

		if (validate_one(argv[i], &cause))
			continue;
		if (!first) {
			first = cause;
			continue;
		}
		fprintf(stderr, "swapsim: %s\n", cause->message);
		g_error_free(cause);
	}
	if (first)
		g_propagate_error(error, first);
	return !first;
}
