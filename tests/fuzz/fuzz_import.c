/*
 * fuzz_import.c - any bytes as a trace of the format that $FUZZ_VARIANT names, or of the one that they look
 * like.
 *
 * The first line may hold options: "?" and KEY=VALUE, divided by semicolons, keys as in struct trace_import.
 *
 * What is imported must load and be within its own bounds; exported as CSV and imported again it must be the
 * same file. What is refused must leave an error and no file.
 */
#include "tests/fuzz/traces.h"

/* Accesses of a configuration of masim in a millisecond: it may ask for many of them. */
#define RATE 20
#define NUMBER_MAX 1000 /* of options */

enum kind { TEXT, NUMBER, SEED, NUMBERING };

static const struct option {
	const char *key;
	enum kind kind;
	size_t offset;
} option_list[] = {
	{ "columns", TEXT, offsetof(struct trace_import, columns) },
	{ "comm", TEXT, offsetof(struct trace_import, comm) },
	{ "device", TEXT, offsetof(struct trace_import, device) },
	{ "events", TEXT, offsetof(struct trace_import, events) },
	{ "filter_top", NUMBER, offsetof(struct trace_import, filter_top) },
	{ "numbering", NUMBERING, offsetof(struct trace_import, numbering) },
	{ "pids", TEXT, offsetof(struct trace_import, pids) },
	{ "preset", TEXT, offsetof(struct trace_import, preset) },
	{ "rate", NUMBER, offsetof(struct trace_import, rate) },
	{ "seed", SEED, offsetof(struct trace_import, seed) },
	{ "time_unit", TEXT, offsetof(struct trace_import, time_unit) },
};

/* Values stay in @entry. Options out of their range are refused before an import begins. */
static void set_option(struct trace_import *options, char *entry)
{
	char *value = strchr(entry, '=');
	u64 number;

	for (u32 i = 0; value && i < ARRAY_SIZE(option_list); i++) {
		const struct option *o = &option_list[i];
		void *field = (char *)options + o->offset;

		if (strlen(o->key) != (size_t)(value - entry) || strncmp(o->key, entry, strlen(o->key)))
			continue;
		number = g_ascii_strtoull(value + 1, NULL, 10);
		if (o->kind == TEXT)
			*(const char **)field = value + 1;
		else if (o->kind == SEED)
			*(u64 *)field = number;
		else if (o->kind == NUMBERING)
			options->numbering = number % (TRACE_NUMBER_DENSE + 1);
		else
			*(u32 *)field = (u32)MIN(number, NUMBER_MAX);
	}
}

/* The line without its '?', for entries to point into; *taken bytes hold it. NULL: there is none. */
static char **take_options(const u8 *data, size_t size, size_t *taken)
{
	const u8 *end = size && data[0] == '?' ? memchr(data, '\n', size) : NULL;
	char *line, **entries;

	*taken = end ? (size_t)(end - data) + 1 : 0;
	if (!end)
		return NULL;
	line = g_strndup((const char *)data + 1, *taken - 2);
	if (!g_utf8_validate(line, -1, NULL))
		*line = 0; /* the command line takes no other */
	entries = g_strsplit(line, ";", -1);
	g_free(line);
	return entries;
}

/* A record of 24 bytes of oracleGeneral can ask for a million pages, and compressed ones for any number:
 * sizes lose their upper half, and a magic number its first byte. */
static u8 *shrink_requests(const u8 *data, size_t size)
{
	u8 *copy = g_malloc(size + 1);

	memcpy(copy, data, size);
	for (size_t at = 14; at + 1 < size; at += 24)
		copy[at] = copy[at + 1] = 0;
	if (size > 1 && ((copy[0] == 0x1f && copy[1] == 0x8b) || (copy[0] == 0x28 && copy[1] == 0xb5)))
		copy[0] = 0;
	return copy;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *out = scratch_place("swt"), *partial = g_strconcat(out, ".partial", NULL);
	struct trace_import options = { .format = fuzz_variant(), .out = out, .rate = RATE };
	size_t taken;
	char **entries = take_options(data, size, &taken);
	bool large = !g_strcmp0(options.format, "oracle-general");
	u8 *shrunk = large ? shrink_requests(data + taken, size - taken) : NULL;
	struct scratch in;
	GError *error = NULL;

	for (u32 i = 0; entries && entries[i]; i++)
		set_option(&options, entries[i]);
	scratch_init(&in, shrunk ? shrunk : data + taken, size - taken);
	options.in = in.path;
	options.remarks = g_ptr_array_new_with_free_func(g_free);
	if (fuzz_outcome(trace_import(&options, &error), &error)) {
		if (walk_trace(out) <= ROUND_TRIP_RUNS_MAX)
			check_round_trip(out);
		BUG_ON(g_unlink(out));
	}
	BUG_ON(g_access(out, F_OK) == 0 || g_access(partial, F_OK) == 0);
	g_ptr_array_free(options.remarks, TRUE);
	scratch_release(&in);
	g_strfreev(entries);
	g_free(shrunk);
	g_free(partial);
	g_free(out);
	return 0;
}
