#include <string.h>

#include "cli/cli.h"
#include "cli/completion.h"
#include "cli/words.h"

/* What compgen is to offer. */
static void append_words(GString *out, struct words words)
{
	switch (words.kind) {
	case WORDS_ANY:
		break;
	case WORDS_FIXED:
		g_string_append_printf(out, "_swapsim_words '%s'", words.words);
		break;
	case WORDS_LISTED:
		g_string_append_printf(out, "%s \"$(_swapsim_list %s)\"",
				       words.commas ? "_swapsim_commas" : "_swapsim_words", words.words);
		break;
	case WORDS_FOLDERS:
		g_string_append(out, "_swapsim_files -d");
		break;
	case WORDS_FILES:
		g_string_append(out, "_swapsim_files -f");
		break;
	}
	if (words.files)
		g_string_append(out, "; _swapsim_files -f");
}

static void append_values(GString *out, const struct usage *usage)
{
	for (const GOptionEntry *o = usage->options; o && o->long_name; o++) {
		if (!option_has_value(o))
			continue;
		g_string_append_printf(out, "\t'%s --%s'", usage->command, o->long_name);
		if (o->short_name)
			g_string_append_printf(out, " | '%s -%c'", usage->command, o->short_name);
		g_string_append(out, ") ");
		append_words(out, words_of_option(o));
		g_string_append(out, " ;;\n");
	}
}

static void append_options(GString *out, const struct usage *usage)
{
	g_string_append_printf(out, "\t'%s') options='", usage->command);
	for (const GOptionEntry *o = usage->options; o && o->long_name; o++)
		g_string_append_printf(out, "--%s ", o->long_name);
	g_string_append(out, "--help' ;;\n");
}

/* Of several arguments of different kinds each has its number; the last one stands for all further ones. */
static void append_arguments(GString *out, const struct usage *usage)
{
	char **names = arguments_of(usage);
	u32 n = g_strv_length(names);

	if (usage->parts)
		n = 0;
	for (u32 i = 0; i < n; i++) {
		struct words words = words_of_argument(names[i]);

		if (words.kind == WORDS_ANY)
			continue;
		if (i + 1 < n)
			g_string_append_printf(out, "\t'%s %u') ", usage->command, i);
		else
			g_string_append_printf(out, "\t'%s '*) ", usage->command);
		append_words(out, words);
		g_string_append(out, " ;;\n");
	}
	g_strfreev(names);
}

static void each_usage(GString *out, void (*append)(GString *, const struct usage *))
{
	u32 n;
	const struct command *command = all_commands(&n);

	for (u32 i = 0; i < n; i++) {
		const struct usage *usage = command[i].usage;

		append(out, usage);
		for (u32 k = 0; usage->parts && usage->parts[k]; k++)
			append(out, usage->parts[k]);
	}
}

static const char head[] =
    "# Completion of swapsim for bash: made by swapsim completion bash.\n\n"
    "_swapsim_list() {\n\tswapsim list \"$1\" --format csv 2>/dev/null | tail -n +2 | cut -d , -f 1\n}\n\n"
    "_swapsim_add() {\n\tmapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen \"$@\")\n}\n\n"
    "_swapsim_words() {\n\t_swapsim_add -W \"$1\" -- \"$word\"\n}\n\n"
    "# One more behind the last comma.\n"
    "_swapsim_commas() {\n\tlocal before=${word%\"${word##*,}\"}\n\n"
    "\t_swapsim_add -P \"$before\" -W \"$1\" -- \"${word##*,}\"\n}\n\n"
    "_swapsim_files() {\n\tcompopt -o filenames 2>/dev/null\n"
    "\t_swapsim_add \"$1\" -- \"$word\"\n}\n\n";

static const char body[] =
    "# The command (of two words where it has parts), and how many arguments stand before the cursor.\n"
    "_swapsim_look() {\n"
    "\tlocal i\n\n"
    "\tcommand=${COMP_WORDS[1]} arguments=0\n"
    "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
    "\t\tif ((i == 2)) && [[ $_swapsim_parts == *\" $command ${COMP_WORDS[2]} \"* ]]; then\n"
    "\t\t\tcommand+=\" ${COMP_WORDS[2]}\"\n"
    "\t\telif [[ ${COMP_WORDS[i]} != -* && ${COMP_WORDS[i]} != '=' && ${COMP_WORDS[i - 1]} != -* ]]; then\n"
    "\t\t\targuments=$((arguments + 1))\n"
    "\t\tfi\n"
    "\tdone\n"
    "}\n\n"
    "_swapsim() {\n"
    "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command arguments "
    "options\n\n"
    "\tCOMPREPLY=()\n"
    "\tif ((COMP_CWORD == 1)); then\n"
    "\t\t_swapsim_words \"$_swapsim_commands help --version\"\n\t\treturn\n\tfi\n"
    "\t[[ $before != '=' ]] || before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "\t[[ $word != '=' ]] || word=''\n"
    "\t_swapsim_look\n"
    "\tif [[ $before == -* ]] && _swapsim_value \"$command $before\"; then\n\t\treturn\n\tfi\n"
    "\tif [[ $word == -* ]]; then\n"
    "\t\t_swapsim_options \"$command\"\n\t\t_swapsim_words \"$options\"\n"
    "\telse\n\t\t_swapsim_argument \"$command $arguments\"\n\tfi\n"
    "}\n\n"
    "complete -F _swapsim swapsim\n";

static void append_parts(GString *out, const struct usage *usage)
{
	if (!usage->parts)
		return;
	g_string_append_printf(out, "\t'%s 0') _swapsim_words '", usage->command);
	for (u32 i = 0; usage->parts[i]; i++)
		g_string_append_printf(out, "%s%s", i ? " " : "", strchr(usage->parts[i]->command, ' ') + 1);
	g_string_append(out, "' ;;\n");
}

static void append_name(GString *out, const struct usage *usage)
{
	if (!strchr(usage->command, ' '))
		g_string_append_printf(out, " %s", usage->command);
}

static void append_part_name(GString *out, const struct usage *usage)
{
	if (strchr(usage->command, ' '))
		g_string_append_printf(out, " %s ", usage->command);
}

char *completion_bash(void)
{
	GString *out = g_string_new(head);

	g_string_append(out, "_swapsim_commands='");
	each_usage(out, append_name);
	g_string_append(out, "'\n_swapsim_parts='");
	each_usage(out, append_part_name);
	g_string_append(out, "'\n\n# The value of an option; false when it has none.\n"
			     "_swapsim_value() {\n\tcase $1 in\n");
	each_usage(out, append_values);
	g_string_append(out, "\t*) return 1 ;;\n\tesac\n}\n\n_swapsim_options() {\n\tcase $1 in\n");
	each_usage(out, append_options);
	g_string_append(out, "\tesac\n}\n\n_swapsim_argument() {\n\tcase $1 in\n"
			     "\t'help '*) _swapsim_words \"$_swapsim_commands\" ;;\n");
	each_usage(out, append_parts);
	each_usage(out, append_arguments);
	g_string_append(out, "\tesac\n}\n\n");
	g_string_append(out, body);
	return g_string_free(out, FALSE);
}
