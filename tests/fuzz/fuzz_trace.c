/*
 * fuzz_trace.c - the reader of .swt files, and what is made of them: a walk, the figures of info, CSV.
 *
 * No mutation of a file would get past its checksums, so the bytes are: keys of the header up to a zero byte,
 * then blocks, each a header, whose length is taken modulo what is left, and its bytes. Magic, lengths and
 * checksums are put right. What begins with the magic is read as it is.
 */
#include "tests/fuzz/traces.h"
#include "traces/block.h"
#include "traces/bytes.h"
#include "traces/format.h"
#include "traces/info.h"
#include "traces/xxh64.h"

/* What takes longer, or more memory, proves no more. */
#define INFO_PAGES_MAX 100000
#define INFO_ACCESSES_MAX 100000

static void add_blocks(GString *file, const u8 *data, size_t size)
{
	u32 number = 0;

	while (size >= BLOCK_HEADER) {
		size_t stored = load_le32(data + 12) % (size - BLOCK_HEADER + 1);
		u8 *frame = g_malloc(BLOCK_HEADER + stored + BLOCK_CHECKSUM);

		memcpy(frame, data, BLOCK_HEADER + stored);
		number = frame[0] == BLOCK_RUNS_TYPE && number && data[28] == 0 ? 0 : number;
		store_le32(frame + 12, (u32)stored);
		store_le32(frame + 28, number++);
		store_le64(frame + BLOCK_HEADER + stored, xxh64(frame, BLOCK_HEADER + stored));
		g_string_append_len(file, (char *)frame, (gssize)(BLOCK_HEADER + stored + BLOCK_CHECKSUM));
		g_free(frame);
		data += BLOCK_HEADER + stored;
		size -= BLOCK_HEADER + stored;
	}
}

static GString *make_file(const u8 *data, size_t size)
{
	GString *file;
	const u8 *end = memchr(data, 0, size);
	size_t keys = end ? (size_t)(end - data) : size;

	if (size >= strlen(FORMAT_MAGIC) && !memcmp(data, FORMAT_MAGIC, strlen(FORMAT_MAGIC)))
		return g_string_new_len((const char *)data, (gssize)size);
	file = g_string_new(FORMAT_MAGIC);
	g_string_append_len(file, (const char *)data, (gssize)keys);
	g_string_append_printf(file, FORMAT_CHECKSUM "%016" G_GINT64_MODIFIER "x\n",
			       (guint64)xxh64(file->str, file->len));
	keys += !!end;
	add_blocks(file, data + keys, size - keys);
	return file;
}

/* A trace may say in a few bytes that it goes a billion times over as many pages. */
static bool is_small(const char *path)
{
	struct trace_reader *reader = trace_reader_open(path, NULL);
	const struct trace_header *header = trace_reader_header(reader);
	bool small = header->pages <= INFO_PAGES_MAX && header->accesses <= INFO_ACCESSES_MAX;

	trace_reader_close(reader);
	return small;
}

static void check_info(const char *path)
{
	struct trace_info *info = trace_info_new(path, NULL);
	u64 accesses = 0;

	BUG_ON(!info);
	for (u32 op = 0; op < TRACE_OPS; op++)
		accesses += info->accesses[op];
	BUG_ON(accesses != info->header.accesses || info->touched > info->header.pages);
	for (u32 i = 0; i < TRACE_SLICES; i++)
		accesses -= info->slice[i].accesses;
	BUG_ON(accesses || info->lru[0].misses < info->touched ||
	       (!info->accesses[TRACE_UNMAP] && info->lru[0].misses != info->touched));
	trace_info_free(info);
}

/* What is exported can be imported. The runs may be others: a single access has no stride, say. */
static void check_export(const char *path)
{
	char *csv = scratch_place("first.csv"), *out = scratch_place("first.swt");
	struct trace_import options = { .format = "csv", .in = csv, .out = out };
	GError *error = NULL;

	BUG_ON(!trace_export_csv_file(path, csv, NULL));
	if (!trace_import(&options, &error))
		g_error("%s", error->message);
	check_round_trip(out);
	g_unlink(csv);
	g_unlink(out);
	g_free(csv);
	g_free(out);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	GString *file = make_file(data, size);
	struct scratch scratch;

	scratch_init(&scratch, file->str, file->len);
	g_string_free(file, TRUE);
	if (walk_trace(scratch.path) && is_small(scratch.path)) {
		check_info(scratch.path);
		check_export(scratch.path);
	}
	scratch_release(&scratch);
	return 0;
}
