#include <string.h>

#include "cli/figure_names.h"
#include "cli/list.h"
#include "models/audit.h"
#include "models/block/device.h"
#include "models/choices.h"
#include "models/cpu.h"
#include "models/invariants.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/windows.h"
#include "models/work/work_table.h"

static void columns(struct table *t, const char *const *names)
{
	for (; *names; names++)
		table_column(t, *names, TABLE_LEFT);
}
#define COLUMNS(t, ...) columns(t, (const char *const[]){ __VA_ARGS__, NULL })

static const char *patch_value(const struct patch_info *patch, const struct patches *patches)
{
	return patch->values[((const u8 *)patches)[patch->offset]];
}

bool list_kernels(struct table *t, GError **error)
{
	u32 n;
	const struct release *releases = release_list(&n);

	(void)error;
	COLUMNS(t, "kernel", "summary");
	for (u32 i = 0; i < n; i++) {
		table_text(t, releases[i].name);
		table_text(t, releases[i].summary);
	}
	return true;
}

static char *values_of(const struct patch_info *patch)
{
	GString *text = g_string_new(NULL);

	for (u32 i = 0; patch->values[i]; i++)
		if (patch->values[i][0])
			g_string_append_printf(text, "%s%s", text->len ? "|" : "", patch->values[i]);
	return g_string_free(text, FALSE);
}

/* What the oldest release has, then every release that changes it: "off, 6.18 on"; "on, in 6.17 off" if
 * the next one changes it back. */
static char *defaults_of(const struct patch_info *patch)
{
	GString *text = g_string_new(NULL);
	const char *before = "";
	u32 n;
	const struct release *releases = release_list(&n);

	for (u32 r = 0; r < n; r++) {
		const char *value = patch_value(patch, &releases[r].patches);
		bool once = r + 1 < n && !strcmp(patch_value(patch, &releases[r + 1].patches), before);

		if (!strcmp(value, before))
			continue;
		if (text->len)
			g_string_append(text, ", ");
		if (r)
			g_string_append_printf(text, "%s%s ", once ? "in " : "", releases[r].name);
		g_string_append(text, value);
		before = once ? before : value;
	}
	return g_string_free(text, FALSE);
}

bool list_patches(struct table *t, GError **error)
{
	u32 n;
	const struct patch_info *patches = patch_list(&n);

	(void)error;
	COLUMNS(t, "patch", "values", "default", "meaning");
	for (u32 i = 0; i < n; i++) {
		char *values = values_of(&patches[i]), *defaults = defaults_of(&patches[i]);

		table_text(t, patches[i].name);
		table_text(t, values);
		table_text(t, defaults);
		table_text(t, patches[i].meaning);
		g_free(values);
		g_free(defaults);
	}
	return true;
}

bool list_rechecks(struct table *t, GError **error)
{
	(void)error;
	COLUMNS(t, "recheck", "step", "meaning", "spared");
	for (u32 i = 0; i < NR_RECHECKS; i++) {
		table_text(t, recheck_info[i].name);
		table_text(t, recheck_info[i].step);
		table_text(t, recheck_info[i].meaning);
		table_text(t, recheck_info[i].spared ? recheck_info[i].spared : "");
	}
	return true;
}

bool list_devices(struct table *t, GError **error)
{
	u32 n;
	const struct device_model *devices = device_model_list(&n);

	(void)error;
	COLUMNS(t, "device", "synchronous", "summary", "provenance");
	for (u32 i = 0; i < n; i++) {
		table_text(t, devices[i].name);
		table_text(t, !devices[i].disk ? "yes" : "no");
		table_text(t, devices[i].summary);
		table_text(t, devices[i].provenance);
	}
	return true;
}

bool list_cpus(struct table *t, GError **error)
{
	u32 n;
	const struct cpu_profile *profiles = cpu_profile_list(&n);

	(void)error;
	COLUMNS(t, "cpu", "provenance");
	for (u32 i = 0; i < n; i++) {
		table_text(t, profiles[i].name);
		table_text(t, profiles[i].provenance);
	}
	return true;
}

bool list_corpora(struct table *t, GError **error)
{
	(void)error;
	COLUMNS(t, "contents");
	table_column(t, "zero_permille", TABLE_RIGHT);
	table_column(t, "same_permille", TABLE_RIGHT);
	table_column(t, "huge_lz4_permille", TABLE_RIGHT);
	table_column(t, "mean_lz4_bytes", TABLE_RIGHT);
	table_column(t, "huge_lzo_permille", TABLE_RIGHT);
	table_column(t, "mean_lzo_bytes", TABLE_RIGHT);
	for (u32 i = 0; corpus_name(i); i++) {
		const struct corpus *c = corpus_find(corpus_name(i));

		table_text(t, corpus_name(i));
		table_number(t, c->zero_permille);
		table_number(t, c->same_permille);
		table_number(t, c->huge_permille[CODEC_LZ4]);
		table_number(t, c->mean_bytes[CODEC_LZ4]);
		table_number(t, c->huge_permille[CODEC_LZO_RLE]);
		table_number(t, c->mean_bytes[CODEC_LZO_RLE]);
	}
	return true;
}

bool list_workloads(struct table *t, GError **error)
{
	(void)error;
	COLUMNS(t, "workload", "meaning", "keys");
	for (const struct json_field *f = workload_table.fields; f->key; f++) {
		GString *keys = g_string_new(NULL);

		for (const struct json_field *key = f->table ? f->table->fields : f; f->table && key->key;
		     key++)
			g_string_append_printf(keys, "%s%s", keys->len ? " " : "", key->key);
		table_text(t, f->key);
		table_text(t, f->doc ? f->doc : "");
		table_text(t, keys->str);
		g_string_free(keys, TRUE);
	}
	return true;
}

