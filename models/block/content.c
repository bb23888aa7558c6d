#include "models/block/content.h"

#include <string.h>

#include "sim/dist.h"
#include "sim/random.h"

enum { PAGE_BYTES = 4096, HUGE_BYTES = 3072, SMALLEST_BYTES = 64, THOUSAND = 1000 };
enum content_draw { DRAW_KIND, DRAW_SIZE };

/* Means follow from the measured ratio: 4096 / ratio = huge share x 4096 + rest x mean. */
static const struct {
	const char *name;
	struct corpus corpus;
} corpora[] = {
	{ "half-random", { .mean_bytes = { 2110, 2080, 2070 } } },
	{ "python-heap",
	  { .same_permille = 106, .huge_permille = { 14, 14, 0 }, .mean_bytes = { 1122, 1203, 596 } } },
	{ "elf-file",
	  { .same_permille = 1, .huge_permille = { 153, 177, 17 }, .mean_bytes = { 1364, 1352, 1274 } } },
	{ "redis-benchmark", { .mean_bytes = { 1089, 1062, 836 } } },
	{ "incompressible",
	  { .huge_permille = { THOUSAND, THOUSAND, THOUSAND }, .mean_bytes = { 2048, 2048, 2048 } } },
	{ "zero", { .zero_permille = THOUSAND, .mean_bytes = { 2048, 2048, 2048 } } },
	{ "const", { .same_permille = THOUSAND, .mean_bytes = { 2048, 2048, 2048 } } },
};

const struct corpus *corpus_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(corpora); i++)
		if (!strcmp(corpora[i].name, name))
			return &corpora[i].corpus;
	return NULL;
}

const char *corpus_name(u32 i)
{
	return i < ARRAY_SIZE(corpora) ? corpora[i].name : NULL;
}

static u32 kind_of(u32 content)
{
	return random_below(random_value(DRAW_KIND, content), THOUSAND);
}

bool content_is_zero(const struct corpus *c, u32 content)
{
	return c->zero_permille && kind_of(content) < c->zero_permille;
}

enum stored_form content_form(const struct corpus *c, enum codec codec, u32 content)
{
	u32 kind = kind_of(content);

	if (kind < c->zero_permille + c->same_permille)
		return STORED_SAME_FILLED;
	return kind < THOUSAND - c->huge_permille[codec] ? STORED_COMPRESSED : STORED_RAW;
}

u32 content_bytes(const struct corpus *c, enum codec codec, u32 content)
{
	struct sizes sizes;
	u32 mean = c->mean_bytes[codec];
	u32 reach = mean - SMALLEST_BYTES < HUGE_BYTES - mean ? mean - SMALLEST_BYTES : HUGE_BYTES - mean;

	switch (content_form(c, codec, content)) {
	case STORED_SAME_FILLED:
		return 0;
	case STORED_RAW:
		return PAGE_BYTES;
	case STORED_COMPRESSED:
		break;
	}
	sizes_init(&sizes, mean, mean - reach, mean + reach);
	return sizes_at(&sizes, random_value(DRAW_SIZE, content));
}
