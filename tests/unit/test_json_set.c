/*
 * test_json_set.c - assignments to a document: --set path=value (sim/json_doc.h).
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/test_json_sample.h"
#include "tests/unit/unit.h"

#define TEXT                                                                                                 \
	"{\"cgroups\": [{\"name\": \"a\", \"memory.max\": 4096}],\n"                                         \
	" \"tasks\": [{\"name\": \"a\", \"workload\": {\"trace\": \"x\"}}]}"

static struct json_doc *parse(void)
{
	struct json_doc *doc = json_doc_parse("s.json", TEXT, strlen(TEXT), NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	return doc;
}

static void same(const char *message, const char *expected)
{
	CU_ASSERT_STRING_EQUAL(message, expected);
	if (strcmp(message, expected) != 0)
		fprintf(stderr, "\n    %s\n    %s\n", message, expected);
}

static void set(struct json_doc *doc, const char *assignment)
{
	GError *error = NULL;

	CU_ASSERT_TRUE(json_doc_set(doc, &scenario_table, assignment, &error));
	if (error)
		fprintf(stderr, "\n    %s\n", error->message);
	g_clear_error(&error);
}

static struct scenario read(const struct json_doc *doc)
{
	GError *error = NULL;
	struct scenario s;

	CU_ASSERT_TRUE(json_read(doc, &scenario_table, &s, &error));
	if (error)
		fprintf(stderr, "\n    %s\n", error->message);
	CU_ASSERT_PTR_NULL_FATAL(error);
	return s;
}

/* The assignment itself is refused, and the document is as before. */
static void refuses(const char *assignment, enum swapsim_error code, const char *message)
{
	struct json_doc *doc = parse();
	GError *error = NULL;
	struct scenario s;

	CU_ASSERT_FALSE(json_doc_set(doc, &scenario_table, assignment, &error));
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	CU_ASSERT_TRUE(g_error_matches(error, SWAPSIM_ERROR, (int)code));
	same(error->message, message);
	g_error_free(error);
	s = read(doc);
	CU_ASSERT_EQUAL(s.n_cgroups, 1);
	CU_ASSERT_EQUAL(s.n_tasks, 1);
	json_release(&scenario_table, &s);
	json_doc_free(doc);
}

/* The value is refused when it is read. */
static void refuses_value(const char *assignment, const char *message)
{
	struct json_doc *doc = parse();
	GError *error = NULL;
	struct scenario s;

	set(doc, assignment);
	CU_ASSERT_FALSE(json_read(doc, &scenario_table, &s, &error));
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	same(error->message, message);
	g_error_free(error);
	json_doc_free(doc);
}

static void test_replace(void)
{
	struct json_doc *doc = parse();
	struct scenario s;

	set(doc, "cgroups[0].memory.max=64MiB");
	set(doc, "tasks[0].workload={\"zipf\": {\"pages\": 7}}");
	set(doc, "tasks[0].workload.zipf.pages=8");
	set(doc, "tasks[0].name=b");
	set(doc, "tasks[0].name=c");
	s = read(doc);
	CU_ASSERT_EQUAL(s.cgroups[0].max.value, 64u << 20);
	CU_ASSERT_EQUAL(s.tasks[0].workload.zipf->pages, 8);
	CU_ASSERT_STRING_EQUAL(s.tasks[0].name, "c");
	json_release(&scenario_table, &s);
	json_doc_free(doc);
}

static void test_create(void)
{
	struct json_doc *doc = parse();
	struct scenario s;

	set(doc, "machine.cpus=3");
	set(doc, "cgroups[0].memory.swap.max=max");
	set(doc, "tags[0]=x");
	set(doc, "tags[1]=z");
	set(doc, "tags[1]=y");
	set(doc, "tasks[1].workload.loop[0]=5");
	set(doc, "tasks[1].name=d");
	set(doc, "expect.\"6.18+table-alloc=v3\"=ok");
	s = read(doc);
	CU_ASSERT_EQUAL(s.machine.cpus, 3);
	CU_ASSERT_EQUAL(s.cgroups[0].swap_max.kind, JSON_SIZE_MAX);
	CU_ASSERT_EQUAL_FATAL(s.n_tags, 2);
	CU_ASSERT_STRING_EQUAL(s.tags[1], "y");
	CU_ASSERT_EQUAL_FATAL(s.n_tasks, 2);
	CU_ASSERT_EQUAL(s.tasks[1].workload.loop[0], 5);
	CU_ASSERT_EQUAL_FATAL(s.n_expect, 1);
	CU_ASSERT_STRING_EQUAL(s.expect[0].key, "6.18+table-alloc=v3");
	json_release(&scenario_table, &s);
	json_doc_free(doc);
}

