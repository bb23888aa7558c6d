/*
 * content.h - what pages contain, as far as a compressing device can tell.
 *
 * A page's content is a number, a function of the page and of how often it has been written anew; a slot
 * remembers the number of what was written to it. So "content read = content last written" can be checked,
 * and a compressed size belongs to (page, version) whichever kernel, CPU or device sees it.
 *
 * A corpus says how such numbers turn into sizes: shares of all-zero, same-filled and incompressible pages,
 * and for the others a bell-like distribution of sizes with the corpus' mean. The named corpora are measured
 * (docs/devices.md gives the source); "half-random" is the fill of the ground-truth runs.
 */
#ifndef MODELS_BLOCK_CONTENT_H
#define MODELS_BLOCK_CONTENT_H

#include "sim/types.h"

/* CODEC_NONE: a page is copied as it is; it takes time but makes no sizes. */
enum codec { CODEC_LZO_RLE, CODEC_LZ4, CODEC_ZSTD, NR_CODECS, CODEC_NONE = NR_CODECS, NR_CODEC_COSTS };

/* How a compressing device keeps a page. */
enum stored_form {
	STORED_COMPRESSED,
	STORED_RAW,	    /* it would not get smaller than 3/4 */
	STORED_SAME_FILLED, /* one word, repeated: no memory but a mark */
};

struct corpus {
	u32 zero_permille;
	u32 same_permille;	      /* same-filled but not zero */
	u32 huge_permille[NR_CODECS]; /* compress to more than 3/4 of a page */
	u32 mean_bytes[NR_CODECS];    /* of all others */
};

/* NULL if there is none of that name. */
const struct corpus *corpus_find(const char *name);
/* The name of corpus @i, NULL beyond the last. */
const char *corpus_name(u32 i);

static inline u32 content_of(u32 page, u32 version)
{
	return (page * 2654435761u ^ version * 0x85ebca6bu) | 1;
}

bool content_is_zero(const struct corpus *c, u32 content);
enum stored_form content_form(const struct corpus *c, enum codec codec, u32 content);
/* Bytes it takes, 0 for a same-filled page. */
u32 content_bytes(const struct corpus *c, enum codec codec, u32 content);

#endif
