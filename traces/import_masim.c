/*
 * import_masim.c - configurations of masim, the memory access generator by SeongJae Park, turned into the
 * accesses it would make. Paragraphs with empty lines between them, '#' begins a comment:
 *
 *	REGION, BYTES[, FILE]					first paragraph, a line a region
 *
 *	NAME OF THE PHASE					each further paragraph
 *	MILLISECONDS
 *	REGION, RANDOM, STRIDE, WEIGHT[, ro|wo|rw]		a line a pattern; RANDOM 1 or 0, mode wo
 *
 * Regions lie one after another, each on pages of its own. A sequential pattern goes through its region in
 * steps of STRIDE bytes, from 0 again when it is through, and begins at 0 in each phase; a random one goes to
 * any byte. rw is a read and then a write of the same place.
 *
 * How much masim does in a millisecond is up to the machine, and how long it stays with a pattern too. Here
 *it is `rate` accesses a millisecond, evenly, and each millisecond takes one pattern, drawn by weight.
 */
#include <string.h>

#include "sim/error.h"
#include "sim/random.h"
#include "traces/importer.h"

#define USUAL_RATE 1000
#define REGIONS_MAX 65536
#define PATTERNS_MAX 4096
#define WEIGHT_MAX 1000000
#define PHASE_MS_MAX 1000000000
#define NS_PER_MS 1000000
#define ACCESSES_MAX (1ull << 32)
#define MARK_CHARACTERS_MAX 48

struct region {
	char *name;
	u64 bytes;
	u32 first_page;
};

enum mode { WRITE_ONLY, READ_ONLY, READ_WRITE };

struct pattern {
	u32 region;
	bool random;
	u64 stride;
	u32 weight;
	enum mode mode;
	u64 at; /* next offset, or next random number */
};

enum state { REGIONS, PHASE_NAME, PHASE_TIME, PATTERNS };

struct masim {
	struct importer *importer;
	struct text *text;
	GArray *regions;
	GArray *patterns; /* of the phase that is read */
	enum state state;
	u32 phase; /* how many have been played */
	u64 ms;
	u64 pages;
	u64 accesses; /* of all phases */
	u32 rate;
};

static void free_region(void *region)
{
	g_free(((struct region *)region)->name);
}

/* What is before the next comma or the end, without blanks around it. `at` is on its first character. */
static char *field(struct text *text)
{
	const char *end;

	while (*text->at == ' ' || *text->at == '\t')
		text->at++;
	for (end = text->at; *end != ',' && *end != '\n'; end++)
		;
	return g_strchomp(g_strndup(text->at, (gsize)(end - text->at)));
}

/* Goes behind the next comma; false if there is none. */
static bool next_field(struct text *text)
{
	while (*text->at != ',' && *text->at != '\n')
		text->at++;
	return text_skip(text, ",");
}

static bool number(struct text *text, u64 max, u64 *value)
{
	while (*text->at == ' ' || *text->at == '\t')
		text->at++;
	if (!text_decimal(text, max, value))
		return false;
	while (*text->at == ' ' || *text->at == '\t')
		text->at++;
	return *text->at == ',' || text_at_end(text);
}

static bool find_region(const struct masim *masim, const char *name, u32 *index)
{
	for (u32 i = 0; i < masim->regions->len; i++) {
		if (!strcmp(g_array_index(masim->regions, struct region, i).name, name)) {
			*index = i;
			return true;
		}
	}
	return false;
}

static bool add_region(struct masim *masim, char *name, GError **error)
{
	struct text *text = masim->text;
	struct region region = { .name = name, .first_page = (u32)masim->pages };
	u32 known;

	if (!*name || find_region(masim, name, &known))
		return text_error(text, error, "no name of a region (NAME, BYTES; each name once)");
	if (masim->regions->len == REGIONS_MAX)
		return text_error(text, error, "a region too many (at most %d)", REGIONS_MAX);
	if (!next_field(text) || !number(text, (u64)TRACE_PAGES_MAX << 12, &region.bytes) || !region.bytes)
		return text_error(text, error, "no size of a region (NAME, BYTES; 1 byte to 1 TiB)");
	masim->pages += (region.bytes + 4095) >> 12;
	if (masim->pages > TRACE_PAGES_MAX)
		return text_error(text, error, "the regions are too large (1 TiB in all)");
	region.name = g_strdup(name);
	g_array_append_val(masim->regions, region);
	return true;
}

static bool read_region(struct masim *masim, GError **error)
{
	struct text *text = masim->text;
	char *name = field(text), *file = NULL;
	bool good = add_region(masim, name, error);

	if (good && next_field(text)) {
		file = field(text);
		if (strcmp(file, "none"))
			importer_remark(masim->importer,
					"region %s is to hold the bytes of %s; a trace has no contents", name,
					file);
		good = !next_field(text) ||
		       text_error(text, error, "something follows the file of a region (NAME, BYTES, FILE)");
	}
	g_free(name);
	g_free(file);
	return good;
}

