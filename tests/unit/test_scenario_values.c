/*
 * Every number of a scenario at its limits, beyond them and far beyond them: a message, or a run.
 */
#include "tests/unit/unit.h"

#include "models/work/work_table.h"
#include "sim/json_scalar.h"
#include "sim/json_table.h"
#include "tests/unit/scenario_text.h"

/* Half of the data fits; samples are frequent, so that runs are left early. */
#define SCENARIO                                                                                             \
	"{'format':1,'name':'v','machine':{'memory':'128MiB','cpus':2},"                                     \
	"'swap':[{'device':'zram-lz4','size':'8MiB'}],'cgroups':[{'name':'g','memory.max':'60%%'}],"         \
	"'processes':[{'name':'p'}],'shared_memory':[{'name':'m','size':'64KiB'}],'sample':{'every':'100us'" \
	"},'tasks':["                                                                                        \
	"{'name':'a','cgroup':'g','overhead_pages':0,'workload':{%s}},"                                      \
	"{'name':'b','process':'p','workload':{'seq':{'pages':8}}}]}"

struct sweep {
	const char *workload; /* of the first task */
	u32 tried;
	u32 ran;
};

static bool stop_soon(void *data)
{
	return ++*(u32 *)data > 3;
}

static bool run_a_little(const struct scenario *s, GError **error)
{
	const struct build_options options = { .seed = scenario_seed(s) };
	u32 polls = 0;
	struct run_result *r = run_scenario(s, &options, stop_soon, &polls, error);

	run_result_free(r);
	return r;
}

/* A message says where, and in brackets what would be right. */
static void check_message(const char *assignment, GError **error)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(*error);
	if (!strchr((*error)->message, '(') || g_error_matches(*error, SWAPSIM_ERROR, ERROR_FINDING)) {
		printf("\n%s: %s\n", assignment, (*error)->message);
		CU_FAIL("a message does not say what would be right");
	}
	g_clear_error(error);
}

static void try(struct sweep *sweep, const char *path, const struct json_field *f, const char *value)
{
	char *text = g_strdup_printf(SCENARIO, sweep->workload), *json = g_strdelimit(text, "'", '"');
	char *assignment = g_strdup_printf(f->kind == JSON_KIND_UINTS ? "%s=[%s]" : "%s=%s", path, value);
	struct json_doc *doc = json_doc_parse("s.json", json, strlen(json), NULL);
	bool zero = f->kind == JSON_KIND_DURATION && !strcmp(value, "0"); /* of any unit */
	bool possible = json_scalar_accepts(f, zero ? "0ns" : value);
	struct scenario *s = NULL;
	GError *error = NULL;

	sweep->tried++;
	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	if (json_doc_set(doc, &scenario_table, assignment, &error))
		s = scenario_read(doc, SOURCE_DIR, &error);
	if (s && !possible) {
		printf("\n%s was accepted\n", assignment);
		CU_FAIL("a value that cannot be was accepted");
	}
	if (s && run_a_little(s, &error))
		sweep->ran++;
	else
		check_message(assignment, &error);
	scenario_free(s);
	json_doc_free(doc);
	g_free(assignment);
	g_free(json);
}

static void try_values(struct sweep *sweep, const char *path, const struct json_field *f)
{
	static const char *const odd[] = {
		"0",	 "1", "9007199254740993",    "18446744073709551616", "1e400", "-1", "1.5", "1EiB",
		"16EiB", "x", "9223372036854775808s"
	};
	const u64 ends[] = { f->min - 1, f->min, f->min + 1, f->max - 1, f->max, f->max + 1 };
	const char *unit = f->kind == JSON_KIND_DURATION ? "ns" : "";

	for (u32 i = 0; i < ARRAY_SIZE(odd); i++)
		try(sweep, path, f, odd[i]);
	for (u32 i = 0; i < ARRAY_SIZE(ends); i++) {
		char *value = g_strdup_printf("%" G_GUINT64_FORMAT "%s", (guint64)ends[i], unit);

		try(sweep, path, f, value);
		g_free(value);
	}
}

static void sweep_table(struct sweep *sweep, const struct json_table *table, const char *path);

static void sweep_field(struct sweep *sweep, const struct json_field *f, const char *path)
{
	char *list;

	switch (f->kind) {
	case JSON_KIND_UINT:
	case JSON_KIND_SIZE:
	case JSON_KIND_DURATION:
	case JSON_KIND_UINTS:
		try_values(sweep, path, f);
		return;
	case JSON_KIND_OBJECT:
		sweep_table(sweep, f->table, path);
		return;
	case JSON_KIND_OBJECTS:
		list = g_strdup_printf("%s[0]", path);
		sweep_table(sweep, f->table, list);
		g_free(list);
		return;
	case JSON_KIND_OPTIONAL: /* the patterns, one at a time */
	case JSON_KIND_BOOL:
	case JSON_KIND_STRING:
	case JSON_KIND_ENUM:
	case JSON_KIND_STRINGS:
	case JSON_KIND_MAP:
	case JSON_KIND_CHOICES:
		return;
	}
}

static void sweep_table(struct sweep *sweep, const struct json_table *table, const char *path)
{
	for (const struct json_field *f = table->fields; f->key; f++) {
		char *below = g_strdup_printf("%s%s%s", path, *path ? "." : "", f->key);

		sweep_field(sweep, f, below);
		g_free(below);
	}
}

static void test_machine(void)
{
	struct sweep sweep = { .workload = "'rand':{'pages':512,'accesses':2000}" };

	sweep_table(&sweep, &scenario_table, "");
	CU_ASSERT(sweep.tried > 300);
	CU_ASSERT(sweep.ran > sweep.tried / 6); /* of what the scenario does not have nothing runs */
}

/* Each number of each pattern, of which the first extent that it may have is not given beside the other. */
static void test_patterns(void)
{
	static const char *const other[] = { "'pages':512", "'size':'2MiB'" };

	for (const struct json_field *p = workload_table.fields; p->key; p++) {
		for (u32 i = 0; i < ARRAY_SIZE(other); i++) {
			char *path = g_strdup_printf("tasks[0].workload.%s", p->key);
			char *rest = !strcmp(p->key, "trace")	? g_strdup("'file':'groundtruth/zipf'")
				     : !strcmp(p->key, "build") ? g_strdup("'heap':'2MiB','text':'512KiB'")
				     : json_table_find(p->table, "accesses")
					 ? g_strdup_printf("'accesses':2000,%s", other[i])
					 : g_strdup(other[i]);
			char *workload = g_strdup_printf("'%s':{%s}", p->key, rest);
			struct sweep sweep = { .workload = workload };

			sweep_table(&sweep, p->table, path);
			CU_ASSERT(sweep.ran >= 3);
			g_free(workload);
			g_free(rest);
			g_free(path);
		}
	}
}

static const struct unit tests[] = {
	{ "every number of a scenario is refused or runs", test_machine },
	{ "and so is every number of a pattern", test_patterns },
};
UNIT_MAIN("scenario: values", tests)
