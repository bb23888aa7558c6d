/*
 * json_scalar.h - inside the JSON reader: single values between text and struct member, and what of them is
 * told to people and to the Schema.
 *
 * All of it goes by the kind of one value: for lists of strings and numbers that of their elements
 * (json_scalar_kind()).
 */
#ifndef SIM_JSON_SCALAR_H
#define SIM_JSON_SCALAR_H

#include "sim/json.h"
#include "sim/json_emit.h"

enum json_kind json_scalar_kind(const struct json_field *field);

/*
 * Sets member from text (without quotes), or returns what is wrong with it, static; member is then as before.
 */
const char *json_scalar_parse(const struct json_field *field, const char *text, void *member);
bool json_scalar_accepts(const struct json_field *field, const char *text);

/* Whether the whole string is as the pattern says; NULL takes any. */
bool json_pattern_accepts(const struct json_pattern *pattern, const char *string);

/* Writes the member, or a text that json_scalar_parse() takes, as JSON. */
void json_scalar_emit(const struct json_field *field, const void *member, struct json_emit *emit,
		      const char *key);
void json_scalar_emit_text(const struct json_field *field, const char *text, struct json_emit *emit,
			   const char *key);

/* "an integer, 1..64": what a value would have to be, for any kind; g_free(). */
char *json_expected(const struct json_field *field);
/* "1..64", "" when all is allowed; g_free(). */
char *json_range(const struct json_field *field);

u64 json_uint_load(const struct json_field *field, const void *member);

#endif
