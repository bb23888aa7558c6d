/*
 * explore_folder.h - what an exploration leaves behind for the plot "coverage": which windows tasks were in,
 * and which two at once, in windows.csv, and manifest.json.
 */
#ifndef CLI_EXPLORE_FOLDER_H
#define CLI_EXPLORE_FOLDER_H

#include "cli/explore_differences.h"

struct folder;

/* Writes the files and finishes the folder, which the caller frees; ERROR_IO. Interrupted: complete is false.
 */
bool explore_fill_folder(struct folder *folder, const struct scenario *s, const struct explored *e, u32 n,
			 bool interrupted, GError **error);

#endif
