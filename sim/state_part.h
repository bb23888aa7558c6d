/*
 * state_part.h - inside state_parts: a part, and the contents that it has had.
 */
#ifndef SIM_STATE_PART_H
#define SIM_STATE_PART_H

#include "sim/state_parts.h"

enum part_kind {
	PART_FIXED, /* always of the same length */
	PART_LIVE,  /* as much of it as the live count of its region covers */
	PART_STACK, /* the used bytes of a task's stack */
};

struct content {
	u64 hash;
	u32 at; /* in the part's bytes */
	u32 bytes;
};

/* The number of a content is its place in the array. */
struct state_part {
	u8 *at;
	u8 *image;
	u32 bytes; /* at most */
	u32 image_bytes;
	u32 kind;   /* enum part_kind */
	u32 number; /* of its region or task */
	u32 start;  /* in its region, in bytes */
	u32 aspects;
	u32 column; /* + 1, 0: it never changed */
	struct content *content;
	u32 contents, room;
	u8 *kept;
	u32 kept_bytes, kept_room;
	u32 *slot; /* open addressing, content + 1 */
	u32 slots; /* a power of two */
};

struct state_span {
	u8 *at;
	u8 *image;
	u32 bytes;
	u32 first, n; /* parts */
};

struct state_grown {
	u32 region;
	u32 first, n; /* parts */
	u32 each;     /* bytes of a part */
	u32 element;
	u64 image_bytes;
};

/* The number of a content that the part has, or could have. */
u32 state_part_content(struct state_part *p, u32 part, const u8 *bytes, u32 n);
/* From here on the part has a column. */
void state_part_changes(struct state_parts *s, u32 part);

#endif
