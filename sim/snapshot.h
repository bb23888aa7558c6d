/*
 * snapshot.h - the whole of a machine's state as bytes: the arena and the used part of every task's stack.
 *
 * A snapshot is taken between steps and belongs to the machine it was taken of (or one built the same way).
 */
#ifndef SIM_SNAPSHOT_H
#define SIM_SNAPSHOT_H

#include "sim/machine.h"

/* What a snapshot is for: to go on with a run as if nothing had been, or to come back to a state of a search,
 * which has no clock, no pending events and no statistics. */
enum snapshot_scope { SNAPSHOT_RUN, SNAPSHOT_STATE };

u64 snapshot_bytes(const struct machine *m, enum snapshot_scope scope);
void snapshot_save(const struct machine *m, enum snapshot_scope scope, void *snapshot);
void snapshot_load(struct machine *m, enum snapshot_scope scope, const void *snapshot);
/* Of what makes two states different: no clock, no statistics. */
u64 snapshot_hash(const struct machine *m);
/* Of the stacks alone. */
u64 snapshot_hash_stacks(const struct machine *m);

#endif
