/*
 * cli.h - the commands: one file each, and one row each in main.c.
 *
 * Results go to stdout, everything else to stderr. A command returns true, or false and a GError of the
 * domain of sim/error.h; main() alone prints it, in one line, and its code is the exit status. False without
 * an error ends with 0, too: help was asked for and given.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "sim/error.h"
#include "sim/types.h"

/* Exit statuses that no library returns. */
enum {
	ERROR_THRESHOLD = 6,
	ERROR_INTERRUPTED = 130,
};

/* argv[0] is the command's name. */
typedef bool command_fn(int argc, char **argv, GError **error);

command_fn command_run, command_compare, command_plot, command_trace, command_validate, command_list,
    command_demo, command_sweep, command_merge, command_size, command_completion, command_man, command_schema,
    command_diff, command_explain, command_record, command_race, command_explore, command_fidelity,
    command_published;

struct usage;
extern const struct usage run_usage, compare_usage, plot_usage, trace_usage, validate_usage, list_usage,
    demo_usage, sweep_usage, merge_usage, size_usage, diff_usage, explain_usage, record_usage,
    completion_usage, man_usage, schema_usage, race_usage, explore_usage, fidelity_usage, published_usage;

/* A row a command, in main.c. */
struct command {
	const struct usage *usage;
	const char *summary; /* half a line */
	command_fn *run;
};
const struct command *all_commands(u32 *n);

/* Where the scenarios and the recorded traces are: $SWAPSIM_DATA, otherwise share/swapsim beside the folder
 * of the program, otherwise the source tree. */
const char *data_dir(void);

/* Writes all of a text to stdout; ERROR_IO when that fails (a full disk, a closed pipe). */
bool print_result(const char *text, GError **error);
/* The same of what an interrupt may have cut short: then ERROR_INTERRUPTED, once it is written. */
bool print_whole(const char *text, bool interrupted, GError **error);

#endif
