/*
 * test_json_write.c - what a table writes: the effective configuration, the Schema, the reference
 * (sim/json.h).
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/test_json_sample.h"
#include "tests/unit/unit.h"

static void same(const char *text, const char *expected)
{
	CU_ASSERT_STRING_EQUAL(text, expected);
	if (strcmp(text, expected) != 0)
		fprintf(stderr, "\n%s\n", text);
}

static char *rewrite(const struct json_table *table, const char *text)
{
	GError *error = NULL;
	struct json_doc *doc = json_doc_parse("s.json", text, strlen(text), &error);
	void *object = g_malloc(table->size);
	char *written;

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_TRUE_FATAL(json_read(doc, table, object, &error));
	written = json_write(table, object);
	json_release(table, object);
	g_free(object);
	json_doc_free(doc);
	return written;
}

/* The text is written as expected, and that is written as itself. */
static void writes(const struct json_table *table, const char *text, const char *expected)
{
	char *first = rewrite(table, text);
	char *second = rewrite(table, first);

	same(first, expected);
	same(second, first);
	g_free(first);
	g_free(second);
}

static void test_defaults(void)
{
	writes(&machine_table, "{}",
	       "{\n"
	       "  \"cpus\": 2,\n"
	       "  \"seed\": 1,\n"
	       "  \"ties\": \"fifo\",\n"
	       "  \"numa\": false,\n"
	       "  \"memory\": \"1GiB\",\n"
	       "  \"tick\": \"4ms\",\n"
	       "  \"kernel\": \"6.18\"\n"
	       "}\n");
}

static void test_sizes(void)
{
	writes(&cgroup_table, "{\"name\": \"a\", \"memory.max\": \"050%\", \"memory.swap.max\": 1025}",
	       "{\n"
	       "  \"name\": \"a\",\n"
	       "  \"memory.max\": \"50%\",\n"
	       "  \"memory.swap.max\": 1025,\n"
	       "  \"low\": 0,\n"
	       "  \"high\": 1000\n"
	       "}\n");
	writes(&cgroup_table, "{\"name\": \"c\", \"memory.swap.max\": \"max\"}",
	       "{\n"
	       "  \"name\": \"c\",\n"
	       "  \"memory.max\": \"max\",\n"
	       "  \"memory.swap.max\": \"max\",\n"
	       "  \"low\": 0,\n"
	       "  \"high\": 1000\n"
	       "}\n");
	writes(&cgroup_table, "{\"low\": 1, \"memory.max\": 8192, \"name\": \"b\"}",
	       "{\n"
	       "  \"name\": \"b\",\n"
	       "  \"memory.max\": \"8KiB\",\n"
	       "  \"low\": 1,\n"
	       "  \"high\": 1000\n"
	       "}\n");
}

static void test_groups(void)
{
	writes(&workload_table, "{\"loop\": [0, 9]}",
	       "{\n"
	       "  \"loop\": [\n"
	       "    0,\n"
	       "    9\n"
	       "  ]\n"
	       "}\n");
	writes(&workload_table, "{\"idle_ms\": 1}", "{\n  \"idle_ms\": 1\n}\n");
	writes(&workload_table, "{\"sleep\": \"1000ms\"}", "{\n  \"sleep\": \"1s\"\n}\n");
	writes(&workload_table, "{\"fill\": 0}", "{\n  \"fill\": 0\n}\n");
	writes(&workload_table, "{\"trace\": \"\"}", "{\n  \"trace\": \"\"\n}\n");
	writes(&workload_table, "{\"zipf\": {\"pages\": 3}}",
	       "{\n  \"zipf\": {\n    \"pages\": 3,\n    \"skew\": 990\n  }\n}\n");
}

static void test_escapes(void)
{
	writes(&workload_table, "{\"trace\": \"\\\"\\\\\\/\\n\\t\\u0001\\u00e9\\ud83d\\ude00\x7f\"}",
	       "{\n  \"trace\": \"\\\"\\\\/\\n\\t\\u0001\xc3\xa9\xf0\x9f\x98\x80\x7f\"\n}\n");
}

static void test_everything(void)
{
	const char *text =
	    "{\"tasks\": [{\"name\": \"a\", \"workload\": {\"trace\": \"x\"}, \"count\": 2,"
	    "\"do\": [{\"op\": \"p\", \"then\": {\"op\": \"q\"}}]}], \"cgroups\": [],"
	    "\"tags\": [\"x\", \"y\"], \"marks\": [9223372036854775807],"
	    "\"expect\": {\"b\": \"1\", \"a\": \"\"}, \"note\": \"n\", \"machine\": {\"cpus\": 1}}";
	char *first = rewrite(&scenario_table, text);
	char *second = rewrite(&scenario_table, first);

	same(second, first);
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "\"marks\": [\n    9223372036854775807\n  ]"));
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "\"expect\": {\n    \"b\": \"1\",\n    \"a\": \"\"\n  }"));
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "\"then\": {\n"));
	CU_ASSERT_PTR_NULL(strstr(first, "cgroups"));
	g_free(first);
	g_free(second);
}

