/*
 * child.h - what a run of a scenario takes of time and memory: in a process of its own, so that nothing of
 * another run is counted.
 */
#ifndef TESTS_BENCH_CHILD_H
#define TESTS_BENCH_CHILD_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/scenario_text.h"

struct child_figures {
	double seconds; /* of CPU, user and system */
	double mib;	/* the most memory it had at once */
};

static inline double child_seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static inline int child_run(const char *text)
{
	GError *error = NULL;
	struct scenario *s = scenario_in(NULL, text, &error);
	struct build_options options = { 0 };
	struct run_result *r = NULL;

	if (s) {
		options = options_of(s, NULL);
		r = run_scenario(s, &options, NULL, NULL, &error);
	}
	if (!r)
		fprintf(stderr, "%s\n", error->message);
	run_result_free(r);
	scenario_free(s);
	return r ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* False: it came to nothing, and said why. */
static inline bool child_figures(const char *text, struct child_figures *figures)
{
	struct rusage usage;
	int status;
	pid_t child = fork();

	if (!child)
		_exit(child_run(text));
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		return false;
	figures->seconds = child_seconds(&usage.ru_utime) + child_seconds(&usage.ru_stime);
	figures->mib = (double)usage.ru_maxrss / 1024;
	return true;
}

#endif
