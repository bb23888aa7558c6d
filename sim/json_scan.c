/*
 * json_scan.c - the JSON grammar, strictly. See json_scan.h.
 */
#include "sim/json_scan.h"

#include <string.h>

#define NUMBER_MAX 40

struct scan {
	const char *text;
	u32 len;
	u32 at;
	u32 depth;
	GArray *spans;
	struct json_fault *fault;
};

static bool scan_value(struct scan *s, u32 key);

static bool fail(struct scan *s, u32 offset, char *message)
{
	s->fault->offset = offset;
	s->fault->message = message;
	return false;
}

/* The character at the reading position, or -1 at the end. */
static int peek(const struct scan *s)
{
	return s->at < s->len ? (unsigned char)s->text[s->at] : -1;
}

static void skip_blanks(struct scan *s)
{
	while (s->at < s->len && strchr(" \t\r\n", s->text[s->at]))
		s->at++;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* Something else stands here than what the grammar wants. */
static bool unexpected(struct scan *s, const char *wanted)
{
	int c = peek(s);
	const char *here = s->text + s->at;

	if (c < 0)
		return fail(s, s->at, g_strdup_printf("unexpected end of text (expected %s)", wanted));
	if (c == '\'')
		return fail(s, s->at, g_strdup("single quote (expected strings and keys in double quotes)"));
	if (c == '/')
		return fail(s, s->at, g_strdup("comment (JSON has no comments)"));
	if (c < 0x20 || c == 0x7f)
		return fail(s, s->at,
			    g_strdup_printf("unexpected U+%04X (expected %s)", (unsigned)c, wanted));
	return fail(s, s->at,
		    g_strdup_printf("unexpected '%.*s' (expected %s)", (int)(g_utf8_next_char(here) - here),
				    here, wanted));
}

/* The four digits of \uXXXX; s->at is on the first. */
static bool scan_hex(struct scan *s, u32 *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++, s->at++) {
		int c = peek(s);

		if (c < 0 || !g_ascii_isxdigit((char)c))
			return unexpected(s, "four hexadecimal digits after \\u");
		*value = *value * 16 + (u32)g_ascii_xdigit_value((char)c);
	}
	return true;
}

/* s->at is after the backslash. */
static bool scan_escape(struct scan *s)
{
	u32 start = s->at - 1, high, low;
	int c = peek(s);

	if (c < 0 || c == 0 || !strchr("\"\\/bfnrtu", c))
		return unexpected(s, "one of \" \\ / b f n r t u after \\");
	s->at++;
	if (c != 'u')
		return true;
	if (!scan_hex(s, &high))
		return false;
	if (high == 0)
		return fail(s, start, g_strdup("\\u0000 in a string (strings have no NUL)"));
	if (high < 0xd800 || high > 0xdfff)
		return true;
	if (high < 0xdc00 && s->len - s->at >= 2 && memcmp(s->text + s->at, "\\u", 2) == 0) {
		s->at += 2;
		if (!scan_hex(s, &low))
			return false;
		if (low >= 0xdc00 && low <= 0xdfff)
			return true;
	}
	return fail(s, start, g_strdup("lone surrogate (expected \\uD800..\\uDBFF, then \\uDC00..\\uDFFF)"));
}

static bool scan_string(struct scan *s)
{
	u32 start = s->at++;

	for (;;) {
		int c = peek(s);

		if (c < 0)
			return fail(s, start, g_strdup("string without an end (expected a closing '\"')"));
		if (c == '\n' || c == '\r')
			return fail(s, s->at,
				    g_strdup("the line ends within a string (expected a closing '\"')"));
		if (c < 0x20)
			return fail(s, s->at,
				    g_strdup_printf("control character U+%04X in a string (expected \\u%04x)",
						    (unsigned)c, (unsigned)c));
		s->at++;
		if (c == '"')
			return true;
		if (c == '\\' && !scan_escape(s))
			return false;
	}
}

static bool scan_digits(struct scan *s)
{
	if (!is_digit(peek(s)))
		return unexpected(s, "a digit");
	while (is_digit(peek(s)))
		s->at++;
	return true;
}

static bool scan_number(struct scan *s)
{
	u32 start = s->at;

	if (peek(s) == '-')
		s->at++;
	if (peek(s) == '0' && s->at + 1 < s->len && is_digit(s->text[s->at + 1]))
		return fail(s, s->at, g_strdup("number with a leading zero (expected none)"));
	if (!scan_digits(s))
		return false;
	if (peek(s) == '.') {
		s->at++;
		if (!scan_digits(s))
			return false;
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		if (!scan_digits(s))
			return false;
	}
	if (s->at - start > NUMBER_MAX)
		return fail(s, start,
			    g_strdup_printf("number of %u characters (expected at most %u)", s->at - start,
					    NUMBER_MAX));
	return true;
}

