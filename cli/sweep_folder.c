#include "cli/sweep_folder.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "cli/load.h"
#include "cli/result_files.h"
#include "cli/sweep_words.h"
#include "sim/json_emit.h"

/* ---- of a plan ---- */

void sweep_manifest_init(struct sweep_manifest *m, const struct sweep_plan *plan)
{
	struct scenario_words words = effective_in_words(plan->effective);

	*m = (struct sweep_manifest){
		.scenario = g_strdup(plan->name),
		.scenario_hash = plan->effective_hash,
		.workload = g_strdup(words.work),
		.devices = g_strdup(words.devices),
		.plan = plan->hash,
		.points = plan->points,
		.shard = { 0, 1 },
		.axes = plan->axes.axes,
		.axis = g_new0(struct sweep_axis, plan->axes.axes + 1),
	};
	for (u32 i = 0; i < m->axes; i++)
		m->axis[i] = (struct sweep_axis){ .path = g_strdup(plan->axes.axis[i].path),
						  .value = g_strdupv(plan->axes.axis[i].value),
						  .values = plan->axes.axis[i].values };
	for (u32 i = 0; i < m->axes; i++) {
		if (!g_str_has_suffix(m->axis[i].path, ".device") && strcmp(m->axis[i].path, "swap"))
			continue;
		g_free(m->devices);
		m->devices = sweep_words_all(&m->axis[i]);
		break;
	}
	scenario_words_release(&words);
}

void sweep_manifest_release(struct sweep_manifest *m)
{
	for (u32 i = 0; i < m->axes; i++) {
		g_free(m->axis[i].path);
		g_strfreev(m->axis[i].value);
	}
	g_free(m->axis);
	g_free(m->scenario);
	g_free(m->workload);
	g_free(m->devices);
	*m = (struct sweep_manifest){ 0 };
}

/* ---- of a folder ---- */

static const cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static char *text_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(member(object, key));

	return g_strdup(text ? text : "");
}

static u64 hash_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(member(object, key));

	return text ? g_ascii_strtoull(text, NULL, 16) : 0;
}

static void read_axes(struct sweep_manifest *m, const cJSON *axes)
{
	const cJSON *axis;

	m->axis = g_new0(struct sweep_axis, (gsize)cJSON_GetArraySize(axes) + 1);
	cJSON_ArrayForEach(axis, axes)
	{
		const cJSON *values = member(axis, "values"), *value;
		struct sweep_axis *a = &m->axis[m->axes++];

		a->path = text_of(axis, "path");
		a->value = g_new0(char *, (gsize)cJSON_GetArraySize(values) + 1);
		cJSON_ArrayForEach(value, values)
		{
			const char *text = cJSON_GetStringValue(value);

			a->value[a->values++] = g_strdup(text ? text : "");
		}
	}
}

static void read_manifest(struct sweep_manifest *m, const cJSON *root)
{
	const char *shard = cJSON_GetStringValue(member(root, "shard"));
	const char *slash = shard ? strchr(shard, '/') : NULL;
	const cJSON *points = member(root, "points");

	m->scenario = text_of(root, "scenario");
	m->scenario_hash = hash_of(root, "scenario_hash");
	m->workload = text_of(root, "workload");
	m->devices = text_of(root, "devices");
	m->plan = hash_of(root, "plan");
	m->points = cJSON_IsNumber(points) ? (u32)points->valueint : 0;
	m->shard = (struct sweep_shard){ 0, 1 };
	if (slash)
		m->shard = (struct sweep_shard){ (u32)g_ascii_strtoull(shard, NULL, 10) - 1,
						 (u32)g_ascii_strtoull(slash + 1, NULL, 10) };
	m->complete = cJSON_IsTrue(member(root, "complete"));
	read_axes(m, member(root, "axes"));
}

