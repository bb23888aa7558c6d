#include "cli/event_log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "sim/error.h"

struct event_log {
	char *name;
	FILE *file;
};

static bool failed(const struct event_log *log, int number, GError **error)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: %s", log->name, g_strerror(number));
	return false;
}

struct event_log *event_log_open(const char *file, GError **error)
{
	struct event_log *log = g_new0(struct event_log, 1);

	log->name = g_strdup(file);
	log->file = fopen(file, "w");
	if (log->file) {
		fputs("time_ns,cpu,task,step\n", log->file);
		return log;
	}
	failed(log, errno, error);
	g_free(log->name);
	g_free(log);
	return NULL;
}

static void write_step(struct machine *m, void *data, const struct log_entry *e)
{
	const struct event_log *log = data;
	const struct path *path = &m->path[e->path];

	fprintf(log->file, "%" PRIu64 ",%u,%u,%s.%s\n", e->time, e->cpu, e->task, path->info->name,
		path->step_name[e->step]);
}

void event_log_attach(struct event_log *log, struct build_options *options)
{
	options->log = write_step;
	options->log_data = log;
}

bool event_log_close(struct event_log *log, GError **error)
{
	bool good = !ferror(log->file);

	good = fclose(log->file) == 0 && good;
	if (!good)
		failed(log, errno, error);
	g_free(log->name);
	g_free(log);
	return good;
}
