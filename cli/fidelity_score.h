/*
 * fidelity_score.h - how many predictions hold, of all that are judged: in total, by kernel, device and
 * pattern; and by figure, where those that only inform are counted, too.
 */
#ifndef CLI_FIDELITY_SCORE_H
#define CLI_FIDELITY_SCORE_H

#include "cli/fidelity_judge.h"
#include "cli/fidelity_run.h"

/* One measured figure beside what was predicted. */
struct fidelity_verdict {
	bool there;	/* measured, and the row was run */
	bool predicted; /* false: every run ended in an OOM kill */
	bool holds;
	bool judged;
	struct fidelity_prediction ours;
	const struct fidelity_band *theirs;
};
struct fidelity_verdict fidelity_verdict(const struct fidelity_run *run, const struct fidelity_case *c,
					 u32 row, u32 figure);

enum fidelity_score_of { SCORE_OF_KERNEL, SCORE_OF_DEVICE, SCORE_OF_PATTERN, SCORE_OF_FIGURE };
struct fidelity_score {
	enum fidelity_score_of of;
	const char *name;
	bool judged; /* of a figure: it counts in the total */
	u32 holds;
	u32 pairs; /* of row and figure */
};

struct fidelity_scores {
	GArray *score;
	struct fidelity_score total;
	u32 rows, rows_run;
};
void fidelity_scores_init(struct fidelity_scores *scores, const struct fidelity_run *run);
void fidelity_scores_release(struct fidelity_scores *scores);

/* Whether so many percent hold in total, and of every kernel. */
bool fidelity_scores_reach(const struct fidelity_scores *scores, u32 percent);

#endif
