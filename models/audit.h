/*
 * audit.h - what must agree with what: sums taken afresh from the state, held against the figures that the
 * paths kept.
 *
 * Most of it is true between any two steps; some only while no task is inside the kernel (at rest): at the
 * end of a run, or at any time when all tasks are in user mode or done. An audit looks at the state and
 * changes nothing; @why of what is wrong is a sentence that names the object.
 */
#ifndef MODELS_AUDIT_H
#define MODELS_AUDIT_H

#include "models/kernel.h"
#include "sim/invariant.h"

enum audit_when {
	AUDIT_ANY_TIME,
	AUDIT_AT_REST,
	AUDIT_AFTER_RUN, /* at rest, and statistics are part of it, which a search does not keep */
};

struct audit {
	struct invariant what;
	enum audit_when when;
	const struct invariant *of; /* which says it between any two steps, too; NULL: none */
	u32 reads;		    /* aspects (aspects.h); only of those that are part of an invariant */
};

/* Ends with a row without a name. */
extern const struct audit audits_of_swap[];  /* audit_swap.c: slots, clusters, cache, metadata */
extern const struct audit audits_of_zswap[]; /* audit_zswap.c */
extern const struct audit audits_of_mm[];    /* audit_mm.c: folios, page tables, LRU lists, memory, cgroups */

/* All that can be said of a state at rest, as audit() in run.h does at the end of a run; false: @why (may be
 * NULL) gets "name: sentence". */
bool audit_state(struct kernel *k, GString *why);

/* No task is inside the kernel. */
bool audit_is_at_rest(const struct machine *m);

/* Whether a device has a request that reads or writes the folio. */
bool folio_is_in_flight(const struct kernel *k, u32 folio, bool write);

/* Pages that each cgroup, and what is below it, is charged for: overhead, folios, zswap, stocks of CPUs.
 * g_free(). */
u64 *pages_owned(const struct kernel *k);

/* Appends the sentence if there is a place for it. Always false. */
bool audit_fails(GString *why, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
