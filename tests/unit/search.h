/*
 * search.h - a small breadth-first search over all interleavings and choices of a machine: exact states, one
 * invariant, the shortest trail. Good for worlds of a few tasks; it shows that the state can be copied,
 * hashed and compared.
 */
#ifndef TESTS_UNIT_SEARCH_H
#define TESTS_UNIT_SEARCH_H

#include <stdlib.h>
#include <string.h>

#include "sim/invariant.h"
#include "sim/next.h"
#include "sim/snapshot.h"

struct search_node {
	u64 offset; /* of its snapshot */
	u32 bytes;
	u32 parent;
	struct next by; /* what led here */
	u32 choice;
};

struct search {
	struct machine *m;
	const struct invariant *invariant;
	GArray *node;
	GByteArray *store;
	GHashTable *seen; /* hash -> first node with it; others follow by chain */
	GArray *chain;	  /* [node] next node of the same hash, 0 none */
	u64 transitions;
	u32 want, radix, alternatives;
	u32 violations;
	u32 first_violation;
	u32 deadlocks;
	u32 finished; /* states in which every task is done */
	GString *why;
};

/* The answers of one step are the digits of `want`, in the mixed radix in which they are asked. */
static inline u32 search_choose(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	struct search *x = m->driver;
	u32 answer = x->want / x->radix % n;

	(void)kind, (void)actor, (void)usual;
	x->radix *= n;
	x->alternatives = x->radix;
	return answer;
}

static inline struct search_node *search_node(struct search *x, u32 i)
{
	return &g_array_index(x->node, struct search_node, i);
}

static inline bool search_add(struct search *x, u32 parent, struct next by, u32 choice)
{
	u64 hash = snapshot_hash(x->m);
	u32 bytes = snapshot_bytes(x->m, SNAPSHOT_STATE);
	struct search_node n = { .offset = x->store->len, .bytes = bytes, .parent = parent, .by = by };
	u32 first = GPOINTER_TO_UINT(g_hash_table_lookup(x->seen, (gpointer)(uintptr_t)hash));
	u32 zero = 0;

	n.choice = choice;
	g_byte_array_set_size(x->store, x->store->len + bytes);
	snapshot_save(x->m, SNAPSHOT_STATE, x->store->data + n.offset);
	for (u32 i = first; i; i = g_array_index(x->chain, u32, i - 1)) {
		struct search_node *other = search_node(x, i - 1);

		if (other->bytes == bytes &&
		    !memcmp(x->store->data + other->offset, x->store->data + n.offset, bytes)) {
			g_byte_array_set_size(x->store, n.offset);
			return false;
		}
	}
	g_array_append_val(x->node, n);
	g_array_append_val(x->chain, zero);
	if (first)
		g_array_index(x->chain, u32, x->node->len - 1) = first;
	g_hash_table_insert(x->seen, (gpointer)(uintptr_t)hash, GUINT_TO_POINTER(x->node->len));
	return true;
}

static inline void search_load(struct search *x, u32 node)
{
	snapshot_load(x->m, SNAPSHOT_STATE, x->store->data + search_node(x, node)->offset);
}

static inline u32 search_expand(struct search *x, u32 node, struct next next)
{
	u32 successors = 0;

	x->alternatives = 1;
	for (x->want = 0; x->want < x->alternatives; x->want++) {
		search_load(x, node);
		x->radix = 1;
		next_do(x->m, next);
		x->transitions++;
		successors++;
		if (search_add(x, node, next, x->want) &&
		    !x->invariant->holds(x->m, x->violations ? NULL : x->why) && !x->violations++)
			x->first_violation = x->node->len - 1;
	}
	return successors;
}

/* From the machine's present state; stops at @most states, or at the first violation if @stop. */
static inline bool search_run(struct search *x, struct machine *m, const struct invariant *invariant,
			      u32 most, bool stop)
{
	struct next *next;

	*x = (struct search){ .m = m, .invariant = invariant };
	x->node = g_array_new(FALSE, FALSE, sizeof(struct search_node));
	x->chain = g_array_new(FALSE, FALSE, sizeof(u32));
	x->store = g_byte_array_new();
	x->seen = g_hash_table_new(NULL, NULL);
	x->why = g_string_new(NULL);
	m->driver = x;
	m->choose = search_choose;
	next = g_new(struct next, next_most(m));
	search_add(x, 0, (struct next){ 0 }, 0);
	for (u32 i = 0; i < x->node->len && x->node->len < most; i++) {
		u32 successors = 0, done = 0, n;

		search_load(x, i);
		n = next_list(m, next);
		for (u32 a = 0; a < n; a++)
			successors += search_expand(x, i, next[a]);
		search_load(x, i);
		for (u32 t = 0; t < m->tasks; t++)
			done += m->task[t].state == TASK_DONE;
		x->finished += done == m->tasks;
		x->deadlocks += !successors && done < m->tasks;
		if (stop && x->violations)
			break;
	}
	g_free(next);
	return !(stop && x->violations) && x->node->len < most;
}

/* The steps that lead to a node, one line each. */
static inline char *search_trail(struct search *x, u32 node)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	GString *s = g_string_new(NULL);
	char name[128];

	for (; node; node = search_node(x, node)->parent) {
		struct next by = search_node(x, node)->by;
		struct task *t = &x->m->task[by.number];

		search_load(x, search_node(x, node)->parent);
		g_ptr_array_add(lines, by.kind == NEXT_STEP
					   ? g_strdup_printf("cpu%u %c %s%s", t->cpu, 'A' + t->id,
							     machine_step_name(x->m, t, 0, name, sizeof name),
							     search_node(x, node)->choice ? "  (choice)" : "")
					   : g_strdup_printf("event of kind %u", by.kind));
	}
	for (u32 i = lines->len; i--;)
		g_string_append_printf(s, "%s\n", (char *)lines->pdata[i]);
	g_ptr_array_free(lines, TRUE);
	return g_string_free(s, FALSE);
}

static inline void search_release(struct search *x)
{
	g_array_free(x->node, TRUE);
	g_array_free(x->chain, TRUE);
	g_byte_array_free(x->store, TRUE);
	g_hash_table_destroy(x->seen);
	g_string_free(x->why, TRUE);
}

#endif