static bool read_mode(struct text *text, enum mode *mode, GError **error)
{
	static const char *const names[] = { [WRITE_ONLY] = "wo", [READ_ONLY] = "ro", [READ_WRITE] = "rw" };
	char *name = field(text);
	bool known = false;

	for (u32 i = 0; !known && i < ARRAY_SIZE(names); i++) {
		known = !strcmp(names[i], name);
		*mode = i;
	}
	g_free(name);
	if (!known)
		return text_error(text, error, "no such mode (ro, wo or rw)");
	return !next_field(text) || text_error(text, error, "something follows the mode");
}

static bool read_pattern(struct masim *masim, GError **error)
{
	static const char form[] = "REGION, RANDOM, STRIDE, WEIGHT, MODE";
	struct text *text = masim->text;
	struct pattern pattern = { .mode = WRITE_ONLY };
	char *name = field(text);
	bool known = find_region(masim, name, &pattern.region);
	u64 random, weight;

	g_free(name);
	if (!known)
		return text_error(text, error, "no such region (%s)", form);
	if (!next_field(text) || !number(text, 1, &random))
		return text_error(text, error, "neither random nor sequential (%s; RANDOM 1 or 0)", form);
	if (!next_field(text) || !number(text, (u64)TRACE_PAGES_MAX << 12, &pattern.stride))
		return text_error(text, error, "no stride in bytes (%s)", form);
	if (!next_field(text) || !number(text, WEIGHT_MAX, &weight))
		return text_error(text, error, "no weight (%s; WEIGHT 0 to %d)", form, WEIGHT_MAX);
	pattern.random = random;
	pattern.weight = (u32)weight;
	if (next_field(text) && !read_mode(text, &pattern.mode, error))
		return false;
	if (masim->patterns->len == PATTERNS_MAX)
		return text_error(text, error, "a pattern too many for a phase (at most %d)", PATTERNS_MAX);
	g_array_append_val(masim->patterns, pattern);
	return true;
}

static bool has_mark(const struct trace_header *header, const char *name)
{
	for (u32 i = 0; i < header->marks_count; i++) {
		if (!strcmp(header->marks[i].name, name))
			return true;
	}
	return false;
}

/* The name of a phase as that of a mark: "L1$ seq perf" is l1_seq_perf, the second of that name
 * l1_seq_perf_2. */
static char *mark_name(const struct masim *masim, const char *phase)
{
	GString *name = g_string_new(g_ascii_isalpha(*phase) ? NULL : "phase_");
	gsize length;

	for (; *phase && name->len < MARK_CHARACTERS_MAX; phase++) {
		if (g_ascii_isalnum(*phase))
			g_string_append_c(name, g_ascii_tolower(*phase));
		else if (name->str[name->len - 1] != '_')
			g_string_append_c(name, '_');
	}
	while (name->str[name->len - 1] == '_')
		g_string_truncate(name, name->len - 1);
	length = name->len;
	for (u32 again = 2; has_mark(masim->importer->header, name->str); again++) {
		g_string_truncate(name, length);
		g_string_append_printf(name, "_%u", again);
	}
	return g_string_free(name, FALSE);
}

static bool read_phase_name(struct masim *masim, GError **error)
{
	char *phase = text_rest(masim->text), *name = mark_name(masim, phase);
	const char *wrong = trace_header_add_mark(masim->importer->header, name,
						  trace_writer_accesses(masim->importer->writer));

	g_free(phase);
	g_free(name);
	return !wrong || text_error(masim->text, error, "%s", wrong);
}

static bool read_phase_time(struct masim *masim, GError **error)
{
	if (!number(masim->text, PHASE_MS_MAX, &masim->ms) || !text_at_end(masim->text))
		return text_error(masim->text, error,
				  "no time of a phase (milliseconds, at most %d, in its second line)",
				  PHASE_MS_MAX);
	masim->accesses += masim->ms * masim->rate;
	return masim->accesses <= ACCESSES_MAX ||
	       text_error(masim->text, error,
			  "the phases make too many accesses (2^32 in all; a lower --rate than %u)",
			  masim->rate);
}

static struct pattern *draw(struct masim *masim, u64 key, u64 ms, u32 weights)
{
	u32 drawn = random_below(random_value(key, ms), weights), i = 0;
	struct pattern *patterns = (struct pattern *)(void *)masim->patterns->data;

	while (drawn >= patterns[i].weight)
		drawn -= patterns[i++].weight;
	return &patterns[i];
}

