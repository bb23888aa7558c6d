/*
 * outcome.h - what a user finds when everything has come to an end: which pages are in memory and which in
 * swap (/proc/PID/pagemap), how much of each device is in use (/proc/swaps) and by pages that are in memory,
 * too (SwapCached), and what cgroups have in swap (memory.swap.current).
 *
 * Two ends that differ in nothing of that are one outcome, whatever slots, folios and clusters were used and
 * whoever was first. What pages contain is not part of it: that is what was written to them last, or an
 * invariant failed. Counters such as pswpin are left out, as a search does not tell states apart by them.
 */
#ifndef MODELS_OUTCOME_H
#define MODELS_OUTCOME_H

#include "models/kernel.h"

/* "p0 in memory, p1 in swap; device 0: 1 slot in use"; g_free(). */
char *outcome_text(const struct kernel *k);

#endif