static void test_schema(void)
{
	char *schema = json_schema(&zipf_table, "Zipf");

	same(schema, "{\n"
		     "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
		     "  \"title\": \"Zipf\",\n"
		     "  \"$ref\": \"#/$defs/zipf\",\n"
		     "  \"$defs\": {\n"
		     "    \"zipf\": {\n"
		     "      \"description\": \"By rank.\",\n"
		     "      \"type\": \"object\",\n"
		     "      \"properties\": {\n"
		     "        \"pages\": {\n"
		     "          \"description\": \"Pages\",\n"
		     "          \"type\": \"integer\",\n"
		     "          \"minimum\": 1,\n"
		     "          \"maximum\": 4294967295\n"
		     "        },\n"
		     "        \"skew\": {\n"
		     "          \"description\": \"Skew in thousandths\",\n"
		     "          \"type\": \"integer\",\n"
		     "          \"minimum\": 0,\n"
		     "          \"maximum\": 2000,\n"
		     "          \"default\": 990\n"
		     "        }\n"
		     "      },\n"
		     "      \"required\": [\n"
		     "        \"pages\"\n"
		     "      ],\n"
		     "      \"additionalProperties\": false\n"
		     "    }\n"
		     "  }\n"
		     "}\n");
	g_free(schema);
}

/* The Schema is JSON itself, holds every table once, and every key of every kind. */
static void test_whole_schema(void)
{
	char *schema = json_schema(&scenario_table, "Scenario");
	char *again = json_schema(&scenario_table, "Scenario");
	GError *error = NULL;
	struct json_doc *doc = json_doc_parse("schema", schema, strlen(schema), &error);

	CU_ASSERT_PTR_NOT_NULL(doc);
	same(again, schema);
	CU_ASSERT_PTR_NOT_NULL(strstr(schema, "\"pattern\": \"^(?:[0-9]+(KiB|MiB|GiB|TiB)?|max|[0-9]+%)$\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(schema, "\"pattern\": \"^(?:[0-9]+(ns|us|ms|s))$\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(schema, "\"$ref\": \"#/$defs/op\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(schema, "\"propertyNames\": {"));
	CU_ASSERT_PTR_NOT_NULL(strstr(schema, "\"oneOf\": ["));
	json_doc_free(doc);
	g_free(schema);
	g_free(again);
}

static void test_reference(void)
{
	char *reference = json_reference(&cgroup_table);

	same(reference,
	     "## cgroup\n\nA control group.\n\n"
	     "| key | type | default | range | meaning |\n|---|---|---|---|---|\n"
	     "| `name` | string | required | a name: a letter or _, then letters, digits, _ or - | Name |\n"
	     "| `memory.max` | size | `max` | 4KiB..1TiB; `max`; a percentage | Limit \\| `max` |\n"
	     "| `memory.swap.max` | size | - | `max` | Limit of swap |\n"
	     "| `low` | integer | `0` | 0..1000 | At most `high` |\n"
	     "| `high` | integer | `1000` | 0..1000 | At least `low` |\n");
	g_free(reference);
}

static void test_whole_reference(void)
{
	char *reference = json_reference(&scenario_table);
	char *again = json_reference(&scenario_table);

	same(again, reference);
	CU_ASSERT_PTR_NOT_NULL(strstr(reference, "Exactly one of \"zipf\", \"trace\", \"loop\", \"idle_ms\", "
						 "\"sleep\", \"fill\" must be given.\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reference, "| `zipf` | [zipf](#zipf) | one of |"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reference, "| `ties` | name | `fifo` | `fifo`, `lifo`, `seed` |"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reference, "| `workload` | [workload](#workload) | required |"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reference, "| `then` | [op](#op) | - |"));
	CU_ASSERT_PTR_EQUAL(strstr(strstr(reference, "## op") + 1, "## op"), NULL);
	g_free(reference);
	g_free(again);
}

static const struct unit tests[] = {
	{ "the effective configuration has all defaults in it", test_defaults },
	{ "sizes are written in the form that reads back", test_sizes },
	{ "of a group only the key that was given is written", test_groups },
	{ "strings are escaped no more than needed", test_escapes },
	{ "what is written reads back and writes the same", test_everything },
	{ "the Schema says what the table says", test_schema },
	{ "the whole Schema is JSON and the same every time", test_whole_schema },
	{ "the reference says what the table says", test_reference },
	{ "the whole reference has each table once and is the same every time", test_whole_reference },
};
UNIT_MAIN("JSON writing", tests)
