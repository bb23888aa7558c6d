/*
 * lifetime (O4) of swap devices between any two steps: while a device is being swapped off nobody finds it
 * where slots are taken, and once its maps are freed no slot of it is in use, no CPU goes on there, and no
 * operation has a cluster of it in hand. As many hold it as its reference count says. That somebody looks at
 * the slots of such a device is found where it happens, see swap/device_ref.h.
 */
#include "models/cpu.h"
#include "models/invariants.h"
#include "models/references.h"
#include "models/swap/slots.h"
#include "models/swap/cluster.h"

static bool is_off_the_list(struct kernel *k, const struct swap_device *si, GString *why)
{
	if (si->flags & SWP_WRITEOK || !si->on_avail_list)
		return true;
	return invariant_fails(
	    &k->machine, si, why,
	    "the list of devices with free slots has device %u, which is being swapped off", si->number);
}

static bool users_agree(struct kernel *k, const struct swap_device *si, u32 holders, GString *why)
{
	u32 alive = !si->users.dying;

	if (si->users.count == alive + holders)
		return true;
	return invariant_fails(&k->machine, si, why,
			       "device %u counts %u users, and operations in progress are %u", si->number,
			       si->users.count - alive, holders);
}

static bool goes_on_there(const struct kernel *k, const struct swap_device *si, u32 slot)
{
	return slot && &k->device[k->cluster[slot >> k->cluster_shift].device] == si;
}

static bool no_cpu_goes_on(struct kernel *k, struct swap_device *si, GString *why)
{
	for (u32 n = 0; n < k->machine.cpus; n++)
		for (u32 order = 0; order <= k->config.max_folio_order; order++)
			if (goes_on_there(k, si, *swap_hint_of_cpu(k, n, order)) ||
			    goes_on_there(k, si, *swap_hint_of(k, n, si, order)))
				return invariant_fails(&k->machine, percpu_of(&k->machine, n), why,
						       "CPU %u goes on in device %u, whose maps are freed", n,
						       si->number);
	return true;
}

static bool no_slot_is_used(struct kernel *k, const struct swap_device *si, GString *why)
{
	for (u32 s = si->first_slot; s < si->first_slot + (si->clusters << k->cluster_shift); s++)
		if (!slot_is_free(k, s) || word_folio(k->slot[s].cache))
			return invariant_fails(&k->machine, &k->slot[s], why,
					       "slot %u is in use, and the maps of device %u are freed", s,
					       si->number);
	return true;
}

static bool no_cluster_is_held(struct kernel *k, const struct swap_device *si, GString *why)
{
	for (u32 c = si->first_cluster; c < si->first_cluster + si->clusters; c++)
		if (references_count(k, REFERS_CLUSTER, c))
			return invariant_fails(
			    &k->machine, &k->cluster[c], why,
			    "somebody has cluster %u in hand, and the maps of device %u are freed", c,
			    si->number);
	return true;
}

static bool is_left_alone(struct kernel *k, struct swap_device *si, GString *why)
{
	return si->has_maps ||
	       (no_slot_is_used(k, si, why) && no_cpu_goes_on(k, si, why) && no_cluster_is_held(k, si, why));
}

bool devices_live(struct kernel *k, const u32 *holders, GString *why)
{
	for (u32 i = 0; i < k->config.devices; i++)
		if (!is_off_the_list(k, &k->device[i], why) ||
		    !users_agree(k, &k->device[i], holders[i], why) || !is_left_alone(k, &k->device[i], why))
			return false;
	return true;
}
