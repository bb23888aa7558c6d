/*
 * diff_source.h - the events of a run one after the other: out of events.csv, or out of the run done again.
 */
#ifndef CLI_DIFF_SOURCE_H
#define CLI_DIFF_SOURCE_H

#include "cli/diff_events.h"

struct diff_source;

/* NULL and an error where there is no such file, or no such machine. The folder outlives it. */
struct diff_source *diff_source_of_log(const struct diff_folder *folder, GError **error);
struct diff_source *diff_source_of_run(const struct diff_folder *folder, GError **error);
void diff_source_free(struct diff_source *s);

/* False at the end, and when it cannot go on, which diff_source_finish() tells. */
bool diff_source_next(struct diff_source *s, struct diff_event *e);

/* Go on to the end of a run, without looking at events. NULL if all was well and a complete run has the
 * fingerprint that its folder says; otherwise what is wrong, which the caller frees. */
char *diff_source_finish(struct diff_source *s);

#endif
