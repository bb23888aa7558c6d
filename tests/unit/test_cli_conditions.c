/*
 * Full disks, files that cannot be read, signals, and input of any size: results are whole or absent, and a
 * message says why.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/test_cli.h"

/* ---- full disks ---- */

/* In the child: files may not grow beyond 4 KiB, as if the disk were full then. */
static void limit_files(gpointer data)
{
	const struct rlimit limit = { 4096, 4096 };

	(void)data;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
}

static struct said swapsim_on_full_disk(const char *folder, const char *arguments)
{
	char **argv = command_line(arguments);
	struct said said = { .status = -1 };
	int status;

	CU_ASSERT_TRUE_FATAL(
	    g_spawn_sync(folder, argv, NULL, 0, limit_files, NULL, &said.out, &said.err, &status, NULL));
	if (WIFEXITED(status))
		said.status = WEXITSTATUS(status);
	g_strfreev(argv);
	return said;
}

/* Ends with 1 and names a file and the reason. */
static void check_full(const char *folder, const char *arguments, const char *file)
{
	struct said said = swapsim_on_full_disk(folder, arguments);
	char *reason = g_strdup_printf(": %s\n", g_strerror(EFBIG));
	bool good = said.status == 1 && strstr(said.err, file) && g_str_has_suffix(said.err, reason);

	if (!good)
		g_printerr("\nswapsim %s\nexit %d, said %s", arguments, said.status, said.err);
	CU_ASSERT(good);
	g_free(reason);
	said_release(&said);
}

static void test_full_disk(void)
{
	char *folder = test_folder();

	check_full(folder, "run small.json --quiet -o out", "/summary.json: cannot be written");
	check_full(folder, "run small.json --quiet --events -o out", "/events.csv");
	check_full(folder, "compare small.json --kernel 6.17,6.18 --seeds 3 -o out", "cannot be written");
	check_full(folder, "trace export cc1 -o t.csv", "CSV file cannot be written");
	CU_ASSERT_EQUAL(entries(folder), 1);
	done(folder, "trace export groundtruth/zipf -o t.csv");
	check_full(folder, "trace import t.csv --level 0 -o t.swt", "t.swt: cannot be written");
	CU_ASSERT_EQUAL(entries(folder), 2);
	done(folder, "run small.json --quiet -o out");
	test_folder_free(folder);
}

/* What was there before is still there. */
static void test_full_disk_replacing(void)
{
	char *folder = test_folder(), *before, *after;

	done(folder, "run small.json --quiet -o out");
	before = file_text(folder, "out/summary.json");
	check_full(folder, "run small.json --quiet --seed 7 --force -o out", "cannot be written");
	after = file_text(folder, "out/summary.json");
	CU_ASSERT_STRING_EQUAL(before, after);
	CU_ASSERT_EQUAL(entries(folder), 2);
	g_free(before);
	g_free(after);
	test_folder_free(folder);
}

/* ---- files that are none ---- */

static void test_no_file(void)
{
	char *folder = test_folder();

	CU_ASSERT(refused(folder, "validate .", 1, "swapsim: .: cannot be read: Is a directory\n"));
	CU_ASSERT(refused(folder, "trace info .", 1, "swapsim: .: cannot be read: Is a directory\n"));
	CU_ASSERT(
	    refused(folder, "trace import . -o t.swt", 1, "swapsim: .: cannot be read: Is a directory\n"));
	CU_ASSERT(refused(folder, "trace import none -o t.swt", 1,
			  "swapsim: none: cannot be opened: No such file or directory\n"));
	CU_ASSERT(refused(folder, "run small.json --quiet -o small.json/out", 1,
			  "swapsim: small.json: cannot be created: Not a directory\n"));
	CU_ASSERT_EQUAL(entries(folder), 1);
	test_folder_free(folder);
}

/* root may read everything, and then there is nothing to see. */
static void test_forbidden(void)
{
	char *folder = test_folder(), *file = g_build_filename(folder, "small.json", NULL);

	if (geteuid()) {
		CU_ASSERT(!g_chmod(file, 0));
		CU_ASSERT(refused(folder, "run small.json", 1,
				  "swapsim: small.json: cannot be read: Permission denied\n"));
		CU_ASSERT(!g_chmod(file, 0600) && !g_chmod(folder, 0500));
		CU_ASSERT(refused(folder, "run small.json --quiet -o out", 1,
				  "swapsim: out: cannot be created: Permission denied\n"));
		CU_ASSERT(!g_chmod(folder, 0700));
	}
	g_free(file);
	test_folder_free(folder);
}

/* ---- signals ---- */

/* Those alone: a process that has only just been made has all signals blocked for a moment. */
static bool holds_interrupts(guint64 blocked)
{
	return blocked >> (SIGINT - 1) & 1 && !(blocked >> (SIGUSR1 - 1) & 1);
}

/* A run that would take years, once it is under way. */
static GPid endless(const char *folder)
{
	char **argv = command_line(
	    "run small.json --quiet --set 'tasks[0].workload.rand.accesses=9007199254740992' -o out");
	char *status, *text = NULL, *blocked = NULL;
	GPid pid;

	CU_ASSERT_TRUE_FATAL(
	    g_spawn_async(folder, argv, NULL,
			  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
			  NULL, NULL, &pid, NULL));
	status = g_strdup_printf("/proc/%d/status", (int)pid);
	do {
		g_usleep(1000);
		g_free(text);
		CU_ASSERT_TRUE_FATAL(g_file_get_contents(status, &text, NULL, NULL));
		blocked = strstr(text, "SigBlk:");
		CU_ASSERT_PTR_NOT_NULL_FATAL(blocked);
	} while (!holds_interrupts(g_ascii_strtoull(blocked + strlen("SigBlk:"), NULL, 16)));
	g_free(text);
	g_free(status);
	g_strfreev(argv);
	return pid;
}

