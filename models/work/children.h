/*
 * children.h - who forks whom, and when.
 *
 * A task with workload.fork_by is the first, and only, thread of a process that the task named there forks:
 * it waits from the start of the run on. It is due `start_ns` after its parent began, but not before that has
 * filled its memory, and again `pause_ns` after it has ended. A parent waits for its children before it ends,
 * unless it is killed; those it has not forked by then are never.
 */
#ifndef MODELS_WORK_CHILDREN_H
#define MODELS_WORK_CHILDREN_H

#include "models/kernel.h"

enum { NO_CHILD = UINT32_MAX };

/* A task begins: when its children are due. */
void children_begin(struct kernel *k, u32 parent);
/* The child that is due first; NO_CHILD: none is. */
u32 children_due(const struct kernel *k, u32 parent);
/* Its parent has forked, which went well or did not: it begins. */
void child_forked(struct kernel *k, u32 child, bool ok);
/* A child is over, for this time or for good; its memory is given back. */
void child_ended(struct kernel *k, u32 child, bool for_good);
/* A task ends for good: children that are waiting end, too. */
void children_leave(struct kernel *k, u32 parent);

#endif
