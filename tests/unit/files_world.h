/*
 * files_world.h - a small world whose processes, 0 and 1, have the same files, on their first FILES_PAGES
 * pages. Process 0 is in cgroup 1, process 1 in cgroup 2. Pages are those of a process, from 0; behind the
 * pages of the processes the files have FILES_MORE that nobody has mapped.
 */
#ifndef TESTS_UNIT_FILES_WORLD_H
#define TESTS_UNIT_FILES_WORLD_H

#include "models/audit.h"
#include "models/mm/filemap.h"
#include "models/run.h"
#include "tests/unit/world.h"

enum { FILES = 2, FILES_PAGES = 600, FILES_MORE = 200 };

struct files_world {
	struct world w;
	struct mm_config mm[3];
	u8 all[256];
};

static inline void fw_init(struct files_world *f, struct world_size size)
{
	struct kernel_config c;

	size.file_pages = FILES_PAGES;
	size.memcgs = 3;
	size.flat = true;
	c = world_config(&f->w, &size);
	f->mm[0] = f->w.mm;
	f->mm[0].files = FILES;
	f->mm[1] = f->mm[0];
	f->mm[1].name = "other";
	f->mm[1].memcg = 2;
	memset(f->all, 0xff, sizeof f->all);
	f->mm[FILES] = (struct mm_config){ .name = "files",
					   .pages = f->mm[0].pages + FILES_MORE,
					   .corpus = f->mm[0].corpus,
					   .file_map = f->all,
					   .only_files = true };
	c.mms = ARRAY_SIZE(f->mm);
	c.mm = f->mm;
	f->w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(f->w.k != NULL);
	f->w.k->mm[0].users = f->w.k->mm[1].users = 1; /* ours: memory is not given back when a task ends */
}

static inline u32 fw_page(const struct files_world *f, u32 process, u32 page)
{
	return f->w.k->mm[process].first_page + page;
}
static inline u32 fw_flags(const struct files_world *f, u32 process, u32 page)
{
	return f->w.k->pte_flags[fw_page(f, process, page)];
}
/* What the page cache has there; NULL: nothing. */
static inline struct folio *fw_cached(const struct files_world *f, u32 page)
{
	u32 folio = word_folio(f->w.k->page_cache[fw_page(f, FILES, page)]);

	return folio ? &f->w.k->folio[folio] : NULL;
}
static inline u32 fw_cached_pages(const struct files_world *f, u32 from, u32 to)
{
	u32 n = 0;

	for (; from < to; from++)
		n += fw_cached(f, from) != NULL;
	return n;
}
/* An access as a program makes it, on the CPU with the process's number. */
static inline void fw_access(struct files_world *f, u32 process, u32 page, bool write)
{
	u32 needed = PTE_PRESENT | (write ? PTE_WRITE : 0);

	if ((fw_flags(f, process, page) & needed) != needed)
		RUN_ON(&f->w, process, handle_mm_fault, .page = fw_page(f, process, page), .write = write);
	else
		f->w.k->pte_flags[fw_page(f, process, page)] |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
}
static inline u64 fw_counted(const struct files_world *f, u32 process, enum counter id)
{
	return f->w.k->count[process + 1][id];
}

/* Every audit holds, after everything that is under way has ended. */
static inline void fw_sound(struct files_world *f)
{
	char *wrong;

	world_idle(&f->w, 20);
	world_drain(&f->w, 0);
	world_drain(&f->w, 1);
	wrong = audit(f->w.k);
	CU_ASSERT_STRING_EQUAL(wrong ? wrong : "", "");
	g_free(wrong);
}

#endif
