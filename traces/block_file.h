/*
 * block_file.h - the blocks of a trace file, one after the other, in bounded memory: from where a stream is,
 * or from any place of a file.
 */
#ifndef TRACES_BLOCK_FILE_H
#define TRACES_BLOCK_FILE_H

#include <stdio.h>
#include <zstd.h>

#include "traces/block.h"

/* All zero but for `stream` or `fd`; both stay the caller's. */
struct block_file {
	FILE *stream; /* read from where it is; NULL: */
	int fd;	      /* read at `at`, with no regard to where it is: any number of them may share it */
	u64 at;	      /* where the next block begins, if that was said at first */
	ZSTD_DCtx *zstd;
	u8 *stored; /* header, bytes and checksum of a block */
	size_t stored_size;
	u8 *payload;
	size_t payload_size;
};

void block_file_release(struct block_file *file);

/*
 * The next block, which has to have that number and pass its checksum: its header, and its payload, which
 * stays until the next call. NULL: *wrong says what is wrong with it; NULL there if it could not be read, see
 * errno.
 */
const u8 *block_file_next(struct block_file *file, u32 number, struct block_header *header,
			  const char **wrong);

#endif
