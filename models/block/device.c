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
 * Figures of iocost-benchmarks (Apache-2.0) by class; docs/devices.md tells how they were chosen and
 * tests/fidelity/device_latency.c holds latency under load against the measured ones.
 */
static const struct disk_flash client_flash = {
	.buffer_pages = 2048,
	.drain_page = 7100,
	.program_ns = 1500000,
	.program_permille = 150,
	.collect_pages = 40000,
	.collect_permille = 100,
	.collect_p50 = US(180000),
	.collect_p99 = US(280000),
	.collect_read_ns = US(40000),
};
static const struct disk_flash fast_flash = {
	.buffer_pages = 256,
	.drain_page = 1600,
	.program_ns = 800000,
	.program_permille = 150,
	.collect_pages = 60000,
	.collect_permille = 600,
	.collect_p50 = US(9000),
	.collect_p99 = US(20000),
	.collect_read_ns = US(10000),
};
static const struct disk_model nvme_client = {
	.servers = 128,
	.tags = 1023,
	.max_pages = 128,
	.read_page = 300,
	.write_page = 300,
	.path_page = 2520,
	.full_duplex = true,
	.discard_ns = US(150),
	.read = { US(95), US(1500), US(120), US(3000) },
	.write = { US(120), US(1500), US(120), US(1500) },
	.flash = &client_flash,
};
static const struct disk_model nvme_fast = {
	.servers = 128,
	.tags = 1023,
	.max_pages = 128,
	.read_page = 300,
	.write_page = 300,
	.path_page = 600,
	.full_duplex = true,
	.discard_ns = US(150),
	.read = { US(88), US(400), US(95), US(800) },
	.write = { US(40), US(400), US(40), US(400) },
	.flash = &fast_flash,
};
static const struct disk_model sata_ssd = {
	.servers = 32,
	.tags = 32,
	.max_pages = 168,
	.path_page = 7200,
	.discard_ns = US(3000),
	.discard_stops = true,
	.read = { US(155), US(5500), US(235), US(9000) },
	.write = { US(1000), US(9500), US(1500), US(9500) },
};

/* A TLC drive for servers: power-loss protection lets it answer from memory, and there is spare area enough
 * to collect in the background. Data sheets; the tails are estimates. */
static const struct disk_flash dc_flash = {
	.buffer_pages = 16384,
	.drain_page = 1170,
	.program_ns = 700000,
	.program_permille = 60,
	.collect_pages = 500000,
	.collect_permille = 50,
	.collect_p50 = US(3000),
	.collect_p99 = US(6000),
	.collect_read_ns = US(1000),
};
static const struct disk_model nvme_dc_tlc = {
	.servers = 128,
	.tags = 1023,
	.max_pages = 128,
	.read_page = 300,
	.write_page = 100,
	.path_page = 640,
	.full_duplex = true,
	.discard_ns = US(100),
	.read = { US(85), US(250), US(95), US(400) },
	.write = { US(20), US(150), US(20), US(150) },
	.flash = &dc_flash,
};

/* Flash of phones, from data sheets (250/125 MB/s and 11/13 k requests/s; 2100/1200 MB/s, 100/70 k): a small
 * buffer, little spare area, a long time for what has to be erased. eMMC has one path and hardly a queue. */
static const struct disk_flash emmc_flash = {
	.buffer_pages = 1024,
	.drain_page = 32800,
	.program_ns = 2000000,
	.program_permille = 500,
	.collect_pages = 20000,
	.collect_permille = 800,
	.collect_p50 = US(40000),
	.collect_p99 = US(150000),
	.collect_read_ns = US(25000),
};
static const struct disk_model emmc51 = {
	.servers = 2,
	.tags = 32,
	.max_pages = 128,
	.read_page = 1000,
	.write_page = 1000,
	.path_page = 16400,
	.discard_ns = US(15000),
	.discard_stops = true,
	.read = { US(160), US(1500), US(160), US(1500) },
	.write = { US(200), US(2500), US(200), US(2500) },
	.flash = &emmc_flash,
};
static const struct disk_flash ufs_flash = {
	.buffer_pages = 16384,
	.drain_page = 3410,
	.program_ns = 1200000,
	.program_permille = 150,
	.collect_pages = 40000,
	.collect_permille = 400,
	.collect_p50 = US(10000),
	.collect_p99 = US(40000),
	.collect_read_ns = US(8000),
};
static const struct disk_model ufs31 = {
	.servers = 32,
	.tags = 32,
	.max_pages = 128,
	.read_page = 500,
	.write_page = 300,
	.path_page = 1950,
	.full_duplex = true,
	.discard_ns = US(2000),
	.read = { US(110), US(800), US(150), US(1500) },
	.write = { US(90), US(1500), US(90), US(1500) },
	.flash = &ufs_flash,
};

/* 7200 turns a minute, 180 MB/s, seeks of 0.8 ms to the next track and 8.5 ms over a third of 1 TB. */
static const struct disk_arm arm_7200 = {
	.track_pages = 366,
	.page_ns = 22768,
	.settle_ns = US(800),
	.seek_ns = 16300,
	.hit_ns = US(60),
	.ahead_pages = 256,
	.ahead_least = 16,
	.window = 32,
	.longest_wait = US(500000),
};
static const struct disk_model hdd_7200 = {
	.servers = 1,
	.tags = 64,
	.max_pages = 168,
	.rotational = true,
	.arm = &arm_7200,
};

static const struct device_model models[] = {
	{ "zram-lzo-rle", "compressed RAM disk, lzo-rle", "cpu profile; sizes measured per corpus",
	  CODEC_LZO_RLE, NULL },
	{ "zram-lz4", "compressed RAM disk, lz4", "cpu profile; sizes measured per corpus", CODEC_LZ4, NULL },
	{ "zram-zstd", "compressed RAM disk, zstd", "cpu profile; sizes measured per corpus", CODEC_ZSTD,
	  NULL },
	{ "pmem", "persistent memory, or brd: pages are copied", "cpu profile; estimate", CODEC_NONE, NULL },
	{ "nvme-client", "client NVMe SSD", "iocost: medians of 28 client drives under swap load", 0,
	  &nvme_client },
	{ "nvme-fast", "fast client NVMe SSD", "iocost: medians of 6 drives under swap load", 0, &nvme_fast },
	{ "nvme-dc-tlc", "NVMe SSD for servers, TLC", "estimate: data sheets", 0, &nvme_dc_tlc },
	{ "sata-ssd", "SATA SSD", "iocost: medians of 2 drives under swap load", 0, &sata_ssd },
	{ "ufs31", "UFS 3.1 flash of a phone", "estimate: data sheets", 0, &ufs31 },
	{ "emmc51", "eMMC 5.1 flash", "estimate: data sheets", 0, &emmc51 },
	{ "hdd7200", "hard disk, 7200 turns a minute", "estimate: data sheets and published seek curves", 0,
	  &hdd_7200 },
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

bool device_discards(const struct device_model *model)
{
	return model->disk && model->disk->discard_ns;
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
