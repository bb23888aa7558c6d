/*
 * device_load.h - a device under a load that does not wait for it.
 *
 * Reads of one page at random and writes of 32 pages in a row arrive independently of each other and of the
 * device, as many pages each way, at such a rate that they cost @percent of what a linear model of the drive
 * can do (io.cost.model: so much for a request, so much for a page). Who finds no tag waits for one.
 */
#ifndef TESTS_FIDELITY_DEVICE_LOAD_H
#define TESTS_FIDELITY_DEVICE_LOAD_H

#include "sim/histogram.h"
#include "sim/types.h"

/* Bytes and requests per second; random ones of 4096 bytes. */
struct linear_model {
	u64 read_bytes, random_reads;
	u64 write_bytes, sequential_writes;
};

/* Latency in ns, from a request's being sent to its end: [0] reads, [1] writes. */
void device_load(const char *device, const struct linear_model *model, u32 percent, u64 ns, u64 seed,
		 struct histogram latency[2]);

#endif
