/*
 * frames.h - arguments and locals of the paths in block/; see mm/frames.h.
 */
#ifndef MODELS_BLOCK_FRAMES_H
#define MODELS_BLOCK_FRAMES_H

#include "sim/types.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

#define BLOCK_PATHS(X)                                                                                       \
	X(submit_bio)                                                                                        \
	X(zram_write_page)                                                                                   \
	X(blkdev_write)                                                                                      \
	X(zram_read_page)                                                                                    \
	X(pmem_write_page)                                                                                   \
	X(pmem_read_page)

/* Pages to or from a device that is not synchronous. */
struct submit_bio {
	u32 entry;
	u32 page; /* not 0: the page of a file, in place of a slot */
	u32 nr;	  /* in a row; what the device cannot do at once is split off */
	u32 part;
	u32 write;
	u32 device;
	u32 request;
};

/* Compress the pages of a folio, one after the other, into slots from @entry on. */
struct zram_write_page {
	u32 folio;
	u32 entry;
	u32 i;
};

/* Returns 0, or an error. */
struct blkdev_write {
	u32 device;
	u32 page; /* of the process: whose data it is like */
	u32 folio;
};

struct zram_read_page {
	u32 folio;
	u32 entry;
	u32 i;
};

/* Copy them. */
struct pmem_write_page {
	u32 folio;
	u32 entry;
	u32 i;
};

struct pmem_read_page {
	u32 folio;
	u32 entry;
	u32 i;
};

#pragma GCC diagnostic pop

#endif
