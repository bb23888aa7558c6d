#include "cli/arguments.h"

#include <string.h>

#include "cli/cli.h"
#include "sim/suggest.h"
#include "models/release.h"
#include "sim/units.h"

enum { SEEDS_MOST = 10000, JOBS_MOST = 1024 };

/* "Unknown option --fromat" -> "--format", or NULL. */
static char *meant(const char *message, const GOptionEntry *entries)
{
	const char *word = strstr(message, "--");
	GPtrArray *names = g_ptr_array_new();
	const char *near = NULL;

	for (; entries->long_name; entries++)
		g_ptr_array_add(names, (char *)entries->long_name);
	g_ptr_array_add(names, (char *)"help");
	g_ptr_array_add(names, NULL);
	if (word) {
		char *name = g_strndup(word + 2, strcspn(word + 2, "= "));

		near = suggest(name, (const char *const *)names->pdata);
		g_free(name);
	}
	g_ptr_array_free(names, TRUE);
	return near ? g_strdup_printf("did you mean --%s?", near) : NULL;
}

static bool usage_error(const struct usage *usage, const GOptionEntry *entries, const GError *cause,
			GError **error)
{
	char *hint = NULL;

	if (g_error_matches(cause, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
		hint = meant(cause->message, entries);
	if (!hint)
		hint = g_strdup_printf("see swapsim help %s", usage->command);
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "%s: %s (%s)", usage->command, cause->message, hint);
	g_free(hint);
	return false;
}

static bool check_count(const struct usage *usage, int argc, char **argv, GError **error)
{
	u32 n = (u32)argc - 1;

	if (n >= usage->least && n <= usage->most)
		return true;
	if (n < usage->least)
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "%s: too few arguments (usage: swapsim %s %s)",
			    usage->command, usage->command, usage->arguments);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "%s: unexpected argument %s (usage: swapsim %s %s)", usage->command,
			    argv[usage->most + 1], usage->command, usage->arguments);
	return false;
}

/* GLib's text, in ASCII whatever the locale. */
static bool print_help(GOptionContext *context, GError **error)
{
	char *text = g_option_context_get_help(context, TRUE, NULL);
	char **parts = g_strsplit(text, "[OPTION\xe2\x80\xa6]", 2);
	char *ascii = g_strjoinv("[OPTION]...", parts);

	print_result(ascii, error);
	g_free(ascii);
	g_strfreev(parts);
	g_free(text);
	return false;
}

static u32 count_options(const struct usage *usage)
{
	u32 n = 0;

	while (usage->options[n].long_name)
		n++;
	return n;
}

/* With pointers instead of offsets; g_free(). */
static GOptionEntry *entries_for(const struct usage *usage, void *values)
{
	u32 n = count_options(usage);
	GOptionEntry *entries = g_memdup2(usage->options, (n + 1) * sizeof *entries);

	for (u32 i = 0; i < n; i++)
		entries[i].arg_data = (char *)values + GPOINTER_TO_SIZE(entries[i].arg_data);
	return entries;
}

void arguments_release(const struct usage *usage, void *values)
{
	for (const GOptionEntry *option = usage->options; option->long_name; option++) {
		void *value = (char *)values + GPOINTER_TO_SIZE(option->arg_data);

		if (option->arg == G_OPTION_ARG_STRING || option->arg == G_OPTION_ARG_FILENAME)
			g_clear_pointer((char **)value, g_free);
		else if (option->arg == G_OPTION_ARG_STRING_ARRAY ||
			 option->arg == G_OPTION_ARG_FILENAME_ARRAY)
			g_clear_pointer((char ***)value, g_strfreev);
	}
}

static const GOptionEntry *with_short_name(const GOptionEntry *entries, char name)
{
	for (; entries->long_name; entries++)
		if (entries->short_name == name)
			return entries;
	return NULL;
}

/* -j4 is what people type, --jobs=4 what GLib takes. Answers with the words that came in place of others. */
static GPtrArray *part_values(const GOptionEntry *entries, int argc, char **argv)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		const char *word = argv[i];
		const GOptionEntry *option;

		if (word[0] != '-' || !word[1] || word[1] == '-' || !word[2])
			continue;
		option = with_short_name(entries, word[1]);
		if (!option || option->arg == G_OPTION_ARG_NONE)
			continue;
		argv[i] = g_strdup_printf("--%s=%s", option->long_name, word + 2 + (word[2] == '='));
		g_ptr_array_add(words, argv[i]);
	}
	return words;
}

