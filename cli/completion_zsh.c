#include <string.h>

#include "cli/cli.h"
#include "cli/completion.h"
#include "cli/words.h"

/* Inside quotes, where _arguments takes brackets and colons for its own. */
static void append_text(GString *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			g_string_append(out, "'\\''");
		else if (*text == '\n')
			g_string_append_c(out, ' ');
		else if (strchr("[]:\\", *text))
			g_string_append_printf(out, "\\%c", *text);
		else
			g_string_append_c(out, *text);
	}
}

static void append_action(GString *out, struct words words)
{
	switch (words.kind) {
	case WORDS_ANY:
		break;
	case WORDS_FIXED:
		g_string_append_printf(out, "(%s)", words.words);
		break;
	case WORDS_LISTED:
		g_string_append_printf(out, "%s %s",
				       words.files    ? "_swapsim_list_or_files"
				       : words.commas ? "_swapsim_commas"
						      : "_swapsim_list",
				       words.words);
		break;
	case WORDS_FOLDERS:
		g_string_append(out, "_files -/");
		break;
	case WORDS_FILES:
		g_string_append(out, "_files");
		break;
	}
}

static void append_option(GString *out, const GOptionEntry *o)
{
	bool often = o->arg == G_OPTION_ARG_STRING_ARRAY || o->arg == G_OPTION_ARG_FILENAME_ARRAY;

	g_string_append(out, " \\\n\t\t\t");
	if (o->short_name)
		g_string_append_printf(out, "'%s'{-%c,--%s}'", often ? "*" : "", o->short_name, o->long_name);
	else
		g_string_append_printf(out, "'%s--%s", often ? "*" : "", o->long_name);
	g_string_append_c(out, '[');
	append_text(out, o->description);
	g_string_append_c(out, ']');
	if (option_has_value(o)) {
		g_string_append_c(out, ':');
		append_text(out, o->arg_description);
		g_string_append_c(out, ':');
		append_action(out, words_of_option(o));
	}
	g_string_append_c(out, '\'');
}

static void append_usage(GString *out, const struct usage *usage, const char *name)
{
	char **names = arguments_of(usage);
	u32 n = g_strv_length(names);

	g_string_append_printf(out, "\t%s)\n\t\t_arguments '--help[this text]'", name);
	for (const GOptionEntry *o = usage->options; o->long_name; o++)
		append_option(out, o);
	for (u32 i = 0; i < n; i++) {
		if (i + 1 < n)
			g_string_append_printf(out, " \\\n\t\t\t'%u:", i + 1);
		else
			g_string_append(out, " \\\n\t\t\t'*:");
		append_text(out, names[i]);
		g_string_append_c(out, ':');
		append_action(out, words_of_argument(names[i]));
		g_string_append_c(out, '\'');
	}
	g_string_append(out, "\n\t\t;;\n");
	g_strfreev(names);
}

/* A command of commands: one function more. */
static void append_parts(GString *out, const struct usage *usage)
{
	g_string_append_printf(out, "_swapsim_%s() {\n\tif ((CURRENT == 2)); then\n\t\tcompadd",
			       usage->command);
	for (u32 i = 0; usage->parts[i]; i++)
		g_string_append_printf(out, " %s", strchr(usage->parts[i]->command, ' ') + 1);
	g_string_append(out, "\n\t\treturn\n\tfi\n\tshift words\n\t((CURRENT--))\n\tcase $words[1] in\n");
	for (u32 i = 0; usage->parts[i]; i++)
		append_usage(out, usage->parts[i], strchr(usage->parts[i]->command, ' ') + 1);
	g_string_append(out, "\tesac\n}\n\n");
}

/* _arguments puts options for compadd before the name of the list. */
static const char head[] =
    "#compdef swapsim\n# Completion of swapsim for zsh: made by swapsim completion zsh.\n\n"
    "_swapsim_names() {\n"
    "\tnames=(${(f)\"$(swapsim list $1 --format csv 2>/dev/null | tail -n +2 | cut -d , -f 1)\"})\n}\n\n"
    "_swapsim_list() {\n\tlocal -a names\n\n"
    "\t_swapsim_names $argv[-1]\n\tcompadd $argv[1,-2] -a names\n}\n\n"
    "_swapsim_commas() {\n\tlocal -a names\n\n\t_swapsim_names $argv[-1]\n\t_values -s , name $names\n}\n\n"
    "_swapsim_list_or_files() {\n\t_swapsim_list $@\n\t_files\n}\n\n";

char *completion_zsh(void)
{
	GString *out = g_string_new(head);
	u32 n;
	const struct command *command = all_commands(&n);

	for (u32 i = 0; i < n; i++)
		if (command[i].usage->parts)
			append_parts(out, command[i].usage);
	g_string_append(out, "_swapsim() {\n\tlocal -a commands=(\n");
	for (u32 i = 0; i < n; i++) {
		g_string_append_printf(out, "\t\t'%s:", command[i].usage->command);
		append_text(out, command[i].summary);
		g_string_append(out, "'\n");
	}
	g_string_append(
	    out, "\t)\n\n\tif ((CURRENT == 2)); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
		 "\tshift words\n\t((CURRENT--))\n\tcase $words[1] in\n");
	for (u32 i = 0; i < n; i++) {
		const struct usage *usage = command[i].usage;

		if (usage->parts)
			g_string_append_printf(out, "\t%s)\n\t\t_swapsim_%s\n\t\t;;\n", usage->command,
					       usage->command);
		else
			append_usage(out, usage, usage->command);
	}
	g_string_append(out, "\tesac\n}\n\n_swapsim \"$@\"\n");
	return g_string_free(out, FALSE);
}
