/*
 * quantity.h - numbers as people read them: four digits and a unit.
 */
#ifndef CLI_QUANTITY_H
#define CLI_QUANTITY_H

#include "sim/types.h"

enum quantity_unit {
	UNIT_NONE,  /* a count: exact up to six digits, then 1.235 M */
	UNIT_NS,    /* 417 ns, 1.235 us, ... */
	UNIT_BYTES, /* 4096 B, 12.50 KiB, ... */
	UNIT_RATE,  /* of a second: 1.235 M/s */
	UNIT_MILLI, /* thousandths: 1.250 */
};

/* The caller frees it. Rounded half up; four digits unless it is exact. */
char *quantity(u64 value, enum quantity_unit unit);
/* "1.250 ms (1.210-1.313)": all in the unit of the first, which is the middle one; no brackets where they
 * agree. */
char *quantity_spread(u64 median, u64 lowest, u64 highest, enum quantity_unit unit);
/* a / b as "1.25x", "0.998x"; "" when b is 0. */
char *quantity_ratio(u64 a, u64 b);
/* "+1.23 %", "-0.04 %": a of b; whole percent from ten times on; "" when b is 0. */
char *quantity_change(s64 a, u64 b);
/* a * b / c without overflow on the way, rounded down; sticks at UINT64_MAX. c is not 0. */
u64 mul_div(u64 a, u64 b, u64 c);
/* The same, rounded half up. */
u64 mul_div_round(u64 a, u64 b, u64 c);

#endif
