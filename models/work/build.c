#include "models/work/build.h"

#include "models/paths.h"

/*
 * Thousandths of the largest heap. Of the commands of a kernel build half are a shell, fixdep, objtool, an
 * assembler and other small ones, the others are cc1 with sizes that differ by a factor of ten: an estimate,
 * see docs/kernel-model.md.
 */
static const u16 heap_permille[] = {
	10, 10, 15, 20, 20, 30, 40, 60, 150, 200, 250, 300, 350, 450, 600, 1000,
};

/* Values drawn for a process before its first access: what follows from them must not hang on how far the
 * processes before it got. */
static u64 draw(const struct workload *load, const struct work *w, u32 nth)
{
	return random_value(random_mix(load->stream), (u64)w->round << 32 | nth);
}

u32 build_heap(const struct workload *load, const struct work *w)
{
	u32 most = load->pages - load->text_pages;
	u32 size = heap_permille[random_below(draw(load, w, 0), ARRAY_SIZE(heap_permille))];

	return MAX((u32)((u64)most * size / 1000), 1);
}

void build_file(const struct workload *load, const struct work *w, bool object, u32 *first, u32 *end)
{
	u32 unit = load->first_unit + w->round;

	if (!object && w->done > 1) {
		u32 file = zipf_at(load->zipf, draw(load, w, (u32)w->done)) % load->header_files;

		*first = load->text_pages + file * load->header_pages;
		*end = *first + load->header_pages;
		return;
	}
	*first = load->text_pages + load->header_files * load->header_pages +
		 unit * (load->source_pages + load->object_pages) + (object ? load->source_pages : 0);
	*end = *first + (object ? load->object_pages : load->source_pages);
}

PATH(build_access_file)
{
	STEPS(OPEN, READ, WRITE);
	const struct work *const w = &k->work[t->id];
	const struct mm *const mm = &k->mm[w->mm];

	BEGIN;
	AT(OPEN);
	build_file(k->program[t->id], w, f->write, &f->index, &f->end);
	f->index += k->mm[mm->files].first_page;
	f->end += k->mm[mm->files].first_page;
	if (f->write)
		CALL(WRITE, generic_perform_write, .index = f->index, .end = f->end, .memcg = mm->memcg);
	else
		CALL(READ, filemap_read, .index = f->index, .end = f->end, .memcg = mm->memcg);
	RETURN(0);
	END;
}
