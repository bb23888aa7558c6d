/*
 * test_json.c - objects read by tables: values, defaults, every kind of error (sim/json.h).
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/test_json_sample.h"
#include "tests/unit/unit.h"

#define TASKS "\"tasks\": [{\"name\": \"a\", \"workload\": {\"trace\": \"x\"}}]"

static bool all_zero(const void *object, size_t size)
{
	const unsigned char *bytes = object;

	for (size_t i = 0; i < size; i++) {
		if (bytes[i])
			return false;
	}
	return true;
}

static struct scenario read(const char *text)
{
	GError *error = NULL;
	struct json_doc *doc = json_doc_parse("s.json", text, strlen(text), &error);
	struct scenario s;

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	memset(&s, 0xa5, sizeof(s));
	CU_ASSERT_TRUE_FATAL(json_read(doc, &scenario_table, &s, &error));
	CU_ASSERT_PTR_NULL(error);
	json_doc_free(doc);
	return s;
}

static void refuses_table(const struct json_table *table, const char *text, const char *message)
{
	GError *error = NULL;
	struct json_doc *doc = json_doc_parse("s.json", text, strlen(text), &error);
	void *object = g_malloc(table->size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	memset(object, 0xa5, table->size);
	CU_ASSERT_FALSE(json_read(doc, table, object, &error));
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	CU_ASSERT_TRUE(g_error_matches(error, SWAPSIM_ERROR, ERROR_SCENARIO));
	CU_ASSERT_STRING_EQUAL(error->message, message);
	if (strcmp(error->message, message) != 0)
		fprintf(stderr, "\n    %s\n    %s\n", error->message, message);
	CU_ASSERT_TRUE(all_zero(object, table->size));
	g_free(object);
	g_error_free(error);
	json_doc_free(doc);
}

static void refuses(const char *text, const char *message)
{
	refuses_table(&scenario_table, text, message);
}

static void test_values(void)
{
	struct scenario s =
	    read("{\"machine\": {\"cpus\": 64, \"seed\": 9007199254740991, \"ties\": \"seed\","
		 "\"numa\": true, \"memory\": 4097, \"tick\": \"250us\", \"kernel\": \"7.0-fix\"},"
		 "\"note\": \"\\u00e9 \\\"\", " TASKS "}");

	CU_ASSERT_EQUAL(s.machine.cpus, 64);
	CU_ASSERT_EQUAL(s.machine.seed, 9007199254740991);
	CU_ASSERT_EQUAL(s.machine.ties, TIES_SEED);
	CU_ASSERT_TRUE(s.machine.numa);
	CU_ASSERT_EQUAL(s.machine.memory.kind, JSON_SIZE_BYTES);
	CU_ASSERT_EQUAL(s.machine.memory.value, 4097);
	CU_ASSERT_EQUAL(s.machine.tick, 250000);
	CU_ASSERT_STRING_EQUAL(s.machine.kernel, "7.0-fix");
	CU_ASSERT_STRING_EQUAL(s.note, "\xc3\xa9 \"");
	json_release(&scenario_table, &s);
	CU_ASSERT_TRUE(all_zero(&s, sizeof(s)));
	json_release(&scenario_table, &s);
}

static void test_defaults(void)
{
	struct scenario s = read("{" TASKS "}");

	CU_ASSERT_EQUAL(s.machine.cpus, 2);
	CU_ASSERT_EQUAL(s.machine.seed, 1);
	CU_ASSERT_EQUAL(s.machine.ties, TIES_FIFO);
	CU_ASSERT_FALSE(s.machine.numa);
	CU_ASSERT_EQUAL(s.machine.memory.kind, JSON_SIZE_BYTES);
	CU_ASSERT_EQUAL(s.machine.memory.value, 1ull << 30);
	CU_ASSERT_EQUAL(s.machine.tick, 4000000);
	CU_ASSERT_STRING_EQUAL(s.machine.kernel, "6.18");
	CU_ASSERT_EQUAL(s.n_cgroups, 0);
	CU_ASSERT_PTR_NULL(s.cgroups);
	CU_ASSERT_PTR_NULL(s.note);
	CU_ASSERT_EQUAL(s.tasks[0].count, 0);
	json_release(&scenario_table, &s);
}

static void test_sizes(void)
{
	struct scenario s =
	    read("{\"cgroups\": [{\"name\": \"a\", \"memory.max\": \"50%\"},"
		 "{\"name\": \"b\", \"memory.max\": \"64MiB\", \"memory.swap.max\": 0},"
		 "{\"name\": \"c\", \"memory.max\": \"max\"}, {\"name\": \"d\"}], " TASKS "}");

	CU_ASSERT_EQUAL_FATAL(s.n_cgroups, 4);
	CU_ASSERT_EQUAL(s.cgroups[0].max.kind, JSON_SIZE_PERCENT);
	CU_ASSERT_EQUAL(s.cgroups[0].max.value, 50);
	CU_ASSERT_EQUAL(s.cgroups[0].swap_max.kind, JSON_SIZE_NONE);
	CU_ASSERT_EQUAL(s.cgroups[1].max.kind, JSON_SIZE_BYTES);
	CU_ASSERT_EQUAL(s.cgroups[1].max.value, 64u << 20);
	CU_ASSERT_EQUAL(s.cgroups[1].swap_max.kind, JSON_SIZE_BYTES);
	CU_ASSERT_EQUAL(s.cgroups[1].swap_max.value, 0);
	CU_ASSERT_EQUAL(s.cgroups[2].max.kind, JSON_SIZE_MAX);
	CU_ASSERT_EQUAL(s.cgroups[3].max.kind, JSON_SIZE_MAX);
	json_release(&scenario_table, &s);
}

static void test_lists(void)
{
	struct scenario s =
	    read("{\"tags\": [\"x\", \"y\"], \"marks\": [1, 9223372036854775807],"
		 "\"expect\": {\"7.0\": \"ok\", \"6.18+table-alloc=v3\": \"content\"},"
		 "\"tasks\": [{\"name\": \"a\", \"workload\": {\"zipf\": {\"pages\": 4294967295}},"
		 "\"do\": [{\"op\": \"p\", \"then\": {\"op\": \"q\"}}, {\"op\": \"r\"}]},"
		 "{\"name\": \"b\", \"workload\": {\"loop\": [0, 9]}}]}");

	CU_ASSERT_EQUAL_FATAL(s.n_tags, 2);
	CU_ASSERT_STRING_EQUAL(s.tags[1], "y");
	CU_ASSERT_EQUAL_FATAL(s.n_marks, 2);
	CU_ASSERT_EQUAL(s.marks[1], INT64_MAX);
	CU_ASSERT_EQUAL_FATAL(s.n_expect, 2);
	CU_ASSERT_STRING_EQUAL(s.expect[0].key, "7.0");
	CU_ASSERT_STRING_EQUAL(s.expect[1].key, "6.18+table-alloc=v3");
	CU_ASSERT_STRING_EQUAL(s.expect[1].value, "content");
	CU_ASSERT_EQUAL_FATAL(s.n_tasks, 2);
	CU_ASSERT_EQUAL(s.tasks[0].workload.zipf->pages, UINT32_MAX);
	CU_ASSERT_EQUAL(s.tasks[0].workload.zipf->skew, 990);
	CU_ASSERT_EQUAL_FATAL(s.tasks[0].n_ops, 2);
	CU_ASSERT_STRING_EQUAL(s.tasks[0].ops[0].then->name, "q");
	CU_ASSERT_PTR_NULL(s.tasks[0].ops[1].then);
	CU_ASSERT_PTR_NULL(s.tasks[1].workload.zipf);
	CU_ASSERT_EQUAL(s.tasks[1].workload.loop[1], 9);
	json_release(&scenario_table, &s);
}

static void test_unknown_keys(void)
{
	refuses("{\"machin\": {}, " TASKS "}", "s.json:1:2: machin: unknown key (did you mean \"machine\"?)");
	refuses("{\"cgroups\": [{\"name\": \"a\",\n \"memory_max\": 1}]}",
		"s.json:2:2: cgroups[0].memory_max: unknown key (did you mean \"memory.max\"?)");
	refuses(
	    "{\"cgroups\": [{\"memory.swp.max\": 1}]}",
	    "s.json:1:15: cgroups[0].\"memory.swp.max\": unknown key (did you mean \"memory.swap.max\"?)");
	refuses("{\"tasks\": [{\"priority\": 1}]}",
		"s.json:1:13: tasks[0].priority: unknown key (expected one of \"name\", \"count\", "
		"\"workload\", \"do\")");
	refuses("{\"Tasks\": []}", "s.json:1:2: Tasks: unknown key (did you mean \"tasks\"?)");
	refuses("{\"tasks\": [{\"\": 1}]}",
		"s.json:1:13: tasks[0].\"\": unknown key (expected one of \"name\", \"count\", \"workload\", "
		"\"do\")");
}

static void test_types(void)
{
	refuses("[]", "s.json:1:1: found an array (expected an object)");
	refuses("{\"machine\": null}", "s.json:1:13: machine: found null (expected an object)");
	refuses("{\"machine\": {\"numa\": 1}}",
		"s.json:1:22: machine.numa: found the number 1 (expected true or false)");
	refuses("{\"machine\": {\"cpus\": \"2\"}}",
		"s.json:1:22: machine.cpus: found the string \"2\" (expected an integer, 1..64)");
	refuses("{\"machine\": {\"cpus\": 2.0}}",
		"s.json:1:22: machine.cpus: found the number 2.0 (expected an integer, 1..64)");
	refuses("{\"machine\": {\"cpus\": 1e1}}",
		"s.json:1:22: machine.cpus: found the number 1e1 (expected an integer, 1..64)");
	refuses(
	    "{\"machine\": {\"memory\": true}}",
	    "s.json:1:24: machine.memory: found true (expected a size, at least 4KiB, in bytes or with KiB, "
	    "MiB, GiB or TiB)");
	refuses(
	    "{\"machine\": {\"tick\": 60}}",
	    "s.json:1:22: machine.tick: found the number 60 (expected a duration, 1us..1s, with ns, us, ms "
	    "or s)");
	refuses("{\"machine\": {\"ties\": 0}}",
		"s.json:1:22: machine.ties: found the number 0 (expected one of "
		"\"fifo\", \"lifo\", \"seed\")");
	refuses("{\"note\": false}", "s.json:1:10: note: found false (expected a string)");
	refuses("{\"tasks\": {}}", "s.json:1:11: tasks: found an object (expected an array)");
	refuses("{\"tasks\": [[]]}", "s.json:1:12: tasks[0]: found an array (expected an object)");
	refuses("{\"tags\": \"a\"}", "s.json:1:10: tags: found the string \"a\" (expected an array)");
	refuses("{\"marks\": [1, \"a\"]}",
		"s.json:1:15: marks[1]: found the string \"a\" (expected an integer, "
		"1..9223372036854775807)");
	refuses("{\"expect\": []}", "s.json:1:12: expect: found an array (expected an object)");
	refuses("{\"expect\": {\"6.18\": 1}}",
		"s.json:1:21: expect.\"6.18\": found the number 1 (expected a string)");
	refuses(
	    "{\"tags\": \"0123456789012345678901234567890123456789\\u00e9\"}",
	    "s.json:1:10: tags: found the string \"0123456789012345678901234567890123456789\"... (expected "
	    "an array)");
}

static void test_ranges(void)
{
	refuses("{\"machine\": {\"cpus\": 0}}", "s.json:1:22: machine.cpus: the number 0 is out of range "
						"(expected an integer, 1..64)");
	refuses("{\"machine\": {\"cpus\": 65}}", "s.json:1:22: machine.cpus: the number 65 is out of range "
						 "(expected an integer, 1..64)");
	refuses(
	    "{\"machine\": {\"seed\": 9007199254740993}}",
	    "s.json:1:22: machine.seed: the number 9007199254740993 is out of range (expected an integer, "
	    "0..9007199254740992)");
	refuses("{\"machine\": {\"seed\": -1}}", "s.json:1:22: machine.seed: the number -1 is out of range "
						 "(expected an integer, 0..9007199254740992)");
	refuses("{\"marks\": [9223372036854775808]}",
		"s.json:1:12: marks[0]: the number 9223372036854775808 is out of range (expected an integer, "
		"1..9223372036854775807)");
	refuses("{\"machine\": {\"memory\": \"3KiB\"}}",
		"s.json:1:24: machine.memory: the string \"3KiB\" is out of range (expected a size, at least "
		"4KiB, in bytes or with KiB, MiB, GiB or TiB)");
	refuses("{\"machine\": {\"tick\": \"2s\"}}",
		"s.json:1:22: machine.tick: the string \"2s\" is out of "
		"range (expected a duration, 1us..1s, with ns, us, ms or s)");
	refuses("{\"machine\": {\"tick\": 0}}", "s.json:1:22: machine.tick: the number 0 is out of range "
						"(expected a duration, 1us..1s, with ns, us, ms or s)");
	refuses("{\"tasks\": []}", "s.json:1:11: tasks: found 0 elements (expected 1..8)");
	refuses("{\"tags\": [1, 2, 3, 4]}", "s.json:1:10: tags: found 4 elements (expected 0..3)");
	refuses("{\"expect\": {\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}}",
		"s.json:1:12: expect: found 5 keys (expected 0..4)");
}

static void test_units(void)
{
	const char *limit =
	    "(expected a size, 4KiB..1TiB, in bytes or with KiB, MiB, GiB or TiB, or \"max\", or a "
	    "percentage, \"1%\"..\"1000%\")";
	char *message;

	message = g_strconcat(
	    "s.json:1:27: cgroups[0].\"memory.max\": the string \"64MB\" has an unknown unit ", limit, NULL);
	refuses("{\"cgroups\":[{\"memory.max\":\"64MB\"}]}", message);
	g_free(message);
	message = g_strconcat("s.json:1:27: cgroups[0].\"memory.max\": the string \"1001%\" is out of range ",
			      limit, NULL);
	refuses("{\"cgroups\":[{\"memory.max\":\"1001%\"}]}", message);
	g_free(message);
	message = g_strconcat("s.json:1:27: cgroups[0].\"memory.max\": the string \"%\" is not a number ",
			      limit, NULL);
	refuses("{\"cgroups\":[{\"memory.max\":\"%\"}]}", message);
	g_free(message);
	refuses("{\"machine\": {\"memory\": \"max\"}}",
		"s.json:1:24: machine.memory: the string \"max\" is not a number (expected a size, at least "
		"4KiB, in bytes or with KiB, MiB, GiB or TiB)");
	refuses("{\"machine\": {\"tick\": \"4\"}}", "s.json:1:22: machine.tick: the string \"4\" has no unit "
						    "(expected a duration, 1us..1s, with ns, us, ms or s)");
}

static void test_strings(void)
{
	refuses("{\"machine\": {\"ties\": \"first\"}}",
		"s.json:1:22: machine.ties: the string \"first\" is not "
		"known (expected one of \"fifo\", \"lifo\", \"seed\")");
	refuses("{\"tags\": [\"a b\"]}",
		"s.json:1:11: tags[0]: the string \"a b\" does not fit (expected a name: "
		"a letter or _, then letters, digits, _ or -)");
	refuses("{\"tags\": [\"a\\n\"]}",
		"s.json:1:11: tags[0]: the string \"a\\n\" does not fit (expected a "
		"name: a letter or _, then letters, digits, _ or -)");
	refuses("{\"expect\": {\"a b\": \"ok\"}}",
		"s.json:1:13: expect.\"a b\": the key does not fit (expected a "
		"word: letters, digits, or any of _ . + = -)");
}

static void test_required(void)
{
	refuses("{\n}", "s.json:1:1: missing key \"tasks\" (expected an array)");
	refuses("{\"tasks\": [{\"workload\": {\"trace\": \"x\"}}]}",
		"s.json:1:12: tasks[0]: missing key \"name\" (expected a name: a letter or _, then letters, "
		"digits, _ or -)");
	refuses("{\"tasks\": [{\"name\": \"a\",\n \"workload\": {\"zipf\": {}}}]}",
		"s.json:2:23: tasks[0].workload.zipf: missing key \"pages\" (expected an integer, "
		"1..4294967295)");
}

static void test_groups(void)
{
	const char *all = "\"zipf\", \"trace\", \"loop\", \"idle_ms\", \"sleep\", \"fill\")";
	char *message =
	    g_strconcat("s.json:1:38: tasks[0].workload: missing key (expected exactly one of ", all, NULL);

	refuses("{\"tasks\": [{\"name\": \"a\", \"workload\": {}}]}", message);
	g_free(message);
	message =
	    g_strconcat("s.json:1:12: tasks[0].workload: missing key (expected exactly one of ", all, NULL);
	refuses("{\"tasks\": [{\"name\": \"a\"}]}", message);
	g_free(message);
	message = g_strconcat(
	    "s.json:2:2: tasks[0].workload.loop: excluded by \"trace\" (expected exactly one of ", all, NULL);
	refuses("{\"tasks\": [{\"name\": \"a\", \"workload\": {\"trace\": \"x\",\n \"loop\": [1]}}]}",
		message);
	g_free(message);
}

static void test_check(void)
{
	refuses("{\"cgroups\": [{\"name\": \"a\",\n \"low\": 5, \"high\": 4}]}",
		"s.json:2:9: cgroups[0].low: is above \"high\" (expected at most 4)");
}

static bool always_wrong(const void *object, const struct json_at *at, GError **error)
{
	(void)object;
	return json_at_error(at, error, "a.b[1]", "is wrong");
}

struct pair_of_tables {
	struct machine inner;
};

static void test_check_of_absent_object(void)
{
	static const struct json_field no_fields[] = { { 0 } };
	static const struct json_table inner = { "inner", sizeof(struct machine), no_fields, .doc = "Inner.",
						 .check = always_wrong };
	static const struct json_field fields[] = {
		{ "inner", JSON_OBJECT(struct pair_of_tables, inner, &inner), .doc = "Inner" },
		{ 0 },
	};
	static const struct json_table outer = { "outer", sizeof(struct pair_of_tables), fields,
						 .doc = "Outer." };

	refuses_table(&outer, " {}", "s.json:1:2: inner.a.b[1]: is wrong");
	refuses_table(&outer, " {\"inner\": {}}", "s.json:1:12: inner.a.b[1]: is wrong");
}

struct odd {
	struct zipf *zipf;
	struct json_pair *map;
	u32 n_map;
	u64 wait;
};

static const struct json_field odd_fields[] = {
	{ "wait", JSON_DURATION(struct odd, wait, 0, UNITS_MAX), .doc = "Wait" },
	{ "zipf", JSON_OPTIONAL(struct odd, zipf, &zipf_table), .required = true, .doc = "Zipf" },
	{ "map", JSON_MAP(struct odd, map, n_map, NULL, 0, 1), .required = true, .doc = "Map" },
	{ 0 },
};
static const struct json_table odd_table = { "odd", sizeof(struct odd), odd_fields, .doc = "Odd." };

static void test_required_objects(void)
{
	const char *good = "{\"map\": {}, \"zipf\": {\"pages\": 1}}";
	struct json_doc *doc = json_doc_parse("x", good, strlen(good), NULL);
	struct odd odd;
	char *text;

	refuses_table(&odd_table, "{}", "s.json:1:1: missing key \"zipf\" (expected an object)");
	refuses_table(&odd_table, "{\"zipf\": {\"pages\": 1}}",
		      "s.json:1:1: missing key \"map\" (expected an object)");
	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_TRUE_FATAL(json_read(doc, &odd_table, &odd, NULL));
	CU_ASSERT_EQUAL(odd.wait, 0);
	text = json_write(&odd_table, &odd);
	CU_ASSERT_STRING_EQUAL(text, "{\n  \"wait\": \"0ns\",\n  \"zipf\": {\n    \"pages\": 1,\n    "
				     "\"skew\": 990\n  },\n  \"map\": {}\n}\n");
	g_free(text);
	json_release(&odd_table, &odd);
	json_doc_free(doc);
}

struct choosy {
	struct json_choices *choices;
	u32 n_choices;
};

static const struct json_field choosy_fields[] = {
	{ "any", JSON_CHOICES(struct choosy, choices, n_choices, 1, 2), .doc = "Any" },
	{ 0 },
};
static const struct json_table choosy_table = { "choosy", sizeof(struct choosy), choosy_fields,
						.doc = "Choosy." };

static void test_choices(void)
{
	const char *text = "{\"any\": {\"a.b\": [1, \"x\", true, [ {\"d\": 3} ]], \"c\": [\"2\"]}}";
	struct json_doc *doc = json_doc_parse("x", text, strlen(text), NULL);
	struct choosy choosy;
	char *written;

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_TRUE_FATAL(json_read(doc, &choosy_table, &choosy, NULL));
	CU_ASSERT_EQUAL_FATAL(choosy.n_choices, 2);
	CU_ASSERT_STRING_EQUAL(choosy.choices[0].key, "a.b");
	CU_ASSERT_STRING_EQUAL(choosy.choices[0].value[0], "1");
	CU_ASSERT_STRING_EQUAL(choosy.choices[0].value[1], "x");
	CU_ASSERT_STRING_EQUAL(choosy.choices[0].value[2], "true");
	CU_ASSERT_STRING_EQUAL(choosy.choices[0].value[3], "[{\"d\":3}]");
	CU_ASSERT_PTR_NULL(choosy.choices[0].value[4]);
	written = json_write(&choosy_table, &choosy);
	CU_ASSERT_PTR_NOT_NULL(strstr(
	    written,
	    "\"a.b\": [\n      \"1\",\n      \"x\",\n      \"true\",\n      \"[{\\\"d\\\":3}]\"\n    ]"));
	g_free(written);
	json_release(&choosy_table, &choosy);
	json_doc_free(doc);
	refuses_table(&choosy_table, "{\"any\": {}}", "s.json:1:9: any: found 0 keys (expected 1..2)");
	refuses_table(&choosy_table, "{\"any\": {\"a\": 1}}",
		      "s.json:1:15: any.a: found the number 1 (expected an array)");
	refuses_table(&choosy_table, "{\"any\": {\"a\": []}}",
		      "s.json:1:15: any.a: found 0 elements (expected at least 1)");
	refuses_table(&choosy_table, "{\"any\": {\"a\": [1, null]}}",
		      "s.json:1:19: any.a[1]: found null (expected any value but null)");
}

/* What was read before the fault is freed; the sanitizer would tell. */
static void test_failure_frees(void)
{
	refuses(
	    "{\"tags\": [\"a\"], \"marks\": [1], \"expect\": {\"a\": \"b\"}, \"note\": \"n\","
	    "\"machine\": {\"kernel\": \"6.1\"}, \"cgroups\": [{\"name\": \"a\"}],\n"
	    "\"tasks\": [{\"name\": \"a\", \"workload\": {\"zipf\": {\"pages\": 1}},"
	    "\"do\": [{\"op\": \"p\", \"then\": {\"op\": \"q\", \"then\": {\"op\": 3}}}]}]}",
	    "s.json:2:114: tasks[0].do[0].then.then.op: found the number 3 (expected a name: a letter or _, "
	    "then letters, digits, _ or -)");
}

