/*
 * main.c - finds the command and turns its error into an exit status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "sim/suggest.h"

static const struct command commands[] = {
	{ &run_usage, "run one scenario", command_run },
	{ &compare_usage, "run a scenario on several kernels, over seeds and a swept parameter",
	  command_compare },
	{ &sweep_usage, "run a scenario with every combination of values, and go on where it was interrupted",
	  command_sweep },
	{ &merge_usage, "join the shards of a sweep", command_merge },
	{ &size_usage, "the smallest limit, swap cap or zram that keeps to a bound", command_size },
	{ &diff_usage, "what two result folders differ in, and where the runs part", command_diff },
	{ &race_usage, "run an interleaving on purpose: reproduced, not reproduced or infeasible",
	  command_race },
	{ &explore_usage, "try every interleaving of a small scenario: what can go wrong, or a proof",
	  command_explore },
	{ &explain_usage, "where the time of one fault went", command_explain },
	{ &plot_usage, "draw a picture from a result folder", command_plot },
	{ &fidelity_usage, "what real kernels counted, beside what the models do", command_fidelity },
	{ &published_usage, "what was published of two kernels, beside what comes of the same here",
	  command_published },
	{ &record_usage, "record a program on this machine: its accesses, and what the kernel counts",
	  command_record },
	{ &trace_usage, "import, describe and export page access traces", command_trace },
	{ &validate_usage, "check scenario files and run nothing", command_validate },
	{ &schema_usage, "every key of a scenario: JSON Schema, or a reference page", command_schema },
	{ &list_usage, "what there is: kernels, patches, devices, counters, steps, ...", command_list },
	{ &completion_usage, "a script that makes a shell complete command lines", command_completion },
	{ &man_usage, "manual pages", command_man },
	{ &demo_usage, "two kernels side by side and a thrashing curve, in a minute", command_demo },
};

const struct command *all_commands(u32 *n)
{
	*n = ARRAY_SIZE(commands);
	return commands;
}

/* Beside the program that runs, if it is installed; NULL otherwise. */
static const char *installed_data(void)
{
	char *self = g_file_read_link("/proc/self/exe", NULL);
	char *folder = self ? g_path_get_dirname(self) : g_strdup("/");
	char *prefix = g_path_get_dirname(folder);
	char *data = g_build_filename(prefix, SWAPSIM_INSTALLED_DATA, NULL);
	const char *kept = g_file_test(data, G_FILE_TEST_IS_DIR) ? g_intern_string(data) : NULL;

	g_free(data);
	g_free(prefix);
	g_free(folder);
	g_free(self);
	return kept;
}

const char *data_dir(void)
{
	const char *dir = g_getenv("SWAPSIM_DATA");

	if (!dir || !*dir)
		dir = installed_data();
	return dir ? dir : SWAPSIM_DATA_DIR;
}

bool print_result(const char *text, GError **error)
{
	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return true;
	g_set_error_literal(error, SWAPSIM_ERROR, ERROR_IO, "stdout: cannot write the result");
	return false;
}

bool print_whole(const char *text, bool interrupted, GError **error)
{
	if (!print_result(text, error))
		return false;
	if (!interrupted)
		return true;
	g_set_error_literal(error, SWAPSIM_ERROR, ERROR_INTERRUPTED,
			    "interrupted: the result is not complete");
	return false;
}

static const struct command *find_command(const char *name, GError **error)
{
	const char *names[ARRAY_SIZE(commands) + 1] = { NULL };
	const char *near;

	for (u32 i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].usage->command, name))
			return &commands[i];
		names[i] = commands[i].usage->command;
	}
	near = suggest(name, names);
	if (near)
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "%s: no such command (did you mean %s?)", name,
			    near);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "%s: no such command (swapsim help lists them)", name);
	return NULL;
}

static char *overview(void)
{
	GString *text = g_string_new("swapsim - a laboratory for the swap subsystem of Linux\n\n"
				     "usage: swapsim COMMAND [OPTION]... [ARGUMENT]...\n\n");

	for (u32 i = 0; i < ARRAY_SIZE(commands); i++)
		g_string_append_printf(text, "  %-12s%s\n", commands[i].usage->command, commands[i].summary);
	g_string_append(text, "  help        this text, or that of a command: swapsim help run\n"
			      "  --version   the version\n\n"
			      "Exit status: 0 fine, 1 internal or input/output, 2 usage, 3 a finding,\n"
			      "4 invalid scenario, 5 invalid trace, 6 threshold missed, 130 interrupted.\n");
	return g_string_free(text, FALSE);
}

static bool help(int argc, char **argv, GError **error)
{
	char option[] = "--help";
	const struct command *command;
	char *text;
	bool good;

	if (argc > 1) {
		command = find_command(argv[1], error);
		return command && command->run(2, (char *[]){ argv[1], option, NULL }, error);
	}
	text = overview();
	good = print_result(text, error);
	g_free(text);
	return good;
}

static bool dispatch(int argc, char **argv, GError **error)
{
	const struct command *command;
	char *text;

	if (argc < 2) {
		text = overview();
		fputs(text, stderr);
		g_free(text);
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE, "no command");
		return false;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help(argc - 1, argv + 1, error);
	if (!strcmp(argv[1], "--version"))
		return print_result("swapsim " SWAPSIM_VERSION "\n", error);
	command = find_command(argv[1], error);
	return command && command->run(argc - 1, argv + 1, error);
}

int main(int argc, char **argv)
{
	GError *error = NULL;
	int status = EXIT_SUCCESS;

	dispatch(argc, argv, &error);
	if (error) {
		fprintf(stderr, "swapsim: %s\n", error->message);
		status = error->domain == SWAPSIM_ERROR ? error->code : ERROR_IO;
		g_error_free(error);
	}
	return status;
}
