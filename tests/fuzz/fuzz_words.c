/*
 * fuzz_words.c - what the fuzzers are, and words for them.
 *
 *	fuzz_words			the targets, one a line; a variant follows a '-'
 *	fuzz_words TARGET FILE...	a dictionary for libFuzzer: where numbers end, the words of the files,
 *					and of a scenario the keys of its tables and the names of its models
 */
#include <stdio.h>
#include <string.h>

#include "models/block/device.h"
#include "models/cpu.h"
#include "models/scenario.h"
#include "sim/error.h"
#include "sim/json_table.h"
#include "traces/import.h"

#define WORD_MAX 32

static void print_targets(void)
{
	const char *const *format = trace_import_formats();

	printf("json\nscenario\ntrace\nimport\n");
	for (; *format; format++)
		printf("import-%s\n", *format);
}

/* Each word once. */
static void print_word(GHashTable *known, const char *word, size_t length)
{
	char *copy = g_strndup(word, length);

	if (!g_hash_table_add(known, copy))
		return;
	putchar('"');
	for (const char *c = copy; *c; c++) {
		if (*c == '"' || *c == '\\' || (u8)*c < 0x20 || (u8)*c >= 0x7f)
			printf("\\x%02x", (unsigned)(u8)*c);
		else
			putchar(*c);
	}
	printf("\"\n");
}

static void print_tables(GHashTable *known)
{
	static const char *const values[] = { "true", "false", "max", "50%", "KiB", "MiB",
					      "GiB",  "ns",    "us",  "ms",  "s" };
	GPtrArray *tables = json_table_reach(&scenario_table);

	for (u32 i = 0; i < tables->len; i++) {
		const struct json_table *table = g_ptr_array_index(tables, i);

		for (const struct json_field *f = table->fields; f->key; f++) {
			print_word(known, f->key, strlen(f->key));
			for (u32 n = 0; f->names && f->names[n]; n++)
				print_word(known, f->names[n], strlen(f->names[n]));
			if (f->standard)
				print_word(known, f->standard, strlen(f->standard));
		}
	}
	for (u32 i = 0; i < ARRAY_SIZE(values); i++)
		print_word(known, values[i], strlen(values[i]));
	g_ptr_array_free(tables, TRUE);
}

/* What a scenario may name. */
static void print_models(GHashTable *known)
{
	u32 releases, patches, devices, profiles;
	const struct release *release = release_list(&releases);
	const struct patch_info *patch = patch_list(&patches);
	const struct device_model *device = device_model_list(&devices);
	const struct cpu_profile *profile = cpu_profile_list(&profiles);

	for (u32 i = 0; i < releases; i++)
		print_word(known, release[i].name, strlen(release[i].name));
	for (u32 i = 0; i < patches; i++)
		print_word(known, patch[i].name, strlen(patch[i].name));
	for (u32 i = 0; i < devices; i++)
		print_word(known, device[i].name, strlen(device[i].name));
	for (u32 i = 0; i < profiles; i++)
		print_word(known, profile[i].name, strlen(profile[i].name));
	for (u32 i = 0; corpus_name(i); i++)
		print_word(known, corpus_name(i), strlen(corpus_name(i)));
}

/* Where numbers end. */
static void print_limits(GHashTable *known)
{
	static const char *const limits[] = { "0",
					      "-1",
					      "268435455",
					      "268435456",
					      "4294967295",
					      "4294967296",
					      "9007199254740993",
					      "9223372036854775807",
					      "9223372036854775808",
					      "18446744073709551615",
					      "1e400" };

	for (u32 i = 0; i < ARRAY_SIZE(limits); i++)
		print_word(known, limits[i], strlen(limits[i]));
}

/* Runs of printable characters other than digits and blanks, which say more of a format than numbers do. */
static void print_words_of(GHashTable *known, const char *file)
{
	char *bytes;
	gsize size, start = 0;

	if (!g_file_get_contents(file, &bytes, &size, NULL))
		return;
	for (gsize i = 0; i <= size; i++) {
		if (i < size && g_ascii_isgraph(bytes[i]) && !g_ascii_isdigit(bytes[i]))
			continue;
		if (i - start >= 2 && i - start <= WORD_MAX)
			print_word(known, bytes + start, i - start);
		start = i + 1;
	}
	g_free(bytes);
}

int main(int argc, char **argv)
{
	GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	if (argc < 2)
		print_targets();
	else
		print_limits(known);
	if (argc > 1 && !strcmp(argv[1], "scenario")) {
		print_tables(known);
		print_models(known);
	}
	for (int i = 2; i < argc; i++)
		print_words_of(known, argv[i]);
	g_hash_table_destroy(known);
	return 0;
}
