#include "cli/race_timeline.h"

#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "sim/blame.h"
#include "sim/error.h"
#include "sim/file.h"
#include "sim/timeline.h"

bool parse_timeline(const char *text, enum timeline_format *format, GError **error)
{
	static const char *const names[] = { "text", "svg", "json" };

	for (u32 i = 0; text && i < ARRAY_SIZE(names); i++) {
		if (!strcmp(text, names[i])) {
			*format = i;
			return true;
		}
	}
	return !text || bad_value(error, "--timeline", text, "text, svg or json");
}

static struct recording *record(struct race *race, u64 seed)
{
	struct race_result result;
	struct recording *recording = race_record(race, seed, &result);

	race_result_release(&result);
	return recording;
}

char *race_blame(struct race *race, u64 seed)
{
	struct recording *recording = record(race, seed);
	char *blame = blame_sentence(recording);

	recording_free(recording);
	return blame;
}

static char *draw(struct race *race, u64 seed, const struct race_drawing *drawing)
{
	struct recording *recording = record(race, seed);
	const struct timeline_options o = { .width = drawing->columns, .unfolded = drawing->unfolded };
	struct timeline *tl = timeline_new(recording, &o);
	GString *text = g_string_new(NULL);

	if (drawing->format == TIMELINE_SVG)
		timeline_svg(tl, text);
	else if (drawing->format == TIMELINE_JSON)
		timeline_json(tl, text);
	else
		timeline_text(tl, text);
	timeline_free(tl);
	recording_free(recording);
	return g_string_free(text, FALSE);
}

bool race_draw(const struct scenario *s, const char *kernel, u64 seed, const struct race_drawing *drawing,
	       GError **error)
{
	struct race *race = race_new(s, kernel, error);
	char *text;
	bool good;

	if (!race)
		return false;
	text = draw(race, seed, drawing);
	good =
	    drawing->path ? file_write(drawing->path, text, strlen(text), error) : print_result(text, error);
	g_free(text);
	race_free(race);
	return good;
}
