/*
 * reader.c - .swt files from front to back.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/error.h"
#include "traces/block_file.h"
#include "traces/format.h"
#include "traces/header.h"
#include "traces/xxh64.h"

#define HEADER_MAX (1u << 20)

struct trace_reader {
	struct trace_header header;
	FILE *file;
	char *path;
	off_t body; /* where the first block of runs is, -1 if nobody can go there again */
	u32 number; /* of the next block of its type */
	u64 runs;   /* delivered so far, likewise accesses */
	u64 accesses;
	u32 mark; /* the first not passed */
	bool broken;
	struct block_cursor block;
	struct block_file blocks;
};

static bool fail(const struct trace_reader *reader, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static bool fail(const struct trace_reader *reader, GError **error, const char *format, ...)
{
	va_list arguments;
	char *what;

	if (ferror(reader->file)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be read: %s", reader->path,
			    g_strerror(errno));
		return false;
	}
	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE, "%s: %s", reader->path, what);
	g_free(what);
	return false;
}

static bool fail_at_block(const struct trace_reader *reader, GError **error, const char *what)
{
	return fail(reader, error,
		    "block %u: %s (%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " runs are before it)",
		    reader->number, what, (guint64)reader->runs, (guint64)reader->header.runs);
}

/* A block that passed its checksum: its header and its payload, which stays until the next. */
static const u8 *read_block(struct trace_reader *reader, struct block_header *header, GError **error)
{
	const char *wrong;
	const u8 *payload = block_file_next(&reader->blocks, reader->number, header, &wrong);

	if (payload)
		reader->number++;
	else
		fail_at_block(reader, error, wrong);
	return payload;
}

/* The header's lines up to the checksum, that one too. NULL on error. */
static GString *read_header_lines(struct trace_reader *reader, GError **error)
{
	GString *lines = g_string_new(NULL);
	char magic[sizeof(FORMAT_MAGIC)] = "";
	u32 start = 0;

	if (!fgets(magic, sizeof(magic), reader->file) || strcmp(magic, FORMAT_MAGIC)) {
		fail(reader, error,
		     "is no trace (the first line would be \"swapsim-trace 1\"; swapsim trace import makes "
		     "one of other files)");
		g_string_free(lines, TRUE);
		return NULL;
	}
	g_string_append(lines, magic);
	while (lines->len < HEADER_MAX) {
		int byte = getc_unlocked(reader->file);

		if (byte == EOF)
			break;
		g_string_append_c(lines, (char)byte);
		if (byte != '\n')
			continue;
		if (g_str_has_prefix(lines->str + start, FORMAT_CHECKSUM))
			return lines;
		start = (u32)lines->len;
	}
	fail(reader, error,
	     lines->len < HEADER_MAX ? "cut short: the header does not end"
				     : "the header does not end within 1 MiB");
	g_string_free(lines, TRUE);
	return NULL;
}

/* The last line is the checksum of those before it, *size bytes. */
static bool header_checksum(struct trace_reader *reader, const GString *lines, size_t *size, GError **error)
{
	char last[sizeof(FORMAT_CHECKSUM) + 17];

	*size = lines->len - MIN(lines->len, sizeof(last) - 1);
	g_snprintf(last, sizeof(last), FORMAT_CHECKSUM "%016" G_GINT64_MODIFIER "x\n",
		   (guint64)xxh64(lines->str, *size));
	return !strcmp(lines->str + *size, last) ||
	       fail(reader, error, "the header's checksum does not match");
}

static bool parse_header(struct trace_reader *reader, const GString *lines, size_t size, GError **error)
{
	const struct trace_header *header = &reader->header;
	bool failed = false, known;
	const char *missing;
	struct text text;
	u32 seen = 0;

	text_over(&text, reader->path, lines->str, size);
	for (text_next(&text, &failed, error), text_skip_line(&text); text_next(&text, &failed, error);) {
		if (!trace_header_line(&reader->header, &seen, &text, &known, error))
			return false;
		if (!known)
			return text_error(&text, error, "no key of a trace's header");
	}
	missing = trace_header_missing(seen);
	if (missing)
		return fail(reader, error, "the header does not say \"%s\"", missing);
	if (header->file_pages_count > header->pages || header->runs > header->accesses)
		return fail(reader, error, "the header's counts contradict each other");
	if (header->marks_count && header->marks[header->marks_count - 1].access > header->accesses)
		return fail(reader, error, "mark \"%s\" lies behind the last access",
			    header->marks[header->marks_count - 1].name);
	return true;
}

static bool read_file_pages(struct trace_reader *reader, GError **error)
{
	struct page_set *set = &reader->header.file_pages;
	u32 want = reader->header.file_pages_count, have = 0, next = 0;

	while (have < want) {
		struct block_header block;
		const u8 *payload = read_block(reader, &block, error);
		u8 *piece;

		if (!payload)
			return false;
		if (block.type != BLOCK_FILE_PAGES_TYPE || block.size < next)
			return fail(reader, error, "the map of file pages holds %u of %u pages", have, want);
		next = block.size + 1;
		piece = page_set_piece(set, block.size);
		memcpy(piece, payload, PAGE_SET_PIECE_BYTES);
		for (u32 i = 0; i < PAGE_SET_PIECE_BYTES; i++)
			have += (u32)__builtin_popcount(piece[i]);
	}
	if (have != want || page_set_end(set) > reader->header.pages)
		return fail(reader, error, "the map of file pages does not agree with the header");
	return true;
}

