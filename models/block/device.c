#include "models/block/device.h"

#include <string.h>

#include "models/block/block.h"
#include "models/mm/memory.h"

enum { PAGE_BYTES = 4096 };

#define US(n) ((u64)(n)*1000)

#define TAIL(p50, p99)                                                                                       \
	{                                                                                                    \
		US(p50), US(p99), US(p50), US(p99)                                                           \
	}

/*
 * The guests' disk of the ground truth: virtio-blk on a shared machine. From D to C in the traces, of
 * requests that were alone on the device, a read takes 38 us at least and 70 at the median, a write 80 and
 * 90, and 3.1 more a page. The queue is virtio's, the request limit its 254 segments. How many requests the
 * host works on at a time is an estimate: large ones that are sent together are done out of order.
 */
#define GUEST_DISK                                                                                           \
	.servers = 8, .tags = 256, .max_pages = 254, .read_page = 1500, .write_page = 3100, .path_page = 0,  \
	.read = TAIL(70, 600), .write = TAIL(90, 800)

/* A loop device: one worker does one request after the other, by copying to and from the page cache. */
#define LOOP_BUFFERED                                                                                        \
	.servers = 1, .tags = 128, .max_pages = 128, .read_page = 1000, .write_page = 1500,                  \
	.read = TAIL(40, 200), .write = TAIL(40, 200)

static const struct disk_model guest_disk = { GUEST_DISK };
static const struct disk_model guest_disk_rotational = { GUEST_DISK, .rotational = true };
static const struct disk_model loop_buffered = { LOOP_BUFFERED };
static const struct disk_model loop_buffered_rotational = { LOOP_BUFFERED, .rotational = true };
static const struct disk_model loop_direct = {
	.servers = 32,
	.tags = 128,
	.max_pages = 128,
	.read_page = 2000,
	.write_page = 3000,
	.read = { US(150), US(1500), US(250), US(3000) },
	.write = { US(200), US(2000), US(400), US(5000) },
};
/*
 * The median of client drives in iocost-benchmarks (Apache-2.0), that is all NVMe drives there but the five
 * fastest; docs/devices.md has the derivation. Idle is below 20 % of what the drive can do, busy 80 to 100 %.
 * A page on the path takes as long as at the median read bandwidth, a further page of a request that is
 * written as much longer as at the write bandwidth. The number of servers is between what the rate of random
 * reads and that of written pages ask for; of a further page that is read, an estimate. 128 is the driver's
 * limit of segments.
 */
static const struct disk_model nvme_client = {
	.servers = 128,
	.tags = 1023,
	.max_pages = 128,
	.read_page = 300,
	.write_page = 4520,
	.path_page = 2520,
	.read = { US(95), US(1500), US(145), US(21500) },
	.write = { US(185), US(28500), US(270), US(250000) },
};

static const struct device_model models[] = {
	{ "zram-lzo-rle", "compressed RAM disk, lzo-rle", "cpu profile; sizes measured per corpus",
	  CODEC_LZO_RLE, NULL },
	{ "zram-lz4", "compressed RAM disk, lz4", "cpu profile; sizes measured per corpus", CODEC_LZ4, NULL },
	{ "nvme-client", "client NVMe SSD", "iocost: medians of 29 client drives under swap load", 0,
	  &nvme_client },
	{ "disk", "virtio disk of the ground-truth guests", "measured: request times in their traces", 0,
	  &guest_disk },
	{ "disk-rot", "the same, flagged rotational", "measured: request times in their traces", 0,
	  &guest_disk_rotational },
	{ "loopbuf", "loop device over a file, buffered", "estimate: memory copies by one worker", 0,
	  &loop_buffered },
	{ "loopbuf-rot", "the same, flagged rotational", "estimate: memory copies by one worker", 0,
	  &loop_buffered_rotational },
	{ "loopdio", "loop device over a file, direct I/O", "estimate: a cloud machine's SSD", 0,
	  &loop_direct },
};

const struct device_model *device_model_list(u32 *n)
{
	*n = ARRAY_SIZE(models);
	return models;
}

const struct device_model *device_model_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(models); i++)
		if (!strcmp(models[i].name, name))
			return &models[i];
	return NULL;
}

static u32 stored_bytes(u32 stored)
{
	return stored == STORED_PAGE ? PAGE_BYTES : stored * STORED_UNIT;
}

void device_slot_free(struct kernel *k, u32 entry)
{
	u32 stored = k->slot[entry].stored;

	if (stored != STORED_NOTHING && stored != STORED_ZEROMAP)
		memory_pool_add(k, -(s64)stored_bytes(stored));
	k->slot[entry].stored = STORED_NOTHING;
}
