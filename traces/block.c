#include "traces/block.h"

#include "traces/bytes.h"

static const u8 width_max[BLOCK_COLUMNS] = { [BLOCK_PAGE] = 4, [BLOCK_COUNT] = 3, [BLOCK_GAP] = 5 };

#define CHUNK 256 /* runs decoded at a time: what their columns unpack to stays in the first cache level */

void block_header_store(const struct block_header *header, u8 *bytes)
{
	memset(bytes, 0, BLOCK_HEADER);
	bytes[0] = (u8)header->type;
	bytes[1] = (u8)header->codec;
	store_le32(bytes + 8, header->size);
	store_le32(bytes + 12, header->stored);
	for (u32 c = 0; c < BLOCK_COLUMNS; c++) {
		bytes[2 + c] = header->width[c];
		store_le32(bytes + 16 + 4 * c, header->wide[c]);
	}
	store_le32(bytes + 28, header->number);
}

const char *block_header_load(struct block_header *header, const u8 *bytes)
{
	*header = (struct block_header){ .type = bytes[0], .codec = bytes[1], .size = load_le32(bytes + 8) };
	header->stored = load_le32(bytes + 12);
	header->number = load_le32(bytes + 28);
	if (bytes[0] != BLOCK_RUNS_TYPE && bytes[0] != BLOCK_FILE_PAGES_TYPE)
		return "no block begins here";
	if (bytes[1] > BLOCK_ZSTD || bytes[5] || bytes[6] || bytes[7])
		return "the block header is damaged";
	for (u32 c = 0; c < BLOCK_COLUMNS; c++) {
		header->width[c] = bytes[2 + c];
		header->wide[c] = load_le32(bytes + 16 + 4 * c);
		if (header->width[c] > width_max[c] || header->wide[c] > BLOCK_RUNS)
			return "the block header is damaged";
	}
	if (header->type == BLOCK_RUNS_TYPE ? !header->size || header->size > BLOCK_RUNS
					    : header->size >= PAGE_SET_PIECES)
		return "the block header is damaged";
	if (block_payload(header) > BLOCK_PAYLOAD_MAX || header->stored > block_payload(header))
		return "the block header is damaged";
	if (header->codec == BLOCK_RAW && header->stored != block_payload(header))
		return "the block header is damaged";
	return NULL;
}

size_t block_payload(const struct block_header *header)
{
	size_t bytes = header->size;

	if (header->type == BLOCK_FILE_PAGES_TYPE)
		return PAGE_SET_PIECE_BYTES;
	for (u32 c = 0; c < BLOCK_COLUMNS; c++)
		bytes += (size_t)header->size * header->width[c] + 8 * (size_t)header->wide[c];
	return bytes;
}

static u64 column_value(const struct trace_run *run, enum block_column column)
{
	switch (column) {
	case BLOCK_PAGE:
		return run->page;
	case BLOCK_COUNT:
		return run->count - 1;
	case BLOCK_GAP:
		return trace_gap(run);
	case BLOCK_COLUMNS:
		break;
	}
	BUG();
}

static u32 value_bytes(u64 value)
{
	return value ? 8 - (u32)__builtin_clzll(value) / 8 : 0;
}

/* Values of more bytes than the width go to the list, at 8 bytes each. The narrowest of the cheapest widths.
 */
static void choose_width(struct block_header *header, enum block_column column, const struct trace_run *runs)
{
	u32 of_bytes[9] = { 0 }, wide = 0;
	u64 best = UINT64_MAX;

	for (u32 i = 0; i < header->size; i++)
		of_bytes[value_bytes(column_value(&runs[i], column))]++;
	for (u32 bytes = 8; bytes > width_max[column]; bytes--)
		wide += of_bytes[bytes];
	for (u32 width = width_max[column];; width--) {
		u64 cost = (u64)width * header->size + 8 * (u64)wide;

		if (cost <= best) {
			best = cost;
			header->width[column] = (u8)width;
			header->wide[column] = wide;
		}
		if (!width)
			break;
		wide += of_bytes[width];
	}
}

static u8 *encode_column(const struct block_header *header, enum block_column column,
			 const struct trace_run *runs, u8 *at)
{
	u32 width = header->width[column], shift = 0;

	for (; width >= 2; width -= 2, shift += 16) {
		for (u32 i = 0; i < header->size; i++, at += 2)
			store_le16(at, (u32)(column_value(&runs[i], column) >> shift));
	}
	for (u32 i = 0; width && i < header->size; i++)
		*at++ = (u8)(column_value(&runs[i], column) >> shift);
	return at;
}

static u8 *encode_wide(const struct block_header *header, enum block_column column,
		       const struct trace_run *runs, u8 *at)
{
	for (u32 i = 0; header->wide[column] && i < header->size; i++) {
		u64 value = column_value(&runs[i], column);

		if (value_bytes(value) > header->width[column]) {
			store_le64(at, value << BLOCK_INDEX_BITS | i);
			at += 8;
		}
	}
	return at;
}

