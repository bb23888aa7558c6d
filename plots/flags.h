/*
 * flags.h - labels on vertical lines: each stands at the top of its line, to one side of it, in one of a few
 * lanes above the drawing. No label touches another one, no line runs through one. Where there are too many,
 * some lines have none.
 */
#ifndef PLOTS_FLAGS_H
#define PLOTS_FLAGS_H

#include "sim/types.h"

enum flag_side { FLAG_NONE, FLAG_RIGHT, FLAG_LEFT };

struct flag {
	u32 x;	   /* pixels from the left edge, ascending */
	u32 width; /* of the label */
	/* Set by flags_place(): */
	enum flag_side side; /* of the line on which the label stands */
	u32 lane;	     /* 0 is the lowest; a line without a label ends below it */
};

/* In a drawing @width pixels wide. How many got a label. */
u32 flags_place(struct flag *flags, u32 n, u32 width, u32 lanes);

#endif
