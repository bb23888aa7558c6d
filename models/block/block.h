/*
 * block.h - the block layer under an asynchronous swap device: requests, plugs, the device's queue
 * (block/blk-core.c, block/blk-mq.c, block/blk-merge.c; 6.12-6.18).
 *
 * Pages in a row to be read or written are a bio: one page, or those of a large folio. submit_bio() splits it
 * at the device's limit, merges it into the newest request of the task's plug if it continues it, else makes
 * a request of it, for which the device must have a tag. With a plug the request
 * stays there, unsent, until the plug is flushed: by blk_finish_plug() of whoever started it first, when the
 * task really sleeps, or when another request is added and the plug is full by the rules of plug.c.
 *
 * A device (queue.c) serves its requests in the order in which they are sent, `servers` at a time, the data
 * through one shared path or one for each direction; then it interrupts the CPU that sent it, where the I/O
 * of its pages ends (end_swap_bio(), swap/page_io.h). What flash adds to that is in flash.c, a disk's arm in
 * arm.c.
 *
 * A request covers consecutive slots, and its pages are those that the swap cache holds there: a folio that
 * is read is locked, one that is written is under writeback, so that it cannot leave. Files are on a device
 * of their own, the last; its places are page numbers, its pages those of the page cache. Left out: I/O
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

/* A buffer in which writes end, and the flash behind it; see flash.c. */
struct disk_flash {
	u32 buffer_pages;     /* room for them */
	u32 drain_page;	      /* ns a page takes to flash: the rate that can be sustained */
	u32 program_ns;	      /* of which a read waits for a part */
	u32 program_permille; /* of reads that meet a program while the buffer drains */
	u32 collect_pages;    /* written from one garbage collection to the next: the more, the more spare */
	u32 collect_permille; /* of reads that meet one while it lasts */
	u64 collect_p50, collect_p99; /* ns one lasts */
	u32 collect_read_ns;	      /* of which a read waits for a part of at most so much */
};

/* An arm over a turning disk; see arm.c. */
struct disk_arm {
	u32 track_pages;  /* pages that pass in a turn */
	u32 page_ns;	  /* that one takes to pass */
	u32 settle_ns;	  /* the shortest seek */
	u32 seek_ns;	  /* longer by this times the root of the distance in tracks */
	u32 hit_ns;	  /* a read of what is in the drive's memory */
	u32 ahead_pages;  /* that the drive reads on into its memory at most, */
	u32 ahead_least;  /* and at least, whoever waits for the arm */
	u32 window;	  /* requests it chooses from */
	u64 longest_wait; /* ns after which the oldest is next */
};

struct disk_model {
	u32 servers;   /* requests it works on at a time */
	u32 tags;      /* requests it has room for, nr_requests */
	u32 max_pages; /* in one request: what segments and size limits allow */
	u32 read_page; /* ns for each further page of a request, at the median */
	u32 write_page;
	u32 path_page; /* ns a page on the one path that all requests share, one after the other */
	bool rotational;
	bool full_duplex;		 /* reads and writes have a path each */
	bool discard_stops;		 /* nothing else while it discards */
	u32 discard_ns;			 /* for 2 MiB; 0: it cannot discard */
	struct disk_latency read, write; /* none with an arm */
	const struct disk_flash *flash;	 /* NULL: a write takes a server as a read does */
	const struct disk_arm *arm;	 /* NULL: it does not matter where a slot is; else servers is 1 */
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

/* The device with the files; there is none if no process has a file. */
static inline u32 file_device(const struct kernel *k)
{
	return k->config.devices;
}

/* Requests of all devices. */
u64 disk_requests(const struct kernel_config *config, bool files);
void disk_init(struct kernel *k, u32 device);
void disks_release(struct kernel *k);
/* A request of the device that is nobody's, 0 if all its tags are taken. */
u32 disk_get_request(struct kernel *k, u32 device);
/* The device discards a cluster from now on; returns when it has done so. */
u64 disk_discard(struct kernel *k, u32 device);
/* The device takes it over from @cpu. */
void disk_issue(struct kernel *k, u32 request, u32 cpu);
/* Event EVENT_DISK_DONE: the device is done with a request. */
void disk_done(struct machine *m, u32 request);

/* ---- flash.c ---- */

/* From the time @start on it has the data of a request: how long a write waits for room in the buffer, how
 * long a read waits for what goes on in the flash. */
u64 flash_wait(struct kernel *k, const struct request *r, u64 start);

/* ---- arm.c ---- */

/* How long a request takes from now on, and the arm is where it ends. */
u64 arm_serve(struct kernel *k, const struct request *r);
/* Takes the request off the queue that comes next; the queue is not empty. */
u32 arm_next(struct kernel *k, struct disk *disk, const struct disk_arm *arm);

/* ---- queue.c ---- */

/* Event EVENT_END_IO, in an interrupt: the I/O of each page of the request ends. */
void end_io(struct machine *m, u32 request);

#endif
