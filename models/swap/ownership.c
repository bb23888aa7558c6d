#include "models/swap/ownership.h"

#include <string.h>

#include "models/aspects.h"
#include "models/paths.h"
#include "models/references.h"

struct owners {
	const struct machine *m;
	u32 cluster;
	bool found;
	bool dropped; /* its lock, to reclaim a slot */
};

/* Between dropping the lock and having it again; the cluster may have come onto a list then, by the slot that
 * was freed, and another may have taken it off. Both scan on, and whoever is last puts it where it belongs.
 */
static bool reclaims_in_it(const struct machine *m, const struct frame *frame)
{
	const char *step = m->path[frame->path].step_name[frame->pc];

	return (frame->path == PATH_alloc_swap_scan_cluster ||
		frame->path == PATH_swap_reclaim_full_clusters) &&
	       (!strcmp(step, "RECLAIM") || !strcmp(step, "RETAKE_CI"));
}

/* Who scans a cluster does so for the path that took it off its list, or came by a CPU's hint: such a one may
 * have dropped the lock to reclaim a slot when another takes the cluster off the list, and finds out when it
 * has the lock again. */
static void look(void *data, enum referred what, u32 number, const struct frame *frame)
{
	struct owners *o = data;

	if (what != REFERS_CLUSTER || number != o->cluster)
		return;
	o->dropped |= reclaims_in_it(o->m, frame);
	o->found |= frame->path != PATH_alloc_swap_scan_cluster && frame->path != PATH_relocate_cluster;
}

/* @dropped: how many of them have dropped its lock. */
static u32 owners_of(struct kernel *k, u32 cluster, u32 *dropped)
{
	u32 n = 0;

	excuse_by_work(k);
	*dropped = 0;
	for (u32 i = 0; i < k->machine.tasks; i++) {
		struct owners o = { .m = &k->machine, .cluster = cluster };

		references_of_task(k, &k->machine.task[i], 1 << REFERS_CLUSTER, look, &o);
		n += o.found;
		*dropped += o.found && o.dropped;
	}
	return n;
}

static bool device_holds(struct kernel *k, const struct swap_device *si, GString *why)
{
	for (u32 c = si->first_cluster; si->has_maps && c < si->first_cluster + si->clusters; c++) {
		u32 n, dropped;

		if (k->cluster[c].flags != CLUSTER_NONE)
			continue;
		n = owners_of(k, c, &dropped);
		if (n && n - dropped <= 1)
			continue;
		return invariant_fails(&k->machine, &k->cluster[c], why,
				       "cluster %u of device %u is on no list and %u operations hold it", c,
				       si->number, n);
	}
	return true;
}

static bool devices_hold(struct kernel *k, GString *why)
{
	for (u32 i = 0; i < k->config.devices; i++)
		if (!device_holds(k, &k->device[i], why))
			return false;
	return true;
}

static bool holds(struct machine *m, GString *why)
{
	static const struct part devices = { devices_hold, ASPECT_CLUSTERS | ASPECT_DEVICES, ASPECT_TASKS,
					     EXCUSED_CLUSTERS };

	return part_holds(kernel_of(m), &devices, why);
}

const struct invariant cluster_ownership = {
	"cluster_ownership",
	"a cluster is on the list its flag names, or one operation in progress holds it",
	holds,
};
