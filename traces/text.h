/*
 * text.h - the text files that traces are imported from: plain, gzip or zstd, told apart by their first
 * bytes, in memory that does not grow with the file. A cursor over whole lines and the scanners that go with
 * it.
 *
 * `at` moves through the current line, which always ends with '\n', so no scanner needs to know where it
 * ends. A parser is done with a line when `at` is on its '\n'.
 */
#ifndef TRACES_TEXT_H
#define TRACES_TEXT_H

#include <glib.h>

#include "sim/types.h"
#include "traces/bytes.h"

#define TEXT_LINE_MAX 65536

struct text_input;

struct text {
	const char *name; /* for messages */
	const char *line; /* the current line */
	const char *at;
	const char *end; /* of the lines in memory; NULL: unknown, so that nothing is read ahead of `at` */
	u64 line_number;
	struct text_input *input; /* NULL for lines that are all in memory */
};

/* "-" is stdin. NULL with ERROR_IO if it cannot be opened. */
bool text_open(struct text *text, const char *path, GError **error);
/* Lines in memory; the last byte is a '\n'. */
void text_over(struct text *text, const char *name, const char *lines, size_t size);
void text_close(struct text *text);

/* More lines, or false at the end and on error (*failed, with the error set). Called by text_next() alone. */
bool text_refill(struct text *text, bool *failed, GError **error);

/* Goes to the next line from the '\n' of the current one. */
static inline bool text_next(struct text *text, bool *failed, GError **error)
{
	if (text->line_number)
		text->at++;
	text->line_number++;
	text->line = text->at;
	return likely(text->at < text->end) || text_refill(text, failed, error);
}

/* Sets an ERROR_TRACE "name:line:column: ..." for where `at` is. Returns false. */
bool text_error(const struct text *text, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Messages quote what stands in a file, which may be anything, and end up on terminals: takes one, returns it
 * as UTF-8 without control characters. */
char *text_printable(char *message);

/*
 * Up to seven digits at once, without asking of each whether it is one: how many there are cannot be
 * foretold, and a wrong guess costs more than all of this. Returns how many of @bytes, the first in the
 * lowest, are digits before one is not; 8 and nothing in *value if all are.
 */
static inline u32 text_digits(u64 bytes, u64 *value)
{
	u64 digits = bytes ^ 0x3030303030303030,
	    others = (digits | (digits + 0x7676767676767676)) & 0x8080808080808080;
	u32 n;

	if (unlikely(!others))
		return 8;
	n = (u32)__builtin_ctzll(others) / 8;
	if (unlikely(!n))
		return 0;
	digits <<= 64 - 8 * n; /* zeros come before them */
	digits = (digits * (1 + (10 << 8))) >> 8 & 0x00ff00ff00ff00ff;
	digits = (digits * (1 + (100 << 16))) >> 16 & 0x0000ffff0000ffff;
	*value = (digits * (1 + (10000ull << 32))) >> 32;
	return n;
}

/* A decimal number of at most max. On failure `at` has not moved. */
static inline bool text_decimal(struct text *text, u64 max, u64 *value)
{
	const char *at = text->at;
	u64 sum = 0;

	if (likely(at + 8 <= text->end)) {
		u32 n = text_digits(load_le64((const u8 *)at), &sum);

		if (likely(n - 1 < 7)) {
			if (unlikely(sum > max))
				return false;
			text->at = at + n;
			*value = sum;
			return true;
		}
	}
	while ((u8)(*at - '0') < 10)
		sum = sum * 10 + (u8)(*at++ - '0');
	if (unlikely(at == text->at || at - text->at > 19 || sum > max))
		return false;
	text->at = at;
	*value = sum;
	return true;
}

/* A hexadecimal number of at most 16 digits, with or without 0x. On failure `at` has not moved. */
static inline bool text_hex(struct text *text, u64 *value)
{
	const char *at = text->at, *first;
	u64 sum = 0;

	if (at[0] == '0' && (at[1] | 0x20) == 'x')
		at += 2;
	for (first = at;; at++) {
		u8 digit = (u8)(*at - '0'), letter = (u8)((*at | 0x20) - 'a');

		if (digit < 10)
			sum = sum << 4 | digit;
		else if (letter < 6)
			sum = sum << 4 | (letter + 10u);
		else
			break;
	}
	if (unlikely(at == first || at - first > 16))
		return false;
	text->at = at;
	*value = sum;
	return true;
}

/* Steps over a string constant if it is what comes. */
bool text_skip(struct text *text, const char *what);
/* At the end of the line: `at` is on its '\n', a '\r' before it stepped over. */
static inline bool text_at_end(struct text *text)
{
	if (unlikely(text->at[0] == '\r' && text->at[1] == '\n'))
		text->at++;
	return *text->at == '\n';
}
/* The rest of the line, without blanks at both ends; `at` is left on the '\n'. To be freed. */
char *text_rest(struct text *text);
void text_skip_line(struct text *text);

#endif