bool arguments_parse(const struct usage *usage, void *values, int *argc, char ***argv, GError **error)
{
	gboolean help = FALSE;
	const GOptionEntry help_entry[] = {
		{ "help", 'h', 0, G_OPTION_ARG_NONE, &help, "this text", NULL },
		{ 0 },
	};
	GOptionContext *context = g_option_context_new(usage->arguments);
	char *program = g_strdup_printf("swapsim %s", usage->command);
	char *more = usage->describe ? usage->describe() : g_strdup(usage->more);
	GOptionEntry *entries = entries_for(usage, values);
	GPtrArray *words = part_values(entries, *argc, *argv);
	GError *cause = NULL;
	bool good;

	g_set_prgname(program);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_add_main_entries(context, help_entry, NULL);
	g_option_context_set_summary(context, usage->summary);
	g_option_context_set_description(context, more);
	good = g_option_context_parse(context, argc, argv, &cause);
	if (!good)
		usage_error(usage, entries, cause, error);
	else if (help)
		good = print_help(context, error);
	g_clear_error(&cause);
	g_option_context_free(context);
	g_ptr_array_free(words, TRUE);
	g_free(program);
	g_free(entries);
	g_free(more);
	/* A "--" that ended the options is left in place. */
	if (good && *argc > 1 && !strcmp((*argv)[1], "--")) {
		(*argv)[1] = (*argv)[0];
		(*argv)++;
		(*argc)--;
	}
	return good && check_count(usage, *argc, *argv, error);
}

bool bad_value(GError **error, const char *option, const char *value, const char *right)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "%s %s: not possible (%s)", option, value, right);
	return false;
}

static bool parse_name(const char *option, const char *text, const char *const *names, const char *right,
		       u32 *index, GError **error)
{
	if (!text)
		return true;
	for (u32 i = 0; names[i]; i++) {
		if (!strcmp(names[i], text)) {
			*index = i;
			return true;
		}
	}
	return bad_value(error, option, text, right);
}

bool parse_ties(const char *text, enum ties *ties, GError **error)
{
	static const char *const names[] = {
		[TIES_FIFO] = "fifo", [TIES_LIFO] = "lifo", [TIES_SEED] = "seed", NULL
	};
	u32 index = *ties;

	if (!parse_name("--ties", text, names, "fifo, lifo or seed", &index, error))
		return false;
	*ties = index;
	return true;
}

bool parse_format(const char *text, enum table_format *format, GError **error)
{
	static const char *const names[] = { [TABLE_TEXT] = "table",
					     [TABLE_MARKDOWN] = "markdown",
					     [TABLE_CSV] = "csv",
					     [TABLE_JSON] = "json",
					     NULL };
	u32 index = *format;

	if (!parse_name("--format", text, names, "table, json, csv or markdown", &index, error))
		return false;
	*format = index;
	return true;
}

bool parse_seed(const char *option, const char *text, u64 *seed, GError **error)
{
	u64 value;

	if (!text)
		return true;
	if (number_parse(text, &value) || value > SEED_MAX)
		return bad_value(error, option, text, "a whole number, 0 to 2^53");
	*seed = value;
	return true;
}

bool parse_seeds(const char *text, struct seeds *seeds, GError **error)
{
	static const char right[] = "a number of seeds, 1 to 10000, or two seeds A..B";
	char **ends;
	u64 a, b = 0;
	bool good;

	if (!text)
		return true;
	ends = g_strsplit(text, "..", 2);
	good = ends[0] && !number_parse(ends[0], &a);
	if (good && ends[1]) {
		good = !number_parse(ends[1], &b) && a <= b && b <= SEED_MAX && b - a < SEEDS_MOST;
		*seeds = (struct seeds){ false, a, good ? (u32)(b - a + 1) : 0 };
	} else if (good) {
		good = a && a <= SEEDS_MOST;
		seeds->count = (u32)a;
	}
	g_strfreev(ends);
	return good || bad_value(error, "--seeds", text, right);
}

bool parse_jobs(int number, u32 *jobs, GError **error)
{
	*jobs = (u32)number;
	if (number >= 0 && number <= JOBS_MOST)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--jobs %d: not possible (1 to %d)", number,
		    JOBS_MOST);
	return false;
}

bool parse_names(const char *option, const char *text, char ***names, GError **error)
{
	char **list = g_strsplit(text, ",", -1);
	bool good = list[0];

	for (u32 i = 0; list[i]; i++)
		good = good && *g_strstrip(list[i]);
	if (!good) {
		g_strfreev(list);
		return bad_value(error, option, text, "a list like a,b,c");
	}
	*names = list;
	return true;
}

bool check_kernel(const char *kernel, GError **error)
{
	const struct release *release;
	struct patches patches;
	GError *cause = NULL;

	if (!kernel || release_parse(kernel, &release, &patches, &cause))
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--kernel %s: %s", kernel, cause->message);
	g_error_free(cause);
	return false;
}

bool parse_kernels(const char *text, char ***kernels, GError **error)
{
	if (!parse_names("--kernel", text, kernels, error))
		return false;
	for (u32 i = 0; (*kernels)[i]; i++)
		if (!check_kernel((*kernels)[i], error)) {
			g_clear_pointer(kernels, g_strfreev);
			return false;
		}
	return true;
}
