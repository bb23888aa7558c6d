/*
 * report.h - one run, for people to read.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/table.h"
#include "models/run.h"

/* As text or Markdown: counters by phase, latencies, locks, memory, fingerprints. The caller frees it. */
char *report_write(const struct scenario *s, const struct run_result *r, enum table_format format);

/* The figures of figure.h, one a row: figure,value. For CSV. */
struct table *report_figures(const struct run_result *r);

/* Whom the OOM killer took, and when; of several the first. It came at least once. The caller frees it. */
char *kills_in_words(const struct run_result *r);

#endif
