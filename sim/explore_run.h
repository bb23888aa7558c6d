/*
 * explore_run.h - inside the search: what it has found so far.
 *
 * A node is a way to a state: the cheapest known. Where bounds leave something out, or where it matters who
 * made the last step, a state may have several, none of which makes another one needless.
 */
#ifndef SIM_EXPLORE_RUN_H
#define SIM_EXPLORE_RUN_H

#include "sim/explore.h"
#include "sim/explore_answers.h"
#include "sim/frontier.h"
#include "sim/lock.h"
#include "sim/snapshot.h"
#include "sim/state_store.h"

/* The first two are of the node - of the way there, then, and not of the state. */
enum {
	NODE_EXPANDED = 1,
	NODE_FAILED = 2, /* the last step could not be done */
	NODE_VIOLATES = 4,
	NODE_FINAL = 8,
	NODE_KNOWN = 16, /* a finding, and not wanted */
};

struct node {
	u32 state;
	u32 other; /* of the same state + 1 */
	u32 parent;
	u32 answers;
	u32 steps : 24;
	u32 became : 8;	  /* the renaming that makes of what it led to the state */
	struct next next; /* what led here */
	u16 preemptions;
	u16 choices;
	u16 switches;
	u8 last; /* task + 1 that made the last step, if that matters */
	u8 flags;
};

/* Of a state: its last node + 1; and what the cheapest costs that did not fail, so that most of the time no
 * node need be looked at. */
struct found {
	u32 last;
	u32 least;
};
enum { FOUND_NO_COST = UINT32_MAX };

struct explore {
	struct machine *m;
	const struct explore_options *options;
	struct explore_result *result;
	struct state_store *store;
	struct frontier frontier;
	struct answers answers;
	GArray *node;
	GArray *found;	     /* [state] */
	GByteArray *flags;   /* [state] */
	GByteArray *excused; /* [state] bits, see invariant.h */
	GArray *to;	     /* states that steps lead to, in the order of expansion */
	GArray *from;	     /* pairs: the state, and where in @to those begin that it leads to */
	struct next *next;
	const struct symmetry *symmetry;
	GHashTable *ends; /* with symmetry: their hashes, whoever is who */
	void *start;	  /* snapshot */
	bool bounds;
	bool forgets; /* REDUCE_UNREAD, and nobody has asked so far */
	u32 expansions;
	u32 unlocked; /* classes (bits) of spinlocks that were let go of at once */
};

/* ---- explore_end.c ---- */

/* Tells how to get to a node and what is wrong there; nothing but end() follows. False: nobody wants to know,
 * and the search goes on. */
bool explore_conclude(struct explore *x, enum explore_verdict verdict, u32 node);
/* From here on states lead from this one. */
void explore_graph_begin(struct explore *x, u32 state);
/* States from which no way leads to an end; the cheapest of them is the verdict. */
void explore_find_doomed(struct explore *x);

#endif
