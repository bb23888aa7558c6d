#include "plots/gnuplot.h"

#include <string.h>

#include "sim/error.h"

void gnuplot_string(GString *out, const char *text)
{
	g_string_append_c(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			g_string_append_c(out, '\'');
		g_string_append_c(out, *text == '\n' ? ' ' : *text);
	}
	g_string_append_c(out, '\'');
}

static bool failed(const char *script, char *said, GError **error)
{
	char *line = said ? g_strstrip(said) : NULL;
	char **lines = g_strsplit(line && *line ? line : "it said nothing", "\n", -1);
	u32 n = g_strv_length(lines);

	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "gnuplot failed on %s: %s", script,
		    g_strstrip(lines[n - 1]));
	g_strfreev(lines);
	return false;
}

bool gnuplot_run(const char *folder, const char *script, GError **error)
{
	char *program = g_find_program_in_path("gnuplot");
	char *arguments[] = { program, (char *)"-d", (char *)script, NULL };
	char *said = NULL;
	GError *cause = NULL;
	int status = 0;
	bool good;

	if (!program) {
		g_set_error(
		    error, SWAPSIM_ERROR, ERROR_IO,
		    "gnuplot is not installed (Debian, Ubuntu: apt install gnuplot-nox); the figures and the "
		    "script are there: gnuplot %s",
		    script);
		return false;
	}
	good = g_spawn_sync(folder, arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said,
			    &status, &cause);
	if (!good) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_IO, cause->message);
		g_error_free(cause);
	} else if (status != 0) {
		good = failed(script, said, error);
	}
	g_free(said);
	g_free(program);
	return good;
}
