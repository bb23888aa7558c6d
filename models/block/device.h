/*
 * device.h - device models by name, and what every swap device does with a slot.
 *
 * Asynchronous ones: see block.h. zram (drivers/block/zram): a write compresses in the submitter and stores
 * the result in memory, a read decompresses, a freed slot frees its object at once (slot_free_notify, under
 * the cluster's lock). Sizes and times follow from what the page holds (content.h). Left out: zsmalloc's size
 * classes and fragmentation (sizes are rounded up to 16 bytes), the lock of a zram entry, recompression,
 * writeback, mem_limit. pmem: see pmem.c.
 */
#ifndef MODELS_BLOCK_DEVICE_H
#define MODELS_BLOCK_DEVICE_H

#include "models/kernel.h"

struct disk_model;

struct device_model {
	const char *name;
	const char *summary;
	const char *provenance;	       /* where its figures come from */
	enum codec codec;	       /* of a synchronous one; CODEC_NONE: pmem.c */
	const struct disk_model *disk; /* see block.h; NULL: SWP_SYNCHRONOUS_IO */
};

const struct device_model *device_model_list(u32 *n);
const struct device_model *device_model_find(const char *name);

/* Whether it can be told that slots hold nothing. */
bool device_discards(const struct device_model *model);
/* The slot no longer holds anything. */
void device_slot_free(struct kernel *k, u32 entry);

#endif
