/* Files that a user names. */
#include "sim/file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/error.h"
#include "sim/types.h"
#include "tests/unit/unit.h"

static char *folder;

static char *place(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

static bool holds(const char *path, const char *wanted)
{
	char *text = NULL;
	bool same = g_file_get_contents(path, &text, NULL, NULL) && !strcmp(text, wanted);

	g_free(text);
	return same;
}

static u32 files(void)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	u32 n = 0;

	while (g_dir_read_name(dir))
		n++;
	g_dir_close(dir);
	return n;
}

static void test_whole(void)
{
	char *path = place("a"), *partial;

	CU_ASSERT(file_write(path, "one", 3, NULL));
	CU_ASSERT(holds(path, "one"));
	partial = file_partial(path);
	CU_ASSERT(g_file_set_contents(partial, "two", 3, NULL));
	CU_ASSERT(holds(path, "one"));
	CU_ASSERT(file_complete(partial, path));
	CU_ASSERT(holds(path, "two"));
	CU_ASSERT_EQUAL(files(), 1);
	g_free(partial);
	partial = file_partial(path);
	CU_ASSERT(g_file_set_contents(partial, "three", 5, NULL));
	file_abandon(partial, path);
	CU_ASSERT(holds(path, "two"));
	CU_ASSERT_EQUAL(files(), 1);
	g_unlink(path);
	g_free(partial);
	g_free(path);
}

/* A link stays one; what it leads to is replaced. */
static void test_link(void)
{
	char *path = place("a"), *link = place("l");

	CU_ASSERT(file_write(path, "one", 3, NULL));
	CU_ASSERT_EQUAL(symlink("a", link), 0);
	CU_ASSERT(file_write(link, "two", 3, NULL));
	CU_ASSERT(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
	CU_ASSERT(holds(path, "two"));
	g_unlink(link);
	g_unlink(path);
	g_free(link);
	g_free(path);
}

/* Devices and pipes stay where they are; that one is full is an error. */
static void test_special(void)
{
	char *pipe = place("pipe"), *partial;
	GError *error = NULL;
	GStatBuf status;

	CU_ASSERT_EQUAL(mkfifo(pipe, 0600), 0);
	partial = file_partial(pipe);
	CU_ASSERT(file_complete(partial, pipe));
	file_abandon(partial, pipe);
	CU_ASSERT(g_stat(pipe, &status) == 0 && S_ISFIFO(status.st_mode));
	CU_ASSERT_EQUAL(files(), 1);
	g_unlink(pipe);
	g_free(partial);
	g_free(pipe);

	CU_ASSERT(file_write("/dev/null", "one", 3, NULL));
	CU_ASSERT(g_stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
	CU_ASSERT_FALSE(file_write("/dev/full", "one", 3, &error));
	CU_ASSERT(g_error_matches(error, SWAPSIM_ERROR, ERROR_IO));
	CU_ASSERT(g_str_has_prefix(error->message, "/dev/full: cannot be written: "));
	CU_ASSERT(g_stat("/dev/full", &status) == 0 && S_ISCHR(status.st_mode));
	g_clear_error(&error);
}

static void test_nowhere(void)
{
	char *path = place("none/a");
	GError *error = NULL;

	CU_ASSERT_FALSE(file_write(path, "one", 3, &error));
	CU_ASSERT(g_error_matches(error, SWAPSIM_ERROR, ERROR_IO));
	g_clear_error(&error);
	CU_ASSERT_FALSE(file_write(folder, "one", 3, &error));
	CU_ASSERT(g_error_matches(error, SWAPSIM_ERROR, ERROR_IO));
	CU_ASSERT(g_file_test(folder, G_FILE_TEST_IS_DIR));
	g_clear_error(&error);
	g_free(path);
}

static void test_all(void)
{
	folder = g_dir_make_tmp("swapsim-file-XXXXXX", NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
	test_whole();
	test_link();
	test_special();
	test_nowhere();
	CU_ASSERT_EQUAL(g_rmdir(folder), 0);
	g_free(folder);
}

static const struct unit tests[] = {
	{ "files are whole, links and devices stay", test_all },
};

UNIT_MAIN("file", tests)
