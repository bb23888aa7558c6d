#include "cli/words.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/list.h"

/* By name and, where that says something else elsewhere, what its value is called. */
static const struct {
	const char *name;
	const char *value;
	struct words words;
} by_option[] = {
	{ "format", "F", { WORDS_FIXED, "table json csv markdown", false, false } },
	{ "ties", NULL, { WORDS_FIXED, "fifo lifo seed", false, false } },
	{ "over", NULL, { WORDS_FIXED, "worst median p90", false, false } },
	{ "kernel", NULL, { WORDS_LISTED, "kernels", false, false } },
	{ "trace", "WHAT", { WORDS_FIXED, "access perf ftrace none", false, false } },
};

static const struct {
	const char *name;
	struct words words;
} by_argument[] = {
	{ "FILE", { WORDS_LISTED, "scenarios", true, false } },
	{ "TRACE", { WORDS_LISTED, "traces", true, false } },
	{ "PLOT", { WORDS_LISTED, "plots", false, false } },
	{ "IN", { WORDS_FILES, NULL, false, false } },
	{ "DIR", { WORDS_FOLDERS, NULL, false, false } },
	{ "A", { WORDS_FOLDERS, NULL, false, false } },
	{ "B", { WORDS_FOLDERS, NULL, false, false } },
	{ "SHELL", { WORDS_FIXED, "bash zsh fish", false, false } },
};

struct words words_of_option(const GOptionEntry *option)
{
	const char *value = option->arg_description;

	if (!option_has_value(option))
		return (struct words){ .kind = WORDS_ANY };
	for (u32 i = 0; i < ARRAY_SIZE(by_option); i++) {
		struct words words = by_option[i].words;

		if (strcmp(by_option[i].name, option->long_name) ||
		    (by_option[i].value && strcmp(by_option[i].value, value)))
			continue;
		words.commas = strchr(value, ',');
		return words;
	}
	if (option->arg != G_OPTION_ARG_FILENAME && option->arg != G_OPTION_ARG_FILENAME_ARRAY)
		return (struct words){ .kind = WORDS_ANY };
	return (struct words){ .kind = strcmp(value, "DIR") ? WORDS_FILES : WORDS_FOLDERS };
}

char **arguments_of(const struct usage *usage)
{
	return *usage->arguments ? g_strsplit(usage->arguments, " ", -1) : g_new0(char *, 1);
}

static const char *command_names(void)
{
	GString *names = g_string_new(NULL);
	const struct command *command;
	const char *kept;
	u32 n;

	command = all_commands(&n);
	for (u32 i = 0; i < n; i++)
		g_string_append_printf(names, "%s%s", i ? " " : "", command[i].usage->command);
	kept = g_intern_string(names->str);
	g_string_free(names, TRUE);
	return kept;
}

static const char *names_of_lists(void)
{
	char *names = list_names();
	const char *kept = g_intern_string(names);

	g_free(names);
	return kept;
}

struct words words_of_argument(const char *name)
{
	size_t n = g_str_has_suffix(name, "...") ? strlen(name) - 3 : strlen(name);

	if (!strcmp(name, "WHAT"))
		return (struct words){ .kind = WORDS_FIXED, .words = names_of_lists() };
	if (!strcmp(name, "[COMMAND]"))
		return (struct words){ .kind = WORDS_FIXED, .words = command_names() };
	for (u32 i = 0; i < ARRAY_SIZE(by_argument); i++)
		if (strlen(by_argument[i].name) == n && !strncmp(name, by_argument[i].name, n))
			return by_argument[i].words;
	return (struct words){ .kind = WORDS_ANY };
}
