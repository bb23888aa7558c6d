/*
 * references.h - what operations in progress refer to, read off the frames on the tasks' stacks. No path
 * keeps a record for it.
 *
 * One table says which field of which path's frame is a folio, a slot or a cluster. A path that lets go of
 * one and lives on sets the field to 0.
 */
#ifndef MODELS_REFERENCES_H
#define MODELS_REFERENCES_H

#include "models/kernel.h"

enum referred { REFERS_CLUSTER, REFERS_SLOT, REFERS_FOLIO, REFERS_DEVICE /* holds it */ };

enum { REFERS_ANY = 15 };

/* @frame: whose field it is. */
typedef void referred_fn(void *data, enum referred what, u32 number, const struct frame *frame);

/* @wanted: bits, 1 << enum referred. */
void references_of_task(const struct kernel *k, const struct task *t, u32 wanted, referred_fn *visit,
			void *data);

/* For kernel.reference_index, made once; g_free(). */
struct reference_index *reference_index_new(void);

/* How many tasks refer to it. */
u32 references_count(const struct kernel *k, enum referred what, u32 number);

/* For the vocabulary, see sim/object.h. */
void references_visit(const struct machine *m, const struct task *t, void (*visit)(void *, u32, u64),
		      void *data);

#endif