static void test_first_error(void)
{
	refuses("{\"note\": 1, \"zzz\": 2, \"machine\": 3}",
		"s.json:1:10: note: found the number 1 (expected a string, \"1\")");
}

static const struct unit tests[] = {
	{ "values of every single kind arrive exactly", test_values },
	{ "what is left out stands at its default", test_defaults },
	{ "sizes are bytes, max, a percentage or not given", test_sizes },
	{ "lists, maps and nested objects keep order and content", test_lists },
	{ "an unknown key is told with the nearest or all known ones", test_unknown_keys },
	{ "a wrong type says what was found and expected", test_types },
	{ "a value or count out of range tells the range", test_ranges },
	{ "a wrong unit is told with the right ones", test_units },
	{ "names and patterns are checked over the whole string", test_strings },
	{ "missing keys are told at their object", test_required },
	{ "required objects and maps may be empty but not missing", test_required_objects },
	{ "choices are lists of any scalars, read as texts", test_choices },
	{ "of a group exactly one key may be there", test_groups },
	{ "a contradiction is reported at its field", test_check },
	{ "a contradiction in an object by default is reported around it", test_check_of_absent_object },
	{ "a failed read frees and zeroes the object", test_failure_frees },
	{ "only the first error in the text is reported", test_first_error },
};
UNIT_MAIN("JSON tables", tests)
