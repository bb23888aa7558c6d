#include "cli/diff_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/event_log.h"
#include "cli/load.h"

enum {
	STRETCH_LEAST = 1000, /* ns of simulated time at a time */
	STRETCH_MOST = 1000000000,
	EVENTS_ENOUGH = 1 << 14, /* in one stretch */
};

struct diff_source {
	const struct diff_folder *folder;
	char *failure;
	/* A log: */
	FILE *file;
	char *line;
	size_t line_bytes;
	u64 lines;
	/* A run: */
	struct scenario *scenario;
	struct kernel *kernel;
	GArray *entry; /* of struct log_entry, those of the present stretch */
	u32 next;
	u64 until, length, stop_ns;
};

/* ---- events.csv ---- */

struct diff_source *diff_source_of_log(const struct diff_folder *folder, GError **error)
{
	struct diff_source *s = g_new0(struct diff_source, 1);
	char *file = diff_folder_file(folder, EVENT_LOG_FILE);

	s->folder = folder;
	s->file = fopen(file, "r");
	if (!s->file) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: %s", file, g_strerror(errno));
		g_clear_pointer(&s, g_free);
	}
	g_free(file);
	return s;
}

static bool bad_line(struct diff_source *s)
{
	s->failure =
	    g_strdup_printf("%s/" EVENT_LOG_FILE ":%" G_GUINT64_FORMAT ": not a line time_ns,cpu,task,step",
			    s->folder->path, s->lines);
	return false;
}

static bool number_before_comma(char **at, u64 *value)
{
	char *end;

	if (!g_ascii_isdigit(**at))
		return false;
	*value = g_ascii_strtoull(*at, &end, 10);
	if (*end != ',')
		return false;
	*at = end + 1;
	return true;
}

static bool next_of_log(struct diff_source *s, struct diff_event *e)
{
	u64 cpu, task;
	char *at;

	do {
		if (getline(&s->line, &s->line_bytes, s->file) < 0)
			return false;
		s->lines++;
	} while (s->lines == 1 && g_str_has_prefix(s->line, "time_ns,"));
	at = s->line;
	if (!number_before_comma(&at, &e->time_ns) || !number_before_comma(&at, &cpu) ||
	    !number_before_comma(&at, &task))
		return bad_line(s);
	e->cpu = (u32)cpu;
	e->task = (u32)task;
	at[strcspn(at, "\n")] = 0;
	return g_strlcpy(e->step, at, sizeof e->step) < sizeof e->step || bad_line(s);
}

/* ---- a run ---- */

static void take_entry(struct machine *m, void *data, const struct log_entry *e)
{
	struct diff_source *s = data;

	(void)m;
	g_array_append_vals(s->entry, e, 1);
}

struct diff_source *diff_source_of_run(const struct diff_folder *folder, GError **error)
{
	struct diff_source *s = g_new0(struct diff_source, 1);
	char *file = diff_folder_file(folder, "scenario.json");

	s->folder = folder;
	s->entry = g_array_new(FALSE, FALSE, sizeof(struct log_entry));
	s->length = STRETCH_LEAST;
	s->scenario = load_scenario(file, NULL, NULL, error);
	if (s->scenario) {
		const struct build_options options = {
			.kernel = folder->kernel, .seed = folder->seed, .log = take_entry, .log_data = s
		};

		s->stop_ns = scenario_stop_ns(s->scenario);
		s->kernel = scenario_build(s->scenario, &options, error);
	}
	if (!s->kernel)
		g_clear_pointer(&s, diff_source_free);
	g_free(file);
	return s;
}

static bool is_over(const struct diff_source *s)
{
	const struct machine *m = &s->kernel->machine;

	return s->failure || !m->tasks_left || m->stopped || s->until == s->stop_ns;
}

static void go_until(struct diff_source *s, u64 until)
{
	GError *error = NULL;

	s->until = until;
	if (machine_run(&s->kernel->machine, until, &error))
		return;
	s->failure = g_strdup_printf("%s, run again: %s", s->folder->path, error->message);
	g_error_free(error);
}

/* The next stretch; as long as few things happen the stretches grow. */
static void refill(struct diff_source *s)
{
	g_array_set_size(s->entry, 0);
	s->next = 0;
	go_until(s, MIN(s->until + s->length, s->stop_ns));
	if (s->entry->len > EVENTS_ENOUGH)
		s->length = MAX(s->length / 2, STRETCH_LEAST);
	else if (s->entry->len < EVENTS_ENOUGH / 4)
		s->length = MIN(s->length * 2, STRETCH_MOST);
}

static bool next_of_run(struct diff_source *s, struct diff_event *e)
{
	const struct log_entry *entry;
	const struct path *path;

	while (s->next == s->entry->len) {
		if (is_over(s))
			return false;
		refill(s);
	}
	entry = &g_array_index(s->entry, struct log_entry, s->next++);
	path = &s->kernel->machine.path[entry->path];
	e->time_ns = entry->time;
	e->cpu = entry->cpu;
	e->task = entry->task;
	g_snprintf(e->step, sizeof e->step, "%s.%s", path->info->name, path->step_name[entry->step]);
	return true;
}

/* ---- both ---- */

bool diff_source_next(struct diff_source *s, struct diff_event *e)
{
	return !s->failure && (s->file ? next_of_log(s, e) : next_of_run(s, e));
}

static char *check_fingerprint(const struct diff_source *s)
{
	char *text = g_strdup_printf("%016" G_GINT64_MODIFIER "x", s->kernel->machine.fingerprint);
	char *wrong = NULL;

	if (s->folder->complete && strcmp(text, s->folder->events) != 0)
		wrong = g_strdup_printf("%s, run again, has other events than it had (was it run with "
					"--ties, or changed since?)",
					s->folder->path);
	g_free(text);
	return wrong;
}

char *diff_source_finish(struct diff_source *s)
{
	if (s->kernel) {
		s->kernel->machine.log = NULL;
		while (!is_over(s))
			go_until(s, MIN(s->until + STRETCH_MOST, s->stop_ns));
	}
	if (s->failure)
		return g_strdup(s->failure);
	return s->kernel ? check_fingerprint(s) : NULL;
}

void diff_source_free(struct diff_source *s)
{
	if (!s)
		return;
	if (s->file)
		fclose(s->file);
	free(s->line);
	g_free(s->failure);
	if (s->kernel)
		kernel_free(s->kernel);
	scenario_free(s->scenario);
	if (s->entry)
		g_array_free(s->entry, TRUE);
	g_free(s);
}
