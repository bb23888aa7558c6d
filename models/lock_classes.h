/*
 * lock_classes.h - what the kernel calls its locks, and what comes with them from another CPU (sim/line.h).
 */
#ifndef MODELS_LOCK_CLASSES_H
#define MODELS_LOCK_CLASSES_H

#include "sim/machine.h"

/* enum lock_class, in its order; before machine_map(). */
void lock_classes_add(struct machine *m);

#endif
