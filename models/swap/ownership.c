#include "models/swap/ownership.h"

#include "models/paths.h"

/* Frames that may hold an isolated cluster, and where: the field is the cluster + 1. A path that lets go of a
 * cluster and lives on sets the field to 0. */
static const struct {
	u16 path;
	u16 offset;
} holders[] = {
	{ PATH_isolate_lock_cluster, offsetof(struct isolate_lock_cluster, cluster) },
	{ PATH_swap_cluster_alloc_table, offsetof(struct swap_cluster_alloc_table, cluster) },
	{ PATH_alloc_swap_scan_list, offsetof(struct alloc_swap_scan_list, cluster) },
	{ PATH_alloc_swap_scan_cluster, offsetof(struct alloc_swap_scan_cluster, cluster) },
	{ PATH_relocate_cluster, offsetof(struct relocate_cluster, cluster) },
	{ PATH_swap_reclaim_full_clusters, offsetof(struct swap_reclaim_full_clusters, cluster) },
};

static u32 held_by_frame(const struct frame *frame)
{
	for (u32 i = 0; i < ARRAY_SIZE(holders); i++)
		if (holders[i].path == frame->path)
			return *(const u32 *)((const u8 *)(frame + 1) + holders[i].offset);
	return 0;
}

static bool task_holds(const struct machine *m, const struct task *t, u32 cluster)
{
	u32 offset = t->frame;

	if (t->state == TASK_DONE)
		return false;
	for (;;) {
		const struct frame *frame = frame_at(m, t, offset);

		if (held_by_frame(frame) == cluster + 1)
			return true;
		if (!offset)
			return false;
		offset = frame->below;
	}
}

static u32 count_holders(const struct machine *m, u32 cluster)
{
	u32 n = 0;

	for (u32 i = 0; i < m->tasks; i++)
		n += task_holds(m, &m->task[i], cluster);
	return n;
}

static bool device_holds(struct machine *m, const struct swap_device *si, GString *why)
{
	struct kernel *k = kernel_of(m);

	for (u32 c = si->first_cluster; c < si->first_cluster + si->clusters; c++) {
		u32 n;

		if (k->cluster[c].flags != CLUSTER_NONE)
			continue;
		n = count_holders(m, c);
		if (n == 1)
			continue;
		if (why)
			g_string_append_printf(
			    why, "cluster %u of device %u is on no list and %u operations hold it", c,
			    si->number, n);
		return false;
	}
	return true;
}

static bool holds(struct machine *m, GString *why)
{
	struct kernel *k = kernel_of(m);

	for (u32 i = 0; i < k->config.devices; i++)
		if (!device_holds(m, &k->device[i], why))
			return false;
	return true;
}

const struct invariant cluster_ownership = {
	"cluster_ownership",
	"a cluster is on the list its flag names, or exactly one operation in progress holds it",
	holds,
};
