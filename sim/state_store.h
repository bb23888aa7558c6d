/*
 * state_store.h - the states that a search has seen, each once.
 *
 * A state is kept as the numbers of its parts' contents (state_parts.h), a byte or two each, so that one of
 * some kilobytes takes a few dozen bytes and is still compared exactly. With fingerprints only 64 bits of
 * hash are kept of a state that has been expanded; then two may be taken for one, with a probability that
 * state_store_collision_exponent() bounds.
 */
#ifndef SIM_STATE_STORE_H
#define SIM_STATE_STORE_H

#include "sim/state_parts.h"

struct state_store;

/* Whether the state of @m, which machine_search() was called for, is small enough to be kept. */
bool state_store_fits(struct machine *m);
/* The present state of @m becomes number 0. @symmetry: see below; NULL: there is none. @merges: states that
 * are the same but for who is who are one, which stays as it was first seen. */
struct state_store *state_store_new(struct machine *m, bool fingerprints, const struct symmetry *symmetry,
				    bool merges);
void state_store_free(struct state_store *s);

/* The number of the machine's present state, which a step has led to from the one loaded last. @fresh: it was
 * not seen before. */
u32 state_store_note(struct state_store *s, bool *fresh);
/* The same in two: what the step has changed; and, of a state that somebody wants to keep, its number. */
void state_store_compare(struct state_store *s);
u32 state_store_keep(struct state_store *s, bool *fresh);
/* In which aspects (arena.h) it differs from the state loaded last. */
u32 state_store_changed(const struct state_store *s);
/* From here on, of a step of @t: whether it changes nothing but the task, its stack, the CPU it is on and
 * @bytes at @object. */
void state_store_mark(struct state_store *s);
bool state_store_changed_only(const struct state_store *s, const struct task *t, const void *object,
			      u32 bytes);
/* The renaming that makes of the state noted last the one it was found to be. */
u32 state_store_became(const struct state_store *s);
/* What was compared last, the same for all that are the same but for who is who. */
u64 state_store_hash_renamed(struct state_store *s);
/* Something was met that symmetry.h has no table of: nothing of all this counts. */
bool state_store_refused(const struct state_store *s);
/* Of the state that was noted last, or of number 0 to begin with. */
u64 state_store_hash(const struct state_store *s);
/* Back to the state loaded last, after state_store_note(). */
void state_store_undo(struct state_store *s);
void state_store_load(struct state_store *s, u32 state);
/* It will not be loaded again: with fingerprints nothing but its hash is kept from here on. */
void state_store_forget(struct state_store *s, u32 state);

u32 state_store_states(const struct state_store *s);
/* That the store takes of the host's memory. */
u64 state_store_bytes(const struct state_store *s);
/* Bytes of state in the machine, and of those parts of it that ever changed. */
u64 state_store_live_bytes(const struct state_store *s, u64 *changing);
/* Two of the states are taken for one with a probability below 2^-n; 64 bits of hash. */
u32 state_store_collision_exponent(const struct state_store *s);

#endif
