/*
 * arguments.h - the command line of one command.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "cli/table.h"
#include "sim/machine.h"

struct usage {
	const char *command;		  /* "trace import" */
	const char *arguments;		  /* "FILE..." */
	const char *summary;		  /* what stands between usage and options */
	const char *more;		  /* what stands below the options; NULL for nothing */
	char *(*describe)(void);	  /* likewise, made up when it is asked for; NULL for nothing */
	const GOptionEntry *options;	  /* where values go is OPTION() */
	const struct usage *const *parts; /* commands below this one, ends with NULL; NULL for none */
	u32 least;			  /* arguments that are no options */
	u32 most;
};

/* In place of a pointer to its value: where that is in the struct of a command's options. */
#define OPTION(type, member) GSIZE_TO_POINTER(offsetof(type, member))

/* Parses and removes the options, into the struct @values; the arguments are argv[1] to argv[argc - 1].
 * --help is printed; then, too, this returns false, but sets no error. ERROR_USAGE, with what may have been
 * meant. */
bool arguments_parse(const struct usage *usage, void *values, int *argc, char ***argv, GError **error);
/* What arguments_parse() put there. */
void arguments_release(const struct usage *usage, void *values);

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
/* Those of --kernel; g_strfreev(). */
bool parse_kernels(const char *text, char ***kernels, GError **error);

#define SEED_MAX (UINT64_C(1) << 53)

#endif
