/*
 * compare_folder.h - what a comparison leaves behind.
 */
#ifndef CLI_COMPARE_FOLDER_H
#define CLI_COMPARE_FOLDER_H

#include "cli/comparison.h"
#include "cli/folder.h"

/* Fills and finishes the folder (NULL: none), then prints the comparison. ERROR_INTERRUPTED, after all that,
 * when it was cut short. */
bool comparison_finish(const struct comparison *c, const char *command, struct folder *folder,
		       enum table_format format, GError **error);

#endif
