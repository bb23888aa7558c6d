/*
 * man.c - swapsim man: manual pages, made from the tables of commands and options.
 */
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"

struct man_options {
	char *output;
};

static const GOptionEntry options[] = {
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct man_options, output),
	  "write all pages into a folder", "DIR" },
	{ 0 },
};

const struct usage man_usage = {
	.command = "man",
	.arguments = "[COMMAND]",
	.summary = "Prints the manual page of swapsim or of a command, for man -l -.",
	.more = "Examples:\n"
		"  swapsim man compare | man -l -\n"
		"  swapsim man --output ~/.local/share/man/man1",
	.options = options,
	.least = 0,
	.most = 1,
};

static const struct {
	u32 status;
	const char *meaning;
} statuses[] = {
	{ 0, "fine" },
	{ 1, "internal, or input and output" },
	{ 2, "the command line is wrong" },
	{ 3, "a finding: an invariant was violated, or runs that must be equal are not" },
	{ 4, "the scenario is invalid, or the machine cannot run it" },
	{ 5, "the trace is invalid" },
	{ 6, "a threshold was missed" },
	{ 130, "interrupted; what there was is written, and marked incomplete" },
};

/* ---- roff ---- */

/* A line that begins with . or ' would be a request. */
static void append_text(GString *out, const char *text)
{
	for (bool start = true; *text; start = *text++ == '\n') {
		if (start && strchr(".'", *text))
			g_string_append(out, "\\&");
		if (*text == '\\')
			g_string_append(out, "\\e");
		else if (*text == '-')
			g_string_append(out, "\\-");
		else
			g_string_append_c(out, *text);
	}
}

static void append_section(GString *out, const char *title)
{
	g_string_append_printf(out, ".SH %s\n", title);
}

static void append_option(GString *out, const GOptionEntry *o)
{
	g_string_append(out, ".TP\n");
	if (o->short_name)
		g_string_append_printf(out, "\\fB\\-%c\\fR, ", o->short_name);
	g_string_append(out, "\\fB\\-\\-");
	append_text(out, o->long_name);
	g_string_append(out, "\\fR");
	if (o->arg_description) {
		g_string_append(out, " \\fI");
		append_text(out, o->arg_description);
		g_string_append(out, "\\fR");
	}
	g_string_append_c(out, '\n');
	append_text(out, o->description);
	g_string_append_c(out, '\n');
}

/* As it stands: examples, lists in columns. */
static void append_verbatim(GString *out, const char *text)
{
	g_string_append(out, ".PP\n.nf\n");
	append_text(out, text);
	g_string_append(out, "\n.fi\n");
}

static void append_head(GString *out, const char *name, const char *summary)
{
	char *title = g_ascii_strup(name, -1);

	g_string_append(out, ".TH \"");
	append_text(out, title);
	g_string_append(out, "\" 1 \"\" \"swapsim " SWAPSIM_VERSION "\" \"\"\n");
	append_section(out, "NAME");
	append_text(out, name);
	g_string_append(out, " \\- ");
	append_text(out, summary);
	g_string_append_c(out, '\n');
	append_section(out, "SYNOPSIS");
	g_free(title);
}

static void append_synopsis(GString *out, const struct usage *usage)
{
	g_string_append(out, "\\fBswapsim ");
	append_text(out, usage->command);
	g_string_append(out, "\\fR [\\fIOPTION\\fR]... ");
	append_text(out, usage->arguments);
	g_string_append_c(out, '\n');
}

static void append_usage(GString *out, const struct usage *usage)
{
	append_verbatim(out, usage->summary);
	for (const GOptionEntry *o = usage->options; o && o->long_name; o++)
		append_option(out, o);
	if (usage->more)
		append_verbatim(out, usage->more);
	if (usage->describe) {
		char *text = usage->describe();

		append_verbatim(out, text);
		g_free(text);
	}
}