bool list_counters(struct table *t, GError **error)
{
	(void)error;
	COLUMNS(t, "counter", "meaning");
	for (u32 i = 0; i < NR_COUNTERS; i++) {
		table_text(t, counter_info[i].name);
		table_text(t, counter_info[i].meaning);
	}
	return true;
}

struct kernel *smallest_kernel(GError **error)
{
	const struct memcg_config root = { .name = "", .max_pages = PAGE_COUNTER_MAX };
	const struct mm_config mm = { .name = "", .pages = 1, .corpus = *corpus_find(corpus_name(0)) };
	struct kernel_config config = kernel_config_default();

	config.memcgs = 1;
	config.memcg = &root;
	config.mms = 1;
	config.mm = &mm;
	return kernel_new(&config, error);
}

bool list_figures(struct table *t, GError **error)
{
	GArray *figures = figure_names(NULL, error);

	if (!figures)
		return false;
	COLUMNS(t, "figure", "of_cgroups", "group");
	for (u32 i = 0; i < figures->len; i++) {
		const struct figure *f = &g_array_index(figures, struct figure, i);

		table_text(t, f->key);
		table_text(t, f->of_cgroups ? "yes" : "no");
		table_text(t, figure_group_title(f->group));
	}
	figures_free(figures);
	return true;
}

bool list_locks(struct table *t, GError **error)
{
	struct kernel *k = smallest_kernel(error);

	if (!k)
		return false;
	COLUMNS(t, "lock");
	for (u32 i = 0; i < k->machine.lock_classes; i++)
		table_text(t, k->machine.lock_class[i]);
	kernel_free(k);
	return true;
}

bool list_paths(struct table *t, GError **error)
{
	struct kernel *k = smallest_kernel(error);

	if (!k)
		return false;
	COLUMNS(t, "path");
	table_column(t, "steps", TABLE_RIGHT);
	table_column(t, "frame_bytes", TABLE_RIGHT);
	for (u32 i = 0; i < k->machine.paths; i++) {
		table_text(t, k->machine.path[i].info->name);
		table_number(t, k->machine.path[i].steps - 1);
		table_number(t, k->machine.path[i].info->frame_bytes);
	}
	kernel_free(k);
	return true;
}

bool list_steps(struct table *t, GError **error)
{
	struct kernel *k = smallest_kernel(error);

	if (!k)
		return false;
	COLUMNS(t, "step", "releases");
	for (u32 i = 0; i < k->machine.paths; i++)
		for (u32 s = 1; s < k->machine.path[i].steps; s++) {
			table_printf(t, "%s.%s", k->machine.path[i].info->name,
				     k->machine.path[i].step_name[s]);
			table_text(t, path_releases(i) ? path_releases(i) : "");
		}
	kernel_free(k);
	return true;
}

bool list_windows(struct table *t, GError **error)
{
	(void)error;
	COLUMNS(t, "window", "opens", "closes", "weak", "releases", "object", "kernel");
	for (const struct window *w = windows; w->name; w++) {
		table_text(t, w->name);
		table_text(t, w->open);
		table_text(t, w->close);
		table_text(t, w->invariant);
		table_text(t, w->releases);
		table_text(t, w->object);
		table_text(t, w->kernel);
	}
	return true;
}

static const struct audit *const all_audits[] = { audits_of_swap, audits_of_zswap, audits_of_mm };

static const char *checked(const struct audit *a)
{
	return a->when == AUDIT_ANY_TIME ? "after every step" : "when no task is in the kernel";
}

/* With what audits of the same name add to it. */
static void add_invariant(struct table *t, const struct invariant *invariant)
{
	GString *meaning = g_string_new(invariant->meaning);

	for (u32 i = 0; i < ARRAY_SIZE(all_audits); i++)
		for (const struct audit *a = all_audits[i]; a->what.name; a++)
			if (!strcmp(a->what.name, invariant->name))
				g_string_append_printf(
				    meaning, "; %s%s%s", a->when == AUDIT_ANY_TIME ? "" : checked(a),
				    a->when == AUDIT_ANY_TIME ? "" : ": ", a->what.meaning);
	table_text(t, invariant->name);
	table_text(t, "after every step");
	table_text(t, meaning->str);
	g_string_free(meaning, TRUE);
}

static bool is_invariant(const char *name)
{
	for (u32 i = 0; kernel_invariants[i]; i++)
		if (!strcmp(kernel_invariants[i]->name, name))
			return true;
	return false;
}

bool list_invariants(struct table *t, GError **error)
{
	(void)error;
	COLUMNS(t, "invariant", "checked", "meaning");
	for (u32 i = 0; kernel_invariants[i]; i++)
		add_invariant(t, kernel_invariants[i]);
	for (u32 i = 0; i < ARRAY_SIZE(all_audits); i++)
		for (const struct audit *a = all_audits[i]; a->what.name; a++) {
			if (is_invariant(a->what.name))
				continue;
			table_text(t, a->what.name);
			table_text(t, checked(a));
			table_text(t, a->what.meaning);
		}
	return true;
}

bool list_choices(struct table *t, GError **error)
{
	(void)error;
	COLUMNS(t, "choice", "values", "meaning");
	for (u32 i = 0; i < NR_CHOICES; i++) {
		table_text(t, choice_info[i].name);
		table_text(t, choice_info[i].values);
		table_text(t, choice_info[i].meaning);
	}
	return true;
}
