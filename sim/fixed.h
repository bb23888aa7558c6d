/*
 * fixed.h - logarithm and power to base 2 in fixed point, for building tables.
 *
 * A table that steers a run must not hang on the last bit of somebody's libm, so not even the building of
 * tables uses floating point. A fixed-point number is an s64 with FIXED_SHIFT fraction bits: range +-32768,
 * one unit is 2^-48. These functions take some hundred nanoseconds; sample from tables, not from them.
 */
#ifndef SIM_FIXED_H
#define SIM_FIXED_H

#include "sim/types.h"

#define FIXED_SHIFT 48
#define FIXED_ONE ((s64)1 << FIXED_SHIFT)

/* log2(x), rounded down, off by less than 2^-48 + 2^-61. x >= 1. Exact for powers of two. */
s64 fixed_log2(u64 x);

/*
 * 2^exponent as an integer, rounded to nearest; relative error of the unrounded value below 2^-57. Add a
 * multiple of FIXED_ONE to the exponent for fraction bits. From 2^64 on it saturates at UINT64_MAX; below 1/2
 * it is 0. Exact for whole exponents.
 */
u64 fixed_exp2(s64 exponent);

/* a * b / c, rounded towards zero, with the product held in full. c != 0, and the quotient must fit. */
s64 fixed_scale(s64 a, s64 b, s64 c);

#endif
