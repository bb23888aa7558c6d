/*
 * trace_compare.h - a part of swapsim trace.
 */
#ifndef CLI_TRACE_COMPARE_H
#define CLI_TRACE_COMPARE_H

#include "cli/cli.h"

command_fn trace_command_compare;
extern const struct usage trace_compare_usage;

#endif
