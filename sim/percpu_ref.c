#include "sim/percpu_ref.h"

void percpu_ref_put(struct machine *m, struct percpu_ref *ref)
{
	BUG_ON(!ref->count);
	if (!--ref->count)
		bit_lock_release(m, &ref->in_use);
}

void percpu_ref_kill(struct machine *m, struct percpu_ref *ref)
{
	BUG_ON(ref->dying);
	ref->dying = 1;
	percpu_ref_put(m, ref);
}
