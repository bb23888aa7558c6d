/*
 * published_run.h - runs the scenarios of published rows on both kernels, and says what became of the change.
 */
#ifndef CLI_PUBLISHED_RUN_H
#define CLI_PUBLISHED_RUN_H

#include "cli/comparison.h"
#include "cli/published_rows.h"

/*
 * What was published as 5 % or more has to come out with its sign and within a factor of 2; of less only the
 * sign says something, and of less than 1 % not even that: then both have to be.
 */
enum published_verdict {
	PUBLISHED_SIZE,	  /* sign, and size within a factor of 2 */
	PUBLISHED_LEVEL,  /* both below 1 % */
	PUBLISHED_SIGN,	  /* the sign alone */
	PUBLISHED_UNSURE, /* seeds have both signs */
	PUBLISHED_MISS,	  /* not even the sign */
	PUBLISHED_NOT_RUN /* see reason */
};
extern const char *const published_verdict_name[];
/* Of all in millionths; @low and @high are the range over seeds. */
enum published_verdict published_judge(s64 published, s64 simulated, s64 low, s64 high);
/* Whether it is what was asked of a change of that size. */
bool published_is_met(s64 published, enum published_verdict verdict);

struct published_result {
	const struct published_row *row;
	u64 value[2]; /* medians over seeds */
	enum quantity_unit unit;
	s64 change, low, high; /* of the medians; the least and the most seed by seed; in millionths */
	enum published_verdict verdict;
	char *reason; /* not run; else NULL */
};

struct published_run {
	const struct published_rows *rows;
	char **scenarios; /* only these; NULL: all */
	struct seeds seeds;
	bool more_seeds; /* where a row takes more */
	const char *const *sets;
	u32 jobs;
	bool progress;
	GArray *result;	  /* out, of struct published_result, in the order of the rows */
	bool interrupted; /* out */
};

bool published_run_go(struct published_run *run, GError **error);
void published_run_release(struct published_run *run);

static inline const struct published_result *published_result_at(const struct published_run *run, u32 i)
{
	return &g_array_index(run->result, struct published_result, i);
}

#endif
