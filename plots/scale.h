/*
 * scale.h - the unit of an axis, chosen for the largest value on it: a run of 5 ms and one of 10 minutes are
 * both labelled with numbers of one to four digits.
 */
#ifndef PLOTS_SCALE_H
#define PLOTS_SCALE_H

#include <glib.h>

#include "sim/types.h"

struct scale {
	const char *unit; /* "ms", "MiB", "thousand " */
	u64 one;	  /* what it has of the smallest unit */
};

/* Of nanoseconds, of bytes; counts are in ones, in thousands or in millions. */
const struct scale *scale_time(u64 longest_ns);
const struct scale *scale_bytes(u64 most);
const struct scale *scale_count(u64 most);

/* How far tics are apart on an axis up to @most: 1, 2 or 5 times a power of ten, so that there are five at
 * most above 0. */
u64 scale_tics(u64 most);

/* A number in that unit with three digits, or all that stand before the point, rounded half up: "29.2". */
void scale_number(GString *out, const struct scale *scale, u64 value);
/* The same with its unit, the unit chosen for this value: "29.2 MiB", "475 µs". */
void scale_append_time(GString *out, u64 ns);
void scale_append_bytes(GString *out, u64 bytes);
/* All digits, in groups of three. */
void scale_append_count(GString *out, u64 count);

#endif
