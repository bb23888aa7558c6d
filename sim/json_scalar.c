/*
 * json_scalar.c - single values between text and struct member. See json_scalar.h.
 */
#include "sim/json_scalar.h"

#include <glib.h>
#include <string.h>

#define OUT_OF_RANGE "is out of range"

enum json_kind json_scalar_kind(const struct json_field *f)
{
	if (f->kind == JSON_KIND_STRINGS)
		return JSON_KIND_STRING;
	return f->kind == JSON_KIND_UINTS ? JSON_KIND_UINT : f->kind;
}

u64 json_uint_load(const struct json_field *f, const void *member)
{
	switch (f->width) {
	case 1:
		return *(const u8 *)member;
	case 2:
		return *(const u16 *)member;
	case 4:
		return *(const u32 *)member;
	case 8:
		return *(const u64 *)member;
	}
	BUG();
}

static void uint_store(const struct json_field *f, void *member, u64 value)
{
	switch (f->width) {
	case 1:
		*(u8 *)member = (u8)value;
		return;
	case 2:
		*(u16 *)member = (u16)value;
		return;
	case 4:
		*(u32 *)member = (u32)value;
		return;
	case 8:
		*(u64 *)member = value;
		return;
	}
	BUG();
}

static const char *uint_parse(const struct json_field *f, const char *text, void *member)
{
	u64 value;

	if (number_parse(text, &value) || value < f->min || value > f->max)
		return OUT_OF_RANGE;
	uint_store(f, member, value);
	return NULL;
}

/* Nothing is 0% where nothing is a size. */
static bool percent_fits(const struct json_field *f, u64 percent)
{
	return percent <= JSON_PERCENT_MAX && (percent || !f->min);
}

static const char *percent_parse(const struct json_field *f, const char *text, struct json_size *size)
{
	char *digits = g_strndup(text, strlen(text) - 1);
	const char *wrong = number_parse(digits, &size->value);

	g_free(digits);
	if (wrong)
		return wrong;
	size->kind = JSON_SIZE_PERCENT;
	return percent_fits(f, size->value) ? NULL : OUT_OF_RANGE;
}

static const char *size_read(const struct json_field *f, const char *text, void *member)
{
	struct json_size size = { .kind = JSON_SIZE_BYTES };
	const char *wrong;

	if ((f->words & JSON_MAX) && strcmp(text, "max") == 0) {
		size.kind = JSON_SIZE_MAX;
	} else if ((f->words & JSON_PERCENT) && g_str_has_suffix(text, "%")) {
		wrong = percent_parse(f, text, &size);
		if (wrong)
			return wrong;
	} else if (g_str_has_suffix(text, "%")) {
		return "is a percentage, and there is nothing here that it could be of";
	} else {
		wrong = size_parse(text, &size.value);
		if (wrong)
			return wrong;
		if (size.value < f->min || size.value > f->max)
			return OUT_OF_RANGE;
	}
	*(struct json_size *)member = size;
	return NULL;
}

static const char *duration_read(const struct json_field *f, const char *text, void *member)
{
	u64 ns;
	const char *wrong = duration_parse(text, &ns);

	if (wrong)
		return wrong;
	if (ns < f->min || ns > f->max)
		return OUT_OF_RANGE;
	*(u64 *)member = ns;
	return NULL;
}

bool json_pattern_accepts(const struct json_pattern *pattern, const char *string)
{
	char *whole;
	bool good;

	if (!pattern)
		return true;
	whole = g_strdup_printf("^(?:%s)$", pattern->regex);
	good = g_regex_match_simple(whole, string, G_REGEX_DOLLAR_ENDONLY, 0);
	g_free(whole);
	return good;
}

static const char *bool_parse(const char *text, void *member)
{
	bool value = strcmp(text, "true") == 0;

	if (!value && strcmp(text, "false") != 0)
		return "is not a boolean";
	*(bool *)member = value;
	return NULL;
}

static const char *string_parse(const struct json_field *f, const char *text, void *member)
{
	if (!json_pattern_accepts(f->pattern, text))
		return "does not fit";
	*(char **)member = g_strdup(text);
	return NULL;
}

static const char *enum_parse(const struct json_field *f, const char *text, void *member)
{
	for (u32 i = 0; f->names[i]; i++) {
		if (strcmp(text, f->names[i]) == 0) {
			uint_store(f, member, i);
			return NULL;
		}
	}
	return "is not known";
}

const char *json_scalar_parse(const struct json_field *f, const char *text, void *member)
{
	switch (json_scalar_kind(f)) {
	case JSON_KIND_BOOL:
		return bool_parse(text, member);
	case JSON_KIND_UINT:
		return uint_parse(f, text, member);
	case JSON_KIND_SIZE:
		return size_read(f, text, member);
	case JSON_KIND_DURATION:
		return duration_read(f, text, member);
	case JSON_KIND_STRING:
		return string_parse(f, text, member);
	case JSON_KIND_ENUM:
		return enum_parse(f, text, member);
	case JSON_KIND_OBJECT:
	case JSON_KIND_OPTIONAL:
	case JSON_KIND_OBJECTS:
	case JSON_KIND_STRINGS:
	case JSON_KIND_UINTS:
	case JSON_KIND_MAP:
	case JSON_KIND_CHOICES:
		break;
	}
	BUG();
}

