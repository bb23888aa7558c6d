#include "models/aspects.h"

#include <string.h>

static const struct {
	const char *region;
	u32 aspects;
} rows[] = {
	{ "task", ASPECT_TASKS },	{ "cpu", ASPECT_TASKS },
	{ "bucket", ASPECT_TASKS },	{ "held", ASPECT_TASKS },
	{ "stack", ASPECT_TASKS },	{ "scan_control", ASPECT_TASKS },
	{ "work", ASPECT_TASKS },	{ "plug", ASPECT_TASKS },
	{ "memcg_task", ASPECT_TASKS }, { "percpu", ASPECT_PERCPU },
	{ "mm", ASPECT_PAGES },		{ "pte_flags", ASPECT_PAGES },
	{ "pte", ASPECT_PAGES },	{ "page_version", ASPECT_PAGES },
	{ "page_holds", ASPECT_PAGES }, { "page_table", ASPECT_PAGE_TABLES },
	{ "folio", ASPECT_FOLIOS },	{ "folio_io", ASPECT_FOLIOS },
	{ "slot", ASPECT_SLOTS },	{ "cluster", ASPECT_CLUSTERS },
	{ "device", ASPECT_DEVICES },	{ "swap", ASPECT_SWAP },
	{ "memory", ASPECT_MEMORY },	{ "memcg", ASPECT_CGROUPS },
	{ "lruvec", ASPECT_LRU },
};

void aspects_init(struct kernel *k)
{
	struct arena *a = &k->machine.arena;

	for (u32 i = 0; i < a->regions; i++)
		for (u32 row = 0; row < ARRAY_SIZE(rows); row++)
			if (!strcmp(a->region[i].name, rows[row].region))
				a->region[i].aspects = rows[row].aspects;
}

bool part_holds(struct kernel *k, const struct part *p, GString *why)
{
	struct machine *m = &k->machine;

	if (invariant_stands(m, p->reads, p->excuses, p->excused))
		return true;
	m->excused &= (u8)~EXCUSED_NOW;
	if (!p->holds(k, why))
		return false;
	m->excused |= m->excused & EXCUSED_NOW ? p->excused : 0;
	return true;
}
