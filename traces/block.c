#include "traces/block.h"

#include "traces/bytes.h"

static const u8 width_max[BLOCK_COLUMNS] = { [BLOCK_PAGE] = 4, [BLOCK_COUNT] = 3, [BLOCK_GAP] = 5 };

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

#define RUNS_AT_ONCE 1024 /* are encoded: they stay in the nearest cache from column to column */

/* Inlined once for each column: what writes 30 million runs a second has no switch inside. */
#define FOR_ONE_COLUMN static inline __attribute__((always_inline))

FOR_ONE_COLUMN u64 column_value(const struct trace_run *run, enum block_column column)
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

/* Of a value below 2^63; 0 for 0. */
static inline u32 value_bytes(u64 value)
{
	return (70 - (u32)__builtin_clzll(2 * value + 1)) / 8;
}

/* Values by how many bytes they need. */
struct value_sizes {
	u32 of_bytes[BLOCK_COLUMNS][9];
};

static void count_sizes(struct value_sizes *sizes, const struct trace_run *runs, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		sizes->of_bytes[BLOCK_PAGE][value_bytes(column_value(&runs[i], BLOCK_PAGE))]++;
		sizes->of_bytes[BLOCK_COUNT][value_bytes(column_value(&runs[i], BLOCK_COUNT))]++;
		sizes->of_bytes[BLOCK_GAP][value_bytes(column_value(&runs[i], BLOCK_GAP))]++;
	}
}

/* Values of more bytes than the width go to the list, at 8 bytes each. The narrowest of the cheapest widths.
 */
