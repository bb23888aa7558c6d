#include "models/block/device.h"

#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memory.h"
#include "models/paths.h"
#include "models/swap/device_ref.h"

enum { PAGE_BYTES = 4096 };

static enum codec codec_of(const struct kernel *k, u32 entry)
{
	return k->device_model[device_of(k, entry)->number]->codec;
}

static enum stored_form form_of(const struct kernel *k, u32 folio, enum codec codec, u32 content)
{
	return content_form(corpus_of(k, k->folio[folio].page), codec, content);
}

static void store(struct kernel *k, u32 entry, u32 folio, u32 content, enum codec codec)
{
	u32 bytes = content_bytes(corpus_of(k, k->folio[folio].page), codec, content);

	if (k->patch.zram_free_at_install)
		device_slot_free(k, entry);
	k->slot[entry].stored = bytes == PAGE_BYTES ? STORED_PAGE : (bytes + STORED_UNIT - 1) / STORED_UNIT;
	k->slot[entry].content = content;
	memory_pool_add(k, bytes == PAGE_BYTES ? PAGE_BYTES : k->slot[entry].stored * STORED_UNIT);
}

static u32 frame_content(const struct kernel *k, const struct zram_write_page *f)
{
	return k->folio[f->folio + f->i].content;
}

static u32 slot_content(const struct kernel *k, const struct zram_read_page *f)
{
	return k->slot[f->entry + f->i].content;
}

PATH(zram_write_page)
{
	STEPS(FREE_OLD, COMPRESS);
	const enum codec codec = codec_of(k, f->entry);

	BEGIN;
	for (; f->i < folio_nr_pages(k, f->folio); f->i++) {
		if (!k->patch.zram_free_at_install) {
			AT(FREE_OLD);
			device_slot_free(k, f->entry + f->i);
		}
		t->work_ns = cpu_compress_ns(k, codec, form_of(k, f->folio, codec, frame_content(k, f)),
					     frame_content(k, f));
		AT(COMPRESS);
		store(k, f->entry + f->i, f->folio, frame_content(k, f), codec);
	}
	RETURN(0);
	END;
}

/* write() to the block device itself: its first page, as mkswap and swaplabel do. */
PATH(blkdev_write)
{
	STEPS(BUFFER, WRITE, DONE);
	BEGIN;
	AT(BUFFER);
	f->folio = folio_alloc(k, 0, 0);
	if (!f->folio)
		RETURN(PATH_ENOMEM);
	k->folio[f->folio].page = f->page;
	k->folio[f->folio].content = content_of(f->page, t->id);
	CALL(WRITE, zram_write_page, .folio = f->folio, .entry = k->device[f->device].first_slot);
	AT(DONE);
	k->folio[f->folio].refs = 0;
	folio_free(k, f->folio);
	RETURN(0);
	END;
}

PATH(zram_read_page)
{
	STEPS(DECOMPRESS);
	const enum codec codec = codec_of(k, f->entry);

	BEGIN;
	for (; f->i < folio_nr_pages(k, f->folio); f->i++) {
		t->work_ns = cpu_decompress_ns(k, codec, form_of(k, f->folio, codec, slot_content(k, f)),
					       slot_content(k, f));
		AT(DECOMPRESS);
		swap_access(k, f->entry);
		k->folio[f->folio + f->i].content = slot_content(k, f);
		if (k->patch.zram_read_keeps)
			continue;
		/* swap_slot_free_notify() at the end of the read: whoever reads after this reads zeroes */
		device_slot_free(k, f->entry + f->i);
		k->slot[f->entry + f->i].content = 0;
		k->folio[f->folio].flags |= FOLIO_DIRTY;
	}
	RETURN(0);
	END;
}