bool json_scalar_accepts(const struct json_field *f, const char *text)
{
	union {
		u64 number;
		struct json_size size;
		char *string;
	} member;
	const char *wrong = json_scalar_parse(f, text, &member);

	if (!wrong && json_scalar_kind(f) == JSON_KIND_STRING)
		g_free(member.string);
	return !wrong;
}

static void size_emit(const struct json_size *size, struct json_emit *emit, const char *key)
{
	char *text;

	BUG_ON(size->kind == JSON_SIZE_NONE);
	if (size->kind == JSON_SIZE_MAX) {
		json_emit_string(emit, key, "max");
		return;
	}
	if (size->kind == JSON_SIZE_PERCENT)
		text = g_strdup_printf("%" G_GUINT64_FORMAT "%%", size->value);
	else
		text = size_format(size->value);
	if (g_ascii_isdigit(text[strlen(text) - 1]))
		json_emit_raw(emit, key, text);
	else
		json_emit_string(emit, key, text);
	g_free(text);
}

void json_scalar_emit(const struct json_field *f, const void *member, struct json_emit *emit, const char *key)
{
	char *text;

	switch (json_scalar_kind(f)) {
	case JSON_KIND_BOOL:
		json_emit_raw(emit, key, *(const bool *)member ? "true" : "false");
		return;
	case JSON_KIND_UINT:
		json_emit_number(emit, key, json_uint_load(f, member));
		return;
	case JSON_KIND_SIZE:
		size_emit(member, emit, key);
		return;
	case JSON_KIND_DURATION:
		text = duration_format(*(const u64 *)member);
		json_emit_string(emit, key, text);
		g_free(text);
		return;
	case JSON_KIND_STRING:
		json_emit_string(emit, key, *(char *const *)member);
		return;
	case JSON_KIND_ENUM:
		json_emit_string(emit, key, f->names[json_uint_load(f, member)]);
		return;
	case JSON_KIND_OBJECT:
	case JSON_KIND_OPTIONAL:
	case JSON_KIND_OBJECTS:
	case JSON_KIND_STRINGS:
	case JSON_KIND_UINTS:
	case JSON_KIND_MAP:
	case JSON_KIND_CHOICES:
		break;
	}
	BUG();
}

void json_scalar_emit_text(const struct json_field *f, const char *text, struct json_emit *emit,
			   const char *key)
{
	enum json_kind kind = json_scalar_kind(f);
	u64 value;

	if (kind == JSON_KIND_BOOL || kind == JSON_KIND_UINT ||
	    (kind == JSON_KIND_SIZE && !number_parse(text, &value)))
		json_emit_raw(emit, key, text);
	else
		json_emit_string(emit, key, text);
}

char *json_range(const struct json_field *f)
{
	char *(*format)(u64) = json_scalar_kind(f) == JSON_KIND_DURATION ? duration_format : size_format;
	enum json_kind kind = json_scalar_kind(f);
	char *least, *most, *range;

	if (kind == JSON_KIND_UINT)
		return g_strdup_printf("%" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT, f->min, f->max);
	if ((kind != JSON_KIND_SIZE && kind != JSON_KIND_DURATION) || (f->min == 0 && f->max == UNITS_MAX))
		return g_strdup("");
	least = format(f->min);
	most = format(f->max);
	if (f->max == UNITS_MAX)
		range = g_strdup_printf("at least %s", least);
	else
		range = g_strdup_printf("%s..%s", least, most);
	g_free(least);
	g_free(most);
	return range;
}

static char *names_expected(const struct json_field *f)
{
	GString *list = g_string_new("one of ");

	for (u32 i = 0; f->names[i]; i++)
		g_string_append_printf(list, "%s\"%s\"", i ? ", " : "", f->names[i]);
	return g_string_free(list, FALSE);
}

static char *unit_expected(const struct json_field *f, const char *what, const char *forms)
{
	char *range = json_range(f);
	const char *percent =
	    f->min ? ", or a percentage, \"1%\"..\"1000%\"" : ", or a percentage, \"0%\"..\"1000%\"";
	char *text = g_strdup_printf("%s%s%s, %s%s%s", what, *range ? ", " : "", range, forms,
				     f->words & JSON_MAX ? ", or \"max\"" : "",
				     f->words & JSON_PERCENT ? percent : "");

	g_free(range);
	return text;
}

char *json_expected(const struct json_field *f)
{
	switch (json_scalar_kind(f)) {
	case JSON_KIND_BOOL:
		return g_strdup("true or false");
	case JSON_KIND_UINT:
		if (f->min == f->max)
			return g_strdup_printf("the integer %" G_GUINT64_FORMAT, f->min);
		return g_strdup_printf("an integer, %" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT, f->min,
				       f->max);
	case JSON_KIND_SIZE:
		return unit_expected(f, "a size", UNITS_SIZE_FORMS);
	case JSON_KIND_DURATION:
		return unit_expected(f, "a duration", UNITS_DURATION_FORMS);
	case JSON_KIND_STRING:
		return g_strdup(f->pattern ? f->pattern->what : "a string");
	case JSON_KIND_ENUM:
		return names_expected(f);
	case JSON_KIND_OBJECT:
	case JSON_KIND_OPTIONAL:
	case JSON_KIND_MAP:
	case JSON_KIND_CHOICES:
		return g_strdup("an object");
	case JSON_KIND_OBJECTS:
	case JSON_KIND_STRINGS:
	case JSON_KIND_UINTS:
		break;
	}
	return g_strdup("an array");
}
