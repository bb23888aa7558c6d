#include "traces/csv_plain.h"

#include "traces/importer.h"

enum {
	DIGITS = 8, /* bytes that are looked at for a number */
	LINE_ROOM = (CSV_FIELDS + 1) * DIGITS,
};

bool csv_plain(const struct csv_columns *columns)
{
	for (u32 i = 0; i < columns->count; i++)
		if (columns->field[i] == CSV_SKIP)
			return false;
	return columns->count <= CSV_FIELDS && !columns->loose && !columns->more && !columns->hexadecimal &&
	       columns->unit_ns == 1 && !csv_columns_requests(columns);
}

bool csv_plain_exported(const struct csv_columns *columns)
{
	static const enum csv_field field[] = { CSV_PAGE, CSV_OP, CSV_COUNT, CSV_STRIDE, CSV_WHEN };

	return csv_plain(columns) && columns->count == ARRAY_SIZE(field) &&
	       !memcmp(columns->field, field, sizeof(field)) && columns->address == CSV_PAGE_NUMBER &&
	       columns->clock == CSV_GAP;
}

/* How many digits there are; 0 if none, or more than are looked at. */
static inline u32 read_number(const char *at, u64 *value)
{
	return text_digits(load_le64((const u8 *)at), value) % DIGITS;
}

/* The same of what has one digit most often: counts and strides. */
static inline u32 read_small(const char *at, u64 *value)
{
	if (at[1] != ',')
		return read_number(at, value);
	*value = (u8)(*at - '0');
	return *value < 10;
}

bool csv_plain_line(const struct csv_columns *columns, struct text *text, struct csv_line *line)
{
	u64 value[CSV_FIELDS] = { [CSV_COUNT] = 1, [CSV_STRIDE] = 1 };
	const char *at = text->at;

	if (unlikely(text->end - at < LINE_ROOM))
		return false;
	for (u32 i = 0;; at++) {
		enum csv_field field = columns->field[i];
		u32 n = 1;

		if (field == CSV_OP)
			value[field] = importer_op_of(*at) - 1u;
		else
			n = read_small(at, &value[field]);
		at += n;
		if (unlikely(!n))
			return false;
		if (++i == columns->count)
			break;
		if (unlikely(*at != ','))
			return false;
	}
	if (unlikely(*at != '\n' || value[CSV_OP] >= TRACE_OPS || !value[CSV_COUNT] ||
		     value[CSV_STRIDE] > TRACE_STRIDE_MAX))
		return false;
	line->place = value[CSV_PAGE];
	line->op = value[CSV_OP];
	line->count = value[CSV_COUNT];
	line->stride = (s64)value[CSV_STRIDE];
	line->when = value[CSV_WHEN];
	text->at = at;
	return true;
}

/* "COUNT,STRIDE,". How many bytes that is, 0 if it is something else. */
static inline u32 read_shape(const char *at, u64 *count, u64 *stride)
{
	u32 n, more;

	*count = 1;
	*stride = 0;
	if (likely(!memcmp(at, "1,0,", 4))) /* an access alone */
		return 4;
	n = read_small(at, count);
	if (unlikely(!n || at[n] != ',' || !*count))
		return 0;
	more = read_small(at + n + 1, stride);
	if (unlikely(!more || at[n + 1 + more] != ',' || *stride > TRACE_STRIDE_MAX))
		return 0;
	return n + more + 2;
}

/* Where the line ends; NULL if it is no such line. A page or gap of so few digits is in bounds. */
static inline const char *read_run(const char *at, struct trace_run *run)
{
	u64 page, count, stride, gap;
	u32 n = read_number(at, &page), op;

	if (unlikely(!n || at[n] != ','))
		return NULL;
	op = importer_op_of(at[n + 1]);
	if (unlikely(!op || at[n + 2] != ','))
		return NULL;
	at += n + 3;
	n = read_shape(at, &count, &stride);
	if (unlikely(!n || page + stride * (count - 1) >= TRACE_PAGES_MAX))
		return NULL;
	at += n;
	n = read_number(at, &gap);
	if (unlikely(!n || at[n] != '\n'))
		return NULL;
	*run = trace_run((u32)page, (u32)count, (s32)stride, op - 1, gap);
	return at + n;
}

u32 csv_plain_runs(struct text *text, struct trace_run *runs, u32 max)
{
	const char *at = text->at;
	u32 n;

	for (n = 0; n < max && text->end - at >= LINE_ROOM; n++) {
		const char *end = read_run(at, &runs[n]);

		if (unlikely(!end))
			break;
		text->line = at;
		at = end + 1;
	}
	if (n) {
		text->at = at - 1;
		text->line_number += n - 1;
	}
	return n;
}
