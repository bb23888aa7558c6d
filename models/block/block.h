/*
 * block.h - the block layer under an asynchronous swap device: requests, plugs, the device's queue
 * (block/blk-core.c, block/blk-mq.c, block/blk-merge.c; 6.12-6.18).
 *
 * A page to be read or written is a bio. submit_bio() merges it into the newest request of the task's plug if
 * it continues it, else makes a request of it, for which the device must have a tag. With a plug the request
 * stays there, unsent, until the plug is flushed: by blk_finish_plug() of whoever started it first, when the
 * task really sleeps, or when another request is added and the plug is full by the rules of plug.c.
 *
 * A device (queue.c) serves its requests in the order in which they are sent, `servers` at a time, the data
 * through one shared path; then it interrupts the CPU that sent it, where the I/O of its pages ends
 * (end_swap_bio(), swap/page_io.h).
 *
 * A request covers consecutive slots, and its pages are those that the swap cache holds there: a folio that
 * is read is locked, one that is written is under writeback, so that it cannot leave. Left out: I/O
 * schedulers (none, as virtio, loop and NVMe have), merging beyond the plug, barriers, errors, writeback
 * throttling, the sharing of bandwidth among cgroups, several hardware queues.
 */
#ifndef MODELS_BLOCK_BLOCK_H
#define MODELS_BLOCK_BLOCK_H

#include "models/kernel.h"

enum {
	BLK_MAX_REQUEST_COUNT = 16 * 2, /* requests a plug holds; twice as many for several devices */
	BLK_PLUG_FLUSH_PAGES = 32,	/* BLK_PLUG_FLUSH_SIZE, 128 KiB */
};

/* What a preset says of an asynchronous device. Times in ns; of a request of one page, at the median and the
 * 99th percentile, when nothing else is in flight and when all servers are busy. */
struct disk_latency {
	u64 idle_p50, idle_p99;
	u64 busy_p50, busy_p99;
};

struct disk_model {
	u32 servers;   /* requests it works on at a time */
	u32 tags;      /* requests it has room for, nr_requests */
	u32 max_pages; /* in one request: what segments and size limits allow */
	u32 read_page; /* ns for each further page of a request, at the median */
	u32 write_page;
	u32 path_page; /* ns a page on the one path that all requests share, one after the other */
	bool rotational;
	struct disk_latency read, write;
};

static inline struct plug *plug_of(const struct kernel *k, const struct task *t)
{
	return &k->plug[t->id];
}

/* blk_start_plug() and blk_finish_plug(). Only the outermost pair counts; the latter costs time for each
 * request that is sent, which it adds to the step in hand. */
void plug_start(struct kernel *k, struct task *t);
void plug_finish(struct kernel *k, struct task *t);
/* Send what is in the task's plug. */
void plug_flush(struct kernel *k, struct task *t);
/* Pages in requests that no device knows of yet, to be written. */
u64 plug_unsent_pages(const struct kernel *k);

/* ---- queue.c ---- */

/* Requests of all devices. */
u64 disk_requests(const struct kernel_config *config);
void disk_init(struct kernel *k, u32 device);
void disks_release(struct kernel *k);
/* A request of the device that is nobody's, 0 if all its tags are taken. */
u32 disk_get_request(struct kernel *k, u32 device);
/* The device takes it over from @cpu. */
void disk_issue(struct kernel *k, u32 request, u32 cpu);
/* Event EVENT_DISK_DONE: the device is done with a request. */
void disk_done(struct machine *m, u32 request);

/* Event EVENT_END_IO, in an interrupt: the I/O of each page of the request ends. */
void end_io(struct machine *m, u32 request);

#endif