size_t block_encode(struct block_header *header, const struct trace_run *runs, u32 n, u8 *payload)
{
	u8 *at = payload;

	BUG_ON(!n || n > BLOCK_RUNS);
	header->type = BLOCK_RUNS_TYPE;
	header->size = n;
	for (u32 i = 0; i < n; i++)
		*at++ = (u8)(runs[i].op | (u8)runs[i].stride << 2);
	for (u32 c = 0; c < BLOCK_COLUMNS; c++) {
		choose_width(header, c, runs);
		at = encode_column(header, c, runs, at);
	}
	for (u32 c = 0; c < BLOCK_COLUMNS; c++)
		at = encode_wide(header, c, runs, at);
	return (size_t)(at - payload);
}

void block_decode_start(struct block_cursor *cursor, const struct block_header *header, const u8 *payload)
{
	const u8 *at = payload + header->size;

	*cursor = (struct block_cursor){ .kind = payload, .runs = header->size };
	for (u32 c = 0; c < BLOCK_COLUMNS; c++) {
		cursor->column[c] = at;
		cursor->width[c] = header->width[c];
		at += (size_t)header->size * header->width[c];
	}
	for (u32 c = 0; c < BLOCK_COLUMNS; c++) {
		cursor->wide[c] = at;
		cursor->wide_left[c] = header->wide[c];
		at += 8 * (size_t)header->wide[c];
	}
}

/* Always CHUNK values, for loops of a constant length become vector code. Those beyond the block are not
 * used. */
static void decode_column(const struct block_cursor *cursor, enum block_column column, u64 *values)
{
	const u8 *at = cursor->column[column];
	u32 width = cursor->width[column], shift = 0;

	if (width < 2)
		memset(values, 0, CHUNK * sizeof(*values));
	for (; width >= 2; width -= 2, shift += 16) {
		const u8 *piece = at + 2 * (size_t)cursor->next;

		if (shift) {
			for (u32 i = 0; i < CHUNK; i++)
				values[i] |= (u64)load_le16(piece + 2 * i) << shift;
		} else {
			for (u32 i = 0; i < CHUNK; i++)
				values[i] = load_le16(piece + 2 * i);
		}
		at += 2 * (size_t)cursor->runs;
	}
	at += cursor->next;
	for (u32 i = 0; width && i < CHUNK; i++)
		values[i] |= (u64)at[i] << shift;
}

/* Puts in the values of the list that belong to the n runs from cursor->next on. */
static bool decode_wide(struct block_cursor *cursor, enum block_column column, u64 *values, u32 n)
{
	while (cursor->wide_left[column]) {
		u64 entry = load_le64(cursor->wide[column]);
		u32 index = entry & (BLOCK_RUNS - 1);

		if (index < cursor->next || index >= cursor->runs)
			return false;
		if (index - cursor->next >= n)
			return true;
		values[index - cursor->next] = entry >> BLOCK_INDEX_BITS;
		cursor->wide[column] += 8;
		cursor->wide_left[column]--;
	}
	return true;
}

static bool decode_chunk(struct block_cursor *cursor, u32 pages, struct trace_run *runs, u32 n, u64 *accesses)
{
	u64 value[BLOCK_COLUMNS][CHUNK], sum = 0, wrong = 0;
	const u8 *kind = cursor->kind + cursor->next;

	for (u32 c = 0; c < BLOCK_COLUMNS; c++) {
		decode_column(cursor, c, value[c]);
		if (!decode_wide(cursor, c, value[c], n))
			return false;
	}
	for (u32 i = 0; i < n; i++) {
		s64 stride = (int8_t)kind[i] >> 2;
		u64 page = value[BLOCK_PAGE][i], more = value[BLOCK_COUNT][i];

		/* A count of 33 bits or more or a page outside shows in one of these, whatever wraps. */
		wrong |= (u64)(more >= TRACE_COUNT_MAX) | (u64)(page >= pages) |
			 (u64)((u64)((s64)page + stride * (s64)(u32)more) >= pages) |
			 (u64)((kind[i] & 3) == 3);
		sum += more + 1;
		runs[i] = trace_run((u32)page, (u32)more + 1, (int)stride, kind[i] & 3, value[BLOCK_GAP][i]);
	}
	*accesses += sum;
	return !wrong;
}

int block_decode(struct block_cursor *cursor, u32 pages, struct trace_run *runs, u32 max, u64 *accesses)
{
	u32 done = 0;

	max = MIN(max, cursor->runs - cursor->next);
	while (done < max) {
		u32 n = MIN(max - done, CHUNK);

		if (!decode_chunk(cursor, pages, runs + done, n, accesses))
			return -1;
		cursor->next += n;
		done += n;
	}
	return (int)done;
}
