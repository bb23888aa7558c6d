/*
 * json_scan.h - the JSON grammar (RFC 8259), strictly, and where each value stands.
 *
 * cJSON takes text after the value, control characters in strings, invalid UTF-8, "01" and "1.", comments by
 * way of its minifier, and cuts a string at \u0000; and it keeps no positions. So a text is scanned first.
 * What passes here cJSON reads in full, and meets the values in the same order.
 *
 * Also refused: a byte order mark, NUL bytes, texts over 64 MiB, more than 2^20 values (each takes some 150
 * bytes of memory), nesting deeper than 64, and numbers of more than 40 characters (cJSON has room for 63).
 */
#ifndef SIM_JSON_SCAN_H
#define SIM_JSON_SCAN_H

#include <glib.h>

#include "sim/types.h"

#define JSON_DEPTH_MAX 64
#define JSON_TEXT_MAX (64u << 20)
#define JSON_VALUES_MAX (1u << 20)
#define JSON_NO_KEY UINT32_MAX

/* Byte offsets of a value [value, end) and of its key's opening quote; elements and the root have no key. */
struct json_span {
	u32 key;
	u32 value;
	u32 end;
};

struct json_fault {
	u32 offset;
	char *message; /* g_free() */
};

/*
 * Appends the spans of all values to spans (of struct json_span), an object or array before its members.
 * depth is how deep the value will stand in a greater one. On failure *fault is set and spans holds what was
 * met so far.
 */
bool json_scan(const char *text, size_t len, u32 depth, GArray *spans, struct json_fault *fault);

/* The length of the string literal at the start of the NUL-terminated text, quotes included; 0 if none. */
size_t json_scan_literal(const char *text);

#endif
