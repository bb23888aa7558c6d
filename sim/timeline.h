/*
 * timeline.h - a recorded run as a picture: one column per CPU, time downwards, what matters in words.
 *
 * The layout is made once, as rows; timeline_text.c, timeline_svg.c and timeline_json.c write it. Steps that
 * neither touch the violated object nor any key field, ask nature nothing unusual, open or close no window,
 * mean nothing to the schedule and move nobody are folded into one row.
 */
#ifndef SIM_TIMELINE_H
#define SIM_TIMELINE_H

#include "sim/recording.h"

enum { TIMELINE_NARROW = 60, TIMELINE_WIDTH = 100, TIMELINE_WIDE = 160, TIMELINE_WIDEST = 400 };
/* Rows of a folded picture; of a longer run the middle is cut out, and a row says so. */
enum { TIMELINE_ROWS_FIRST = 120, TIMELINE_ROWS_LAST = 40 };

struct timeline_options {
	u32 width; /* columns of text; 0: TIMELINE_WIDTH */
	bool unfolded;
};

enum timeline_row_kind {
	ROW_PATH, /* what the steps that follow are part of */
	ROW_STEP,
	ROW_FOLD, /* several steps */
	ROW_MOVE, /* a task goes to another CPU */
};

struct timeline_row {
	u32 kind;
	u32 first, last; /* steps, from 0; of a move the step that it precedes */
	u32 column;	 /* among those of the CPUs that do anything */
	u32 from;	 /* ROW_MOVE: the column it comes from */
	bool is_violation;
	bool is_of_several; /* ROW_FOLD: steps on more than one CPU */
	char *label;	    /* "A   isolate_lock_cluster", "A   .LOCK_SI" */
	GPtrArray *note;    /* of char *: what it did */
};

struct timeline {
	const struct recording *recording; /* borrowed */
	GPtrArray *row;			   /* of struct timeline_row * */
	GArray *cpu;			   /* of u32: the CPU of each column */
	char *blame;			   /* NULL: nothing violated */
	u32 width;
	u32 depth; /* of calls, that is not indented */
};

struct timeline *timeline_new(const struct recording *r, const struct timeline_options *options);
void timeline_free(struct timeline *tl);

/* Window number @window of the recording is one in which what was violated is weak; with nothing violated any
 * is told of. */
bool timeline_tells_window(const struct recording *r, u32 window);

/* Whole words in lines of at most @width characters; @lead stands before the first, blanks before the others.
 */
void timeline_paragraph(const char *text, u32 width, const char *lead, GString *to);
/* Lines of at most tl->width characters. */
void timeline_text(const struct timeline *tl, GString *to);
/* A picture that needs nothing beside it. */
void timeline_svg(const struct timeline *tl, GString *to);
/* {"format": 1, "violation", "blame", "steps": [all of them], "rows": [of the picture]}; steps count from 1.
 */
void timeline_json(const struct timeline *tl, GString *to);

#endif
