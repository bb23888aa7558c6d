/*
 * json_emit.h - writes JSON text, indented by two blanks, in the order of the calls.
 */
#ifndef SIM_JSON_EMIT_H
#define SIM_JSON_EMIT_H

#include <glib.h>

#include "sim/types.h"

struct json_emit {
	GString *out;
	u32 depth;
	bool inside; /* something stands already in the object or array that is open */
};

void json_emit_init(struct json_emit *emit);
/* The text, with a newline at its end; g_free(). */
char *json_emit_finish(struct json_emit *emit);

/* key is NULL in an array and at the root. bracket is '{' or '['. raw is JSON already. */
void json_emit_open(struct json_emit *emit, const char *key, char bracket);
void json_emit_close(struct json_emit *emit, char bracket);
void json_emit_raw(struct json_emit *emit, const char *key, const char *raw);
void json_emit_string(struct json_emit *emit, const char *key, const char *string);
void json_emit_number(struct json_emit *emit, const char *key, u64 value);

/* Appends the string (UTF-8) in quotes, with only what must be escaped escaped. */
void json_emit_quoted(GString *out, const char *string);

#endif
