/*
 * What a scenario writes to files of its cgroups while it runs, and which swap devices go and come.
 */
#include "models/scenario_parts.h"

static bool is_late(const struct scenario *s, const struct operation_spec *spec)
{
	return s->spec.stop.after && spec->at >= s->spec.stop.after;
}

static void warn_if_late(struct scenario *s, const struct operation_spec *spec,
			 const struct scenario_place *place)
{
	if (is_late(s, spec))
		scenario_warn_at(s, place, "at",
				 "comes when the run is over (expected less than stop.after)");
}

static bool resolve_write(struct scenario *s, const struct operation_spec *spec,
			  const struct scenario_content *in, const struct scenario_place *place,
			  GError **error)
{
	struct cgroup_write *w = &s->write[s->writes++];
	u32 file = 0;
	u16 memcg;

	if (!scenario_find_cgroup(&s->spec, place, "cgroup", spec->cgroup, &memcg, error))
		return false;
	if (s->spec.machine.cgroup_version == 1)
		return scenario_wrong(place, error, "",
				      "is of cgroup v2 (expected machine.cgroup_version 2)");
	while (spec->value[file].kind == JSON_SIZE_NONE)
		file++;
	*w = (struct cgroup_write){ .time_ns = spec->at, .memcg = memcg, .file = file };
	warn_if_late(s, spec, place);
	return scenario_limit_pages(&spec->value[file], cgroup_file_name[file], in[memcg].data, place,
				    &w->pages, error);
}

static bool resolve_call(struct scenario *s, const struct operation_spec *spec,
			 const struct scenario_place *place, GError **error)
{
	struct swap_operation *o = &s->swap_operation[s->swap_operations++];
	bool on = spec->swapon;

	*o = (struct swap_operation){ .time_ns = spec->at, .on = on };
	warn_if_late(s, spec, place);
	return scenario_find_device(&s->spec, place, on ? "swapon" : "swapoff",
				    on ? spec->swapon : spec->swapoff, &o->device, error);
}

/* Whether the device is there when operation @i of swap devices comes to it, as far as operations go. */
static bool is_on_before(const struct scenario *s, u32 i)
{
	const struct swap_operation *o = &s->swap_operation[i], *before = NULL;

	for (u32 j = 0; j < s->swap_operations; j++) {
		const struct swap_operation *other = &s->swap_operation[j];

		if (other->device != o->device || j == i || other->time_ns > o->time_ns ||
		    (other->time_ns == o->time_ns && j > i))
			continue;
		if (!before || other->time_ns >= before->time_ns)
			before = other;
	}
	return before ? before->on : s->spec.swap[o->device].swapon;
}

static bool any_scripts(const struct scenario *s)
{
	for (u32 i = 0; i < s->spec.n_tasks; i++)
		if (s->spec.tasks[i].script)
			return true;
	return false;
}

/* What a real swapoff or swapon would fail with nobody sees here; tasks with "do" may have been there
 * between. */
static void warn_of_idle_calls(struct scenario *s, const struct json_doc *doc)
{
	u32 call = 0;

	for (u32 i = 0; i < s->spec.n_operations && !any_scripts(s); i++) {
		const struct scenario_place place = { doc, "operations", i };

		if (s->spec.operations[i].cgroup)
			continue;
		if (s->swap_operation[call].on && is_on_before(s, call))
			scenario_warn_at(s, &place, "swapon",
					 "the device is there already, and nothing comes of it (expected a "
					 "\"swapoff\" of it before)");
		else if (!s->swap_operation[call].on && !is_on_before(s, call))
			scenario_warn_at(s, &place, "swapoff",
					 "the device is off by then, and nothing comes of it (expected a "
					 "\"swapon\" of it before)");
		call++;
	}
}

bool scenario_resolve_operations(struct scenario *s, const struct scenario_content *in,
				 const struct json_doc *doc, GError **error)
{
	s->write = g_new0(struct cgroup_write, s->spec.n_operations + 1);
	s->swap_operation = g_new0(struct swap_operation, s->spec.n_operations + 1);
	for (u32 i = 0; i < s->spec.n_operations; i++) {
		const struct operation_spec *spec = &s->spec.operations[i];
		const struct scenario_place place = { doc, "operations", i };

		if (!(spec->cgroup ? resolve_write(s, spec, in, &place, error)
				   : resolve_call(s, spec, &place, error)))
			return false;
	}
	warn_of_idle_calls(s, doc);
	return true;
}

u32 scenario_operations_behind(const struct scenario *s, u64 end_ns, u32 *first)
{
	u32 n = 0;

	for (u32 i = s->spec.n_operations; i--;) {
		const struct operation_spec *o = &s->spec.operations[i];

		if (o->at <= end_ns || is_late(s, o))
			continue;
		if (!n++ || o->at <= s->spec.operations[*first].at)
			*first = i;
	}
	return n;
}