static void test_bare_strings(void)
{
	struct json_doc *doc = parse();
	struct scenario s;

	set(doc, "machine.kernel=6.1");
	set(doc, "machine.tick=0.5s");
	set(doc, "machine.tick=2ms");
	set(doc, "machine.ties=lifo");
	set(doc, "note=true");
	set(doc, "expect.\"7.0\"=null");
	s = read(doc);
	CU_ASSERT_STRING_EQUAL(s.machine.kernel, "6.1");
	CU_ASSERT_EQUAL(s.machine.tick, 2000000);
	CU_ASSERT_EQUAL(s.machine.ties, TIES_LIFO);
	CU_ASSERT_STRING_EQUAL(s.note, "true");
	CU_ASSERT_STRING_EQUAL(s.expect[0].value, "null");
	json_release(&scenario_table, &s);
	set(doc, "note=\"quo\\u0074ed\"");
	s = read(doc);
	CU_ASSERT_STRING_EQUAL(s.note, "quoted");
	json_release(&scenario_table, &s);
	set(doc, "note=");
	s = read(doc);
	CU_ASSERT_STRING_EQUAL(s.note, "");
	json_release(&scenario_table, &s);
	set(doc, "note=[1,");
	s = read(doc);
	CU_ASSERT_STRING_EQUAL(s.note, "[1,");
	json_release(&scenario_table, &s);
	json_doc_free(doc);
}

#define LIKE " (expected one like machine.cpus, cgroups[0].memory.max or cgroups[NAME].memory.max)"

static void test_malformed(void)
{
	refuses("machine", ERROR_USAGE, "--set machine: no '=' (expected path=value)");
	refuses("=5", ERROR_USAGE, "--set =5: no path (expected path=value)");
	refuses("a[=5", ERROR_USAGE, "--set a[=5: malformed path" LIKE);
	refuses("a[-1]=5", ERROR_USAGE, "--set a[-1]=5: malformed path" LIKE);
	refuses("a[4294967296]=5", ERROR_USAGE, "--set a[4294967296]=5: malformed path" LIKE);
	refuses("a[0]b=5", ERROR_USAGE, "--set a[0]b=5: malformed path" LIKE);
	refuses("a..b=5", ERROR_USAGE, "--set a..b=5: malformed path" LIKE);
	refuses(".a=5", ERROR_USAGE, "--set .a=5: malformed path" LIKE);
	refuses("a.=5", ERROR_USAGE, "--set a.=5: malformed path" LIKE);
	refuses("\"a\"b=5", ERROR_USAGE, "--set \"a\"b=5: malformed path" LIKE);
	refuses("\"a=5", ERROR_USAGE, "--set \"a=5: malformed path" LIKE);
	refuses("cgroups[a=5", ERROR_USAGE, "--set cgroups[a=5: malformed path" LIKE);
	refuses("cgroups[]=5", ERROR_USAGE, "--set cgroups[]=5: malformed path" LIKE);
	refuses("machine[a]=5", ERROR_USAGE, "--set machine[a]=5: malformed path" LIKE);
	refuses("a=\xff", ERROR_USAGE, "--set: invalid UTF-8 (expected UTF-8 text)");
}

static char *path_of(const char *path, const char *message)
{
	struct json_doc *doc = parse();
	GError *error = NULL;
	char *place;

	set(doc, "cgroups[1]={\"name\": \"b\"}");
	place = json_doc_path(doc, &scenario_table, path, &error);
	CU_ASSERT_EQUAL(!place, !!error);
	if (error)
		same(error->message, message);
	g_clear_error(&error);
	json_doc_free(doc);
	return place;
}

static void leads(const char *path, const char *place)
{
	char *is = path_of(path, "");

	CU_ASSERT_STRING_EQUAL(is, place);
	g_free(is);
}

/* Elements have names, and however they are called the place is the same. */
static void test_names(void)
{
	struct json_doc *doc = parse();
	struct scenario s;

	set(doc, "cgroups[1]={\"name\": \"b\", \"memory.max\": 8192}");
	set(doc, "cgroups[b].memory.max=16384");
	set(doc, "cgroups[a].name=c");
	set(doc, "cgroups[c].memory.max=4KiB");
	s = read(doc);
	CU_ASSERT_STRING_EQUAL(s.cgroups[0].name, "c");
	json_release(&scenario_table, &s);
	json_doc_free(doc);
	leads("cgroups[b].memory.max", "cgroups[1].\"memory.max\"");
	leads("cgroups[1].\"memory.max\"", "cgroups[1].\"memory.max\"");
	leads("machine.cpus", "machine.cpus");
	leads("cgroups[2]", "cgroups[2]");
	CU_ASSERT_PTR_NULL(path_of("cgroups[2].memory.max", "--set cgroups[2].memory.max: no element 2 of "
							    "cgroups (there are cgroups[0] to cgroups[1])"));
	CU_ASSERT_PTR_NULL(path_of("cgroups[x].name",
				   "--set cgroups[x].name: no element of cgroups is called "
				   "\"x\" (one of a, b)"));
}

