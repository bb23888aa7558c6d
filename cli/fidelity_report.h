/*
 * fidelity_report.h - predictions and measurements side by side, as text.
 */
#ifndef CLI_FIDELITY_REPORT_H
#define CLI_FIDELITY_REPORT_H

#include "cli/fidelity_score.h"
#include "cli/table.h"

struct fidelity_report {
	const struct fidelity_run *run;
	const struct fidelity_scores *scores;
	bool summary;			  /* scores alone */
	bool wanted[NR_FIDELITY_FIGURES]; /* in the list of figures */
};

/*
 * What is printed: every figure, what was not run, the scores; the total is the last line. CSV is the list of
 * figures or, with summary, that of scores; JSON is one object. The caller frees it.
 */
char *fidelity_report(const struct fidelity_report *report, enum table_format format);
/* Files of a result folder. */
char *fidelity_figures_csv(const struct fidelity_report *report);
char *fidelity_scores_csv(const struct fidelity_report *report);

#endif
