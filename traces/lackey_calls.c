#include "traces/lackey_calls.h"

#include <string.h>

enum { PAGE_SHIFT = 12, PAGE_BYTES = 1 << PAGE_SHIFT, ARGUMENTS = 6 };
enum { MAP_ANONYMOUS = 0x20, MADV_DONTNEED = 4, MADV_FREE = 8 }; /* as the kernel has them */

struct span {
	u64 first, end;
};

void lackey_calls_init(struct lackey_calls *calls, struct importer *importer)
{
	*calls = (struct lackey_calls){ .importer = importer,
					.files = g_array_new(FALSE, FALSE, sizeof(struct span)) };
	address_map_init(&calls->pages, importer->options->numbering == TRACE_NUMBER_TABLES);
}

void lackey_calls_release(struct lackey_calls *calls)
{
	g_array_unref(calls->files);
	address_map_release(&calls->pages);
}

/* ---- files ---- */

static bool is_of_file(const struct lackey_calls *calls, u64 page)
{
	for (u32 i = 0; i < calls->files->len; i++) {
		const struct span *s = &g_array_index(calls->files, struct span, i);

		if (page >= s->first && page < s->end)
			return true;
	}
	return false;
}

static void forget_files(struct lackey_calls *calls, u64 first, u64 end)
{
	for (u32 i = calls->files->len; i--;) {
		struct span old = g_array_index(calls->files, struct span, i);
		struct span before = { old.first, MIN(old.end, first) },
			    behind = { MAX(old.first, end), old.end };

		if (old.end <= first || old.first >= end)
			continue;
		g_array_remove_index_fast(calls->files, i);
		if (before.first < before.end)
			g_array_append_val(calls->files, before);
		if (behind.first < behind.end)
			g_array_append_val(calls->files, behind);
	}
}

static void add_files(struct lackey_calls *calls, u64 first, u64 end)
{
	struct span new = { first, end };

	forget_files(calls, first, end);
	g_array_append_val(calls->files, new);
}

/* ---- pages ---- */

/* A number stands for a page of a file, or for one of memory, from beginning to end. */
u32 lackey_calls_touch(struct lackey_calls *calls, u64 page)
{
	struct page_set *file_pages = &calls->importer->header->file_pages;
	u32 number = address_map_get(&calls->pages, page);
	bool file;

	if (likely(calls->pages.there[number] == ADDRESS_THERE))
		return number;
	if (number >= TRACE_PAGES_MAX)
		return ADDRESS_MAP_NONE;
	file = is_of_file(calls, page);
	if (calls->pages.there[number] == ADDRESS_GONE && file != page_set_has(file_pages, number)) {
		address_map_forget(&calls->pages, page);
		return lackey_calls_touch(calls, page);
	}
	if (file)
		page_set_add(file_pages, number);
	calls->pages.there[number] = ADDRESS_THERE;
	return number;
}

static bool give_back(struct lackey_calls *calls, u64 first, u64 end, GError **error)
{
	u32 number;

	for (u64 page = first; (number = address_map_next(&calls->pages, &page, end)) != ADDRESS_MAP_NONE;
	     page++) {
		if (calls->pages.there[number] != ADDRESS_THERE)
			continue;
		calls->pages.there[number] = ADDRESS_GONE;
		if (!importer_access(calls->importer, number, TRACE_UNMAP, 0, error))
			return false;
	}
	return true;
}

static bool touch_all(struct lackey_calls *calls, u64 address, u64 bytes, enum trace_op op, GError **error)
{
	u64 end = (address + bytes + PAGE_BYTES - 1) >> PAGE_SHIFT;

	for (u64 page = address >> PAGE_SHIFT; bytes && page < end; page++) {
		u32 number = lackey_calls_touch(calls, page);

		if (number == ADDRESS_MAP_NONE || !importer_access(calls->importer, number, op, 0, error))
			return false;
	}
	return true;
}

/* ---- calls ---- */

static u64 page_end(u64 address)
{
	return (address + PAGE_BYTES - 1) >> PAGE_SHIFT;
}

static bool called_mmap(struct lackey_calls *calls, u64 result, GError **error)
{
	u64 first = result >> PAGE_SHIFT, end = page_end(result + calls->argument[1]);

	if (!give_back(calls, first, end, error))
		return false;
	if (calls->argument[3] & MAP_ANONYMOUS)
		forget_files(calls, first, end);
	else
		add_files(calls, first, end);
	return true;
}

