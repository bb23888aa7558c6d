#include "models/swap/device_ref.h"

#include "sim/error.h"

void swap_access_fails(struct kernel *k, u32 entry)
{
	k->machine.violated = object_place(&k->machine, &k->slot[entry]);
	machine_fail(&k->machine, ERROR_FINDING,
		     "lifetime: slot %u is looked at, and the maps of device %u were freed by its swapoff",
		     entry, device_of(k, entry)->number);
}
