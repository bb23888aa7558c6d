/*
 * json_emit.c - writes JSON text. See json_emit.h.
 */
#include "sim/json_emit.h"

void json_emit_init(struct json_emit *emit)
{
	*emit = (struct json_emit){ .out = g_string_new(NULL) };
}

char *json_emit_finish(struct json_emit *emit)
{
	BUG_ON(emit->depth != 0);
	g_string_append_c(emit->out, '\n');
	return g_string_free(emit->out, FALSE);
}

void json_emit_quoted(GString *out, const char *string)
{
	g_string_append_c(out, '"');
	for (const char *c = string; *c; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_printf(out, "\\%c", *c);
		else if (*c == '\n')
			g_string_append(out, "\\n");
		else if (*c == '\t')
			g_string_append(out, "\\t");
		else if ((unsigned char)*c < 0x20)
			g_string_append_printf(out, "\\u%04x", (unsigned char)*c);
		else
			g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
}

static void new_line(struct json_emit *emit)
{
	g_string_append_c(emit->out, '\n');
	for (u32 i = 0; i < emit->depth; i++)
		g_string_append(emit->out, "  ");
}

/* All that comes before a value. */
static void begin(struct json_emit *emit, const char *key)
{
	if (emit->inside)
		g_string_append_c(emit->out, ',');
	if (emit->depth)
		new_line(emit);
	emit->inside = true;
	if (!key)
		return;
	json_emit_quoted(emit->out, key);
	g_string_append(emit->out, ": ");
}

void json_emit_open(struct json_emit *emit, const char *key, char bracket)
{
	begin(emit, key);
	g_string_append_c(emit->out, bracket);
	emit->depth++;
	emit->inside = false;
}

void json_emit_close(struct json_emit *emit, char bracket)
{
	BUG_ON(emit->depth == 0);
	emit->depth--;
	if (emit->inside)
		new_line(emit);
	emit->inside = true;
	g_string_append_c(emit->out, bracket == '{' ? '}' : ']');
}

void json_emit_raw(struct json_emit *emit, const char *key, const char *raw)
{
	begin(emit, key);
	g_string_append(emit->out, raw);
}

void json_emit_string(struct json_emit *emit, const char *key, const char *string)
{
	begin(emit, key);
	json_emit_quoted(emit->out, string);
}

void json_emit_number(struct json_emit *emit, const char *key, u64 value)
{
	begin(emit, key);
	g_string_append_printf(emit->out, "%" G_GUINT64_FORMAT, value);
}
