#define _GNU_SOURCE /* memrchr() */
#include "traces/text.h"

#include <stdarg.h>
#include <string.h>

#include "sim/error.h"
#include "traces/input.h"

#define BUFFER (4 * TEXT_LINE_MAX)

struct text_input {
	struct input *source;
	size_t filled; /* bytes of buffer that hold text; those from text->end on are the start of a line */
	bool ended;
	char buffer[BUFFER];
};

bool text_open(struct text *text, const char *path, GError **error)
{
	struct input *source = input_open(path, error);

	if (!source)
		return false;
	text_over(text, strcmp(path, "-") ? path : "<stdin>", "", 0);
	text->input = g_new(struct text_input, 1);
	text->input->source = source;
	text->input->filled = 0;
	text->input->ended = false;
	text->at = text->end = text->line = text->input->buffer;
	return true;
}

void text_over(struct text *text, const char *name, const char *lines, size_t size)
{
	*text = (struct text){ .name = name, .line = lines, .at = lines, .end = lines + size };
}

void text_close(struct text *text)
{
	if (text->input)
		input_close(text->input->source);
	g_free(text->input);
	text->input = NULL;
}

/* Reads until a line is whole. The last line of a file gets the '\n' it may lack. */
static bool read_lines(struct text *text, GError **error)
{
	struct text_input *input = text->input;

	for (;;) {
		size_t room = BUFFER - 1 - input->filled;
		char *start = input->buffer + input->filled, *newline;
		gssize got = 0;

		if (!room)
			return text_error(text, error, "a line is longer than %d bytes", BUFFER - 1);
		if (!input->ended)
			got = input_read(input->source, start, room, error);
		if (got < 0)
			return false;
		input->filled += (size_t)got;
		if (!got) {
			input->ended = true;
			if (input->filled)
				input->buffer[input->filled++] = '\n';
			text->end = input->buffer + input->filled;
			return true;
		}
		newline = memrchr(start, '\n', (size_t)got);
		if (newline) {
			text->end = newline + 1;
			return true;
		}
	}
}

bool text_refill(struct text *text, bool *failed, GError **error)
{
	struct text_input *input = text->input;
	size_t rest;

	*failed = false;
	if (!input)
		return false;
	rest = input->filled - (size_t)(text->end - input->buffer);
	memmove(input->buffer, text->end, rest);
	input->filled = rest;
	text->at = text->line = text->end = input->buffer;
	if (!read_lines(text, error)) {
		*failed = true;
		return false;
	}
	return text->at < text->end;
}

char *text_printable(char *message)
{
	char *valid = g_utf8_make_valid(message, -1);

	g_free(message);
	for (char *at = valid; *at; at++) {
		if (g_ascii_iscntrl(*at))
			*at = '?';
	}
	return valid;
}

bool text_error(const struct text *text, GError **error, const char *format, ...)
{
	va_list arguments;
	char *what;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE, "%s:%" G_GUINT64_FORMAT ":%td: %s", text->name,
		    (guint64)text->line_number, text->at - text->line + 1, what);
	g_free(what);
	return false;
}

bool text_skip(struct text *text, const char *what)
{
	const char *at = text->at;

	while (*what) {
		if (*at++ != *what++)
			return false;
	}
	text->at = at;
	return true;
}

void text_skip_line(struct text *text)
{
	text->at = memchr(text->at, '\n', (size_t)(text->end - text->at));
}

char *text_rest(struct text *text)
{
	const char *start = text->at;

	text_skip_line(text);
	return g_strstrip(g_strndup(start, (gsize)(text->at - start)));
}
