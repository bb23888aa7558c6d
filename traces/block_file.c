#include "traces/block_file.h"

#include <errno.h>
#include <unistd.h>

#include "traces/bytes.h"
#include "traces/xxh64.h"

void block_file_release(struct block_file *file)
{
	ZSTD_freeDCtx(file->zstd);
	g_free(file->stored);
	g_free(file->payload);
}

/* Room for at least `size` bytes; what was in it is lost. */
static void make_room(u8 **buffer, size_t *have, size_t size)
{
	if (size <= *have)
		return;
	g_free(*buffer);
	*buffer = g_malloc0(size);
	*have = size;
}

/* Whether all of it was there. */
static bool get(struct block_file *file, u8 *bytes, size_t size, const char **wrong)
{
	size_t have = 0;
	ssize_t got = 1;

	if (file->stream) {
		have = fread(bytes, 1, size, file->stream);
		got = ferror(file->stream) ? -1 : 0;
	}
	while (!file->stream && have < size && got) {
		got = pread(file->fd, bytes + have, size - have, (off_t)(file->at + have));
		if (got < 0 && errno != EINTR)
			break;
		have += (size_t)MAX(got, 0);
	}
	file->at += have;
	*wrong = got < 0 ? NULL : "the file is cut short";
	return have == size;
}

static const u8 *decompress(struct block_file *file, const struct block_header *header, const char **wrong)
{
	size_t size = block_payload(header);

	if (!file->zstd)
		file->zstd = ZSTD_createDCtx();
	make_room(&file->payload, &file->payload_size, size + BLOCK_PADDING);
	if (ZSTD_decompressDCtx(file->zstd, file->payload, size, file->stored + BLOCK_HEADER,
				header->stored) == size)
		return file->payload;
	*wrong = "its zstd data are damaged";
	return NULL;
}

const u8 *block_file_next(struct block_file *file, u32 number, struct block_header *header,
			  const char **wrong)
{
	u8 bytes[BLOCK_HEADER];
	size_t rest;

	if (!get(file, bytes, sizeof(bytes), wrong))
		return NULL;
	*wrong = block_header_load(header, bytes);
	if (!*wrong && header->number != number)
		*wrong = "another block is in its place";
	if (*wrong)
		return NULL;
	rest = header->stored + BLOCK_CHECKSUM;
	make_room(&file->stored, &file->stored_size, sizeof(bytes) + rest + BLOCK_PADDING);
	memcpy(file->stored, bytes, sizeof(bytes));
	if (!get(file, file->stored + sizeof(bytes), rest, wrong))
		return NULL;
	if (xxh64(file->stored, sizeof(bytes) + header->stored) !=
	    load_le64(file->stored + sizeof(bytes) + header->stored)) {
		*wrong = "its checksum does not match";
		return NULL;
	}
	return header->codec == BLOCK_RAW ? file->stored + sizeof(bytes) : decompress(file, header, wrong);
}
