/*
 * symmetry.h - states that are the same but for who is who: when equal tasks, and what belongs to each of
 * them, or CPUs trade places, the machine does the same under other names.
 *
 * A renaming says for every kind of number - tasks, CPUs, and what the model adds: processes, pages, page
 * frames - what each becomes. Which bytes of the state are such numbers is told by tables: of the elements of
 * a region and of the frames of a path. What no table tells of is not renamed but refused, so that nothing is
 * taken for symmetric that nobody has looked at. Who fills in a table answers for it that no path it lists
 * goes by the order of such numbers.
 */
#ifndef SIM_SYMMETRY_H
#define SIM_SYMMETRY_H

#include "sim/machine.h"

enum label { LABEL_TASK, LABEL_CPU, NR_ENGINE_LABELS };
enum { LABELS_MOST = 8, LABEL_NONE = 0xff, RENAMINGS_MOST = 120 };

enum label_form {
	LABEL_OWN,	/* of an element: what belongs to it, and only if it is renamed itself */
	LABEL_NUMBER,	/* what is not the number of anything stays */
	LABEL_PLUS_ONE, /* 0: none */
	LABEL_BIT_LOCK, /* a bit_lock_t */
	LABEL_PLACE,	/* of an object in the state, as task_object() */
	NR_LABEL_FORMS	/* the model's follow, for symmetry.rename */
};

struct label_field {
	u16 offset;
	u8 bytes; /* 0 ends a list */
	u8 count; /* of them in a row */
	u8 label;
	u8 form; /* enum label_form */
};

#define LABEL_FIELD(type, member, n, label_, form_)                                                          \
	{                                                                                                    \
		.offset = offsetof(type, member), .bytes = sizeof(((type *)NULL)->member) / (n),             \
		.count = (n), .label = (label_), .form = (form_)                                             \
	}
/* Who holds a lock, and who waits for it. */
#define LABEL_OWNER(type, member) LABEL_FIELD(type, member, 1, LABEL_TASK, LABEL_PLUS_ONE)
#define LABEL_QUEUE(type, member)                                                                            \
	LABEL_OWNER(type, member.head),                                                                      \
	{                                                                                                    \
		.offset = offsetof(type, member.tail), .bytes = sizeof(u32), .count = 1,                     \
		.label = LABEL_TASK, .form = LABEL_PLUS_ONE                                                  \
	}
#define LABEL_LOCK(type, member) LABEL_OWNER(type, member.owner), LABEL_QUEUE(type, member)
#define LABEL_BIT(type, member) LABEL_FIELD(type, member, 1, LABEL_TASK, LABEL_BIT_LOCK)

struct label_region {
	const char *name; /* NULL ends a table */
	u8 label;	  /* of its elements: they are renamed, too. LABEL_NONE: they stay where they are */
	bool joined;	  /* with the next region, which has no row of its own: both are for rename_part() */
	const struct label_field *field; /* NULL: nothing in it is renamed */
};

struct symmetry {
	const struct label_region *region; /* beside the engine's; those without a row must be all zeroes */
	const struct label_field *const *frame; /* [path]; NULL: it is not known */
	/* The model's forms, under renaming @i. False: this value cannot be renamed. */
	bool (*rename)(const struct symmetry *s, u32 i, u32 form, u64 *value);
	/* @n bytes of a row without fields. */
	bool (*rename_part)(const struct symmetry *s, u32 i, const u8 *from, u8 *to, u32 n);
	const void *data; /* of these two */
	/* Tasks from this one on sleep, no matter on which CPU: where CPUs trade places they stay, and one
	 * that wakes cannot be renamed. */
	u32 sleepers;
	const struct symmetry *otherwise; /* to do with if something cannot be renamed; NULL: none */
	u32 labels;
	u32 numbers[LABELS_MOST]; /* how many there are of a kind */
	u32 *to[LABELS_MOST];	  /* [renaming][number] */
	u32 n;			  /* renamings; 0 is the identity */
	u8 *product;		  /* [second][first] the renaming that is both, one after the other */
	u8 *inverse;
};

/* What belongs to each member: numbers of one kind, those of member i from [i * each] on, UINT32_MAX: none.
 */
struct label_set {
	u32 label;
	u32 each;
	const u32 *number;
};

/* All orders in which members of one class can stand; @class: of each member, 0: it keeps its place. If they
 * are more than RENAMINGS_MOST some members keep theirs, and their class becomes 0. The tables are the
 * caller's to fill in. */
void symmetry_init(struct symmetry *s, const u32 *numbers, u32 labels, u32 *class, u32 members,
		   const struct label_set *set, u32 sets);
void symmetry_release(struct symmetry *s);

static inline u32 symmetry_rename(const struct symmetry *s, u32 i, u32 label, u32 number)
{
	return number < s->numbers[label] ? s->to[label][i * s->numbers[label] + number] : number;
}
/* First @a, then @b. */
static inline u32 symmetry_both(const struct symmetry *s, u32 a, u32 b)
{
	return s->product[b * s->n + a];
}

/* The row of a region, the engine's included; NULL: there is none. */
const struct label_region *symmetry_region(const struct symmetry *s, const char *name);
/* @n bytes of a region, from its byte @start on: whole elements, or a piece of one. Where they are to be
 * then; UINT32_MAX: in several places. */
u32 symmetry_place(const struct symmetry *s, const struct label_region *row, const struct region *r, u32 i,
		   u32 start, u32 n);
/* What they are then. False: somebody has to look at what is there first. */
bool symmetry_rename_elements(const struct symmetry *s, const struct machine *m, u32 i,
			      const struct label_region *row, const struct region *r, u32 start,
			      const u8 *from, u8 *to, u32 n);
/* A task's stack of @n bytes. */
bool symmetry_rename_stack(const struct symmetry *s, const struct machine *m, u32 i, u8 *stack, u32 n);

#endif
