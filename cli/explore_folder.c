#include "cli/explore_folder.h"

#include "cli/folder.h"
#include "cli/load.h"
#include "cli/result_files.h"
#include "sim/json_emit.h"

/* docs/results.md has them. */
static const char *word_of(const struct coverage *c, u32 a, u32 b)
{
	static const char *const words[] = { "apart", "together", "same_object", "violated" };

	return c->entered[a] && c->entered[b] ? words[coverage_seen(c, a, b)] : "not_entered";
}

static char *windows_csv(const struct explored *e, u32 n)
{
	GString *to = g_string_new("kernel,first,second,seen,complete\n");

	for (u32 i = 0; i < n; i++) {
		const struct coverage *c = &e[i].x->coverage;

		for (u32 a = 0; a < c->windows; a++)
			for (u32 b = 0; b <= a; b++)
				g_string_append_printf(to, "%s,%s,%s,%s,%d\n", e[i].kernel,
						       c->window[a].window->name, c->window[b].window->name,
						       word_of(c, a, b), exploration_is_through(e[i].x));
	}
	return g_string_free(to, FALSE);
}

static char *manifest(const struct scenario *s, const struct explored *e, u32 n, bool interrupted)
{
	struct json_emit emit;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	emit_manifest_scenario(&emit, "explore", s);
	json_emit_raw(&emit, "complete", interrupted ? "false" : "true");
	json_emit_open(&emit, "runs", '[');
	for (u32 i = 0; i < n; i++) {
		json_emit_open(&emit, NULL, '{');
		json_emit_string(&emit, "kernel", e[i].kernel);
		json_emit_number(&emit, "states", e[i].x->found.states);
		json_emit_close(&emit, '{');
	}
	json_emit_close(&emit, '[');
	json_emit_close(&emit, '{');
	return json_emit_finish(&emit);
}

bool explore_fill_folder(struct folder *folder, const struct scenario *s, const struct explored *e, u32 n,
			 bool interrupted, GError **error)
{
	char *csv = windows_csv(e, n), *text = manifest(s, e, n, interrupted);
	bool good = folder_add(folder, "windows.csv", csv, error) &&
		    folder_add(folder, "manifest.json", text, error) && folder_finish(folder, error);

	g_free(csv);
	g_free(text);
	return good;
}
