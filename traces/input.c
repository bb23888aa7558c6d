#include "traces/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "sim/error.h"

struct input {
	gssize (*read)(struct input *input, u8 *bytes, size_t size, GError **error);
	char *name;
	int fd;
	bool inside; /* a gzip member or zstd frame has begun and not ended */
	bool gzip_open;
	z_stream gzip;
	ZSTD_DCtx *zstd;
	size_t at, filled;
	u8 raw[65536];
};

static gssize fail(const struct input *input, GError **error, const char *what)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE, "%s: %s", input->name, what);
	return -1;
}

/* More raw bytes behind those not yet used. 0 at the end of the file. */
static gssize refill(struct input *input, GError **error)
{
	gssize got;

	memmove(input->raw, input->raw + input->at, input->filled - input->at);
	input->filled -= input->at;
	input->at = 0;
	do {
		got = read(input->fd, input->raw + input->filled, sizeof(input->raw) - input->filled);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be read: %s", input->name,
			    g_strerror(errno));
		return -1;
	}
	input->filled += (size_t)got;
	return got;
}

static gssize read_plain(struct input *input, u8 *bytes, size_t size, GError **error)
{
	if (input->at == input->filled) {
		gssize got = refill(input, error);

		if (got <= 0)
			return got;
	}
	size = MIN(size, input->filled - input->at);
	memcpy(bytes, input->raw + input->at, size);
	input->at += size;
	return (gssize)size;
}

/* As many bytes as the decoder makes of what is there; -1 if it is damaged. */
static gssize inflate_some(struct input *input, u8 *bytes, size_t size)
{
	z_stream *stream = &input->gzip;
	size_t used;
	int status;

	stream->next_out = bytes;
	stream->avail_out = (uInt)MIN(size, 1u << 30);
	stream->next_in = input->raw + input->at;
	stream->avail_in = (uInt)(input->filled - input->at);
	status = inflate(stream, Z_NO_FLUSH);
	used = input->filled - input->at - stream->avail_in;
	input->at += used;
	input->inside |= used > 0;
	if (status == Z_STREAM_END) {
		input->inside = false;
		status = inflateReset(stream);
	}
	return status == Z_OK || status == Z_BUF_ERROR ? stream->next_out - bytes : -1;
}

static gssize unzstd_some(struct input *input, u8 *bytes, size_t size)
{
	ZSTD_outBuffer out = { bytes, size, 0 };
	ZSTD_inBuffer in = { input->raw + input->at, input->filled - input->at, 0 };
	size_t status = ZSTD_decompressStream(input->zstd, &out, &in);

	if (ZSTD_isError(status))
		return -1;
	input->at += in.pos;
	if (in.pos || out.pos)
		input->inside = status != 0;
	return (gssize)out.pos;
}

/* The decoder may hold back bytes of input it has used up, so it is asked before the file is. */
static gssize read_compressed(struct input *input, u8 *bytes, size_t size, GError **error)
{
	for (;;) {
		gssize got = input->zstd ? unzstd_some(input, bytes, size) : inflate_some(input, bytes, size);

		if (got < 0)
			return fail(input, error, "its compressed data are damaged");
		if (got)
			return got;
		if (input->at < input->filled)
			continue;
		got = refill(input, error);
		if (got < 0)
			return -1;
		if (!got)
			return input->inside ? fail(input, error, "cut short: its compressed data do not end")
					     : 0;
	}
}

static bool choose(struct input *input, GError **error)
{
	static const u8 gzip_magic[] = { 0x1f, 0x8b }, zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	gssize got;

	do {
		got = refill(input, error);
		if (got < 0)
			return false;
	} while (got && input->filled < sizeof(zstd_magic));
	input->read = read_plain;
	if (input->filled >= sizeof(gzip_magic) && !memcmp(input->raw, gzip_magic, sizeof(gzip_magic))) {
		BUG_ON(inflateInit2(&input->gzip, 15 + 16) != Z_OK);
		input->gzip_open = true;
		input->read = read_compressed;
	} else if (input->filled >= sizeof(zstd_magic) &&
		   !memcmp(input->raw, zstd_magic, sizeof(zstd_magic))) {
		input->zstd = ZSTD_createDCtx();
		input->read = read_compressed;
	}
	return true;
}

struct input *input_open(const char *path, GError **error)
{
	struct input *input = g_new0(struct input, 1);

	input->name = g_strdup(strcmp(path, "-") ? path : "<stdin>");
	input->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (input->fd < 0) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be opened: %s", path,
			    g_strerror(errno));
		input_close(input);
		return NULL;
	}
	if (!choose(input, error)) {
		input_close(input);
		return NULL;
	}
	return input;
}

void input_close(struct input *input)
{
	if (input->gzip_open)
		inflateEnd(&input->gzip);
	ZSTD_freeDCtx(input->zstd);
	if (input->fd > STDIN_FILENO)
		close(input->fd);
	g_free(input->name);
	g_free(input);
}

gssize input_read(struct input *input, void *bytes, size_t size, GError **error)
{
	return input->read(input, bytes, size, error);
}
