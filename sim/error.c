#include "sim/error.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/types.h"

G_DEFINE_QUARK(swapsim_error, swapsim_error)

void bug(const char *file, int line, const char *function, const char *condition)
{
	fprintf(stderr, "swapsim: BUG at %s:%d %s(): %s\n", file, line, function, condition);
	abort();
}
