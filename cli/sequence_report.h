/*
 * sequence_report.h - two sequences side by side.
 */
#ifndef CLI_SEQUENCE_REPORT_H
#define CLI_SEQUENCE_REPORT_H

#include "cli/table.h"
#include "traces/sequence.h"

/* "recorded" and "simulated", a row a figure. The caller frees it. */
struct table *sequence_table(const struct sequence *recorded, const struct sequence *simulated);
/* Faults, requests, rounds and batches of both, in the order in which they were:
 * side,kind,after,page,pages,write. */
char *sequence_csv(const struct sequence *recorded, const struct sequence *simulated);

/* Faults that both have in the same order: the longest common subsequence of pages. */
u64 sequence_common_faults(const struct sequence *a, const struct sequence *b);

#endif
