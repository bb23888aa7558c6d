#include <string.h>

#include "cli/cli.h"
#include "cli/completion.h"
#include "cli/words.h"

static void append_text(GString *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text == '\n' ? ' ' : *text);
	}
}

static void append_words(GString *out, struct words words)
{
	switch (words.kind) {
	case WORDS_ANY:
		break;
	case WORDS_FIXED:
		g_string_append_printf(out, " -a '%s'", words.words);
		break;
	case WORDS_LISTED:
		g_string_append_printf(out, " -a '(__swapsim_list %s)'", words.words);
		break;
	case WORDS_FOLDERS:
		g_string_append(out, " -a '(__fish_complete_directories)'");
		break;
	case WORDS_FILES:
		break;
	}
	if (words.files || words.kind == WORDS_FILES)
		g_string_append(out, " -F");
}

/* The condition that this command has been typed. */
static void append_line(GString *out, const struct usage *usage)
{
	char **names = g_strsplit(usage->command, " ", 2);

	g_string_append_printf(out, "complete -c swapsim -n '__fish_seen_subcommand_from %s", names[0]);
	if (names[1])
		g_string_append_printf(out, "; and __fish_seen_subcommand_from %s", names[1]);
	g_string_append_c(out, '\'');
	g_strfreev(names);
}

static void append_usage(GString *out, const struct usage *usage)
{
	char **names = arguments_of(usage);

	for (const GOptionEntry *o = usage->options; o && o->long_name; o++) {
		append_line(out, usage);
		g_string_append_printf(out, " -l %s", o->long_name);
		if (o->short_name)
			g_string_append_printf(out, " -s %c", o->short_name);
		if (option_has_value(o))
			g_string_append(out, words_of_option(o).kind == WORDS_FILES ? " -r" : " -x");
		append_words(out, words_of_option(o));
		g_string_append(out, " -d '");
		append_text(out, o->description);
		g_string_append(out, "'\n");
	}
	for (u32 i = 0; names[i] && !usage->parts; i++) {
		struct words words = words_of_argument(names[i]);

		if (words.kind == WORDS_ANY)
			continue;
		append_line(out, usage);
		append_words(out, words);
		g_string_append_c(out, '\n');
	}
	g_strfreev(names);
}

static void append_parts(GString *out, const struct usage *usage)
{
	append_line(out, usage);
	g_string_append(out, " -a '");
	for (u32 i = 0; usage->parts[i]; i++)
		g_string_append_printf(out, "%s%s", i ? " " : "", strchr(usage->parts[i]->command, ' ') + 1);
	g_string_append(out, "'\n");
	for (u32 i = 0; usage->parts[i]; i++)
		append_usage(out, usage->parts[i]);
}

char *completion_fish(void)
{
	GString *out = g_string_new(
	    "# Completion of swapsim for fish: made by swapsim completion fish.\n\n"
	    "function __swapsim_list\n"
	    "    swapsim list $argv[1] --format csv 2>/dev/null | tail -n +2 | cut -d , -f 1\nend\n\n"
	    "complete -c swapsim -f\n");
	u32 n;
	const struct command *command = all_commands(&n);

	for (u32 i = 0; i < n; i++) {
		g_string_append_printf(out, "complete -c swapsim -n __fish_use_subcommand -a %s -d '",
				       command[i].usage->command);
		append_text(out, command[i].summary);
		g_string_append(out, "'\n");
	}
	for (u32 i = 0; i < n; i++) {
		if (command[i].usage->parts)
			append_parts(out, command[i].usage);
		else
			append_usage(out, command[i].usage);
	}
	return g_string_free(out, FALSE);
}