static bool read_front(struct trace_reader *reader, GError **error)
{
	GString *lines = read_header_lines(reader, error);
	bool good;
	size_t size;

	if (!lines)
		return false;
	good = header_checksum(reader, lines, &size, error) && parse_header(reader, lines, size, error) &&
	       read_file_pages(reader, error);
	g_string_free(lines, TRUE);
	if (!good)
		return false;
	reader->number = 0;
	reader->body = ftello(reader->file);
	reader->blocks.at = (u64)reader->body;
	return true;
}

struct trace_reader *trace_reader_open(const char *path, GError **error)
{
	struct trace_reader *reader;
	FILE *file = fopen(path, "rbe");

	if (!file) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be opened: %s", path,
			    g_strerror(errno));
		return NULL;
	}
	reader = g_new0(struct trace_reader, 1);
	reader->file = file;
	reader->path = g_strdup(path);
	reader->blocks.stream = file;
	trace_header_init(&reader->header);
	if (!read_front(reader, error)) {
		trace_reader_close(reader);
		return NULL;
	}
	return reader;
}

void trace_reader_close(struct trace_reader *reader)
{
	if (!reader)
		return;
	fclose(reader->file);
	block_file_release(&reader->blocks);
	trace_header_release(&reader->header);
	g_free(reader->path);
	g_free(reader);
}

bool trace_reader_block(const struct trace_reader *reader, struct trace_block *block)
{
	*block = (struct trace_block){ reader->blocks.at, reader->runs, reader->accesses };
	return reader->body >= 0 && reader->block.next == reader->block.runs &&
	       reader->runs < reader->header.runs;
}

int trace_reader_fd(const struct trace_reader *reader)
{
	return fileno(reader->file);
}

const struct trace_header *trace_reader_header(const struct trace_reader *reader)
{
	return &reader->header;
}

static bool check_end(struct trace_reader *reader, GError **error)
{
	if (reader->accesses != reader->header.accesses)
		return fail(reader, error,
			    "holds %" G_GUINT64_FORMAT " accesses where the header says %" G_GUINT64_FORMAT,
			    (guint64)reader->accesses, (guint64)reader->header.accesses);
	if (getc(reader->file) != EOF)
		return fail(reader, error, "something follows the last block");
	return !ferror(reader->file) || fail(reader, error, "cannot be read");
}

static bool next_block(struct trace_reader *reader, GError **error)
{
	struct block_header header;
	const u8 *payload = read_block(reader, &header, error);

	if (!payload)
		return false;
	if (header.type != BLOCK_RUNS_TYPE || header.size > reader->header.runs - reader->runs)
		return fail(reader, error, "block %u does not belong there", header.number);
	block_decode_start(&reader->block, &header, payload);
	return true;
}

/* Marks that lie within the runs just read have to lie between two of them. */
static bool marks_between_runs(struct trace_reader *reader, const struct trace_run *runs, u64 before)
{
	const struct trace_header *header = &reader->header;

	for (; reader->mark < header->marks_count; reader->mark++) {
		u64 access = header->marks[reader->mark].access;

		if (access >= reader->accesses)
			break;
		while (before < access)
			before += runs++->count;
		if (before != access)
			return false;
	}
	return true;
}

static int refuse(struct trace_reader *reader)
{
	reader->broken = true;
	return -1;
}

int trace_reader_next(struct trace_reader *reader, struct trace_run *runs, u32 max, GError **error)
{
	u64 before = reader->accesses;
	int got;

	BUG_ON(!max || max > INT32_MAX || reader->broken);
	if (reader->block.next == reader->block.runs) {
		if (reader->runs == reader->header.runs)
			return check_end(reader, error) ? 0 : refuse(reader);
		if (!next_block(reader, error))
			return refuse(reader);
	}
	got = block_decode(&reader->block, reader->header.pages, runs, max, &reader->accesses);
	if (got < 0) {
		fail(reader, error, "block %u holds a run that leaves the %u pages or is none",
		     reader->number - 1, reader->header.pages);
		return refuse(reader);
	}
	reader->runs += (u32)got;
	if (!marks_between_runs(reader, runs, before)) {
		fail(reader, error, "a run of block %u crosses mark \"%s\"", reader->number - 1,
		     reader->header.marks[reader->mark].name);
		return refuse(reader);
	}
	return got;
}

bool trace_reader_rewind(struct trace_reader *reader, GError **error)
{
	if (reader->body < 0 || fseeko(reader->file, reader->body, SEEK_SET) != 0) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be rewound: %s", reader->path,
			    g_strerror(errno));
		return false;
	}
	reader->blocks.at = (u64)reader->body;
	reader->number = reader->mark = 0;
	reader->runs = reader->accesses = 0;
	reader->broken = false;
	reader->block = (struct block_cursor){ 0 };
	return true;
}

void trace_reader_take_header(struct trace_reader *reader, struct trace_header *header)
{
	*header = reader->header;
	trace_header_init(&reader->header);
	reader->broken = true;
}
