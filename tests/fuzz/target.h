/*
 * target.h - what every fuzz target is: a function of bytes that must hold whatever the bytes are.
 *
 * A target BUGs, or a sanitizer stops it, when something is wrong; otherwise it returns 0. It keeps nothing
 * from one input to the next. libFuzzer calls it (./dev fuzz), or the driver of replay.c (ctest). A target of
 * several variants, such as one a trace format, is told by $FUZZ_VARIANT which one it is.
 */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <glib.h>
#include <string.h>

#include "sim/types.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* NULL: the target has no variants, or it is to do without. */
static inline const char *fuzz_variant(void)
{
	return g_getenv("FUZZ_VARIANT");
}

/* Fails with an error that can be printed, or succeeds without one. */
static inline bool fuzz_outcome(bool good, GError **error)
{
	BUG_ON(good != !*error);
	BUG_ON(*error && (!*(*error)->message || !g_utf8_validate((*error)->message, -1, NULL)));
	g_clear_error(error);
	return good;
}

#endif
