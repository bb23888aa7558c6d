/*
 * pmem and brd (drivers/nvdimm/pmem.c, drivers/block/brd.c): a page is copied by whoever reads or writes it.
 * The device's memory is its own and none of the machine's. Left out: lanes, DAX, pages that brd allocates.
 */
#include "models/block/device.h"

#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/paths.h"
#include "models/swap/device_ref.h"

PATH(pmem_write_page)
{
	STEPS(COPY);
	BEGIN;
	for (; f->i < folio_nr_pages(k, f->folio); f->i++) {
		t->work_ns =
		    cpu_compress_ns(k, CODEC_NONE, STORED_COMPRESSED, k->folio[f->folio + f->i].content);
		AT(COPY);
		device_slot_free(k, f->entry + f->i);
		k->slot[f->entry + f->i].content = k->folio[f->folio + f->i].content;
	}
	RETURN(0);
	END;
}

PATH(pmem_read_page)
{
	STEPS(COPY);
	BEGIN;
	for (; f->i < folio_nr_pages(k, f->folio); f->i++) {
		t->work_ns =
		    cpu_decompress_ns(k, CODEC_NONE, STORED_COMPRESSED, k->slot[f->entry + f->i].content);
		AT(COPY);
		swap_access(k, f->entry);
		k->folio[f->folio + f->i].content = k->slot[f->entry + f->i].content;
	}
	RETURN(0);
	END;
}
