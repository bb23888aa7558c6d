/*
 * fuzz_json.c - libFuzzer target of the JSON reader: any text, then any assignments after NUL bytes.
 *
 * What is read must be written as text that reads and writes the same; what is refused must leave an error
 * and nothing else. Build: clang -fsanitize=fuzzer,address,undefined, with sim's sources.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test_json_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the document; what it writes must read and write as the same text. */
static char *read_and_write(const struct json_doc *doc)
{
	GError *error = NULL;
	struct scenario s;
	char *text;

	if (!json_read(doc, &scenario_table, &s, &error)) {
		const struct scenario zero = { 0 };

		BUG_ON(!error || !g_utf8_validate(error->message, -1, NULL));
		BUG_ON(s.n_tasks || s.tasks || s.note ||
		       memcmp(&s.machine, &zero.machine, sizeof(s.machine)));
		g_error_free(error);
		return NULL;
	}
	BUG_ON(error);
	text = json_write(&scenario_table, &s);
	json_release(&scenario_table, &s);
	return text;
}

static void round_trip(const struct json_doc *doc)
{
	char *first = read_and_write(doc), *second;
	struct json_doc *again;

	if (!first)
		return;
	again = json_doc_parse("written", first, strlen(first), NULL);
	BUG_ON(!again);
	second = read_and_write(again);
	BUG_ON(g_strcmp0(first, second) != 0);
	g_free(first);
	g_free(second);
	json_doc_free(again);
}

static void assign(struct json_doc *doc, const char *assignment)
{
	GError *error = NULL;

	if (json_doc_set(doc, &scenario_table, assignment, &error))
		return;
	BUG_ON(!error || !error->message);
	g_clear_error(&error);
	json_doc_error(doc, &error, ERROR_SCENARIO, assignment, "is wrong");
	g_error_free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	size_t len;
	struct json_doc *doc;
	GError *error = NULL;

	memcpy(text, data, size);
	text[size] = '\0';
	len = strlen(text);
	doc = json_doc_parse("fuzz", text, len, &error);
	if (!doc) {
		BUG_ON(!error);
		g_error_free(error);
		free(text);
		return 0;
	}
	for (size_t at = len + 1; at < size; at += strlen(text + at) + 1)
		assign(doc, text + at);
	round_trip(doc);
	json_doc_free(doc);
	free(text);
	return 0;
}