static void test_no_place(void)
{
	refuses("tasks[2].name=x", ERROR_SCENARIO,
		"--set tasks[2].name: no element 2 of tasks (there is only tasks[0]; tasks[1] would append)");
	refuses("tags[1]=x", ERROR_SCENARIO,
		"--set tags[1]: no element 1 of tags (it is empty; tags[0] would append)");
	refuses("cgroups[b].memory.max=1", ERROR_SCENARIO,
		"--set cgroups[b].memory.max: no element of cgroups is called \"b\" (one of a)");
	refuses("tasks[0].name.x=1", ERROR_SCENARIO,
		"--set tasks[0].name.x: tasks[0].name is the string \"a\" (expected an object)");
	refuses("tasks.name=1", ERROR_SCENARIO, "--set tasks.name: tasks is an array (expected an object)");
	refuses("[0]=1", ERROR_SCENARIO, "--set [0]: the document is an object (expected an array)");
	refuses("cgroups[0].memory.max[0]=1", ERROR_SCENARIO,
		"--set cgroups[0].memory.max[0]: cgroups[0].\"memory.max\" is the number 4096 (expected an "
		"array)");
}

static void test_later_errors(void)
{
	refuses_value("machine.cpus=0",
		      "--set machine.cpus: the number 0 is out of range (expected an integer, 1..64)");
	refuses_value("cgroups[0].memory.max=1",
		      "--set cgroups[0].memory.max: the number 1 is out of range "
		      "(expected a size, 4KiB..1TiB, in bytes or with KiB, MiB, GiB "
		      "or TiB, or \"max\", or a percentage, \"1%\"..\"1000%\")");
	refuses_value("machine={\"cpus\": 0}",
		      "--set machine: machine.cpus: the number 0 is out of range (expected "
		      "an integer, 1..64)");
	refuses_value("machin.cpus=1", "--set machin.cpus: machin: unknown key (did you mean \"machine\"?)");
	refuses_value("tasks[1].workload.trace=t",
		      "--set tasks[1].workload.trace: tasks[1]: missing key \"name\" "
		      "(expected a name: a letter or _, then letters, digits, _ or -)");
	refuses_value("note=[1, 2]", "--set note: found an array (expected a string)");
	refuses_value("tags=[1]",
		      "--set tags: tags[0]: found the number 1 (expected a name: a letter or _, then "
		      "letters, digits, _ or -)");
}

static void test_duplicates(void)
{
	refuses("machine={\"a\": {\"b\": 1, \"b\": 2}}", ERROR_SCENARIO,
		"--set machine: machine.a.b: duplicate key (expected it once)");
}

static void test_points(void)
{
	struct json_doc *doc = parse();
	GError *error = NULL;

	set(doc, "tasks[0].cgroup=nobody");
	json_doc_error(doc, &error, ERROR_SCENARIO, "tasks[0].cgroup", "no such cgroup (expected \"a\")");
	same(error->message, "--set tasks[0].cgroup: no such cgroup (expected \"a\")");
	g_clear_error(&error);
	json_doc_error(doc, &error, ERROR_SCENARIO, "tasks[0].name", "is wrong");
	same(error->message, "s.json:2:21: tasks[0].name: is wrong");
	g_clear_error(&error);
	json_doc_free(doc);
}

static void test_without_table(void)
{
	struct json_doc *doc = json_doc_parse("x", "{\"a.b\": 1}", 10, NULL);
	GError *error = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_TRUE(json_doc_set(doc, NULL, "a.b=2", NULL));
	CU_ASSERT_TRUE(json_doc_set(doc, NULL, "c.d=3", NULL));
	json_doc_error(doc, &error, ERROR_SCENARIO, "a.b", "x");
	same(error->message, "--set a.b: x");
	g_clear_error(&error);
	json_doc_error(doc, &error, ERROR_SCENARIO, "c", "x");
	same(error->message, "--set c.d: c: x");
	g_clear_error(&error);
	json_doc_free(doc);
}

static void test_depth(void)
{
	GString *path = g_string_new("a");
	struct json_doc *doc = parse();
	GError *error = NULL;

	for (int i = 0; i < 63; i++)
		g_string_append(path, "[0]");
	g_string_append(path, "=1");
	CU_ASSERT_TRUE(json_doc_set(doc, NULL, path->str, NULL));
	g_string_insert(path, 1, "[0]");
	CU_ASSERT_FALSE(json_doc_set(doc, NULL, path->str, &error));
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	CU_ASSERT_TRUE(g_str_has_suffix(error->message, ": path too deep (expected path=value)"));
	g_clear_error(&error);
	g_string_free(path, TRUE);
	json_doc_free(doc);
}

static const struct unit tests[] = {
	{ "a later assignment replaces what was there", test_replace },
	{ "missing keys are created and elements appended", test_create },
	{ "a bare word is a string where a string is wanted", test_bare_strings },
	{ "a malformed assignment is a usage error", test_malformed },
	{ "an assignment without a place changes nothing", test_no_place },
	{ "elements may be called by their name", test_names },
	{ "what is found wrong later names the assignment", test_later_errors },
	{ "a key twice in a value is refused", test_duplicates },
	{ "semantic errors point at an assignment or at the file", test_points },
	{ "without a table only keys that are there have dots", test_without_table },
	{ "a path has at most 64 steps", test_depth },
};
UNIT_MAIN("JSON assignments", tests)