bool sweep_manifest_load(struct sweep_manifest *m, const char *folder, GError **error)
{
	char *file = g_build_filename(folder, "manifest.json", NULL);
	char *text = NULL;
	cJSON *root = NULL;
	const char *command;
	bool good;

	*m = (struct sweep_manifest){ 0 };
	if (g_file_get_contents(file, &text, NULL, NULL))
		root = cJSON_Parse(text);
	command = cJSON_GetStringValue(member(root, "command"));
	good = command && !strcmp(command, "sweep") && member(root, "plan");
	if (good)
		read_manifest(m, root);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no result of swapsim sweep", folder);
	cJSON_Delete(root);
	g_free(text);
	g_free(file);
	return good;
}

bool sweep_folder_unfinished(const char *folder, u64 plan)
{
	struct sweep_manifest m;
	bool unfinished = sweep_manifest_load(&m, folder, NULL) && m.plan == plan && !m.complete;

	sweep_manifest_release(&m);
	return unfinished;
}

/* ---- writing ---- */

static void emit_axes(struct json_emit *emit, const struct sweep_manifest *m)
{
	json_emit_open(emit, "axes", '[');
	for (u32 i = 0; i < m->axes; i++) {
		json_emit_open(emit, NULL, '{');
		json_emit_string(emit, "path", m->axis[i].path);
		json_emit_open(emit, "values", '[');
		for (u32 v = 0; v < m->axis[i].values; v++)
			json_emit_string(emit, NULL, m->axis[i].value[v]);
		json_emit_close(emit, '[');
		json_emit_close(emit, '{');
	}
	json_emit_close(emit, '[');
}

static void emit_run(struct json_emit *emit, const struct sweep_table *t, u32 row)
{
	const char *seed = sweep_table_cell(t, row, "seed"), *counts = sweep_table_cell(t, row, "counts");

	json_emit_open(emit, NULL, '{');
	json_emit_string(emit, "kernel", sweep_table_cell(t, row, "kernel"));
	json_emit_raw(emit, "seed", *seed ? seed : "0");
	json_emit_raw(emit, "complete", *counts ? "true" : "false");
	if (*counts) {
		json_emit_string(emit, "counts", counts);
		json_emit_string(emit, "events", sweep_table_cell(t, row, "events"));
	} else {
		json_emit_string(emit, "failure", sweep_table_cell(t, row, "reason"));
	}
	json_emit_close(emit, '{');
}

static u64 footprint_of(const struct sweep_table *t)
{
	u64 pages = 0;

	for (u32 row = 0; !pages && row < t->row->len; row++)
		pages = g_ascii_strtoull(sweep_table_cell(t, row, "footprint_pages"), NULL, 10);
	return pages;
}

static char *manifest(const struct sweep_manifest *m, const struct sweep_table *t)
{
	struct json_emit emit;
	char *shard;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	emit_manifest_head(&emit, "sweep", m->scenario, m->scenario_hash);
	json_emit_string(&emit, "workload", m->workload);
	json_emit_string(&emit, "devices", m->devices);
	json_emit_number(&emit, "footprint_pages", footprint_of(t));
	emit_axes(&emit, m);
	emit_hash(&emit, "plan", m->plan);
	json_emit_number(&emit, "points", m->points);
	if (m->shard.count > 1) {
		shard = g_strdup_printf("%u/%u", m->shard.index + 1, m->shard.count);
		json_emit_string(&emit, "shard", shard);
		g_free(shard);
	}
	json_emit_raw(&emit, "complete", m->complete ? "true" : "false");
	json_emit_open(&emit, "runs", '[');
	for (u32 row = 0; row < t->row->len; row++)
		emit_run(&emit, t, row);
	json_emit_close(&emit, '[');
	json_emit_close(&emit, '{');
	return json_emit_finish(&emit);
}

bool sweep_folder_fill(struct folder *folder, const char *effective, const struct sweep_manifest *m,
		       const struct sweep_table *t, GError **error)
{
	char *text[] = { g_strdup(effective), sweep_table_csv(t), manifest(m, t) };
	static const char *const name[] = { "scenario.json", "sweep.csv", "manifest.json" };
	bool good = true;

	for (u32 i = 0; i < ARRAY_SIZE(text); i++) {
		good = good && folder_add(folder, name[i], text[i], error);
		g_free(text[i]);
	}
	return good && folder_finish(folder, error);
}
