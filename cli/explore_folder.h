/*
 * explore_folder.h - what an exploration leaves behind for the plot "coverage": which windows tasks were in,
 * and which two at once, in windows.csv, and manifest.json.
 */
#ifndef CLI_EXPLORE_FOLDER_H
#define CLI_EXPLORE_FOLDER_H

#include "cli/explore_differences.h"

/* ERROR_IO. What is there already is replaced by force only, as by swapsim run. */
bool explore_write_folder(const struct scenario *s, const struct explored *e, u32 n, const char *path,
			  bool force, GError **error);

#endif
