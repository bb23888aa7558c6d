/*
 * load.h - from a file name on the command line to scenarios.
 */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "models/scenario.h"

/* Where a scenario is: the name as it is or, when there is no such file, that of a bundled scenario ("demo").
 * The caller frees it. */
char *find_scenario(const char *name);
/* False and ERROR_IO when there is none at @path, which that made of @name, but a bundled one of nearly that
 * name; who reads it tells of other mistakes. */
bool scenario_found(const char *name, const char *path, GError **error);

/* @file is a path or, when there is no such file, the name of a bundled scenario ("demo"). @sets are
 * "path=value", NULL for none; @last is one more, or NULL. */
struct scenario *load_scenario(const char *file, const char *const *sets, const char *last, GError **error);

/* Tells people on stderr what is doubtful about it. */
void print_warnings(const struct scenario *s);

/* What pictures and titles say of a scenario, in words: "trace cc1, 8 threads", "zram-lz4". Read from the
 * effective scenario; the caller frees them. */
struct scenario_words {
	char *work;
	char *devices;
	u32 tasks;
};
struct scenario_words scenario_in_words(const struct scenario *s);
struct scenario_words effective_in_words(const char *effective);
void scenario_words_release(struct scenario_words *w);

#endif
