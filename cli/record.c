/*
 * record.c - swapsim record: finds the script that records a program, and becomes it.
 *
 * The script is a program of its own so that whoever is to run it as root can read it before.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/cli.h"

/* The script parses its command line by itself; this is for those who describe it. */
static const GOptionEntry options[] = {
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, NULL, "the folder (recording); it must not exist", "DIR" },
	{ "trace", 0, 0, G_OPTION_ARG_STRING, NULL, "access (default), perf, ftrace or none", "WHAT" },
	{ "filter-top", 0, 0, G_OPTION_ARG_STRING, NULL,
	  "of access: leave out accesses to the K pages used last (16)", "K" },
	{ "limit", 0, 0, G_OPTION_ARG_STRING, NULL,
	  "memory limits, in percent of what the program needs, or sizes", "LIST" },
	{ "swap", 0, 0, G_OPTION_ARG_STRING, NULL, "swap to make for it: zram, file, loop or loopdio, 1GiB",
	  "KIND:SIZE" },
	{ "swap-limit", 0, 0, G_OPTION_ARG_STRING, NULL, "how much of it the program may use", "SIZE" },
	{ "repeat", 0, 0, G_OPTION_ARG_STRING, NULL, "runs under each limit (1)", "N" },
	{ "stdin", 0, 0, G_OPTION_ARG_FILENAME, NULL, "what the program reads (nothing)", "FILE" },
	{ "user", 0, 0, G_OPTION_ARG_STRING, NULL, "who it runs as (who called sudo)", "NAME" },
	{ "dry-run", 0, 0, G_OPTION_ARG_NONE, NULL, "say what would be done, and what is missing", NULL },
	{ "print", 0, 0, G_OPTION_ARG_NONE, NULL, "print what is run: this script and its part", NULL },
	{ 0 },
};

const struct usage record_usage = {
	.command = "record",
	.arguments = "-- PROGRAM [ARGUMENT]...",
	.summary =
	    "Records a program on this machine: the pages it touches, or its page faults, and the kernel's\n"
	    "counters under memory limits, as a folder that swapsim and fidelity read.",
	.options = options,
	.least = 1,
	.most = 1u << 20,
};

/* The script calls swapsim to import what it recorded: this one. */
static void tell_where_we_are(void)
{
	char *self = g_file_read_link("/proc/self/exe", NULL);

	if (self && !g_getenv("SWAPSIM"))
		g_setenv("SWAPSIM", self, TRUE);
	g_free(self);
}

bool command_record(int argc, char **argv, GError **error)
{
	char *script = g_build_filename(data_dir(), "traces", "record.sh", NULL);
	char **line = g_new0(char *, (gsize)argc + 2);

	line[0] = (char *)"bash";
	line[1] = script;
	for (int i = 1; i < argc; i++)
		line[i + 1] = argv[i];
	tell_where_we_are();
	if (access(script, R_OK) == 0) {
		execvp(line[0], line);
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "bash: %s (record is a script for it)",
			    g_strerror(errno));
	} else {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: %s (SWAPSIM_DATA says where it is)", script,
			    g_strerror(errno));
	}
	g_free(line);
	g_free(script);
	return false;
}