static bool called_munmap(struct lackey_calls *calls, u64 result, GError **error)
{
	u64 first = calls->argument[0] >> PAGE_SHIFT, end = page_end(calls->argument[0] + calls->argument[1]);

	(void)result;
	forget_files(calls, first, end);
	return give_back(calls, first, end, error);
}

static bool called_madvise(struct lackey_calls *calls, u64 result, GError **error)
{
	u64 advice = calls->argument[2];

	(void)result;
	return (advice != MADV_DONTNEED && advice != MADV_FREE) ||
	       give_back(calls, calls->argument[0] >> PAGE_SHIFT,
			 page_end(calls->argument[0] + calls->argument[1]), error);
}

/* The first one tells where the heap begins. What was touched before belongs to what lies below it. */
static void found_program(struct lackey_calls *calls, u64 brk)
{
	u64 end = brk >> PAGE_SHIFT, page = 0;
	u32 number;

	add_files(calls, 0, end);
	for (; (number = address_map_next(&calls->pages, &page, end)) != ADDRESS_MAP_NONE; page++)
		page_set_add(&calls->importer->header->file_pages, number);
}

static bool called_brk(struct lackey_calls *calls, u64 result, GError **error)
{
	u64 before = calls->brk;

	calls->brk = result;
	if (!before)
		found_program(calls, result);
	return !before || result >= before || give_back(calls, page_end(result), page_end(before), error);
}

static bool called_mremap(struct lackey_calls *calls, u64 result, GError **error)
{
	u64 from = calls->argument[0] >> PAGE_SHIFT, to = result >> PAGE_SHIFT;
	u64 pages = page_end(calls->argument[1]), wanted = page_end(calls->argument[2]);

	if (wanted < pages && !give_back(calls, from + wanted, from + pages, error))
		return false;
	if (from == to)
		return true;
	if (!give_back(calls, to, to + wanted, error))
		return false;
	address_map_move(&calls->pages, from, to, MIN(pages, wanted));
	return true;
}

static bool called_read(struct lackey_calls *calls, u64 result, GError **error)
{
	return touch_all(calls, calls->argument[1], result, TRACE_WRITE, error);
}

static bool called_write(struct lackey_calls *calls, u64 result, GError **error)
{
	return touch_all(calls, calls->argument[1], result, TRACE_READ, error);
}

static const struct call {
	u32 number; /* arch/x86/entry/syscalls/syscall_64.tbl */
	bool (*called)(struct lackey_calls *calls, u64 result, GError **error);
} known[] = {
	{ 0, called_read },  /* read */
	{ 1, called_write }, /* write */
	{ 9, called_mmap },    { 11, called_munmap },  { 12, called_brk },
	{ 17, called_read },						     /* pread64 */
	{ 18, called_write },						     /* pwrite64 */
	{ 25, called_mremap }, { 28, called_madvise }, { 44, called_write }, /* sendto */
	{ 45, called_read },						     /* recvfrom */
};

/* ---- lines ---- */

static bool find(struct text *text, const char *what)
{
	for (; *text->at != '\n'; text->at++)
		if (text_skip(text, what))
			return true;
	return false;
}

/* "( 0x0, 8192, 3 )"; what a pointer points to may follow it in brackets. */
static void read_arguments(struct lackey_calls *calls, struct text *text)
{
	u32 i = 0;

	memset(calls->argument, 0, sizeof(calls->argument));
	while (i < ARGUMENTS) {
		u64 *value = &calls->argument[i++];

		while (*text->at == ' ')
			text->at++;
		if (text->at[0] == '0' && text->at[1] == 'x' ? !text_hex(text, value)
							     : !text_decimal(text, UINT64_MAX, value))
			return;
		if (*text->at != ',' && !(*text->at == '(' && find(text, "),")))
			return;
		text->at += *text->at == ',';
	}
}

/* "SYSCALL[4711,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x4835000)", or
 * in two lines: "... --> [async] ... " and "SYSCALL[4711,1](0) ... [async] --> Success(0x340)". */
bool lackey_calls_line(struct lackey_calls *calls, struct text *text, GError **error)
{
	u64 number, result;
	bool ends;

	calls->seen = true;
	if (!find(text, "](") || !text_decimal(text, UINT32_MAX, &number))
		return true;
	ends = text_skip(text, ") ... ");
	if (ends && number != calls->pending)
		return true;
	if (!ends && find(text, "( "))
		read_arguments(calls, text);
	calls->pending = number;
	if (!find(text, "Success(") || !text_hex(text, &result))
		return true;
	for (u32 i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].number == number)
			return known[i].called(calls, result, error);
	return true;
}
