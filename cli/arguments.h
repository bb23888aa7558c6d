/*
 * arguments.h - the command line of one command.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "cli/table.h"
#include "sim/machine.h"

struct usage {
	const char *command;   /* "trace import" */
	const char *arguments; /* "FILE..." */
	const char *summary;   /* what stands between usage and options */
	const char *more;      /* what stands below the options; NULL for nothing */
	u32 least;	       /* arguments that are no options */
	u32 most;
};

/* Parses and removes the options; the arguments are argv[1] to argv[argc - 1]. --help is printed;
 * then, too, this returns false, but sets no error. ERROR_USAGE, with what may have been meant. */
bool arguments_parse(const struct usage *usage, const GOptionEntry *entries, int *argc, char ***argv,
		     GError **error);

/* ERROR_USAGE about the value of an option; always false. */
bool bad_value(GError **error, const char *option, const char *value, const char *right);

/* Values of options. NULL leaves the result alone. */
bool parse_ties(const char *text, enum ties *ties, GError **error);
bool parse_format(const char *text, enum table_format *format, GError **error);
bool parse_seed(const char *option, const char *text, u64 *seed, GError **error);

/* "8": that many from the scenario's own on; "3..10": those. */
struct seeds {
	bool own; /* they begin with the scenario's */
	u64 first;
	u32 count;
};
bool parse_seeds(const char *text, struct seeds *seeds, GError **error);
/* 0: one per processor. */
bool parse_jobs(int number, u32 *jobs, GError **error);
/* Everything between the commas; none of them empty. */
bool parse_names(const char *option, const char *text, char ***names, GError **error);

/* Whether there is such a release with such patches; NULL is fine. */
bool check_kernel(const char *kernel, GError **error);

#define SEED_MAX (UINT64_C(1) << 53)

#endif
