/*
 * What cgroups are limited to and protected by, held against what is in them.
 */
#include "models/scenario_parts.h"

enum { PAGE_BYTES = 4096 };

static struct scenario_content *sum_up(const struct scenario *s)
{
	struct scenario_content *of = g_new0(struct scenario_content, s->memcgs);

	for (u32 i = 0; i < s->process->len; i++) {
		const struct scenario_process *p = scenario_process(s, i);

		for (u32 memcg = p->memcg; memcg; memcg = s->memcg[memcg].parent) {
			of[memcg].data +=
			    p->fork_of ? 0 : scenario_data_pages(s, i); /* it shares its parent's */
			of[memcg].overhead += p->memory->overhead_pages;
		}
	}
	return of;
}

bool scenario_limit_pages(const struct json_size *size, const char *key, u64 data,
			  const struct scenario_place *place, u64 *pages, GError **error)
{
	*pages = PAGE_COUNTER_MAX;
	if (size->kind == JSON_SIZE_MAX)
		return true;
	if (size->kind == JSON_SIZE_PERCENT && !data)
		return scenario_wrong(
		    place, error, key,
		    "is a part of the data of its processes, and there are none (expected a size, or a "
		    "task with this \"cgroup\")");
	*pages = size->kind == JSON_SIZE_PERCENT ? data * size->value / 100 : size->value / PAGE_BYTES;
	return true;
}

static bool resolve_swap_limits(struct scenario *s, u32 i, u64 data, const struct scenario_place *place,
				GError **error)
{
	const struct cgroup_spec *spec = &s->spec.cgroups[i];
	u32 version = s->spec.machine.cgroup_version;
	struct memcg_config *cg = &s->memcg[i + 1];

	if (version == 1 && spec->swap_max.kind != JSON_SIZE_MAX)
		return scenario_wrong(
		    place, error, "memory.swap.max",
		    "is of cgroup v2 (expected memory.memsw.max, or machine.cgroup_version 2)");
	if (version == 2 && spec->memsw_max.kind != JSON_SIZE_MAX)
		return scenario_wrong(
		    place, error, "memory.memsw.max",
		    "is of cgroup v1 (expected memory.swap.max, or machine.cgroup_version 1)");
	if (!scenario_limit_pages(&spec->swap_max, "memory.swap.max", data, place, &cg->swap_max_pages,
				  error) ||
	    !scenario_limit_pages(&spec->memsw_max, "memory.memsw.max", data, place, &cg->memsw_max_pages,
				  error))
		return false;
	cg->swap_limited = true;
	if (cg->memsw_max_pages < cg->max_pages && cg->max_pages == PAGE_COUNTER_MAX)
		return scenario_wrong(place, error, "memory.memsw.max",
				      "stands without a limit of memory (expected memory.max too)");
	if (cg->memsw_max_pages < cg->max_pages)
		return scenario_wrong(place, error, "memory.memsw.max",
				      "%" G_GUINT64_FORMAT
				      " pages are less than memory.max (expected at least "
				      "%" G_GUINT64_FORMAT ")",
				      cg->memsw_max_pages, cg->max_pages);
	return true;
}

static bool is_of_v2(const struct scenario_place *place, const char *key, GError **error)
{
	return scenario_wrong(place, error, key, "is of cgroup v2 (expected machine.cgroup_version 2)");
}

/* What is of cgroup v2 alone. */
static bool resolve_v2_files(struct scenario *s, u32 i, u64 data, const struct scenario_place *place,
			     GError **error)
{
	const struct cgroup_spec *spec = &s->spec.cgroups[i];
	struct memcg_config *cg = &s->memcg[i + 1];
	const struct {
		const char *key;
		const struct json_size *size;
		u64 *pages;
	} files[] = {
		{ "memory.high", &spec->high, &cg->high_pages },
		{ "memory.swap.high", &spec->swap_high, &cg->swap_high_pages },
		{ "memory.min", &spec->min, &cg->min_pages },
		{ "memory.low", &spec->low, &cg->low_pages },
		{ "memory.zswap.max", &spec->zswap_max, &cg->zswap_max_pages },
	};

	for (u32 f = 0; f < ARRAY_SIZE(files); f++) {
		bool is_limit = files[f].pages != &cg->min_pages && files[f].pages != &cg->low_pages;

		if (!scenario_limit_pages(files[f].size, files[f].key, data, place, files[f].pages, error))
			return false;
		if (s->spec.machine.cgroup_version == 1 &&
		    *files[f].pages != (is_limit ? PAGE_COUNTER_MAX : 0))
			return is_of_v2(place, files[f].key, error);
	}
	if (s->spec.machine.cgroup_version == 1 && spec->oom_group)
		return is_of_v2(place, "memory.oom.group", error);
	if (s->spec.machine.cgroup_version == 1 && !spec->zswap_writeback)
		return is_of_v2(place, "memory.zswap.writeback", error);
	cg->high_limited = cg->swap_high_limited = cg->zswap_limited = true;
	cg->zswap_no_writeback = !spec->zswap_writeback;
	cg->oom_group = spec->oom_group;
	return true;
}

static bool resolve_limit(struct scenario *s, u32 i, const struct scenario_content *in,
			  const struct json_doc *doc, GError **error)
{
	const struct scenario_place place = { doc, "cgroups", i };
	const struct json_size *max = &s->spec.cgroups[i].max;
	struct memcg_config *cg = &s->memcg[i + 1];

	if (!scenario_limit_pages(max, "memory.max", in->data, &place, &cg->max_pages, error))
		return false;
	/* no mistake where people share a machine, but one where the two sizes have changed places */
	if (max->kind == JSON_SIZE_BYTES && max->value > s->spec.machine.memory.value)
		scenario_warn_at(s, &place, "memory.max",
				 "is above machine.memory and never reached (expected less, or \"max\")");
	if (cg->max_pages <= in->overhead)
		return scenario_wrong(&place, error, "memory.max",
				      "is %" G_GUINT64_FORMAT
				      " pages, which the overhead of its processes fills "
				      "(expected more than %" G_GUINT64_FORMAT " pages)",
				      cg->max_pages, in->overhead);
	return resolve_swap_limits(s, i, in->data, &place, error) &&
	       resolve_v2_files(s, i, in->data, &place, error);
}

static void warn_of_filtered_trace(struct scenario *s, const struct scenario_process *p)
{
	u64 limit = UINT64_MAX;
	u32 smallest = p->trace->header.smallest_limit_pages;

	for (u32 memcg = p->memcg; memcg; memcg = s->memcg[memcg].parent)
		if (s->memcg[memcg].max_pages < limit)
			limit = s->memcg[memcg].max_pages;
	limit = limit > p->memory->overhead_pages ? limit - p->memory->overhead_pages : 0;
	if (limit < smallest)
		scenario_warn(s,
			      "process \"%s\" has %" G_GUINT64_FORMAT
			      " pages for its data: its trace was filtered when it "
			      "was recorded and says nothing below %u",
			      p->name, limit, smallest);
}

bool scenario_resolve_limits(struct scenario *s, const struct json_doc *doc, GError **error)
{
	struct scenario_content *in = sum_up(s);
	bool good = true;

	for (u32 i = 0; good && i < s->spec.n_cgroups; i++)
		good = resolve_limit(s, i, &in[i + 1], doc, error);
	for (u32 i = 0; good && i < s->process->len; i++)
		if (scenario_process(s, i)->trace)
			warn_of_filtered_trace(s, scenario_process(s, i));
	good = good && scenario_resolve_operations(s, in, doc, error);
	g_free(in);
	return good;
}
