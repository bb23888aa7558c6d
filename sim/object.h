/*
 * object.h - what lies in the simulated state, in words: which object a place belongs to, what its fields are
 * called, who holds its locks, and which operations in progress refer to it.
 *
 * The model describes its regions once, in a struct vocabulary that machine.vocabulary points to. Blame,
 * timelines and the graph of who waits for whom are made from that; no path keeps a record for them.
 */
#ifndef SIM_OBJECT_H
#define SIM_OBJECT_H

#include "sim/machine.h"

enum field_kind {
	FIELD_NUMBER,	/* 1, 2, 4 or 8 bytes */
	FIELD_SPINLOCK, /* struct spinlock */
	FIELD_SLEEPING, /* struct sleeping_lock */
	FIELD_BIT,	/* bit_lock_t */
	FIELD_LOCAL,	/* struct local_lock */
};

struct object_field {
	const char *name; /* "list"; of a lock "lock"; "" where the object is its only field */
	u16 offset;
	u8 bytes;
	u8 kind; /* enum field_kind */
	/* A change is worth telling where the story is about an object of these regions, or about none: "slot
	 * pte". NULL: only where it is about this one. */
	const char *concerns;
	/* The value in words; NULL: a number. */
	void (*words)(const struct machine *m, u64 value, GString *to);
	/* In its place where the words depend on what else there is in that state, a copy of the arena. */
	void (*words_in)(const struct machine *m, const u8 *state, u64 place, u64 value, GString *to);
};

struct object_kind {
	const char *region; /* of the arena */
	const char *name;   /* "cluster": followed by the number */
	void (*words)(const struct machine *m, u32 index, GString *to); /* the whole name; NULL: as above */
	const struct object_field *field; /* ends with one without a name; NULL: none */
};

/* One object of a kind. */
struct object {
	const struct object_kind *kind;
	u32 index;
	u32 bytes;
	const u8 *at;
};

/* An operation in progress of @task refers to the object at @place. */
typedef void reference_fn(void *data, u32 task, u64 place);

struct vocabulary {
	const struct object_kind *kind; /* ends with one without a region */
	const char *const *choice;	/* [kind of choose()] "atomic_alloc" */
	/* What an answer to it means; NULL: the number. */
	void (*answer)(u32 kind, u32 answer, GString *to);
	/* Everything that the frames of @t refer to. */
	void (*references)(const struct machine *m, const struct task *t, reference_fn *visit, void *data);
	/* @t waits for something that no owner of a lock stands for: what it is in words (@what may be NULL),
	 * and the tasks (bits) that could bring it about. False: it does not poll, and @what stays. */
	bool (*polls)(const struct machine *m, const struct task *t, GString *what, u64 *owners);
	/* Whoever is to release the bit lock at @bit is no task but a device. */
	bool (*is_of_device)(const struct machine *m, u64 bit);
};

/* Offset from the start of the state; 0 is no object. */
static inline u64 object_place(const struct machine *m, const void *object)
{
	return object ? (u64)((const u8 *)object - m->arena.base) : 0;
}

/* The object that @place lies in; false: the vocabulary has none. */
bool object_find(const struct machine *m, u64 place, struct object *o);
/* "cluster 1". */
void object_name(const struct machine *m, u64 place, GString *to);
/* "lock of cluster 1"; for a place that is no field of its own, the object's name. */
void object_field_name(const struct machine *m, u64 place, GString *to);
void object_task_name(const struct machine *m, u32 task, GString *to);
/* A field's value, read from a copy of the object. */
u64 object_value(const struct object_field *f, const u8 *object);
/* That of the object at @place in @state, which is laid out as the arena. */
void object_value_words(const struct machine *m, const struct object_field *f, const u8 *state, u64 place,
			u64 value, GString *to);

/* Every lock that a task holds, with the place of the lock word; local locks of their CPU. Readers of a
 * sleeping lock are not known. */
typedef void held_fn(void *data, u32 task, u64 place, enum field_kind kind);
void object_locks(const struct machine *m, held_fn *visit, void *data);

#endif
