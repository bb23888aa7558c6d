#include "models/paths.h"

const struct path_info path_info[NR_PATHS] = {
#define X(p) { #p, p##_path, sizeof(struct p) },
	PATHS(X)
#undef X
};
