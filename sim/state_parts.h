/*
 * state_parts.h - the state of a machine in parts, each of whose contents is kept once.
 *
 * Between two steps of a search most of the state stays as it is, and what changes has few values: a lock has
 * an owner or another. So a part - a task, its stack, an element of a region or a few small ones - is
 * represented by the number of its content, 0 for what it was when the search began, and a state by these
 * numbers. Nothing is lost: two states are the same if and only if all numbers are.
 *
 * What a step changed is found by comparison with a copy of the state it began in, so no model has to tell.
 */
#ifndef SIM_STATE_PARTS_H
#define SIM_STATE_PARTS_H

#include "sim/symmetry.h"

struct state_part;
struct state_span;
struct state_grown;
struct state_images;

struct state_change {
	u32 part;
	u32 column;
	u32 content; /* its number now */
};

struct state_parts {
	struct machine *m;
	struct state_part *part;
	u32 parts;
	struct state_span *span; /* stretches of parts of a fixed length */
	u32 spans;
	u32 spanned;		   /* columns when they were made */
	struct state_grown *grown; /* regions whose live count changes */
	u32 growns;
	u64 *lives; /* their live counts, and how many tasks there are: the first part */
	u8 *image;  /* of the state that was loaded last */
	u64 image_bytes;
	u32 *column; /* [column] part: those that ever changed, in the order in which they first did */
	u32 columns;
	u32 *loaded; /* [column] content in the image */
	u64 hash;    /* of the image */
	const struct symmetry *symmetry;
	struct state_images
	    *images; /* of the same under all renamings, see state_images.h; NULL: nobody asks */
	u64 now;
	struct state_change *change; /* what state_parts_compare() found */
	u32 changes;
	u32 changed; /* aspects of all that changed, see arena.h */
	struct state_change *marked;
	u32 marks;
};

/* The present state of @m, which machine_search() was called for, becomes the one of zeroes. @symmetry: there
 * will be images; NULL: there will not. */
void state_parts_init(struct state_parts *s, struct machine *m, const struct symmetry *symmetry);
void state_parts_release(struct state_parts *s);

/* What differs from the state that was loaded last; returns the hash of the present one. A region may only
 * grow or shrink if it was not full in the beginning. */
u64 state_parts_compare(struct state_parts *s);
/* Remember what state_parts_compare() has found; when it has compared once more: whether nothing has changed
 * meanwhile but @t, its stack, the CPU it is on and @bytes at @object. */
void state_parts_mark(struct state_parts *s);
bool state_parts_changed_only(const struct state_parts *s, const struct task *t, const void *object,
			      u32 bytes);
/* Back to the state that was loaded last; state_parts_compare() has found what there is to undo. */
void state_parts_undo(struct state_parts *s);
/* Back to the state that the machine was in to begin with, from wherever it is. */
void state_parts_restart(struct state_parts *s);
/* The present state, which state_parts_compare() has compared, becomes the one that was loaded last. */
void state_parts_accept(struct state_parts *s);
/* Load a state: content numbers by column; columns from @n on are 0. */
void state_parts_load(struct state_parts *s, const u32 *content, u32 n);
/* Bytes that all contents take, with what finds them. */
u64 state_parts_bytes(const struct state_parts *s);
/* Bytes of state that the machine has in all, and of those parts that ever changed. */
u64 state_parts_live_bytes(const struct state_parts *s, u64 *changing);

#endif
