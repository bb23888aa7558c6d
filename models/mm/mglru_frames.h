/*
 * mglru_frames.h - arguments and locals of the paths of the multi-gen LRU; see frames.h.
 */
#ifndef MODELS_MM_MGLRU_FRAMES_H
#define MODELS_MM_MGLRU_FRAMES_H

#include "models/mm/mm.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

#define MGLRU_PATHS(X) X(try_to_inc_max_seq) X(evict_folios) X(lru_gen_shrink_lruvec)

/* Returns whether there is a generation more. */
struct try_to_inc_max_seq {
	u64 max_seq; /* as it was when somebody thought it too old */
	u32 memcg;
	u32 swap; /* anonymous pages can go */
	u32 mm;	  /* in hand, + 1 */
	u32 force;
	u32 last; /* who is to open the generation */
	u32 pad;
};

/* Returns pages looked at; 0: there is nothing to be had. */
struct evict_folios {
	u64 swappiness;
	u32 memcg;
	u32 nr; /* folios to look at, at most */
	u32 scanned;
	u32 retried;
	u32 reclaimed;
	struct folio_list folios;
	struct folio_list clean; /* written while they were isolated */
	struct folio_list dead;	 /* let go of by everybody else meanwhile */
};

struct lru_gen_shrink_lruvec {
	u64 swappiness;
	u64 max_seq; /* to begin with */
	u64 nr_to_scan;
	u64 scanned;
	u32 memcg;
	u32 before; /* reclaimed when this round began */
	u32 aged;
	u32 pad;
};

#pragma GCC diagnostic pop

#endif
