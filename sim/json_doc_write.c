/*
 * A document back to text, for people: what fits on a line stands on one.
 */
#include <string.h>

#include "sim/json_at.h"

enum { INDENT = 2, WIDTH = 100 };

static void write_value(const cJSON *item, u32 depth, u32 used, GString *to);

static void new_line(u32 depth, GString *to)
{
	g_string_append_printf(to, "\n%*s", (int)(depth * INDENT), "");
}

static void write_key(const cJSON *item, GString *to)
{
	cJSON *key = cJSON_CreateString(item->string);
	char *text = cJSON_PrintUnformatted(key);

	g_string_append_printf(to, "%s: ", text);
	cJSON_free(text);
	cJSON_Delete(key);
}

static void write_line(const cJSON *item, GString *to)
{
	bool object = cJSON_IsObject(item);
	char *text;

	if (!object && !cJSON_IsArray(item)) {
		text = cJSON_PrintUnformatted(item);
		g_string_append(to, text);
		cJSON_free(text);
		return;
	}
	g_string_append(to, object ? "{" : "[");
	for (const cJSON *child = item->child; child; child = child->next) {
		g_string_append(to, " ");
		if (object)
			write_key(child, to);
		write_line(child, to);
		g_string_append(to, child->next ? "," : " ");
	}
	g_string_append(to, object ? "}" : "]");
}

static void write_lines(const cJSON *item, u32 depth, GString *to)
{
	bool object = cJSON_IsObject(item);

	g_string_append(to, object ? "{" : "[");
	for (const cJSON *child = item->child; child; child = child->next) {
		gsize key = to->len;

		new_line(depth + 1, to);
		if (object)
			write_key(child, to);
		write_value(child, depth + 1, (u32)(to->len - key), to);
		g_string_append(to, child->next ? "," : "");
	}
	new_line(depth, to);
	g_string_append(to, object ? "}" : "]");
}

static void write_value(const cJSON *item, u32 depth, u32 used, GString *to)
{
	GString *line = g_string_new(NULL);

	write_line(item, line);
	if (!item->child || (depth && used + line->len <= WIDTH))
		g_string_append(to, line->str);
	else
		write_lines(item, depth, to);
	g_string_free(line, TRUE);
}

char *json_doc_write(const struct json_doc *doc)
{
	GString *to = g_string_new(NULL);

	write_value(doc->root, 0, 0, to);
	g_string_append(to, "\n");
	return g_string_free(to, FALSE);
}
