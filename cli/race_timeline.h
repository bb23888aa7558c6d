/*
 * race_timeline.h - one run of a race told step by step: the sentence of whose fault it was, and the
 * timeline.
 */
#ifndef CLI_RACE_TIMELINE_H
#define CLI_RACE_TIMELINE_H

#include "models/race.h"

enum timeline_format { TIMELINE_TEXT, TIMELINE_SVG, TIMELINE_JSON };

/* --timeline; ERROR_USAGE. NULL leaves the format alone. */
bool parse_timeline(const char *text, enum timeline_format *format, GError **error);

/* Which steps of the run with this seed broke the invariant; NULL: none did. g_free() */
char *race_blame(struct race *race, u64 seed);

struct race_drawing {
	enum timeline_format format;
	u32 columns; /* of text; 0: TIMELINE_WIDTH */
	bool unfolded;
	const char *path; /* NULL: standard output */
};

/* ERROR_IO, ERROR_SCENARIO. */
bool race_draw(const struct scenario *s, const char *kernel, u64 seed, const struct race_drawing *drawing,
	       GError **error);

#endif