static bool scan_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i]);

		if (s->len - s->at < n || memcmp(s->text + s->at, words[i], n) != 0)
			continue;
		s->at += (u32)n;
		return true;
	}
	return unexpected(s, "a value");
}

/* After a member: ',' goes on (and *more is set), the closing character ends. */
static bool scan_comma(struct scan *s, char close, bool *more)
{
	u32 comma;

	skip_blanks(s);
	if (peek(s) != ',' && peek(s) != close)
		return unexpected(s, close == '}' ? "',' or '}'" : "',' or ']'");
	comma = s->at;
	*more = s->text[s->at++] == ',';
	if (!*more)
		return true;
	skip_blanks(s);
	if (peek(s) == close)
		return fail(s, comma, g_strdup_printf("trailing ',' before '%c' (expected none)", close));
	return true;
}

static bool scan_member(struct scan *s)
{
	u32 key = s->at;

	if (peek(s) != '"')
		return unexpected(s, "a key in double quotes");
	if (!scan_string(s))
		return false;
	skip_blanks(s);
	if (peek(s) != ':')
		return unexpected(s, "':' after the key");
	s->at++;
	skip_blanks(s);
	return scan_value(s, key);
}

/* An object or array; s->at is on its opening character. */
static bool scan_container(struct scan *s, char close)
{
	bool more = true;

	if (s->depth >= JSON_DEPTH_MAX)
		return fail(s, s->at,
			    g_strdup_printf("nested too deep (expected at most %u levels)", JSON_DEPTH_MAX));
	s->depth++;
	s->at++;
	skip_blanks(s);
	if (peek(s) == close) {
		s->at++;
		more = false;
	}
	while (more) {
		if (!(close == '}' ? scan_member(s) : scan_value(s, JSON_NO_KEY)))
			return false;
		if (!scan_comma(s, close, &more))
			return false;
	}
	s->depth--;
	return true;
}

static bool scan_value(struct scan *s, u32 key)
{
	struct json_span span = { .key = key, .value = s->at };
	guint slot = s->spans->len;
	int c = peek(s);
	bool good;

	if (slot == JSON_VALUES_MAX)
		return fail(s, s->at,
			    g_strdup_printf("more than %u values (expected at most that)", JSON_VALUES_MAX));
	g_array_append_val(s->spans, span);
	if (c == '{')
		good = scan_container(s, '}');
	else if (c == '[')
		good = scan_container(s, ']');
	else if (c == '"')
		good = scan_string(s);
	else if (c == '-' || is_digit(c))
		good = scan_number(s);
	else
		good = scan_word(s);
	g_array_index(s->spans, struct json_span, slot).end = s->at;
	return good;
}

/* What is wrong with the text as bytes, before any grammar. */
static bool scan_bytes(struct scan *s, size_t len)
{
	const char *bad;

	if (len > JSON_TEXT_MAX)
		return fail(
		    s, 0,
		    g_strdup_printf("text of more than %u MiB (expected at most that)", JSON_TEXT_MAX >> 20));
	if (len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0)
		return fail(s, 0, g_strdup("byte order mark (expected UTF-8 without one)"));
	if (g_utf8_validate_len(s->text, len, &bad))
		return true;
	if (*bad == '\0')
		return fail(s, (u32)(bad - s->text), g_strdup("NUL byte (expected UTF-8 text)"));
	return fail(s, (u32)(bad - s->text), g_strdup("invalid UTF-8 (expected UTF-8 text)"));
}

bool json_scan(const char *text, size_t len, u32 depth, GArray *spans, struct json_fault *fault)
{
	struct scan s = { .text = text, .depth = depth, .spans = spans, .fault = fault };

	if (!scan_bytes(&s, len))
		return false;
	s.len = (u32)len;
	skip_blanks(&s);
	if (!scan_value(&s, JSON_NO_KEY))
		return false;
	skip_blanks(&s);
	if (s.at < s.len)
		return unexpected(&s, "nothing after the value");
	return true;
}

size_t json_scan_literal(const char *text)
{
	struct json_fault fault = { .message = NULL };
	struct scan s = { .text = text, .len = (u32)strnlen(text, JSON_TEXT_MAX), .fault = &fault };
	bool good = *text == '"' && scan_string(&s);

	g_free(fault.message);
	return good ? s.at : 0;
}
