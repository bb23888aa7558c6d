/*
 * What processes of a scenario share.
 */
#include <string.h>

#include "models/scenario_parts.h"

enum { PAGE_BYTES = 4096 };

static u32 pages_of(const struct scenario_spec *spec, u32 shared)
{
	return (u32)(spec->shared[shared].size.value / PAGE_BYTES);
}

u32 scenario_huge_order(const struct shared_memory_spec *shared)
{
	u32 order = 0;

	while (shared->huge.kind != JSON_SIZE_NONE && shared->huge.value > (u64)PAGE_BYTES << order)
		order++;
	return order;
}

u32 scenario_find_shared(const struct scenario_spec *spec, const char *name)
{
	for (u32 i = 0; name && i < spec->n_shared; i++)
		if (!strcmp(spec->shared[i].name, name))
			return i + 1;
	return 0;
}

static bool is_there(const struct scenario_spec *spec, const struct scenario_place *place, const char *name,
		     GError **error)
{
	GString *names;

	if (!name || scenario_find_shared(spec, name))
		return true;
	names = g_string_new(NULL);
	for (u32 i = 0; i < spec->n_shared; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "one of ", spec->shared[i].name);
	if (!spec->n_shared)
		g_string_append(names, "one listed in \"shared_memory\", which is empty");
	scenario_wrong(place, error, "shares", "unknown shared memory \"%s\" (expected %s)", name,
		       names->str);
	g_string_free(names, TRUE);
	return false;
}

bool scenario_resolve_shared(const struct scenario_spec *spec, const struct json_doc *doc, GError **error)
{
	for (u32 i = 0; i < spec->n_shared; i++) {
		const struct scenario_place place = { doc, "shared_memory", i };
		u32 first = scenario_find_shared(spec, spec->shared[i].name) - 1;

		if (first != i)
			return scenario_wrong(&place, error, "name",
					      "shared_memory[%u] has this name too (expected another)",
					      first);
		if (1u << scenario_huge_order(&spec->shared[i]) > spec->machine.pages_per_table)
			return scenario_wrong(&place, error, "huge",
					      "is more than a page table has (expected at most %u pages, "
					      "as machine.pages_per_table)",
					      spec->machine.pages_per_table);
	}
	for (u32 i = 0; i < spec->n_processes; i++) {
		const struct scenario_place place = { doc, "processes", i };

		if (!is_there(spec, &place, spec->processes[i].memory.shares, error))
			return false;
	}
	for (u32 i = 0; i < spec->n_tasks; i++) {
		const struct scenario_place place = { doc, "tasks", i };

		if (!is_there(spec, &place, spec->tasks[i].memory.shares, error))
			return false;
	}
	return true;
}

bool scenario_process_shares(const struct scenario *s, struct scenario_process *p,
			     const struct scenario_place *place, GError **error)
{
	u32 pages = s->work[place->index].pages;

	if (!p->shared)
		return true;
	p->pages = pages_of(&s->spec, p->shared - 1);
	return pages <= p->pages ||
	       scenario_wrong(
		   place, error, "",
		   "works on %u pages of shared memory \"%s\", which has %u (expected fewer, or more "
		   "there)",
		   pages, s->spec.shared[p->shared - 1].name, p->pages);
}

bool scenario_is_filled(const struct scenario *s, const struct scenario_process *p)
{
	if (p->filler || !p->shared)
		return p->filler;
	for (u32 i = 0; i < s->process->len; i++)
		if (scenario_process(s, i)->shared == p->shared && scenario_process(s, i)->filler)
			return true;
	return false;
}

u64 scenario_data_pages(const struct scenario *s, u32 i)
{
	const struct scenario_process *p = scenario_process(s, i);

	for (u32 before = 0; p->shared && before < i; before++)
		if (scenario_process(s, before)->shared == p->shared)
			return 0;
	return scenario_own_pages(s, i);
}

u64 scenario_mapped_pages(const struct scenario *s)
{
	u64 pages = 0;

	for (u32 i = 0; i < s->process->len; i++)
		pages += scenario_process_pages(scenario_process(s, i));
	for (u32 i = 0; i < s->spec.n_shared; i++)
		pages += pages_of(&s->spec, i);
	for (u32 i = 0; i < s->files->len; i++)
		pages += scenario_files(s, i)->pages;
	return pages;
}

void scenario_describe_shared(struct scenario *s)
{
	for (u32 i = 0; i < s->spec.n_shared; i++) {
		const struct shared_memory_spec *shared = &s->spec.shared[i];

		s->mm[s->process->len + i] = (struct mm_config){
			.name = shared->name,
			.pages = pages_of(&s->spec, i),
			.corpus = *corpus_find(spec_corpus(shared->contents, shared->fill)),
			.huge_order = (u16)scenario_huge_order(shared),
			.segment = true,
		};
	}
}
