/*
 * explain_tree.h - the steps of a fault as a tree of calls.
 */
#ifndef CLI_EXPLAIN_TREE_H
#define CLI_EXPLAIN_TREE_H

#include "cli/explain_watch.h"
#include "cli/table.h"

/* Adds rows of three cells: ns since the fault began, ns it took, what it was. */
void explain_tree(struct table *t, const struct machine *m, const struct fault *f, bool all);

/* "waited 120 ns for the folio lock, held by task web-0 at zram_read_page.READ"; the caller frees it. */
char *explain_wait_words(const struct machine *m, const struct fault_wait *wait);
/* "web-0", of a thread of the kernel its number; g_free() */
char *explain_task_name(const struct machine *m, u32 task);
/* "path.STEP"; the caller frees it. */
char *explain_call_name(const struct machine *m, const struct fault_call *call);

/* When step @i begins and how long it takes, waits included. */
u64 explain_begin_ns(const struct fault *f, u32 i);
u64 explain_took_ns(const struct fault *f, u32 i);

#endif
