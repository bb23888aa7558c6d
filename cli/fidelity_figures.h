/*
 * fidelity_figures.h - which figure of a run is which column of what was measured.
 */
#ifndef CLI_FIDELITY_FIGURES_H
#define CLI_FIDELITY_FIGURES_H

#include "models/run.h"

enum { NR_FIDELITY_FIGURES = 26 };

/* Judged figures make the score, the others inform. */
enum fidelity_judged {
	FIDELITY_INFORMS,
	FIDELITY_JUDGED,
	/* On asynchronous devices pages of the fill are written before or after it ends, as it happens: there
	 * only whole runs count. */
	FIDELITY_JUDGED_WHOLE,
};

struct fidelity_figure {
	const char *column; /* without _med, _min, _max */
	const char *name;   /* the kernel's */
	s32 counter;	    /* enum counter, or one of those below */
	enum fidelity_judged judged;
	u32 cgroup_version; /* the one that has it; 0: both */
	u32 few;	    /* a difference of so many is none: 32 pages, of whatever it is counted in */
};
enum { FIDELITY_PEAK = -1, FIDELITY_SWAP_PEAK = -2, FIDELITY_KILLED = -3 };
enum { FIDELITY_ONE = 10 }; /* figures are in tenths: the median of two runs may end in a half */

extern const struct fidelity_figure fidelity_figures[NR_FIDELITY_FIGURES];

/* In tenths, as measured ones. @phase: "run" or "all"; a run without phases has but the one. */
s64 fidelity_figure_of(const struct run_result *r, const char *phase, u32 figure, bool synchronous);
/* Number of the figure of that name or column; NR_FIDELITY_FIGURES: none. */
u32 fidelity_figure_find(const char *name);

#endif
