#include "traces/header.h"

#include <string.h>

enum value_kind { VALUE_TEXT, VALUE_U32, VALUE_U64, VALUE_TICK, VALUE_MARK };

static const struct key {
	const char *name;
	enum value_kind kind;
	bool required;
	size_t offset;
	u64 min, max;
} keys[] = {
	{ "program", VALUE_TEXT, false, offsetof(struct trace_header, program), 0, 0 },
	{ "recorded", VALUE_TEXT, false, offsetof(struct trace_header, recorded), 0, 0 },
	{ "licence", VALUE_TEXT, false, offsetof(struct trace_header, licence), 0, 0 },
	{ "note", VALUE_TEXT, false, offsetof(struct trace_header, note), 0, 0 },
	{ "filter-k", VALUE_U32, false, offsetof(struct trace_header, filter_k), 0, TRACE_PAGES_MAX },
	{ "smallest-limit-pages", VALUE_U32, false, offsetof(struct trace_header, smallest_limit_pages), 0,
	  TRACE_PAGES_MAX },
	{ "tick", VALUE_TICK, true, offsetof(struct trace_header, tick), 0, 0 },
	{ "tick-ps", VALUE_U32, true, offsetof(struct trace_header, tick_ps), 1, TRACE_TICK_PS_MAX },
	{ "pages", VALUE_U32, true, offsetof(struct trace_header, pages), 1, TRACE_PAGES_MAX },
	{ "file-pages", VALUE_U32, true, offsetof(struct trace_header, file_pages_count), 0,
	  TRACE_PAGES_MAX },
	{ "runs", VALUE_U64, true, offsetof(struct trace_header, runs), 1, INT64_MAX },
	{ "accesses", VALUE_U64, true, offsetof(struct trace_header, accesses), 1, INT64_MAX },
	{ "ticks-after-last", VALUE_U64, false, offsetof(struct trace_header, ticks_after_last), 0,
	  INT64_MAX },
	{ "mark", VALUE_MARK, false, 0, 0, INT64_MAX },
};

static const char *const tick_names[] = { [TRACE_TICK_REFERENCE] = "reference", [TRACE_TICK_NS] = "ns" };

void trace_header_init(struct trace_header *header)
{
	*header = (struct trace_header){ .tick = TRACE_TICK_REFERENCE, .tick_ps = 300 };
}

void trace_header_release(struct trace_header *header)
{
	g_free(header->program);
	g_free(header->recorded);
	g_free(header->licence);
	g_free(header->note);
	for (u32 i = 0; i < header->marks_count; i++)
		g_free(header->marks[i].name);
	g_free(header->marks);
	page_set_release(&header->file_pages);
	*header = (struct trace_header){ 0 };
}

void trace_header_set_text(char **slot, const char *text)
{
	if (!text)
		return;
	g_free(*slot);
	*slot = g_utf8_make_valid(text, -1);
	for (char *at = *slot; *at; at++) {
		if (g_ascii_iscntrl(*at))
			*at = ' ';
	}
	g_strstrip(*slot);
}

static bool name_is_good(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return g_ascii_islower(*name) && !name[length] && length < 64;
}

const char *trace_header_add_mark(struct trace_header *header, const char *name, u64 access)
{
	u32 place = header->marks_count;

	if (!name_is_good(name))
		return "a mark has a malformed name (a-z, then a-z, 0-9 and _, at most 63 bytes)";
	for (u32 i = 0; i < header->marks_count; i++) {
		if (!strcmp(header->marks[i].name, name))
			return "a mark's name is used twice";
	}
	if (header->marks_count == TRACE_MARKS_MAX)
		return "there are more than 4096 marks";
	header->marks = g_renew(struct trace_mark, header->marks, header->marks_count + 1);
	for (; place > 0 && header->marks[place - 1].access > access; place--)
		header->marks[place] = header->marks[place - 1];
	header->marks[place] = (struct trace_mark){ access, g_strdup(name) };
	header->marks_count++;
	return NULL;
}

static bool read_mark(struct trace_header *header, struct text *text, u64 access, GError **error)
{
	const char *wrong;
	char *name;

	if (!text_skip(text, " "))
		return text_error(text, error, "a mark has no name (mark: ACCESS NAME)");
	name = text_rest(text);
	wrong = trace_header_add_mark(header, name, access);
	g_free(name);
	return !wrong || text_error(text, error, "%s", wrong);
}

static bool read_tick(enum trace_tick *tick, struct text *text, GError **error)
{
	for (u32 i = 0; i < ARRAY_SIZE(tick_names); i++) {
		if (text_skip(text, tick_names[i])) {
			*tick = i;
			return true;
		}
	}
	return text_error(text, error, "no such tick (reference or ns)");
}

static bool read_value(struct trace_header *header, const struct key *key, struct text *text, GError **error)
{
	void *field = (char *)header + key->offset;
	u64 number = 0;
	char *rest;

	if (key->kind == VALUE_TEXT) {
		rest = text_rest(text);
		trace_header_set_text(field, rest);
		g_free(rest);
		return true;
	}
	if (key->kind == VALUE_TICK)
		return read_tick(field, text, error);
	if (!text_decimal(text, key->max, &number) || number < key->min)
		return text_error(text, error,
				  "%s is not a number it can be (%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
				  ")",
				  key->name, (guint64)key->min, (guint64)key->max);
	if (key->kind == VALUE_MARK)
		return read_mark(header, text, number, error);
	if (key->kind == VALUE_U32)
		*(u32 *)field = (u32)number;
	else
		*(u64 *)field = number;
	return true;
}

bool trace_header_line(struct trace_header *header, u32 *seen, struct text *text, bool *known, GError **error)
{
	const char *start = text->at;

	*known = true;
	for (u32 i = 0; i < ARRAY_SIZE(keys); i++) {
		text->at = start;
		if (!text_skip(text, keys[i].name) || !text_skip(text, ": "))
			continue;
		if (*seen >> i & 1 && keys[i].kind != VALUE_MARK) {
			text->at = start;
			return text_error(text, error, "%s is said twice", keys[i].name);
		}
		*seen |= 1u << i;
		if (!read_value(header, &keys[i], text, error))
			return false;
		return text_at_end(text) ||
		       text_error(text, error, "something follows the value of %s", keys[i].name);
	}
	text->at = start;
	*known = false;
	return true;
}

const char *trace_header_missing(u32 seen)
{
	for (u32 i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].required && !(seen >> i & 1))
			return keys[i].name;
	}
	return NULL;
}

void trace_header_print(const struct trace_header *header, const char *prefix, GString *out)
{
	for (u32 i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct key *key = &keys[i];
		const void *field = (const char *)header + key->offset;
		u64 number;

		if (key->kind == VALUE_MARK)
			continue;
		if (key->kind == VALUE_TEXT || key->kind == VALUE_TICK) {
			const char *value =
			    key->kind == VALUE_TEXT ? *(char *const *)field : tick_names[header->tick];

			if (value)
				g_string_append_printf(out, "%s%s: %s\n", prefix, key->name, value);
			continue;
		}
		number = key->kind == VALUE_U32 ? *(const u32 *)field : *(const u64 *)field;
		if (number || key->required)
			g_string_append_printf(out, "%s%s: %" G_GUINT64_FORMAT "\n", prefix, key->name,
					       (guint64)number);
	}
	for (u32 i = 0; i < header->marks_count; i++)
		g_string_append_printf(out, "%smark: %" G_GUINT64_FORMAT " %s\n", prefix,
				       (guint64)header->marks[i].access, header->marks[i].name);
}
