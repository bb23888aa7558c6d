#include "tests/fidelity/judge.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 32 * 10, NEAR_PERCENT = 10, TIGHT_PERCENT = 5, WIDE_PERCENT = 15, QUIET_PERMILLE = 30 };

static bool within(s64 ours, s64 theirs, s64 percent)
{
	return llabs(ours - theirs) * 100 <= theirs * percent;
}

bool judge_near(s64 ours, const struct figure *theirs)
{
	return llabs(ours - theirs->median) <= FEW || within(ours, theirs->median, NEAR_PERCENT);
}

bool judge_strict(s64 ours, const struct figure *theirs, u32 spread_permille)
{
	s64 range = (theirs->median * spread_permille + 999) / 1000;

	if (spread_permille < QUIET_PERMILLE)
		return llabs(ours - theirs->median) <= FEW || within(ours, theirs->median, TIGHT_PERCENT);
	return (ours >= theirs->least - range && ours <= theirs->most + range) ||
	       within(ours, theirs->median, WIDE_PERCENT);
}

u32 figure_spread_permille(const struct figure *figure)
{
	s64 range = figure->most - figure->least;

	if (!range)
		return 0;
	return figure->median ? (range * 1000 + figure->median - 1) / figure->median : 1000;
}

u32 rows_spread_permille(const struct rows *rows, const struct row *row, u32 i)
{
	u32 widest = 0;

	if (row->runs > 1)
		return figure_spread_permille(&row->figure[i]);
	for (u32 n = 0; n < rows->count; n++) {
		const struct row *other = &rows->row[n];

		if (other->runs > 1 && other->ratio == row->ratio && !strcmp(other->pattern, row->pattern) &&
		    !strcmp(other->device, row->device) && !strcmp(other->phase, row->phase) &&
		    figure_spread_permille(&other->figure[i]) > widest)
			widest = figure_spread_permille(&other->figure[i]);
	}
	return widest;
}