static bool access_once(struct masim *masim, struct pattern *pattern, u64 key, u64 gap, GError **error)
{
	const struct region *region = &g_array_index(masim->regions, struct region, pattern->region);
	u64 offset = pattern->at;
	u32 page;

	if (pattern->random) {
		offset = (u64)((unsigned __int128)random_value(key, pattern->at++) * region->bytes >> 64);
	} else {
		pattern->at += pattern->stride;
		if (pattern->at >= region->bytes)
			pattern->at = 0;
	}
	page = region->first_page + (u32)(offset >> 12);
	if (pattern->mode != READ_WRITE)
		return importer_access(masim->importer, page,
				       pattern->mode == READ_ONLY ? TRACE_READ : TRACE_WRITE, gap, error);
	return importer_access(masim->importer, page, TRACE_READ, gap, error) &&
	       importer_access(masim->importer, page, TRACE_WRITE, 0, error);
}

static bool play_millisecond(struct masim *masim, struct pattern *pattern, u64 key, GError **error)
{
	u64 gap = NS_PER_MS / masim->rate, rest = NS_PER_MS % masim->rate;

	for (u32 i = 0; i < masim->rate; i++, rest = 0) {
		if (!access_once(masim, pattern, key, gap + rest, error))
			return false;
	}
	return true;
}

static bool play_phase(struct masim *masim, GError **error)
{
	const struct pattern *patterns = (const struct pattern *)(void *)masim->patterns->data;
	u64 seed = masim->importer->options->seed, key = random_key(seed, masim->phase, 0);
	u32 weights = 0;

	for (u32 i = 0; i < masim->patterns->len; i++)
		weights += patterns[i].weight;
	if (!weights)
		return text_error(masim->text, error, "the phase before has no pattern of any weight");
	for (u64 ms = 0; ms < masim->ms; ms++) {
		struct pattern *pattern = draw(masim, key, ms, weights);
		u32 index = (u32)(pattern - patterns);

		if (!play_millisecond(masim, pattern, random_key(seed, masim->phase, index + 1), error))
			return false;
	}
	masim->phase++;
	g_array_set_size(masim->patterns, 0);
	return true;
}

/* At an empty line, and at the end. */
static bool end_paragraph(struct masim *masim, GError **error)
{
	switch (masim->state) {
	case REGIONS:
		if (masim->regions->len)
			masim->state = PHASE_NAME;
		return true;
	case PHASE_NAME:
		return true;
	case PHASE_TIME:
		return text_error(masim->text, error, "a phase ends without its time and patterns");
	case PATTERNS:
		masim->state = PHASE_NAME;
		return play_phase(masim, error);
	}
	BUG();
}

static bool read_line(struct masim *masim, GError **error)
{
	switch (masim->state) {
	case REGIONS:
		return read_region(masim, error);
	case PHASE_NAME:
		masim->state = PHASE_TIME;
		return read_phase_name(masim, error);
	case PHASE_TIME:
		masim->state = PATTERNS;
		return read_phase_time(masim, error);
	case PATTERNS:
		return read_pattern(masim, error);
	}
	BUG();
}

static bool read_lines(struct masim *masim, GError **error)
{
	struct text *text = masim->text;
	bool failed = false;

	do {
		bool good = true;

		if (*text->at == '#') {
			text_skip_line(text);
			continue;
		}
		while (*text->at == ' ' || *text->at == '\t')
			text->at++;
		if (text_at_end(text))
			good = end_paragraph(masim, error);
		else
			good = read_line(masim, error);
		if (!good)
			return false;
		text_skip_line(text);
	} while (text_next(text, &failed, error));
	if (failed || !end_paragraph(masim, error))
		return false;
	return masim->phase || importer_cut_short(masim->importer, "a paragraph for each phase", error);
}

bool import_masim(struct importer *importer, GError **error)
{
	struct masim masim = { .importer = importer, .text = &importer->text };
	char *recorded;
	bool good;

	masim.rate = importer->options->rate ? importer->options->rate : USUAL_RATE;
	if (masim.rate > TRACE_RATE_MAX) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--rate %u: not possible (1 to %d)",
			    masim.rate, TRACE_RATE_MAX);
		return false;
	}
	masim.regions = g_array_new(FALSE, FALSE, sizeof(struct region));
	masim.patterns = g_array_new(FALSE, FALSE, sizeof(struct pattern));
	g_array_set_clear_func(masim.regions, free_region);
	importer->header->tick = TRACE_TICK_NS;
	importer->header->tick_ps = 1000;
	good = read_lines(&masim, error);
	importer->header->pages = (u32)masim.pages;
	recorded =
	    g_strdup_printf("generated from a masim configuration, %u accesses a ms, seed %" G_GUINT64_FORMAT,
			    masim.rate, (guint64)importer->options->seed);
	trace_header_set_text(&importer->header->recorded, recorded);
	g_free(recorded);
	g_array_free(masim.patterns, TRUE);
	g_array_free(masim.regions, TRUE);
	return good;
}
