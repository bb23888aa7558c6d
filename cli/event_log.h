/*
 * event_log.h - events.csv: every step of a run as a line, `time_ns,cpu,task,step`.
 *
 * Written as the run goes on; a run of a minute fills gigabytes. User mode is no step.
 */
#ifndef CLI_EVENT_LOG_H
#define CLI_EVENT_LOG_H

#include "models/scenario.h"

#define EVENT_LOG_FILE "events.csv"

struct event_log;

/* ERROR_IO. */
struct event_log *event_log_open(const char *file, GError **error);
/* Have a run write into it; the log outlives the run. */
void event_log_attach(struct event_log *log, struct build_options *options);
/* False and ERROR_IO if not all could be written. Frees it. */
bool event_log_close(struct event_log *log, GError **error);

#endif
