/*
 * sequence_run.h - the sequence of a simulated run: what a recording of it would have.
 */
#ifndef CLI_SEQUENCE_RUN_H
#define CLI_SEQUENCE_RUN_H

#include "models/scenario.h"
#include "traces/sequence.h"

/* Runs the scenario to its end. Faults are those of its first process; pages are numbered as there, slots as
 * on the device. */
bool sequence_run(struct sequence *s, const struct scenario *scenario, struct build_options *options,
		  GError **error);

#endif
