#define _GNU_SOURCE /* pseudo-terminals */

/* Commands are no library: the file itself is part of this test. */
#include "cli/progress.c"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "tests/unit/test_cli.h"

static bool says(const char *what, u32 done, u32 all, u64 seconds, const char *expected)
{
	char *text = progress_text(what, done, all, seconds);
	bool good = !strcmp(text, expected);

	g_free(text);
	return good;
}

static void test_text(void)
{
	CU_ASSERT(says(NULL, 0, 1, 65, "running, 1:05"));
	CU_ASSERT(says(NULL, 0, 300, 3, "0 of 300 runs, 0:03"));
	CU_ASSERT(says("64.00 MiB", 12, 300, 5, "64.00 MiB: 12 of 300 runs, 0:05, about 2:00 left"));
	CU_ASSERT(says(NULL, 1, 1001, 11, "1 of 1001 runs, 0:11, about 3:03:20 left"));
	CU_ASSERT(says(NULL, 2, 2, 1, "2 of 2 runs, 0:01"));
}

static void read_all(int from, GString *to)
{
	char buffer[4096];
	ssize_t n;

	while ((n = read(from, buffer, sizeof buffer)) > 0)
		g_string_append_len(to, buffer, n);
}

/* What somebody at a terminal sees of a run that is interrupted after two seconds, or once it has said how
 * long it has been running if that takes longer. */
static char *seen(const char *arguments, char **environment, bool expected)
{
	char *folder = test_folder(), **argv = command_line(arguments);
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	GString *text = g_string_new(NULL);
	int status = 0;
	GPid pid = 0;

	CU_ASSERT_FATAL(master >= 0 && !grantpt(master) && !unlockpt(master));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	CU_ASSERT_TRUE_FATAL(g_spawn_async_with_fds(folder, argv, environment,
						    G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
						    NULL, NULL, &pid, -1, -1, slave, NULL));
	fcntl(master, F_SETFL, O_NONBLOCK);
	for (u32 i = 0; i < (expected ? 200 : 20) && !strstr(text->str, "running"); i++) {
		g_usleep(100000);
		read_all(master, text);
	}
	kill(pid, SIGINT);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	close(slave);
	read_all(master, text);
	close(master);
	g_strfreev(argv);
	test_folder_free(folder);
	return g_string_free(text, FALSE);
}

#define LONG "run small.json --set tasks[0].workload.rand.accesses=400000000 "
#define END "swapsim: interrupted: the result is not complete\r\n"

static void test_terminal(void)
{
	char **environment = g_environ_setenv(g_get_environ(), "TERM", "xterm", TRUE);
	char *text = seen(LONG, environment, true);

	CU_ASSERT(g_str_has_prefix(text, "\rrunning, 0:0"));
	CU_ASSERT(g_str_has_suffix(text, "\r             \r" END));
	CU_ASSERT_PTR_NULL(strchr(text, '\033'));
	g_free(text);
	text = seen(LONG "--quiet", environment, false);
	CU_ASSERT_STRING_EQUAL(text, END);
	g_free(text);
	environment = g_environ_setenv(environment, "TERM", "dumb", TRUE);
	text = seen(LONG, environment, false);
	CU_ASSERT_STRING_EQUAL(text, END);
	g_free(text);
	g_strfreev(environment);
}

static const struct unit tests[] = {
	{ "it says how far it is, and how long it will take", test_text },
	{ "a terminal sees it after a second, and nothing of it in the end", test_terminal },
};
UNIT_MAIN("progress", tests)
