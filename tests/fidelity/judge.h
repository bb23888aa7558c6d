/*
 * judge.h - is a figure near enough to what kernels showed?
 */
#ifndef TESTS_FIDELITY_JUDGE_H
#define TESTS_FIDELITY_JUDGE_H

#include "tests/fidelity/rows.h"

/* Within 10 % of the median, or 32 pages of it. All in tenths. */
bool judge_near(s64 ours, const struct figure *theirs);

/*
 * The stricter rule, by the kernel's own spread (most - least) / median. Under 3 %: within 5 % of the median,
 * or 32 pages. Otherwise inside [least - range, most + range], or within 15 %. A single run has no spread of
 * its own: @spread_permille is then the widest of the same pattern, device and limit.
 */
bool judge_strict(s64 ours, const struct figure *theirs, u32 spread_permille);

/* (most - least) / median in permille, rounded up. */
u32 figure_spread_permille(const struct figure *figure);
/* The spread of figure @i of @row, or what it borrows. */
u32 rows_spread_permille(const struct rows *rows, const struct row *row, u32 i);

#endif
