#include "traces/recording.h"

#include <string.h>

#include "sim/error.h"

struct origin {
	u64 key;
	u64 count;
	char *name;
	char *renamed; /* what it is called now, if that is another name; or NULL */
};

enum { ORIGINS_NAMED = 8 };

static void origin_free(void *data)
{
	struct origin *origin = data;

	g_free(origin->name);
	g_free(origin->renamed);
	g_free(origin);
}

static bool read_pids(GArray *pids, const char *list, GError **error)
{
	char **numbers = g_strsplit(list, ",", -1);
	bool good = *numbers;

	for (char **number = numbers; good && *number; number++) {
		guint64 value;
		u32 pid;

		good = g_ascii_string_to_unsigned(*number, 10, 0, UINT32_MAX - 1, &value, NULL);
		pid = (u32)value;
		g_array_append_val(pids, pid);
	}
	g_strfreev(numbers);
	if (!good)
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "malformed list of processes (N, or N,N,...): \"%s\"", list);
	return good;
}

bool recording_init(struct recording *recording, struct importer *importer, GError **error)
{
	const struct trace_import *options = importer->options;

	*recording = (struct recording){ .importer = importer };
	recording->pids = g_array_new(FALSE, FALSE, sizeof(u32));
	recording->origins = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, origin_free);
	number_map_init(&recording->pages);
	if (options->events)
		recording->events = g_strsplit(options->events, ",", -1);
	importer->header->tick = TRACE_TICK_NS;
	importer->header->tick_ps = 1000;
	return !options->pids || read_pids(recording->pids, options->pids, error);
}

void recording_release(struct recording *recording)
{
	g_strfreev(recording->events);
	g_array_free(recording->pids, TRUE);
	g_hash_table_destroy(recording->origins);
	number_map_release(&recording->pages);
}

static bool has_pid(const struct recording *recording, u32 pid)
{
	for (guint i = 0; i < recording->pids->len; i++) {
		if (g_array_index(recording->pids, u32, i) == pid)
			return true;
	}
	return false;
}

bool recording_wants_event(const struct recording *recording, const struct event_text *event)
{
	for (char **name = recording->events; name && *name; name++) {
		if (event_text_is(event, *name))
			return true;
	}
	return !recording->events;
}

bool recording_wants_task(struct recording *recording, u32 tid, u32 process, struct event_word comm)
{
	const char *name = recording->importer->options->comm;

	if ((!recording->pids->len || has_pid(recording, tid) || has_pid(recording, process)) &&
	    (!name || event_word_is(comm, name)))
		return true;
	recording->skipped_origins++;
	return false;
}

void recording_lost(struct recording *recording, u64 lost)
{
	recording->lost += lost;
	recording->losses_unknown += !lost;
}

void recording_origin(struct recording *recording, u64 key, struct event_word name)
{
	struct origin *origin = g_hash_table_lookup(recording->origins, &key);

	if (!origin) {
		origin = g_new0(struct origin, 1);
		origin->key = key;
		origin->name = g_strndup(name.at, name.length);
		g_hash_table_insert(recording->origins, &origin->key, origin);
	}
	origin->count++;
	/* What ftrace prints of a task whose name it has forgotten is no name. */
	if (event_word_is(name, origin->renamed ? origin->renamed : origin->name) ||
	    event_word_is(name, "<...>"))
		return;
	g_free(origin->renamed);
	origin->renamed = g_strndup(name.at, name.length);
}

/* Nanoseconds since the access before. Records of several CPUs are merged by clocks that differ a little. */
static bool read_gap(struct recording *recording, u64 time_ns, u64 *gap, GError **error)
{
	if (!recording->started)
		recording->now_ns = time_ns;
	recording->started = true;
	*gap = time_ns - recording->now_ns;
	if (time_ns < recording->now_ns) {
		recording->backwards++;
		*gap = 0;
		return true;
	}
	recording->now_ns = time_ns;
	return *gap <= TRACE_GAP_MAX ||
	       text_error(&recording->importer->text, error, "a gap that is too long (below 2^46 ns)");
}

bool recording_access(struct recording *recording, u64 time_ns, u64 key, bool keep, enum trace_op op,
		      GError **error)
{
	u64 page = keep ? key : number_map_get(&recording->pages, key), gap;

	if (page >= TRACE_PAGES_MAX)
		return text_error(&recording->importer->text, error,
				  "a page that no trace has (0 to 268435455; --numbering dense)");
	return read_gap(recording, time_ns, &gap, error) &&
	       importer_access(recording->importer, (u32)page, op, gap, error);
}

static void remark_lost(const struct recording *recording)
{
	if (recording->lost)
		importer_remark(recording->importer,
				"%" G_GUINT64_FORMAT " events were lost when it was recorded%s",
				(guint64)recording->lost, recording->losses_unknown ? ", and more" : "");
	else if (recording->losses_unknown)
		importer_remark(recording->importer,
				"events were lost when it was recorded, it does not say how many");
}

static void remark_skipped(const struct recording *recording)
{
	if (recording->skipped_events)
		importer_remark(recording->importer, "%" G_GUINT64_FORMAT " events of other kinds left out",
				(guint64)recording->skipped_events);
	if (recording->skipped_origins)
		importer_remark(recording->importer,
				"%" G_GUINT64_FORMAT
				" events of tasks or devices that were not asked for left out",
				(guint64)recording->skipped_origins);
	if (recording->backwards)
		importer_remark(recording->importer,
				"%" G_GUINT64_FORMAT " accesses are recorded as earlier than the one before "
				"them (taken to follow at once)",
				(guint64)recording->backwards);
}

static gint by_count(gconstpointer a, gconstpointer b)
{
	const struct origin *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static void remark_renamed(const struct recording *recording, const GList *origins)
{
	for (; origins; origins = origins->next) {
		const struct origin *origin = origins->data;

		if (origin->renamed)
			importer_remark(recording->importer,
					"task %" G_GUINT64_FORMAT
					" was called %s first and %s last (one that "
					"starts a program leaves its pages behind; --comm takes one of them)",
					(guint64)origin->key, origin->name, origin->renamed);
	}
}

static bool several(const struct recording *recording, const GList *origins,
		    const struct recording_kind *kind, GError **error)
{
	GString *names = g_string_new(NULL);
	u32 named = 0;

	for (; origins && named < ORIGINS_NAMED; origins = origins->next, named++) {
		const struct origin *origin = origins->data;

		g_string_append_printf(names, "%s%s", named ? ", " : "",
				       origin->renamed ? origin->renamed : origin->name);
		if (kind->numbered)
			g_string_append_printf(names, " %" G_GUINT64_FORMAT, (guint64)origin->key);
		g_string_append_printf(names, " (%" G_GUINT64_FORMAT ")", (guint64)origin->count);
	}
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "%s: accesses of %u %s: %s%s (%s)",
		    recording->importer->options->in, g_hash_table_size(recording->origins), kind->plural,
		    names->str, origins ? ", ..." : "", kind->choice);
	g_string_free(names, TRUE);
	return false;
}

bool recording_finish(struct recording *recording, const struct recording_kind *kind, bool settled,
		      GError **error)
{
	GList *origins = g_list_sort(g_hash_table_get_values(recording->origins), by_count);
	bool good = true;

	if (!settled && g_hash_table_size(recording->origins) > 1)
		good = several(recording, origins, kind, error);
	remark_lost(recording);
	remark_skipped(recording);
	if (kind->numbered)
		remark_renamed(recording, origins);
	g_list_free(origins);
	return good &&
	       importer_page_map(recording->importer, recording->pages.keys, recording->pages.count, error);
}
