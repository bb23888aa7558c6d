/*
 * size_trial.h - one value of a limit, tried with every seed and held against the same run with all the
 * memory it could want.
 *
 * Without limits: every limit of every cgroup is max, and the machine has memory for all data and more. The
 * slowdown of a seed is how much longer an access takes, on average of the main part, in hundredths of a
 * percent.
 */
#ifndef CLI_SIZE_TRIAL_H
#define CLI_SIZE_TRIAL_H

#include "cli/arguments.h"
#include "cli/batch.h"

/* What is asked of a value. */
struct size_demand {
	bool bounded;
	u64 slowdown; /* at most, with bounded */
	u32 percent;  /* of the seeds that have to keep to it */
};

/* "100": all seeds, "p90", "median". NULL leaves it alone. */
bool parse_over(const char *text, u32 *percent, GError **error);
/* "10%", "2.5%". */
bool parse_slowdown(const char *text, u64 *permyriad, GError **error);

struct size_trial {
	const char *file;
	const char *const *sets;
	const char *kernel; /* NULL: the scenario's */
	struct seeds seeds;
	u32 jobs;
	bool progress;
	char *what;	    /* is being tried, for that */
	u64 *base_time;	    /* [seed] of the main part, without limits */
	u64 *base_accesses; /* [seed] */
};

struct size_result {
	u64 value; /* bytes */
	u32 seeds;
	u32 good;   /* seeds that keep to the demand */
	u32 killed; /* seeds in which the OOM killer came */
	u32 failed; /* seeds that could not be run to the end */
	u64 median; /* slowdown of those without kill, the lower of two */
	u64 worst;
	u64 pgmajfault; /* likewise */
	char *reason;	/* why the first seed failed that did, or whom the OOM killer took in it; NULL */
	bool holds;
};

/* Runs the scenario without limits; release it in any case. ERROR_SCENARIO when even that kills or fails. */
bool size_trial_init(struct size_trial *t, GError **error);
void size_trial_release(struct size_trial *t);

/* ERROR_INTERRUPTED. */
bool size_trial_go(const struct size_trial *t, const char *path, u64 value, const struct size_demand *demand,
		   struct size_result *result, GError **error);
void size_result_release(struct size_result *r);

#endif
