/*
 * header.h - the header of a trace as lines "key: value", which a .swt file begins with and an exported CSV
 * file carries as comments.
 */
#ifndef TRACES_HEADER_H
#define TRACES_HEADER_H

#include "traces/text.h"
#include "traces/trace.h"

/*
 * Takes in one line; text->at is on the first byte of the key and ends on the '\n'. Sets *known to whether
 * there is such a key; if there is not, `at` has not moved. *seen collects the keys; start with 0. False with
 * the error set if the value is wrong or the key comes a second time.
 */
bool trace_header_line(struct trace_header *header, u32 *seen, struct text *text, bool *known,
		       GError **error);
/* A key that every .swt file has and that was not seen; NULL if none is missing. */
const char *trace_header_missing(u32 seen);
/* All keys that say something, each line with `prefix` before and '\n' behind. */
void trace_header_print(const struct trace_header *header, const char *prefix, GString *out);
/* Replaces one of the four texts; what is not UTF-8 or a control character is made harmless. NULL changes
 * nothing. */
void trace_header_set_text(char **slot, const char *text);
/* Keeps the marks sorted by access. What is wrong with the mark, NULL if nothing is. */
const char *trace_header_add_mark(struct trace_header *header, const char *name, u64 access);

#endif
