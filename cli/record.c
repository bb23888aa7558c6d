/*
 * record.c - swapsim record: finds the script that records a program, and becomes it.
 *
 * The script is a program of its own so that whoever is to run it as root can read it before.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

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
