#include "cli/diff_events.h"

#include <stdio.h>
#include <string.h>

#include "cli/diff_source.h"
#include "cli/event_log.h"

static void keep_last(GArray *events, const struct diff_event *e, u32 most)
{
	if (!most)
		return;
	if (events->len == most)
		g_array_remove_index(events, 0);
	g_array_append_val(events, *e);
}

static bool same_event(const struct diff_event *a, const struct diff_event *b)
{
	return a->time_ns == b->time_ns && a->cpu == b->cpu && a->task == b->task &&
	       !strcmp(a->step, b->step);
}

static void take_rest(struct diff_source *source, GArray *into, u32 context)
{
	struct diff_event e;

	while (into->len <= context && diff_source_next(source, &e))
		g_array_append_val(into, e);
}

/* True when there is a difference. */
static bool walk(struct diff_events *d, struct diff_source *const *source, u32 context)
{
	struct diff_event e[2];
	bool there[2];

	for (;; d->common++) {
		for (u32 i = 0; i < 2; i++)
			there[i] = diff_source_next(source[i], &e[i]);
		if (!there[0] && !there[1])
			return false;
		if (there[0] && there[1] && same_event(&e[0], &e[1])) {
			keep_last(d->before, &e[0], context);
			continue;
		}
		for (u32 i = 0; i < 2; i++) {
			if (there[i])
				g_array_append_val(d->next[i], e[i]);
			if (there[i])
				take_rest(source[i], d->next[i], context);
		}
		return true;
	}
}

static void unknown(struct diff_events *d, char *why)
{
	g_free(d->how);
	d->how = why;
	d->verdict = EVENTS_UNKNOWN;
	g_array_set_size(d->before, 0);
	g_array_set_size(d->next[0], 0);
	g_array_set_size(d->next[1], 0);
}

/* Whether what was walked is what the folders are about. */
static bool finished(struct diff_events *d, struct diff_source *const *source)
{
	for (u32 i = 0; i < 2; i++) {
		char *wrong = diff_source_finish(source[i]);

		if (!wrong)
			continue;
		unknown(d, wrong);
		return false;
	}
	return true;
}

static void compare(struct diff_events *d, const struct diff_folder *const *folder, bool logs, u32 context)
{
	struct diff_source *source[2] = { NULL, NULL };
	GError *error = NULL;
	bool differ;

	for (u32 i = 0; i < 2 && !error; i++)
		source[i] =
		    logs ? diff_source_of_log(folder[i], &error) : diff_source_of_run(folder[i], &error);
	if (error) {
		unknown(d, g_strdup(error->message));
		g_error_free(error);
	} else {
		d->how = g_strdup(logs ? "by both " EVENT_LOG_FILE : "both run again");
		differ = walk(d, source, context);
		if (finished(d, source))
			d->verdict = differ ? EVENTS_DIFFER : EVENTS_EQUAL;
	}
	diff_source_free(source[0]);
	diff_source_free(source[1]);
}

static bool has_log(const struct diff_folder *f)
{
	char *file = diff_folder_file(f, EVENT_LOG_FILE);
	bool there = g_file_test(file, G_FILE_TEST_EXISTS);

	g_free(file);
	return there;
}

/* Why runs cannot be done again; NULL when they can. The caller frees it. */
static char *obstacle(const struct diff_folder *const *folder, bool rerun)
{
	if (!rerun)
		return g_strdup("not both have " EVENT_LOG_FILE ", and nothing was to be run again");
	for (u32 i = 0; i < 2; i++)
		if (strcmp(folder[i]->version, SWAPSIM_VERSION) != 0)
			return g_strdup_printf("%s is of swapsim %s, this is " SWAPSIM_VERSION
					       ", and not both have " EVENT_LOG_FILE,
					       folder[i]->path, folder[i]->version);
	return NULL;
}

void diff_events_find(struct diff_events *d, const struct diff_folder *a, const struct diff_folder *b,
		      u32 context, bool rerun)
{
	const struct diff_folder *const folder[2] = { a, b };
	bool logs = has_log(a) && has_log(b);
	char *why = logs ? NULL : obstacle(folder, rerun);

	*d = (struct diff_events){ .verdict = EVENTS_UNKNOWN };
	d->before = g_array_new(FALSE, FALSE, sizeof(struct diff_event));
	for (u32 i = 0; i < 2; i++)
		d->next[i] = g_array_new(FALSE, FALSE, sizeof(struct diff_event));
	if (a->complete && b->complete && !strcmp(a->events, b->events)) {
		d->how = g_strdup("by their fingerprints");
		d->verdict = EVENTS_EQUAL;
		g_free(why);
	} else if (why) {
		unknown(d, why);
	} else {
		compare(d, folder, logs, context);
	}
}

void diff_events_release(struct diff_events *d)
{
	g_free(d->how);
	g_array_free(d->before, TRUE);
	g_array_free(d->next[0], TRUE);
	g_array_free(d->next[1], TRUE);
}
