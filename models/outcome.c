#include "models/outcome.h"

#include "models/swap/slots.h"
#include "models/words.h"

static void append_pages(const struct kernel *k, GString *to)
{
	for (u32 i = 0; i < k->config.mms; i++)
		for (u32 page = k->mm[i].first_page; page < k->mm[i].first_page + k->mm[i].pages; page++) {
			u8 flags = k->pte_flags[page];

			if (flags & (PTE_PRESENT | PTE_SWAP))
				g_string_append_printf(to, "%s%s %s", to->len ? ", " : "", PAGE_NAME(k, page),
						       flags & PTE_SWAP ? "in swap" : "in memory");
		}
	if (!to->len)
		g_string_append(to, "no page");
}

static u32 slots_of_cache(const struct kernel *k, const struct swap_device *si)
{
	u32 n = 0;

	for (u32 slot = si->first_slot; slot < si->first_slot + si->max; slot++)
		n += word_folio(k->slot[slot].cache) > 0;
	return n;
}

static void append_device(const struct kernel *k, const struct swap_device *si, GString *to)
{
	g_string_append_printf(to, "; device %u: ", si->number);
	if (!(si->flags & SWP_WRITEOK)) {
		g_string_append(to, "off");
		return;
	}
	g_string_append_printf(to, "%" G_GUINT64_FORMAT " in use", si->inuse);
	if (si->has_maps && slots_of_cache(k, si))
		g_string_append_printf(to, ", %u in the swap cache", slots_of_cache(k, si));
}

char *outcome_text(const struct kernel *k)
{
	GString *to = g_string_new(NULL);

	append_pages(k, to);
	for (u32 i = 0; i < k->config.devices; i++)
		append_device(k, &k->device[i], to);
	for (u32 i = 1; i < k->config.memcgs; i++)
		if (k->memcg[i].swap_usage)
			g_string_append_printf(to, "; cgroup %u: %" G_GUINT64_FORMAT " in swap", i,
					       k->memcg[i].swap_usage);
	return g_string_free(to, FALSE);
}
