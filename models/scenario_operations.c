/*
 * What a scenario writes to files of its cgroups while it runs.
 */
#include "models/scenario_parts.h"

static bool resolve_operation(struct scenario *s, u32 i, const struct scenario_content *in,
			      const struct json_doc *doc, GError **error)
{
	const struct operation_spec *spec = &s->spec.operations[i];
	const struct scenario_place place = { doc, "operations", i };
	struct cgroup_write *w = &s->write[i];
	u32 file = 0;
	u16 memcg;

	if (!scenario_find_cgroup(&s->spec, &place, "cgroup", spec->cgroup, &memcg, error))
		return false;
	if (s->spec.machine.cgroup_version == 1)
		return scenario_wrong(&place, error, "",
				      "is of cgroup v2 (expected machine.cgroup_version 2)");
	while (spec->value[file].kind == JSON_SIZE_NONE)
		file++;
	*w = (struct cgroup_write){ .time_ns = spec->at, .memcg = memcg, .file = file };
	if (s->spec.stop.after && spec->at >= s->spec.stop.after)
		scenario_warn_at(s, &place, "at",
				 "comes when the run is over (expected less than stop.after)");
	return scenario_limit_pages(&spec->value[file], cgroup_file_name[file], in[memcg].data, &place,
				    &w->pages, error);
}

bool scenario_resolve_operations(struct scenario *s, const struct scenario_content *in,
				 const struct json_doc *doc, GError **error)
{
	s->write = g_new0(struct cgroup_write, s->spec.n_operations + 1);
	for (u32 i = 0; i < s->spec.n_operations; i++)
		if (!resolve_operation(s, i, in, doc, error))
			return false;
	return true;
}
