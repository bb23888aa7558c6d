/*
 * sample_run.h - inside sampling: what all ways of it have in common.
 */
#ifndef SIM_SAMPLE_RUN_H
#define SIM_SAMPLE_RUN_H

#include "sim/sample.h"

/* A run has come to something that is wrong; @way: its decisions. The first is told of. */
void sample_note(struct machine *m, const struct sample_options *options, enum explore_verdict verdict,
		 const struct explore_cost *cost, const GArray *way, struct sample_result *result);

/* Every run there is, from the present state of @m, which stays anywhere; sample.c puts it back. */
void sample_all(struct machine *m, const struct sample_options *options, struct sample_result *result);

#endif
