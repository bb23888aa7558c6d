/*
 * units.h - whole numbers, sizes and durations as people write them, both ways.
 *
 * A number is decimal digits, 0..UNITS_MAX, and is never read through floating point. A size is a number of
 * bytes, or of KiB, MiB, GiB or TiB ("64MiB"). A duration always has its unit: ns, us, ms or s ("250us").
 * There is no sign, no fraction and no blank.
 *
 * A reader returns NULL and sets its result, or returns what is wrong with the text as a phrase that goes on
 * from it ("has no unit") and leaves the result alone; the phrase is static. What a writer returns is the
 * shortest exact form, which reads back as the same number; free it with g_free().
 */
#ifndef SIM_UNITS_H
#define SIM_UNITS_H

#include "sim/types.h"

#define UNITS_MAX ((u64)INT64_MAX)
#define UNITS_SIZE_FORMS "in bytes or with KiB, MiB, GiB or TiB"
#define UNITS_DURATION_FORMS "with ns, us, ms or s"

const char *number_parse(const char *text, u64 *value);
const char *size_parse(const char *text, u64 *bytes);
const char *duration_parse(const char *text, u64 *ns);

char *size_format(u64 bytes);
char *duration_format(u64 ns);

#endif
