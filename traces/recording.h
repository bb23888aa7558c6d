/*
 * recording.h - what the importers of recorded events share: whose events are wanted, a clock turned into
 * gaps, pages numbered, and remarks on what was lost or left out.
 *
 * One trace holds one address space, or the slots of one device. A recording may hold several; nothing in it
 * says which threads share one, so if more than one was seen and none was asked for, the import fails and
 * names them.
 */
#ifndef TRACES_RECORDING_H
#define TRACES_RECORDING_H

#include "traces/event_text.h"
#include "traces/importer.h"
#include "traces/number_map.h"

struct recording {
	struct importer *importer;
	char **events;	     /* asked for; NULL: the usual ones */
	GArray *pids;	     /* u32, asked for */
	GHashTable *origins; /* of accesses: key -> struct origin */
	struct number_map pages;
	bool started;
	u64 now_ns;    /* of the latest access */
	u64 backwards; /* accesses recorded as earlier than the one before */
	u64 lost;
	u64 losses_unknown;  /* that do not say how much */
	u64 skipped_events;  /* of kinds that are no accesses */
	u64 skipped_origins; /* not asked for */
};

/* Takes in the options. ERROR_USAGE if they are malformed. Release in every case. */
bool recording_init(struct recording *recording, struct importer *importer, GError **error);
void recording_release(struct recording *recording);

/* Whether no event, or this one, was asked for by name. */
bool recording_wants_event(const struct recording *recording, const struct event_text *event);
/* Whether the task was asked for; either number may be EVENT_NO_PROCESS. Counts those that were not. */
bool recording_wants_task(struct recording *recording, u32 tid, u32 process, struct event_word comm);
void recording_lost(struct recording *recording, u64 lost);

/* Notes whose access comes next; `name` is what its key is called by. */
void recording_origin(struct recording *recording, u64 key, struct event_word name);
/* One access. `key` is numbered in order of first touch, or with `keep` is the page. */
bool recording_access(struct recording *recording, u64 time_ns, u64 key, bool keep, enum trace_op op,
		      GError **error);

/* What an origin is. */
struct recording_kind {
	const char *plural;
	const char *choice; /* how to ask for one of them */
	bool numbered;	    /* its name says less than its key */
};

/*
 * At the end: remarks, the page map if one was asked for, and ERROR_USAGE if there was more than one origin
 * and it is not settled that they are one.
 */
bool recording_finish(struct recording *recording, const struct recording_kind *kind, bool settled,
		      GError **error);

#endif
