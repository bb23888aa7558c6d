/*
 * requests.h - traces of block devices and caches hold requests of any number of bytes. Each becomes an
 * access to every page of 4096 bytes it touches: the first comes when the request does, the others at the
 * same time.
 *
 * A request lies in a space of its own addresses: a device, an address space, an object of a cache (whose
 * bytes are counted from 0). Pages are numbered from 0 in order of first touch, over all spaces.
 */
#ifndef TRACES_REQUESTS_H
#define TRACES_REQUESTS_H

#include "traces/importer.h"
#include "traces/number_map.h"

#define REQUEST_BYTES_MAX (1ull << 32)
#define REQUEST_END_MAX (1ull << 48) /* of addresses in a space, */
#define REQUEST_SPACES_MAX TRACE_PAGES_MAX

struct requests {
	struct importer *importer;
	struct number_map numbers; /* space * 2^36 + page -> number */
	u64 requests;
	u64 empty;
	u64 split;
	u64 split_pages; /* what the split ones became */
	u64 largest;	 /* of them, in pages */
};

void requests_init(struct requests *requests, struct importer *importer);
void requests_release(struct requests *requests);
/*
 * Space below REQUEST_SPACES_MAX, bytes at most REQUEST_BYTES_MAX, from + bytes at most REQUEST_END_MAX. A
 * request of no bytes touches nothing; its gap is the caller's to keep. ERROR_TRACE: too many pages.
 */
bool requests_pass(struct requests *requests, u32 space, u64 from, u64 bytes, enum trace_op op, u64 gap,
		   GError **error);
/* Remarks on how many were split, and how many had no bytes. */
void requests_remark(const struct requests *requests);

#endif
