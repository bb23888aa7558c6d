/*
 * gate.h - tasks of a group wait for each other before they go on. Inside work/.
 *
 * Who waits is in struct work of each task, how many in that of the group's first. Who ends no longer counts,
 * and if all others wait they go on.
 */
#ifndef MODELS_WORK_GATE_H
#define MODELS_WORK_GATE_H

#include "models/work/work.h"

void gate_join(struct kernel *k, u32 task);
/* work.waits of the task is locked from now on, unless it is the last one: then those of all others are
 * released.
 */
void gate_arrive(struct kernel *k, u32 task);
/* The task has ended or was killed; once only. If it waits, it does not any longer. */
void gate_leave(struct kernel *k, u32 task);

#endif
