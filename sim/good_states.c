#include "sim/good_states.h"

#include <glib.h>

enum { FIRST_BITS = 10, BITS_MOST = 22 };

static u64 *slot_of(const struct good_states *g, u64 hash)
{
	u32 at = (u32)(hash >> (64 - g->bits));

	while (g->slot[at] && g->slot[at] != hash)
		at = (at + 1) & ((1u << g->bits) - 1);
	return &g->slot[at];
}

static void make(struct good_states *g, u32 bits)
{
	*g = (struct good_states){ .slot = g_new0(u64, (gsize)1 << bits), .bits = bits };
}

void good_states_init(struct good_states *g)
{
	make(g, FIRST_BITS);
}

void good_states_release(struct good_states *g)
{
	g_free(g->slot);
}

bool good_states_have(const struct good_states *g, u64 hash)
{
	return *slot_of(g, hash);
}

void good_states_expect(const struct good_states *g, u64 hash)
{
	__builtin_prefetch(&g->slot[hash >> (64 - g->bits)]);
}

void good_states_add(struct good_states *g, u64 hash)
{
	struct good_states old = *g;

	if (g->used >= 1u << (g->bits - 1)) {
		if (g->bits == BITS_MOST)
			return;
		make(g, g->bits + 2);
		for (u32 i = 0; i < 1u << old.bits; i++)
			if (old.slot[i])
				*slot_of(g, old.slot[i]) = old.slot[i];
		g->used = old.used;
		g_free(old.slot);
	}
	*slot_of(g, hash) = hash;
	g->used++;
}
