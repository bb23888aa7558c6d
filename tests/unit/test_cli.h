/*
 * test_cli.h - runs the swapsim that was built beside the tests, in a folder of its own.
 */
#ifndef TESTS_UNIT_TEST_CLI_H
#define TESTS_UNIT_TEST_CLI_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "sim/types.h"
#include "tests/unit/unit.h"

/* Two threads with an address space each, half of which fits: some thousand faults. */
#define SMALL_TASKS(count)                                                                                   \
	"{\"format\": 1, \"name\": \"small\",\n"                                                             \
	" \"machine\": {\"cpus\": 2, \"memory\": \"64MiB\", \"memory_stat_every\": \"1ms\"},\n"              \
	" \"swap\": [{\"device\": \"zram-lz4\", \"size\": \"16MiB\"}],\n"                                    \
	" \"cgroups\": [{\"name\": \"g\", \"memory.max\": \"50%\"}],\n"                                      \
	" \"tasks\": [{\"name\": \"t\", \"count\": " count ", \"cgroup\": \"g\", \"overhead_pages\": 0,\n"   \
	"  \"workload\": {\"rand\": {\"size\": \"2MiB\", \"accesses\": 3000}}}]}\n"

struct said {
	int status; /* of exit; -1 when it did not exit */
	char *out;
	char *err;
};

static inline char *test_folder(void)
{
	char *folder = g_dir_make_tmp("swapsim-test-XXXXXX", NULL);
	char *file = g_build_filename(folder, "small.json", NULL);

	CU_ASSERT_TRUE_FATAL(g_file_set_contents(file, SMALL_TASKS("2"), -1, NULL));
	g_free(file);
	return folder;
}

static inline void remove_tree(const char *path)
{
	GDir *dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *entry = g_build_filename(path, name, NULL);

		remove_tree(entry);
		g_free(entry);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(path);
}

static inline void test_folder_free(char *folder)
{
	remove_tree(folder);
	g_free(folder);
}

/* The build puts swapsim one folder above the tests, where these run. */
static inline char **command_line(const char *arguments)
{
	char *here = g_get_current_dir();
	char *line = g_strdup_printf("'%s/../swapsim' %s", here, arguments);
	char **argv = NULL;

	CU_ASSERT_TRUE_FATAL(g_shell_parse_argv(line, NULL, &argv, NULL));
	g_free(line);
	g_free(here);
	return argv;
}

static inline struct said swapsim_in(const char *folder, char **environment, const char *arguments)
{
	char **argv = command_line(arguments);
	struct said said = { .status = -1 };
	int status;

	CU_ASSERT_TRUE_FATAL(
	    g_spawn_sync(folder, argv, environment, 0, NULL, NULL, &said.out, &said.err, &status, NULL));
	if (WIFEXITED(status))
		said.status = WEXITSTATUS(status);
	g_strfreev(argv);
	return said;
}

static inline struct said swapsim(const char *folder, const char *arguments)
{
	return swapsim_in(folder, NULL, arguments);
}

static inline char *text_from(int fd)
{
	GIOChannel *channel = g_io_channel_unix_new(fd);
	char *text = NULL;

	g_io_channel_set_encoding(channel, NULL, NULL);
	g_io_channel_set_close_on_unref(channel, TRUE);
	CU_ASSERT_EQUAL(g_io_channel_read_to_end(channel, &text, NULL, NULL), G_IO_STATUS_NORMAL);
	g_io_channel_unref(channel);
	return text;
}

/* What it says, which is less than a pipe holds, when it gets a SIGINT after so long. */
static inline struct said swapsim_interrupted(const char *folder, const char *arguments, u32 milliseconds)
{
	char **argv = command_line(arguments);
	struct said said = { .status = -1 };
	int status, out, err;
	GPid pid = 0;

	CU_ASSERT_TRUE_FATAL(g_spawn_async_with_pipes(folder, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
						      NULL, &pid, NULL, &out, &err, NULL));
	g_usleep(milliseconds * 1000ul);
	kill(pid, SIGINT);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status))
		said.status = WEXITSTATUS(status);
	said.out = text_from(out);
	said.err = text_from(err);
	g_strfreev(argv);
	return said;
}

static inline void said_release(struct said *said)
{
	g_free(said->out);
	g_free(said->err);
}

/* Exits with @status, says @err in full on stderr and nothing on stdout. */
static inline bool refused(const char *folder, const char *arguments, int status, const char *err)
{
	struct said said = swapsim(folder, arguments);
	bool good = said.status == status && !strcmp(said.err, err) && !*said.out;

	if (!good)
		g_printerr("\nswapsim %s\nexit %d, said %s%s", arguments, said.status, said.err, said.out);
	said_release(&said);
	return good;
}

/* Exits with 0 and says nothing on stderr; what it printed is the caller's. */
static inline char *printed(const char *folder, const char *arguments)
{
	struct said said = swapsim(folder, arguments);

	if (said.status || *said.err)
		g_printerr("\nswapsim %s\nexit %d, said %s", arguments, said.status, said.err);
	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT_STRING_EQUAL(said.err, "");
	g_free(said.err);
	return said.out;
}

/* As printed(), of which nothing is looked at. */
static inline void done(const char *folder, const char *arguments)
{
	g_free(printed(folder, arguments));
}

static inline char *file_text(const char *folder, const char *name)
{
	char *path = g_build_filename(folder, name, NULL);
	char *text = NULL;

	CU_ASSERT_TRUE_FATAL(g_file_get_contents(path, &text, NULL, NULL));
	g_free(path);
	return text;
}

static inline bool file_exists(const char *folder, const char *name)
{
	char *path = g_build_filename(folder, name, NULL);
	bool exists = g_file_test(path, G_FILE_TEST_EXISTS);

	g_free(path);
	return exists;
}

static inline void write_file(const char *folder, const char *name, const char *text)
{
	char *path = g_build_filename(folder, name, NULL);

	CU_ASSERT_TRUE_FATAL(g_file_set_contents(path, text, -1, NULL));
	g_free(path);
}

static inline u32 entries(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	u32 n = 0;

	while (dir && g_dir_read_name(dir))
		n++;
	if (dir)
		g_dir_close(dir);
	return n;
}

static inline cJSON *parsed(char *text)
{
	cJSON *root = cJSON_ParseWithOpts(text, NULL, true);

	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	g_free(text);
	return root;
}

static inline const cJSON *at(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static inline const char *text_at(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(at(object, key));

	return text ? text : "";
}

/* Lines, and whether each has as many commas as the first; none of these files needs quotes. */
static inline u32 csv_lines(const char *text)
{
	char **lines = g_strsplit(text, "\n", -1);
	u32 n = g_strv_length(lines) - 1, commas[2] = { 0, 0 };

	for (u32 i = 0; i < n; i++) {
		commas[1] = 0;
		for (const char *c = lines[i]; *c; c++)
			commas[1] += *c == ',';
		if (!i)
			commas[0] = commas[1];
		CU_ASSERT_EQUAL(commas[0], commas[1]);
	}
	CU_ASSERT_STRING_EQUAL(lines[n], "");
	g_strfreev(lines);
	return n;
}

#endif
