#include "models/mm/family.h"

bool families_wanted(const struct kernel_config *c)
{
	for (u32 i = 0; i < c->mms; i++)
		if (c->mm[i].fork_of)
			return true;
	return false;
}

static u32 walk_from(const struct kernel *k, struct families *f, u32 mm, u32 place)
{
	f->walk[place] = mm;
	f->place[mm] = place++;
	for (u32 i = 0; i < k->config.mms; i++)
		if (k->config.mm[i].fork_of == mm + 1)
			place = walk_from(k, f, i, place);
	f->subtree[mm] = place - f->place[mm];
	return place;
}

void families_init(struct kernel *k)
{
	const struct kernel_config *c = &k->config;
	struct families *f;
	u32 place = 0;

	if (!families_wanted(c))
		return;
	f = k->families = g_new0(struct families, 1);
	f->walk = g_new0(u32, c->mms);
	f->place = g_new0(u32, c->mms);
	f->subtree = g_new0(u32, c->mms);
	for (u32 i = 0; i < c->mms; i++) {
		BUG_ON(c->mm[i].fork_of > c->mms || c->mm[i].fork_of == i + 1);
		BUG_ON(c->mm[i].fork_of && c->mm[i].pages != c->mm[c->mm[i].fork_of - 1].pages);
		if (!c->mm[i].fork_of)
			place = walk_from(k, f, i, place);
		k->member[i].mmap_lock.class = CLASS_MMAP;
		k->member[i].linked = !c->mm[i].fork_of;
	}
	BUG_ON(place != c->mms);
}

void families_release(struct kernel *k)
{
	if (!k->families)
		return;
	g_free(k->families->walk);
	g_free(k->families->place);
	g_free(k->families->subtree);
	g_free(k->families);
}

u32 family_next_page(const struct kernel *k, u32 owner, u32 page)
{
	const struct families *f = k->families;
	u32 first = mm_number_of(k, owner), now = mm_number_of(k, page);
	u32 end = f->place[first] + f->subtree[first];

	for (u32 i = f->place[now] + 1; i < end; i++)
		if (k->member[f->walk[i]].linked)
			return k->mm[f->walk[i]].first_page + (page - k->mm[now].first_page);
	return 0;
}

u32 family_root_page(const struct kernel *k, u32 page)
{
	u32 mm = mm_number_of(k, page), root = mm;

	while (k->config.mm[root].fork_of)
		root = k->config.mm[root].fork_of - 1;
	return k->mm[root].first_page + (page - k->mm[mm].first_page);
}
