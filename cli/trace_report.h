/*
 * trace_report.h - what is in a trace, for people and programs.
 */
#ifndef CLI_TRACE_REPORT_H
#define CLI_TRACE_REPORT_H

#include "cli/table.h"
#include "traces/info.h"

/* CSV: figure,value rows; the caller frees it. */
char *trace_report(const struct trace_info *info, enum table_format format);

#endif
