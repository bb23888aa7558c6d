#include "models/block/device.h"

#include <string.h>

#include "models/cpu.h"
#include "models/mm/memory.h"
#include "models/paths.h"

enum { PAGE_BYTES = 4096 };

static const struct device_model models[] = {
	{ "zram-lzo-rle", "compressed RAM disk, lzo-rle", "cpu profile; sizes measured per corpus",
	  CODEC_LZO_RLE, true },
	{ "zram-lz4", "compressed RAM disk, lz4", "cpu profile; sizes measured per corpus", CODEC_LZ4, true },
};

const struct device_model *device_model_list(u32 *n)
{
	*n = ARRAY_SIZE(models);
	return models;
}

const struct device_model *device_model_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(models); i++)
		if (!strcmp(models[i].name, name))
			return &models[i];
	return NULL;
}

static enum codec codec_of(const struct kernel *k, u32 entry)
{
	return k->device_model[device_of(k, entry)->number]->codec;
}

static u32 stored_bytes(u32 stored)
{
	return stored == STORED_PAGE ? PAGE_BYTES : stored * STORED_UNIT;
}

void device_slot_free(struct kernel *k, u32 entry)
{
	u32 stored = k->slot[entry].stored;

	if (stored != STORED_NOTHING && stored != STORED_ZEROMAP)
		memory_pool_add(k, -(s64)stored_bytes(stored));
	k->slot[entry].stored = STORED_NOTHING;
}

static const struct corpus *corpus_of(const struct kernel *k, u32 folio)
{
	return &k->corpus[page_table_of(k, k->folio[folio].page)->mm];
}

static enum stored_form form_of(const struct kernel *k, u32 folio, enum codec codec, u32 content)
{
	return content_form(corpus_of(k, folio), codec, content);
}

static void store(struct kernel *k, u32 entry, u32 folio, enum codec codec)
{
	u32 content = k->folio[folio].content;
	u32 bytes = content_bytes(corpus_of(k, folio), codec, content);

	device_slot_free(k, entry);
	k->slot[entry].stored = bytes == PAGE_BYTES ? STORED_PAGE : (bytes + STORED_UNIT - 1) / STORED_UNIT;
	k->slot[entry].content = content;
	memory_pool_add(k, stored_bytes(k->slot[entry].stored));
}

PATH(zram_write_page)
{
	STEPS(COMPRESS);
	const enum codec codec = codec_of(k, f->entry);
	const u32 content = k->folio[f->folio].content;

	BEGIN;
	t->work_ns = cpu_compress_ns(k, codec, form_of(k, f->folio, codec, content), content);
	AT(COMPRESS);
	store(k, f->entry, f->folio, codec);
	RETURN(0);
	END;
}

PATH(zram_read_page)
{
	STEPS(DECOMPRESS);
	const enum codec codec = codec_of(k, f->entry);
	const u32 content = k->slot[f->entry].content;

	BEGIN;
	t->work_ns = cpu_decompress_ns(k, codec, form_of(k, f->folio, codec, content), content);
	AT(DECOMPRESS);
	k->folio[f->folio].content = k->slot[f->entry].content;
	RETURN(0);
	END;
}
