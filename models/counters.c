#include "models/counters.h"

const struct counter_info counter_info[NR_COUNTERS] = {
#define X(id, name, meaning) { name, meaning },
	COUNTERS(X)
#undef X
};
