#include "cli/sweep_plan.h"

#include <string.h>

#include "cli/cli.h"
#include "models/scenario_parts.h"
#include "sim/random.h"

u32 sweep_plan_index(const struct sweep_plan *plan, u32 point, u32 axis)
{
	for (u32 i = plan->axes.axes - 1; i > axis; i--)
		point /= plan->axes.axis[i].values;
	return point % plan->axes.axis[axis].values;
}

const char *sweep_plan_value(const struct sweep_plan *plan, u32 point, u32 axis)
{
	return plan->axes.axis[axis].value[sweep_plan_index(plan, point, axis)];
}

static struct json_doc *document(const struct sweep_plan *plan, u32 point, GError **error)
{
	u32 *value = g_new(u32, plan->axes.axes + 1);
	struct json_doc *doc;

	for (u32 i = 0; i < plan->axes.axes; i++)
		value[i] = sweep_plan_index(plan, point, i);
	doc = sweep_axes_document(&plan->axes, value, error);
	g_free(value);
	return doc;
}

struct scenario *sweep_plan_scenario(const struct sweep_plan *plan, u32 point, GError **error)
{
	struct json_doc *doc = document(plan, point, error);
	struct scenario *s = doc ? scenario_read(doc, data_dir(), error) : NULL;

	json_doc_free(doc);
	return s;
}

/* Of the scenario as it is written with defaults, without what a run does not look at. */
static u64 hash_of(struct scenario_spec *spec)
{
	struct json_choices *sweep = spec->sweep;
	u32 n_sweep = spec->n_sweep;
	char *text;
	u64 hash;

	spec->n_sweep = 0;
	text = json_write(&scenario_table, spec);
	hash = scenario_text_hash(text);
	g_free(text);
	spec->sweep = sweep;
	spec->n_sweep = n_sweep;
	return hash;
}

static void identify(struct sweep_point *p, struct scenario_spec *spec, enum ties ties)
{
	const struct machine_spec own = spec->machine;
	char none[] = "-";

	p->kernel = machine_spec_kernel(&spec->machine);
	p->seed = spec->machine.seed;
	p->key = random_mix(hash_of(spec) + ties);
	spec->machine.kernel = none;
	spec->machine.n_patches = 0;
	spec->machine.seed = 0;
	p->cell = hash_of(spec);
	spec->machine = own;
}

static void plan_point(struct sweep_plan *plan, u32 point)
{
	struct sweep_point *p = &plan->point[point];
	GError *error = NULL;
	struct json_doc *doc = document(plan, point, &error);
	struct scenario_spec spec;

	if (doc && json_read(doc, &scenario_table, &spec, &error)) {
		identify(p, &spec, plan->ties);
		json_release(&scenario_table, &spec);
	} else {
		p->wrong = g_strdup(error->message);
		p->key = random_mix(point + scenario_text_hash(p->wrong));
	}
	g_clear_error(&error);
	json_doc_free(doc);
}

static bool count_points(struct sweep_plan *plan, GError **error)
{
	u64 points = 1;

	for (u32 i = 0; i < plan->axes.axes; i++) {
		points *= plan->axes.axis[i].values;
		if (points <= SWEEP_POINTS_MAX)
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "sweep: more than %u points (fewer values, or several sweeps)", SWEEP_POINTS_MAX);
		return false;
	}
	plan->points = (u32)points;
	return true;
}

/* The scenario that would make the same sweep without a command line. */
static bool describe(struct sweep_plan *plan, GError **error)
{
	const struct sweep_axes *axes = &plan->axes;
	u32 *value = g_new(u32, axes->axes + 1);
	struct json_choices *choices = g_new0(struct json_choices, axes->axes + 1), *own;
	struct scenario_spec spec;
	struct json_doc *doc;
	u32 n_own;
	bool good;

	for (u32 i = 0; i < axes->axes; i++) {
		value[i] = SWEEP_ANY;
		choices[i] = (struct json_choices){ axes->axis[i].path, axes->axis[i].value };
	}
	doc = sweep_axes_document(axes, value, error);
	good = doc && json_read(doc, &scenario_table, &spec, error);
	if (good) {
		own = spec.sweep;
		n_own = spec.n_sweep;
		spec.sweep = choices;
		spec.n_sweep = axes->axes;
		plan->name = g_strdup(spec.name);
		plan->effective = json_write(&scenario_table, &spec);
		plan->effective_hash = scenario_text_hash(plan->effective);
		spec.sweep = own;
		spec.n_sweep = n_own;
		json_release(&scenario_table, &spec);
	}
	json_doc_free(doc);
	g_free(choices);
	g_free(value);
	return good;
}

static bool any_is_right(const struct sweep_plan *plan, GError **error)
{
	for (u32 i = 0; i < plan->points; i++)
		if (!plan->point[i].wrong)
			return true;
	g_set_error_literal(error, SWAPSIM_ERROR, ERROR_SCENARIO, plan->point[0].wrong);
	return false;
}

bool sweep_plan_init(struct sweep_plan *plan, const char *file, const char *const *sets, enum ties ties,
		     GError **error)
{
	*plan = (struct sweep_plan){ .ties = ties };
	if (!sweep_axes_init(&plan->axes, file, sets, error) || !count_points(plan, error) ||
	    !describe(plan, error))
		return false;
	plan->point = g_new0(struct sweep_point, plan->points);
	for (u32 i = 0; i < plan->points; i++) {
		plan_point(plan, i);
		plan->hash = random_mix(plan->hash + RANDOM_STRIDE + plan->point[i].key);
	}
	return any_is_right(plan, error);
}

void sweep_plan_release(struct sweep_plan *plan)
{
	for (u32 i = 0; plan->point && i < plan->points; i++) {
		g_free(plan->point[i].kernel);
		g_free(plan->point[i].wrong);
	}
	g_free(plan->point);
	g_free(plan->name);
	g_free(plan->effective);
	sweep_axes_release(&plan->axes);
	*plan = (struct sweep_plan){ 0 };
}
