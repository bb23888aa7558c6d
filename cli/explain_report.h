/*
 * explain_report.h - one fault as a timeline, for people (pasteable into a mail) and for programs.
 */
#ifndef CLI_EXPLAIN_REPORT_H
#define CLI_EXPLAIN_REPORT_H

#include "cli/explain_watch.h"
#include "cli/table.h"

/* A sentence, what the time was spent on, and the steps as a tree of calls. Without @all, steps and calls of
 * less than a fiftieth of the fault are folded, and so are those of a loop. The caller frees it. */
char *explain_text(const struct machine *m, const struct fault *f, const char *title, bool all,
		   enum table_format format);
/* Every step: as an object, or a row a step. The caller frees them. */
char *explain_json(const struct machine *m, const struct fault *f, const char *scenario, const char *kernel,
		   u64 seed);
char *explain_csv(const struct machine *m, const struct fault *f);

#endif
