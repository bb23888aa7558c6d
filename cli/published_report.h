/*
 * published_report.h - what "swapsim published" prints and writes.
 */
#ifndef CLI_PUBLISHED_REPORT_H
#define CLI_PUBLISHED_REPORT_H

#include "cli/published_run.h"

/* For people (text, Markdown: then the numbers, too, and why rows miss or were not run) or programs. The
 * caller frees it. */
char *published_report(const struct published_run *run, enum table_format format);
/* changes.csv; the caller frees it. */
char *published_csv(const struct published_run *run);

#endif