static int ended_by(const char *folder, int number)
{
	GPid pid = endless(folder);
	int status;

	CU_ASSERT(!kill(pid, number));
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	return status;
}

static void check_interruption(int number)
{
	char *folder = test_folder();
	int status = ended_by(folder, number);
	cJSON *summary = parsed(file_text(folder, "out/summary.json"));

	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 130);
	CU_ASSERT(cJSON_IsFalse(at(summary, "complete")));
	CU_ASSERT_EQUAL(entries(folder), 2);
	cJSON_Delete(summary);
	test_folder_free(folder);
}

static void test_interrupted(void)
{
	check_interruption(SIGINT);
	check_interruption(SIGTERM);
}

/* It leaves what it was writing, under a name that is in nobody's way. */
static void test_killed(void)
{
	char *folder = test_folder();
	int status = ended_by(folder, SIGKILL);

	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CU_ASSERT_FALSE(file_exists(folder, "out"));
	done(folder, "run small.json --quiet -o out");
	CU_ASSERT(file_exists(folder, "out/summary.json"));
	done(folder, "run small.json --quiet --force -o out");
	test_folder_free(folder);
}

/* ---- input of any size ---- */

static void repeat(const char *folder, const char *name, const char *head, const char *piece, u32 n,
		   const char *tail)
{
	GString *text = g_string_new(head);

	while (n--)
		g_string_append(text, piece);
	g_string_append(text, tail);
	write_file(folder, name, text->str);
	g_string_free(text, TRUE);
}

static void test_much_text(void)
{
	char *folder = test_folder(), *path = g_build_filename(folder, "large.json", NULL);

	write_file(folder, "large.json", "{");
	CU_ASSERT(!truncate(path, (off_t)10 << 30)); /* takes no room */
	CU_ASSERT(refused(folder, "run large.json", 4,
			  "swapsim: large.json:1:1: text of more than 64 MiB (expected at most that)\n"));
	CU_ASSERT(refused(folder, "run /dev/zero", 4,
			  "swapsim: /dev/zero:1:1: text of more than 64 MiB (expected at most that)\n"));
	repeat(folder, "many.json", "[0", ",0", 2000000, "]");
	CU_ASSERT(
	    refused(folder, "run many.json", 4,
		    "swapsim: many.json:1:2097152: more than 1048576 values (expected at most that)\n"));
	repeat(folder, "deep.json", "", "[", 100000, "");
	CU_ASSERT(refused(folder, "run deep.json", 4,
			  "swapsim: deep.json:1:65: nested too deep (expected at most 64 levels)\n"));
	repeat(folder, "tasks.json", "{\"format\":1,\"name\":\"x\",\"tasks\":[0", ",0", 999999, "]}");
	CU_ASSERT(refused(folder, "run tasks.json", 4,
			  "swapsim: tasks.json:1:32: tasks: found 1000000 elements (expected 1..131072)\n"));
	g_free(path);
	test_folder_free(folder);
}

/* A line of gigabytes would be read by nobody; a trace of them is, piece by piece. */
static void test_long_line(void)
{
	char *folder = test_folder();

	repeat(folder, "t.csv", "page,op\n", "1", 1000000, "\n");
	CU_ASSERT(refused(folder, "trace import t.csv -o t.swt", 5,
			  "swapsim: t.csv:2:1: a line is longer than 262143 bytes\n"));
	CU_ASSERT_FALSE(file_exists(folder, "t.swt"));
	test_folder_free(folder);
}

static void test_odd_bytes(void)
{
	char *folder = test_folder(), *text = file_text(folder, "small.json"), *path, *dos;
	char **lines = g_strsplit(text, "\n", -1);

	path = g_build_filename(folder, "s.json", NULL);
	CU_ASSERT(g_file_set_contents(path, "{\"a\0\":1}", 8, NULL));
	CU_ASSERT(refused(folder, "run s.json", 4, "swapsim: s.json:1:4: NUL byte (expected UTF-8 text)\n"));
	write_file(folder, "s.json", "{\"a\xff\":1}");
	CU_ASSERT(
	    refused(folder, "run s.json", 4, "swapsim: s.json:1:4: invalid UTF-8 (expected UTF-8 text)\n"));
	write_file(folder, "s.json", "\xef\xbb\xbf{}");
	CU_ASSERT(refused(folder, "run s.json", 4,
			  "swapsim: s.json:1:1: byte order mark (expected UTF-8 without one)\n"));
	dos = g_strjoinv("\r\n", lines);
	write_file(folder, "s.json", dos);
	done(folder, "run s.json");
	write_file(folder, "t.csv", "page,op\r\n1,R\r\n2,W\r\n");
	done(folder, "trace import t.csv -o t.swt");
	g_free(dos);
	g_strfreev(lines);
	g_free(path);
	g_free(text);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "on a full disk nothing is left, and the reason is said", test_full_disk },
	{ "on a full disk the result that was to be replaced stays", test_full_disk_replacing },
	{ "what is no file is an error of input", test_no_file },
	{ "what may not be read or written is an error of input", test_forbidden },
	{ "an interrupted run leaves a whole result that says so", test_interrupted },
	{ "a killed run leaves no result and is in nobody's way", test_killed },
	{ "too much of anything is refused before it fills the memory", test_much_text },
	{ "a line without an end is refused", test_long_line },
	{ "odd bytes are refused, odd ends of lines are not", test_odd_bytes },
};
UNIT_MAIN("cli: conditions", tests)
