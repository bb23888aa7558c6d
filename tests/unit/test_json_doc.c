/*
 * test_json_doc.c - strictness of the JSON text, positions and paths (sim/json_doc.h, sim/json_scan.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/json_doc.h"
#include "tests/unit/unit.h"

static struct json_doc *parse(const char *text)
{
	GError *error = NULL;
	struct json_doc *doc = json_doc_parse("s.json", text, strlen(text), &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_PTR_NULL(error);
	return doc;
}

static void refuses_bytes(const char *text, size_t len, const char *message)
{
	GError *error = NULL;
	struct json_doc *doc = json_doc_parse("s.json", text, len, &error);

	CU_ASSERT_PTR_NULL(doc);
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	CU_ASSERT_TRUE(g_error_matches(error, SWAPSIM_ERROR, ERROR_SCENARIO));
	CU_ASSERT_STRING_EQUAL(error->message, message);
	if (strcmp(error->message, message) != 0)
		fprintf(stderr, "\n    %s\n    %s\n", error->message, message);
	g_error_free(error);
}

static void refuses(const char *text, const char *message)
{
	refuses_bytes(text, strlen(text), message);
}

static void accepts(const char *text)
{
	json_doc_free(parse(text));
}

/* The message of an error set at a path. */
static void points(const struct json_doc *doc, const char *path, const char *message)
{
	GError *error = NULL;

	CU_ASSERT_FALSE(json_doc_error(doc, &error, ERROR_SCENARIO, path, "is %s", "wrong"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	CU_ASSERT_STRING_EQUAL(error->message, message);
	if (strcmp(error->message, message) != 0)
		fprintf(stderr, "\n    %s\n    %s\n", error->message, message);
	g_error_free(error);
}

static void test_accepts(void)
{
	accepts("{}");
	accepts(" \t\r\n[ ] \n");
	accepts("null");
	accepts("-0.5e+3");
	accepts("[0, -0, 1E9, 0.0, true, false, null, \"\"]");
	accepts("{\"\": {\"\": 1}, \"a\": 1, \"A\": 2}");
	accepts("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\x7f\"");
	accepts("1234567890123456789012345678901234567890");
}

static void test_structure(void)
{
	refuses("", "s.json:1:1: unexpected end of text (expected a value)");
	refuses("  \n ", "s.json:2:2: unexpected end of text (expected a value)");
	refuses("{", "s.json:1:2: unexpected end of text (expected a key in double quotes)");
	refuses("{\"a\"}", "s.json:1:5: unexpected '}' (expected ':' after the key)");
	refuses("{\"a\":}", "s.json:1:6: unexpected '}' (expected a value)");
	refuses("{\"a\":1", "s.json:1:7: unexpected end of text (expected ',' or '}')");
	refuses("{\"a\":1 \"b\":2}", "s.json:1:8: unexpected '\"' (expected ',' or '}')");
	refuses("[1 2]", "s.json:1:4: unexpected '2' (expected ',' or ']')");
	refuses("[1}", "s.json:1:3: unexpected '}' (expected ',' or ']')");
	refuses("[,1]", "s.json:1:2: unexpected ',' (expected a value)");
	refuses("{a:1}", "s.json:1:2: unexpected 'a' (expected a key in double quotes)");
	refuses("'a'", "s.json:1:1: single quote (expected strings and keys in double quotes)");
	refuses("True", "s.json:1:1: unexpected 'T' (expected a value)");
	refuses("nul", "s.json:1:1: unexpected 'n' (expected a value)");
	refuses("\xc3\xa9", "s.json:1:1: unexpected '\xc3\xa9' (expected a value)");
	refuses("\x01", "s.json:1:1: unexpected U+0001 (expected a value)");
	refuses("\f[]", "s.json:1:1: unexpected U+000C (expected a value)");
}

static void test_trailing(void)
{
	refuses("[1,]", "s.json:1:3: trailing ',' before ']' (expected none)");
	refuses("{\"a\": 1,\n}", "s.json:1:8: trailing ',' before '}' (expected none)");
	refuses("{} x", "s.json:1:4: unexpected 'x' (expected nothing after the value)");
	refuses("{}{}", "s.json:1:3: unexpected '{' (expected nothing after the value)");
	refuses("truefalse", "s.json:1:5: unexpected 'f' (expected nothing after the value)");
}

static void test_comments(void)
{
	refuses("// x\n{}", "s.json:1:1: comment (JSON has no comments)");
	refuses("{} /* x */", "s.json:1:4: comment (JSON has no comments)");
	refuses("[1, # x\n2]", "s.json:1:5: unexpected '#' (expected a value)");
}

static void test_numbers(void)
{
	refuses("01", "s.json:1:1: number with a leading zero (expected none)");
	refuses("-01", "s.json:1:2: number with a leading zero (expected none)");
	refuses("[1.]", "s.json:1:4: unexpected ']' (expected a digit)");
	refuses("1.", "s.json:1:3: unexpected end of text (expected a digit)");
	refuses(".5", "s.json:1:1: unexpected '.' (expected a value)");
	refuses("+1", "s.json:1:1: unexpected '+' (expected a value)");
	refuses("-", "s.json:1:2: unexpected end of text (expected a digit)");
	refuses("1e", "s.json:1:3: unexpected end of text (expected a digit)");
	refuses("1e+x", "s.json:1:4: unexpected 'x' (expected a digit)");
	refuses("0x10", "s.json:1:2: unexpected 'x' (expected nothing after the value)");
	refuses("NaN", "s.json:1:1: unexpected 'N' (expected a value)");
	refuses("-Infinity", "s.json:1:2: unexpected 'I' (expected a digit)");
	refuses("12345678901234567890123456789012345678901",
		"s.json:1:1: number of 41 characters (expected at most 40)");
}

static void test_strings(void)
{
	refuses("[\"abc", "s.json:1:2: string without an end (expected a closing '\"')");
	refuses("\"a\nb\"", "s.json:1:3: the line ends within a string (expected a closing '\"')");
	refuses("\"\t\"", "s.json:1:2: control character U+0009 in a string (expected \\u0009)");
	refuses("\"\\x41\"", "s.json:1:3: unexpected 'x' (expected one of \" \\ / b f n r t u after \\)");
	refuses("\"\\u12g4\"", "s.json:1:6: unexpected 'g' (expected four hexadecimal digits after \\u)");
	refuses("\"a\\u0000\"", "s.json:1:3: \\u0000 in a string (strings have no NUL)");
}

static void test_surrogates(void)
{
	const char *message = "s.json:1:2: lone surrogate (expected \\uD800..\\uDBFF, then \\uDC00..\\uDFFF)";

	refuses("\"\\ud83d\"", message);
	refuses("\"\\ud83dx\"", message);
	refuses("\"\\ud83d\\n\"", message);
	refuses("\"\\ud83d\\u0041\"", message);
	refuses("\"\\ud83d\\ud83d\"", message);
	refuses("\"\\ude00\\ud83d\"", message);
}

static void test_bytes(void)
{
	refuses("\xef\xbb\xbf{}", "s.json:1:1: byte order mark (expected UTF-8 without one)");
	refuses_bytes("{\n\0}", 4, "s.json:2:1: NUL byte (expected UTF-8 text)");
	refuses_bytes("{}\0", 3, "s.json:1:3: NUL byte (expected UTF-8 text)");
	refuses("[\"\xff\"]", "s.json:1:3: invalid UTF-8 (expected UTF-8 text)");
	refuses("[\"\xc3\xa9\xc3\"]", "s.json:1:4: invalid UTF-8 (expected UTF-8 text)");
	refuses("\"\xc0\x80\"", "s.json:1:2: invalid UTF-8 (expected UTF-8 text)");
	refuses("\"\xed\xa0\x80\"", "s.json:1:2: invalid UTF-8 (expected UTF-8 text)");
}

static void test_depth(void)
{
	GString *text = g_string_new(NULL);

	for (int i = 0; i < 64; i++)
		g_string_append(text, i % 2 ? "{\"a\":" : "[");
	g_string_append(text, "1");
	for (int i = 63; i >= 0; i--)
		g_string_append(text, i % 2 ? "}" : "]");
	accepts(text->str);
	g_string_prepend_c(text, '[');
	g_string_append_c(text, ']');
	refuses(text->str, "s.json:1:189: nested too deep (expected at most 64 levels)");
	g_string_free(text, TRUE);
}

static void test_duplicates(void)
{
	refuses("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}",
		"s.json:3:2: a: duplicate key (expected it once; first on line 1)");
	refuses("{\"t\": [{}, {\"x.y\": 1, \"x\\u002ey\": 2}]}",
		"s.json:1:23: t[1].\"x.y\": duplicate key (expected it once; first on line 1)");
	refuses("{\"\": 1, \"\": 2}", "s.json:1:9: \"\": duplicate key (expected it once; first on line 1)");
	accepts("{\"a\": {\"a\": 1}, \"b\": {\"a\": 1}}");
}

static void test_columns(void)
{
	refuses("{\"\xc3\xa9\xf0\x9f\x98\x80\": x}", "s.json:1:8: unexpected 'x' (expected a value)");
	refuses("{\r\n\t\"a\": x}", "s.json:2:7: unexpected 'x' (expected a value)");
}

static void test_paths(void)
{
	struct json_doc *doc = parse("{\"tasks\": [1, {\"a\": 2}],\n"
				     " \"cg\": [{\"memory.max\": 5, \"memory\": {\"max\": 6, \"min\": 7}}],\n"
				     " \"\\u00e9 \\\"x\\\"\": 8}");

	points(doc, "", "s.json:1:1: is wrong");
	points(doc, "tasks", "s.json:1:11: tasks: is wrong");
	points(doc, "tasks[0]", "s.json:1:12: tasks[0]: is wrong");
	points(doc, "tasks[1].a", "s.json:1:21: tasks[1].a: is wrong");
	points(doc, "cg[0].memory.max", "s.json:2:24: cg[0].\"memory.max\": is wrong");
	points(doc, "cg[0].\"memory.max\"", "s.json:2:24: cg[0].\"memory.max\": is wrong");
	points(doc, "cg[0].memory.\"max\"", "s.json:2:45: cg[0].memory.max: is wrong");
	points(doc, "cg[0].memory.min", "s.json:2:55: cg[0].memory.min: is wrong");
	points(doc, "\"\\u00e9 \\\"x\\\"\"", "s.json:3:18: \"\xc3\xa9 \\\"x\\\"\": is wrong");
	json_doc_free(doc);
}

static void test_absent_paths(void)
{
	struct json_doc *doc = parse("{\"tasks\": [1, {\"a\": 2}],\n \"machine\": {}}");

	points(doc, "machine.cpus", "s.json:2:13: machine.cpus: is wrong");
	points(doc, "tasks[2].name", "s.json:1:11: tasks[2].name: is wrong");
	points(doc, "tasks[99999999999]", "s.json:1:11: tasks[99999999999]: is wrong");
	points(doc, "tasks[1].a.b", "s.json:1:21: tasks[1].a.b: is wrong");
	points(doc, "stop.after", "s.json:1:1: stop.after: is wrong");
	points(doc, "machine.", "s.json:2:13: machine.: is wrong");
	json_doc_free(doc);
}

static void test_code(void)
{
	struct json_doc *doc = parse("{}");
	GError *error = NULL;

	json_doc_error(doc, &error, ERROR_TRACE, "", "x");
	CU_ASSERT_TRUE(g_error_matches(error, SWAPSIM_ERROR, ERROR_TRACE));
	g_error_free(error);
	CU_ASSERT_FALSE(json_doc_error(doc, NULL, ERROR_TRACE, "", "x"));
	json_doc_free(doc);
}

static void test_load(void)
{
	char file[] = "/tmp/test_json_XXXXXX";
	int fd = mkstemp(file);
	GError *error = NULL;
	struct json_doc *doc;
	char *message;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, "{\n  \"a\": 1\n}\n", 13), 13);
	close(fd);
	doc = json_doc_load(file, &error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	message = g_strdup_printf("%s:2:8: a: is wrong", file);
	points(doc, "a", message);
	g_free(message);
	json_doc_free(doc);
	unlink(file);
	CU_ASSERT_PTR_NULL(json_doc_load(file, &error));
	CU_ASSERT_TRUE(g_error_matches(error, SWAPSIM_ERROR, ERROR_IO));
	message = g_strdup_printf("%s: cannot be read: %s", file, g_strerror(ENOENT));
	CU_ASSERT_STRING_EQUAL(error->message, message);
	g_free(message);
	g_clear_error(&error);
}

static void test_load_odd_files(void)
{
	GError *error = NULL;
	char *message = g_strdup_printf("/: cannot be read: %s", g_strerror(EISDIR));

	CU_ASSERT_PTR_NULL(json_doc_load("/", &error));
	CU_ASSERT_STRING_EQUAL(error->message, message);
	CU_ASSERT_EQUAL(error->code, ERROR_IO);
	g_clear_error(&error);
	g_free(message);
	CU_ASSERT_PTR_NULL(json_doc_load("/dev/null", &error));
	CU_ASSERT_STRING_EQUAL(error->message, "/dev/null:1:1: unexpected end of text (expected a value)");
	g_clear_error(&error);
	CU_ASSERT_PTR_NULL(json_doc_load("/dev/zero", &error));
	CU_ASSERT_STRING_EQUAL(error->message,
			       "/dev/zero:1:1: text of more than 64 MiB (expected at most that)");
	g_clear_error(&error);
}

static const struct unit tests[] = {
	{ "strict JSON is taken", test_accepts },
	{ "broken structure is pointed at", test_structure },
	{ "nothing may follow the value or the last member", test_trailing },
	{ "comments are refused", test_comments },
	{ "numbers follow the grammar", test_numbers },
	{ "strings have no control characters, NUL or unknown escapes", test_strings },
	{ "surrogates come in pairs", test_surrogates },
	{ "the text is UTF-8 without mark and NUL", test_bytes },
	{ "64 levels of nesting are taken, 65 are not", test_depth },
	{ "a duplicate key names the line of the first", test_duplicates },
	{ "columns count characters", test_columns },
	{ "paths lead to values, with and without quotes", test_paths },
	{ "a path that is not in the text points at what is around it", test_absent_paths },
	{ "an error carries the code asked for", test_code },
	{ "files are read, and failures say why", test_load },
	{ "a directory, an empty and an endless file are refused", test_load_odd_files },
};
UNIT_MAIN("JSON document", tests)
