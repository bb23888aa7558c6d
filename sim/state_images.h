/*
 * state_images.h - what the state of a search is under each renaming of symmetry.h, part by part.
 *
 * A content of a part is renamed once and remembered, so that of a state only the hashes of what a step has
 * changed are looked up. The least of the hashes over all renamings is the same for all states that are the
 * same but for who is who.
 */
#ifndef SIM_STATE_IMAGES_H
#define SIM_STATE_IMAGES_H

#include "sim/state_parts.h"

/* Of the state that @s has loaded, with @s->symmetry. */
struct state_images *state_images_new(struct state_parts *s);
void state_images_free(struct state_images *x);
u64 state_images_bytes(const struct state_images *x);

/* A part of the state that is loaded has another content. */
void state_images_load(struct state_images *x, u32 part, u32 before, u32 after);
/* The least hash of the present state, which state_parts_compare() has compared, and whose it is. */
u64 state_images_least(struct state_images *x, u32 *renaming);
/* What a part with that content becomes; @part: where it is then. */
u32 state_images_content(struct state_images *x, u32 renaming, u32 *part, u32 content);
/* Something was met that no table tells of; the hashes are worth nothing. */
bool state_images_refused(const struct state_images *x);

#endif