static void choose_width(struct block_header *header, enum block_column column, const u32 *of_bytes)
{
	u64 best = UINT64_MAX;
	u32 wide = 0;

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

/* Of @n runs from number @first on; the column begins at @at. Returns where it ends. */
FOR_ONE_COLUMN u8 *encode_column(const struct block_header *header, enum block_column column,
				 const struct trace_run *runs, u32 first, u32 n, u8 *at)
{
	u32 width = header->width[column], shift = 0;

	for (; width >= 2; width -= 2, shift += 16, at += 2 * (size_t)header->size) {
		for (u32 i = first; i < first + n; i++)
			store_le16(at + 2 * (size_t)i, (u32)(column_value(&runs[i], column) >> shift));
	}
	for (u32 i = first; width && i < first + n; i++)
		at[i] = (u8)(column_value(&runs[i], column) >> shift);
	return at + (size_t)width * header->size;
}

/* Kinds and all columns. Returns where the last ends. */
static u8 *encode_some(const struct block_header *header, const struct trace_run *runs, u32 first, u32 n,
		       u8 *payload)
{
	u8 *at = payload + header->size;

	for (u32 i = first; i < first + n; i++)
		payload[i] = (u8)(runs[i].packed >> 48);
	at = encode_column(header, BLOCK_PAGE, runs, first, n, at);
	at = encode_column(header, BLOCK_COUNT, runs, first, n, at);
	return encode_column(header, BLOCK_GAP, runs, first, n, at);
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
	struct value_sizes sizes = { 0 };
	u8 *at = payload;

	BUG_ON(!n || n > BLOCK_RUNS);
	header->type = BLOCK_RUNS_TYPE;
	header->size = n;
	count_sizes(&sizes, runs, n);
	for (u32 c = 0; c < BLOCK_COLUMNS; c++)
		choose_width(header, c, sizes.of_bytes[c]);
	for (u32 first = 0; first < n; first += RUNS_AT_ONCE)
		at = encode_some(header, runs, first, MIN(n - first, RUNS_AT_ONCE), payload);
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

/* Where the pieces of a column are: of two bytes each, but the last of an odd width. */
struct pieces {
	const u8 *at[3];
};

static inline struct pieces find_pieces(const struct block_cursor *cursor, enum block_column column,
					u32 width)
{
	struct pieces pieces = { { NULL } };
	const u8 *at = cursor->column[column];

	for (u32 i = 0; i < ARRAY_SIZE(pieces.at); i++) {
		u32 bytes = MIN(width - MIN(width, 2 * i), 2);

		pieces.at[i] = at + (size_t)bytes * cursor->next;
		at += (size_t)bytes * cursor->runs;
	}
	return pieces;
}

static inline u64 load_piece(const u8 *at, u32 bytes, u32 i)
{
	return bytes == 2 ? load_le16(at + 2 * (size_t)i) : bytes == 1 ? at[i] : 0;
}

static inline u64 load_value(const struct pieces *pieces, u32 width, u32 i)
{
	u64 value = load_piece(pieces->at[0], MIN(width, 2), i);

	if (width > 2)
		value |= load_piece(pieces->at[1], MIN(width - 2, 2), i) << 16;
	if (width > 4)
		value |= load_piece(pieces->at[2], width - 4, i) << 32;
	return value;
}

/* Without a branch; no sum of numbers these small wraps around to a page of the trace. */
static inline u32 leaves(u64 page, u64 more, u8 kind, u32 pages)
{
	return (page >= pages) | ((u64)((s64)page + ((int8_t)kind >> 2) * (s64)more) >= pages);
}

/*
 * n runs as the columns say. Inlined where the widths are constants, this is a few loads and two stores a
 * run. Returns whether they are runs of a trace of `pages` pages.
 */
static inline __attribute__((always_inline)) bool unpack(const struct block_cursor *cursor, u32 pages,
							 struct trace_run *runs, u32 n, u32 page_width,
							 u32 count_width, u32 gap_width, u64 *accesses)
{
	const struct pieces page = find_pieces(cursor, BLOCK_PAGE, page_width);
	const struct pieces count = find_pieces(cursor, BLOCK_COUNT, count_width);
	const struct pieces gap = find_pieces(cursor, BLOCK_GAP, gap_width);
	const u8 *kind = cursor->kind + cursor->next;
	u64 sum = n;
	u32 wrong = 0;

	for (u32 i = 0; i < n; i++) {
		u64 first = load_value(&page, page_width, i);
		u64 more = load_value(&count, count_width, i);

		wrong |= leaves(first, more, kind[i], pages);
		sum += more;
		runs[i] = (struct trace_run){ (u32)first, (u32)more + 1,
					      (u64)kind[i] << 48 | load_value(&gap, gap_width, i) };
	}
	*accesses += sum;
	return !wrong;
}

/* The widths that most blocks of most traces have get code of their own. */
static bool unpack_any(const struct block_cursor *cursor, u32 pages, struct trace_run *runs, u32 n,
		       u64 *accesses)
{
	const u8 *width = cursor->width;

	switch (width[BLOCK_PAGE] << 8 | width[BLOCK_COUNT] << 4 | width[BLOCK_GAP]) {
	case 0x201:
		return unpack(cursor, pages, runs, n, 2, 0, 1, accesses);
	case 0x202:
		return unpack(cursor, pages, runs, n, 2, 0, 2, accesses);
	case 0x211:
		return unpack(cursor, pages, runs, n, 2, 1, 1, accesses);
	case 0x212:
		return unpack(cursor, pages, runs, n, 2, 1, 2, accesses);
	case 0x301:
		return unpack(cursor, pages, runs, n, 3, 0, 1, accesses);
	case 0x302:
		return unpack(cursor, pages, runs, n, 3, 0, 2, accesses);
	case 0x311:
		return unpack(cursor, pages, runs, n, 3, 1, 1, accesses);
	case 0x312:
		return unpack(cursor, pages, runs, n, 3, 1, 2, accesses);
	default:
		return unpack(cursor, pages, runs, n, width[BLOCK_PAGE], width[BLOCK_COUNT], width[BLOCK_GAP],
			      accesses);
	}
}

/* Takes the column's next entry of the list if it belongs to the n runs from `next` on. False if there is
 * none. */
static bool take_wide(struct block_cursor *cursor, enum block_column column, u32 n, u32 *place, u64 *value)
{
	u64 entry;

	if (!cursor->wide_left[column])
		return false;
	entry = load_le64(cursor->wide[column]);
	*place = (u32)(entry & (BLOCK_RUNS - 1)) - cursor->next;
	if (*place >= n)
		return false;
	*value = entry >> BLOCK_INDEX_BITS;
	cursor->wide[column] += 8;
	cursor->wide_left[column]--;
	return true;
}

/* Puts in pages and counts from the lists. Returns whether all n runs, not only those, are good now. */
static bool patch_pages(struct block_cursor *cursor, u32 pages, struct trace_run *runs, u32 n, bool good,
			u64 *accesses)
{
	bool patched = false;
	u64 value;
	u32 place;

	while (take_wide(cursor, BLOCK_PAGE, n, &place, &value)) {
		if (value >= TRACE_PAGES_MAX)
			return false;
		runs[place].page = (u32)value;
		patched = true;
	}
	while (take_wide(cursor, BLOCK_COUNT, n, &place, &value)) {
		if (value >= TRACE_COUNT_MAX)
			return false;
		*accesses += value + 1 - runs[place].count;
		runs[place].count = (u32)value + 1;
		patched = true;
	}
	if (!patched)
		return good;
	for (u32 i = 0; i < n; i++) {
		u8 kind = (u8)(runs[i].packed >> 48);

		if (leaves(runs[i].page, runs[i].count - 1, kind, pages))
			return false;
	}
	return true;
}

/* n runs; every entry of a list has to have found its place when the block ends. */
static bool decode(struct block_cursor *cursor, u32 pages, struct trace_run *runs, u32 n, u64 *accesses)
{
	bool good = unpack_any(cursor, pages, runs, n, accesses);
	u64 value;
	u32 place;

	if (!patch_pages(cursor, pages, runs, n, good, accesses))
		return false;
	while (take_wide(cursor, BLOCK_GAP, n, &place, &value))
		runs[place].packed = runs[place].packed >> 48 << 48 | value;
	cursor->next += n;
	if (cursor->next < cursor->runs)
		return true;
	return !cursor->wide_left[BLOCK_PAGE] && !cursor->wide_left[BLOCK_COUNT] &&
	       !cursor->wide_left[BLOCK_GAP];
}

int block_decode(struct block_cursor *cursor, u32 pages, struct trace_run *runs, u32 max, u64 *accesses)
{
	max = MIN(max, cursor->runs - cursor->next);
	return decode(cursor, pages, runs, max, accesses) ? (int)max : -1;
}
