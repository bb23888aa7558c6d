#include "models/swap/ownership.h"

#include "models/references.h"

static bool device_holds(struct machine *m, const struct swap_device *si, GString *why)
{
	struct kernel *k = kernel_of(m);

	for (u32 c = si->first_cluster; si->has_maps && c < si->first_cluster + si->clusters; c++) {
		u32 n;

		if (k->cluster[c].flags != CLUSTER_NONE)
			continue;
		n = references_count(k, REFERS_CLUSTER, c);
		if (n == 1)
			continue;
		return invariant_fails(m, &k->cluster[c], why,
				       "cluster %u of device %u is on no list and %u operations hold it", c,
				       si->number, n);
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
