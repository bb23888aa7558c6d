#include "cli/fidelity_judge.h"

#include <stdlib.h>
#include <string.h>

enum { TIGHT_PERCENT = 5, WIDE_PERCENT = 15, QUIET_PERMILLE = 30, WHOLE = 1000 };

static bool within(s64 ours, s64 theirs, s64 percent)
{
	return llabs(ours - theirs) * 100 <= theirs * percent;
}

static s64 spread_permille(const struct fidelity_band *band)
{
	s64 range = band->most - band->least;

	if (!range)
		return 0;
	return band->median ? (range * WHOLE + band->median - 1) / band->median : WHOLE;
}

static s64 borrowed_permille(const struct fidelity_rows *rows, const struct fidelity_row *row, u32 figure)
{
	s64 widest = 0;

	for (u32 i = 0; i < rows->row->len; i++) {
		const struct fidelity_row *other = fidelity_row_at(rows, i);

		if (other->runs > 1 && other->band[figure].there && !strcmp(other->ratio, row->ratio) &&
		    !strcmp(other->pattern, row->pattern) && !strcmp(other->device, row->device) &&
		    !strcmp(other->phase, row->phase))
			widest = MAX(widest, spread_permille(&other->band[figure]));
	}
	return widest;
}

bool fidelity_holds(const struct fidelity_rows *rows, const struct fidelity_row *row, u32 figure,
		    s64 predicted)
{
	const struct fidelity_band *band = &row->band[figure];
	s64 permille = row->runs > 1 ? spread_permille(band) : borrowed_permille(rows, row, figure);
	s64 range = row->runs > 1 ? band->most - band->least : (band->median * permille + WHOLE - 1) / WHOLE;

	if (permille < QUIET_PERMILLE)
		return llabs(predicted - band->median) <= FIDELITY_ONE * (s64)fidelity_figures[figure].few ||
		       within(predicted, band->median, TIGHT_PERCENT);
	return (predicted >= band->least - range && predicted <= band->most + range) ||
	       within(predicted, band->median, WIDE_PERCENT);
}

bool fidelity_is_there(const struct fidelity_row *row, u32 figure)
{
	u32 version = fidelity_figures[figure].cgroup_version;

	return row->band[figure].there && (!version || version == row->cgroup_version);
}

bool fidelity_is_judged(const struct fidelity_row *row, u32 figure)
{
	enum fidelity_judged judged = fidelity_figures[figure].judged;

	if (!fidelity_is_there(row, figure) || judged == FIDELITY_INFORMS)
		return false;
	return judged == FIDELITY_JUDGED || !strcmp(row->phase, "all") || fidelity_is_synchronous(row);
}
