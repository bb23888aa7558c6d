#include "plots/flags.h"

static s64 begin_of(const struct flag *f)
{
	return (s64)f->x - (f->side == FLAG_LEFT ? (s64)f->width : 0);
}

static s64 end_of(const struct flag *f)
{
	return begin_of(f) + f->width;
}

static bool covers(const struct flag *label, const struct flag *line)
{
	return label->side != FLAG_NONE && begin_of(label) <= line->x && line->x <= end_of(label);
}

/* Lines reach up to the lane of their label, so a label may hide no line that goes as high. */
static bool clash(const struct flag *a, const struct flag *b)
{
	bool overlap = begin_of(a) < end_of(b) && begin_of(b) < end_of(a);

	if (a->side == FLAG_NONE || b->side == FLAG_NONE)
		return false;
	return (overlap && a->lane == b->lane) || (covers(a, b) && b->lane >= a->lane) ||
	       (covers(b, a) && a->lane >= b->lane);
}

static bool fits(const struct flag *flags, u32 n, u32 i, u32 width)
{
	if (begin_of(&flags[i]) < 0 || end_of(&flags[i]) > width)
		return false;
	for (u32 j = 0; j < n; j++)
		if (j != i && clash(&flags[i], &flags[j]))
			return false;
	return true;
}

/* The first place that is free. With high lanes first labels to the right of their lines go down like stairs;
 * with low lanes first those to the left go up. */
static bool place(struct flag *flags, u32 n, u32 i, u32 width, u32 lanes, bool high_first)
{
	for (u32 try = 0; try < 2 * lanes; try++) {
		flags[i].side = try % 2 == 0 ? FLAG_RIGHT : FLAG_LEFT;
		flags[i].lane = high_first ? lanes - 1 - try / 2 : try / 2;
		if (fits(flags, n, i, width))
			return true;
	}
	flags[i].side = FLAG_NONE;
	flags[i].lane = 0;
	return false;
}

static u32 place_all(struct flag *flags, u32 n, u32 width, u32 lanes, bool high_first)
{
	u32 placed = 0;

	for (u32 i = 0; i < n; i++)
		flags[i].side = FLAG_NONE;
	for (u32 i = 0; i < n; i++)
		placed += place(flags, n, i, width, lanes, high_first);
	return placed;
}

/* As few lanes as do; where none do, all lanes and the better of the two preferences. */
u32 flags_place(struct flag *flags, u32 n, u32 width, u32 lanes)
{
	u32 low, high;

	for (u32 few = 1; few <= lanes; few++)
		for (u32 high_first = 0; high_first < 2; high_first++)
			if (place_all(flags, n, width, few, high_first) == n)
				return n;
	low = place_all(flags, n, width, lanes, false);
	high = place_all(flags, n, width, lanes, true);
	return high >= low ? high : place_all(flags, n, width, lanes, false);
}
