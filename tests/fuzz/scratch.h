/*
 * scratch.h - files in memory, for code that wants the name of a file.
 */
#ifndef TESTS_FUZZ_SCRATCH_H
#define TESTS_FUZZ_SCRATCH_H

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "sim/types.h"

/* Where this process may write a file of that name, in memory if possible; g_free() it. */
static inline char *scratch_place(const char *name)
{
	const char *memory = "/dev/shm";
	const char *folder = g_access(memory, W_OK) == 0 ? memory : g_get_tmp_dir();

	return g_strdup_printf("%s/swapsim-fuzz-%d.%s", folder, (int)getpid(), name);
}

/* A file to read, without a name but with a path. */
struct scratch {
	int fd;
	char path[32];
};

static inline void scratch_init(struct scratch *scratch, const void *bytes, size_t size)
{
	char *place = scratch_place("in");

	scratch->fd = g_open(place, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	BUG_ON(scratch->fd < 0 || g_unlink(place) || write(scratch->fd, bytes, size) != (ssize_t)size);
	g_snprintf(scratch->path, sizeof scratch->path, "/proc/self/fd/%d", scratch->fd);
	g_free(place);
}

static inline void scratch_release(struct scratch *scratch)
{
	close(scratch->fd);
}

#endif
