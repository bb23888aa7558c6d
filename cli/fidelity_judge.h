/*
 * fidelity_judge.h - near enough? The kernel's own runs say how near that is.
 *
 * Where they lie less than 3 % of the median apart, a prediction holds within 5 % of it, or 32 pages.
 * Otherwise within their range widened by itself at both ends, or within 15 %. A row that was run once
 * borrows the widest spread of rows of the same pattern, device, limit and phase, on any kernel.
 */
#ifndef CLI_FIDELITY_JUDGE_H
#define CLI_FIDELITY_JUDGE_H

#include "cli/fidelity_rows.h"

/* Predicted values are tenths. */
bool fidelity_holds(const struct fidelity_rows *rows, const struct fidelity_row *row, u32 figure,
		    s64 predicted);
/* Whether the figure counts for the score of that row. */
bool fidelity_is_judged(const struct fidelity_row *row, u32 figure);
/* Whether such a version of cgroups has the figure at all, and it was measured. */
bool fidelity_is_there(const struct fidelity_row *row, u32 figure);

#endif