static char *page_of(const struct command *command)
{
	char *name = g_strdup_printf("swapsim-%s", command->usage->command);
	GString *out = g_string_new(NULL);

	append_head(out, name, command->summary);
	append_synopsis(out, command->usage);
	append_section(out, "DESCRIPTION");
	append_usage(out, command->usage);
	for (u32 i = 0; command->usage->parts && command->usage->parts[i]; i++) {
		g_string_append(out, ".SS ");
		append_synopsis(out, command->usage->parts[i]);
		append_usage(out, command->usage->parts[i]);
	}
	append_section(out, "EXIT STATUS");
	g_string_append(out, "As described in\n.BR swapsim (1).\n");
	append_section(out, "SEE ALSO");
	g_string_append(out, ".BR swapsim (1)\n");
	g_free(name);
	return g_string_free(out, FALSE);
}

static char *main_page(void)
{
	GString *out = g_string_new(NULL);
	u32 n;
	const struct command *command = all_commands(&n);

	append_head(out, "swapsim", "a laboratory for the swap subsystem of Linux");
	g_string_append(out, "\\fBswapsim\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n");
	append_section(out, "DESCRIPTION");
	g_string_append(out, "Simulates swapping in kernel releases that differ, from a scenario in JSON.\n");
	for (u32 i = 0; i < n; i++) {
		g_string_append(out, ".TP\n.BR ");
		append_text(out, "swapsim-");
		append_text(out, command[i].usage->command);
		g_string_append(out, " (1)\n");
		append_text(out, command[i].summary);
		g_string_append_c(out, '\n');
	}
	append_section(out, "ENVIRONMENT");
	g_string_append(out, ".TP\n.B SWAPSIM_DATA\nwhere the bundled scenarios and traces are\n");
	append_section(out, "EXIT STATUS");
	for (u32 i = 0; i < ARRAY_SIZE(statuses); i++)
		g_string_append_printf(out, ".TP\n.B %u\n%s\n", statuses[i].status, statuses[i].meaning);
	return g_string_free(out, FALSE);
}

/* ---- where to ---- */

static bool write_page(const char *folder, const char *name, const char *text, GError **error)
{
	char *file = g_strdup_printf("%s/%s.1", folder, name);
	GError *cause = NULL;
	bool good = g_file_set_contents(file, text, -1, &cause);

	if (!good)
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s", cause->message);
	g_clear_error(&cause);
	g_free(file);
	return good;
}

static bool write_all(const char *folder, GError **error)
{
	char *text = main_page();
	u32 n;
	const struct command *command = all_commands(&n);
	bool good = g_mkdir_with_parents(folder, 0777) == 0;

	if (!good)
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be created", folder);
	good = good && write_page(folder, "swapsim", text, error);
	g_free(text);
	for (u32 i = 0; good && i < n; i++) {
		char *name = g_strdup_printf("swapsim-%s", command[i].usage->command);

		text = page_of(&command[i]);
		good = write_page(folder, name, text, error);
		g_free(text);
		g_free(name);
	}
	return good;
}

static bool print_page(const char *name, GError **error)
{
	u32 n;
	const struct command *command = all_commands(&n);
	char *text = name ? NULL : main_page();
	bool good;

	for (u32 i = 0; name && !text && i < n; i++)
		if (!strcmp(command[i].usage->command, name))
			text = page_of(&command[i]);
	if (!text) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "man: %s: no such command (swapsim help lists them)", name);
		return false;
	}
	good = print_result(text, error);
	g_free(text);
	return good;
}

bool command_man(int argc, char **argv, GError **error)
{
	struct man_options o = { 0 };
	bool good = arguments_parse(&man_usage, &o, &argc, &argv, error);

	if (good)
		good = o.output ? write_all(o.output, error) : print_page(argc > 1 ? argv[1] : NULL, error);
	arguments_release(&man_usage, &o);
	return good;
}
