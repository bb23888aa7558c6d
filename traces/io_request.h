/*
 * io_request.h - block requests as accesses to the slots of a swap device: a request of SECTORS from SECTOR
 * on reads or writes pages SECTOR / 8 and following, at one moment. Page 0 of a device that is all swap is
 * its header, page n its slot n. Flushes and discards move no data and are no accesses.
 */
#ifndef TRACES_IO_REQUEST_H
#define TRACES_IO_REQUEST_H

#include "traces/recording.h"

#define IO_REQUEST_SECTORS_MAX 65536

struct io_request {
	u32 major;
	u32 minor;
	bool moves_data;
	enum trace_op op;
	u64 sector; /* of 512 bytes; this and the next only if it moves data */
	u64 sectors;
};

/* "MAJOR,MINOR" */
bool io_request_device(struct text *text, struct io_request *request);
/* "RWBS ... SECTOR + SECTORS", as blkparse and the tracepoints block_* have it. `at` is left behind it. */
bool io_request_extent(struct text *text, struct io_request *request, GError **error);

struct io_requests {
	struct recording *recording;
	bool has_device; /* asked for */
	u32 major;
	u32 minor;
	u64 requests[TRACE_WRITE + 1]; /* TRACE_READ, TRACE_WRITE */
	u64 pages[TRACE_WRITE + 1];
	u64 without_data;
	u64 unaligned; /* begin or end inside a page */
};

/* ERROR_USAGE if the option is malformed. Nothing to release. */
bool io_requests_init(struct io_requests *requests, struct recording *recording, GError **error);
/* A request on the current line; one of a device that was not asked for is left out. */
bool io_requests_add(struct io_requests *requests, const struct io_request *request, u64 time_ns,
		     GError **error);
/* Remarks; then as recording_finish(), for devices. */
bool io_requests_finish(struct io_requests *requests, GError **error);

#endif
