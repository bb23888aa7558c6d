/*
 * tables.h - what the zipf program of the kernel runs did beside its recorded accesses.
 *
 * The recorded streams have the accesses to the mapping only. The zipf program also had two tables of its
 * own, for its 16384 pages: the distribution function (8 bytes each) and the permutation that scatters ranks
 * over pages (4 bytes each), 48 pages of anonymous memory. It wrote them before the fill, during which they
 * were not used, and read them for every access after that. So they are among the first pages to be evicted
 * and 48 refaults are theirs. Which table page an access read is not recorded; here they take turns.
 */
#ifndef TESTS_FIDELITY_TABLES_H
#define TESTS_FIDELITY_TABLES_H

#include "traces/trace.h"

/* Pages of both tables for a mapping of @pages. */
u32 table_pages(u32 pages);
/* Replace *trace by one that writes the tables, does the fill, and reads a table page before each access
 * after the first mark. The tables follow the mapping. */
void trace_add_tables(struct trace **trace);

#endif
