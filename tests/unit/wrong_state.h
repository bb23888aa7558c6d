/*
 * wrong_state.h - what an invariant says of a state that is wrong.
 */
#ifndef TESTS_UNIT_WRONG_STATE_H
#define TESTS_UNIT_WRONG_STATE_H

#include <stdio.h>

#include "models/invariants.h"
#include "sim/object.h"
#include "tests/unit/unit.h"

/* The sentence, and the object if it is not NULL. */
static void expect_violation(struct machine *m, const struct invariant *invariant, const void *object,
			     const char *format, ...) G_GNUC_PRINTF(4, 5);
static void expect_violation(struct machine *m, const struct invariant *invariant, const void *object,
			     const char *format, ...)
{
	GString *why = g_string_new(NULL);
	va_list args;
	char *expected;

	va_start(args, format);
	expected = g_strdup_vprintf(format, args);
	va_end(args);
	m->violated = 0;
	CU_ASSERT(!invariant->holds(m, why));
	CU_ASSERT_STRING_EQUAL(why->str, expected);
	if (strcmp(why->str, expected))
		printf("\n  is: %s\nnot: %s\n", why->str, expected);
	if (object)
		CU_ASSERT_EQUAL(m->violated, object_place(m, object));
	CU_ASSERT(!invariant->holds(m, NULL));
	g_string_free(why, TRUE);
	g_free(expected);
}

#endif
