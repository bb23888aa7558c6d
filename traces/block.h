/*
 * block.h - the body of a trace file: frames of up to 2^18 runs, taken apart into columns. FORMAT.md has the
 * layout.
 *
 * A column holds one integer a run: the kind (op and stride) in one byte, page, count - 1 and gap in as many
 * bytes as pay off; the few values that need more follow in a list and replace what the column says.
 */
#ifndef TRACES_BLOCK_H
#define TRACES_BLOCK_H

#include "traces/trace.h"

#define BLOCK_RUNS (1u << 18)
#define BLOCK_INDEX_BITS 18
#define BLOCK_PAYLOAD_MAX (16 * BLOCK_RUNS)
#define BLOCK_PADDING 1024 /* bytes of any content behind a payload: decoding reads beyond its end */
#define BLOCK_HEADER 32
#define BLOCK_CHECKSUM 8

enum block_type { BLOCK_RUNS_TYPE = 'R', BLOCK_FILE_PAGES_TYPE = 'F' };
enum block_codec { BLOCK_RAW, BLOCK_ZSTD };
enum block_column { BLOCK_PAGE, BLOCK_COUNT, BLOCK_GAP, BLOCK_COLUMNS };

struct block_header {
	enum block_type type;
	enum block_codec codec;
	u8 width[BLOCK_COLUMNS];
	u32 size;   /* R: runs; F: which stretch of 65 536 pages */
	u32 stored; /* bytes between header and checksum */
	u32 wide[BLOCK_COLUMNS];
	u32 number;
};

void block_header_store(const struct block_header *header, u8 *bytes);
/* What is wrong with it, NULL if nothing is. */
const char *block_header_load(struct block_header *header, const u8 *bytes);
/* Bytes of payload; more than BLOCK_PAYLOAD_MAX for none that block_header_load() lets pass. */
size_t block_payload(const struct block_header *header);

/* Fills type, width, size and wide of the header and the payload (BLOCK_PAYLOAD_MAX bytes). 1 .. BLOCK_RUNS
 * runs. */
size_t block_encode(struct block_header *header, const struct trace_run *runs, u32 n, u8 *payload);

/* Where decoding is; the payload stays the caller's and must outlive it. */
struct block_cursor {
	const u8 *kind;
	const u8 *column[BLOCK_COLUMNS];
	const u8 *wide[BLOCK_COLUMNS];
	u8 width[BLOCK_COLUMNS];
	u32 wide_left[BLOCK_COLUMNS];
	u32 runs;
	u32 next;
};

void block_decode_start(struct block_cursor *cursor, const struct block_header *header, const u8 *payload);
/*
 * Up to max runs of the block; 0 at its end. Adds their accesses to *accesses. Returns -1 if one of them is
 * no run of a trace of that many pages; run cursor->next is at or before it.
 */
int block_decode(struct block_cursor *cursor, u32 pages, struct trace_run *runs, u32 max, u64 *accesses);

#endif
