/*
 * import_lackey_raw.c - what valgrind --tool=lackey --trace-mem=yes prints: "I  HEX,N" for an instruction,
 * " L HEX,N" for a load, " S HEX,N" for a store, " M HEX,N" for a load and then a store of the same place.
 * Lines that begin with "==PID==" are valgrind's own, those with "SYSCALL[" are what --trace-syscalls=yes
 * adds (lackey_calls.h); any other line is output of the program.
 *
 * Each line is one reference and one tick, M too, which counts as a write. A reference of two pages is an
 * access to each, the second without a tick of its own. Addresses are numbered by page in order of first
 * touch or by page table.
 */
#include "traces/importer.h"
#include "traces/lackey_calls.h"

#define REFERENCE_BYTES_MAX 65536 /* more than any instruction touches at once */

enum reference { INSTRUCTION, LOAD, STORE, MODIFY, REFERENCES };

struct lackey {
	struct importer *importer;
	struct text *text;
	struct lackey_calls calls;
	u64 counts[REFERENCES];
	u64 strangers; /* lines of the program */
	u64 pid;
	bool more_pids;
	bool ended;	  /* lackey has summed up */
	u64 instructions; /* by its own count; 0 = not said */
	char *version;
};

/* The number of a summary line, "guest instrs:  131,134". */
static bool grouped_decimal(struct text *text, u64 *value)
{
	u64 group;

	while (*text->at == ' ')
		text->at++;
	if (!text_decimal(text, 999, value))
		return false;
	while (text_skip(text, ",")) {
		if (!text_decimal(text, 999, &group) || *value > INT64_MAX / 1000 - 1)
			return false;
		*value = *value * 1000 + group;
	}
	return true;
}

/* Behind the first "==". Nothing of it can be wrong: what is not known says nothing to us. */
static void read_own_line(struct lackey *lackey)
{
	struct text *text = lackey->text;
	char *rest;
	u64 pid;

	if (!text_decimal(text, UINT32_MAX, &pid) || !text_skip(text, "== "))
		return;
	lackey->more_pids |= lackey->pid && lackey->pid != pid;
	lackey->pid = pid;
	if (text_skip(text, "Command: ")) {
		rest = text_rest(text);
		trace_header_set_text(&lackey->importer->header->program, rest);
		g_free(rest);
	} else if (text_skip(text, "Using ")) {
		const char *from = text->at;

		while (*text->at != ' ' && *text->at != ';' && *text->at != '\n')
			text->at++;
		g_free(lackey->version);
		lackey->version = g_strndup(from, (gsize)(text->at - from));
	} else if (text_skip(text, "  guest instrs:")) {
		if (!grouped_decimal(text, &lackey->instructions))
			lackey->instructions = 0;
	} else if (text_skip(text, "Exit code:")) {
		lackey->ended = true;
	}
}

/* Whether the line is a reference; then `at` is behind the comma. */
static inline bool read_address(struct text *text, enum reference *kind, u64 *address)
{
	static const u8 kinds[256] = { ['L'] = LOAD, ['S'] = STORE, ['M'] = MODIFY };
	const char *line = text->at;

	if (line[0] == 'I' && line[1] == ' ' && line[2] == ' ')
		*kind = INSTRUCTION;
	else if (line[0] == ' ' && kinds[(u8)line[1]] && line[2] == ' ')
		*kind = kinds[(u8)line[1]];
	else
		return false;
	text->at += 3;
	return text_hex(text, address) && text_skip(text, ",");
}

static bool read_reference(struct lackey *lackey, enum reference kind, u64 address, GError **error)
{
	static const enum trace_op ops[REFERENCES] = {
		[INSTRUCTION] = TRACE_EXEC, [LOAD] = TRACE_READ, [STORE] = TRACE_WRITE, [MODIFY] = TRACE_WRITE
	};
	struct text *text = lackey->text;
	u64 size, last, gap = 1;

	if (!text_decimal(text, REFERENCE_BYTES_MAX, &size) || !size)
		return text_error(text, error, "no size (1 to %d bytes)", REFERENCE_BYTES_MAX);
	if (!text_at_end(text))
		return text_error(text, error, "something follows the size");
	if (address > UINT64_MAX - (size - 1))
		return text_error(text, error, "it goes beyond the last address");
	lackey->counts[kind]++;
	last = (address + size - 1) >> 12;
	for (u64 page = address >> 12; page <= last; page++, gap = 0) {
		u32 number = lackey_calls_touch(&lackey->calls, page);

		if (number == ADDRESS_MAP_NONE)
			return text_error(text, error, "a page too many (at most %u)", TRACE_PAGES_MAX);
		if (!importer_access(lackey->importer, number, ops[kind], gap, error))
			return false;
	}
	return true;
}

static bool read_lines(struct lackey *lackey, GError **error)
{
	struct text *text = lackey->text;
	bool failed = false;

	do {
		enum reference kind;
		u64 address;

		if (likely(read_address(text, &kind, &address))) {
			if (!read_reference(lackey, kind, address, error))
				return false;
			continue;
		}
		text->at = text->line;
		if (text_skip(text, "SYSCALL[")) {
			if (!lackey_calls_line(&lackey->calls, text, error))
				return false;
		} else if (text_skip(text, "==")) {
			read_own_line(lackey);
		} else {
			/* the rest of what valgrind says of a call that it does not know */
			lackey->strangers += !(lackey->calls.seen && text_skip(text, " -->"));
		}
		text_skip_line(text);
	} while (text_next(text, &failed, error));
	return !failed;
}

static void say_what_was_read(struct lackey *lackey)
{
	struct importer *importer = lackey->importer;
	const u64 *counts = lackey->counts;
	char *recorded = g_strdup_printf(
	    "%s, lackey --trace-mem=yes%s; refs=%" G_GUINT64_FORMAT " I=%" G_GUINT64_FORMAT
	    " L=%" G_GUINT64_FORMAT " S=%" G_GUINT64_FORMAT " M=%" G_GUINT64_FORMAT,
	    lackey->version ? lackey->version : "Valgrind", lackey->calls.seen ? " --trace-syscalls=yes" : "",
	    (guint64)(counts[INSTRUCTION] + counts[LOAD] + counts[STORE] + counts[MODIFY]),
	    (guint64)counts[INSTRUCTION], (guint64)counts[LOAD], (guint64)counts[STORE],
	    (guint64)counts[MODIFY]);

	trace_header_set_text(&importer->header->recorded, recorded);
	g_free(recorded);
	if (lackey->strangers)
		importer_remark(importer,
				"%" G_GUINT64_FORMAT " lines are neither references nor valgrind's own",
				(guint64)lackey->strangers);
	if (lackey->more_pids)
		importer_remark(importer,
				"lines of several processes, whose references cannot be told apart");
	else if (!lackey->ended)
		importer_remark(importer,
				"it ends without lackey's \"Exit code:\": cut short, or not all of it");
	else if (lackey->instructions && lackey->instructions != counts[INSTRUCTION])
		importer_remark(importer,
				"%" G_GUINT64_FORMAT " instructions (lackey itself counted %" G_GUINT64_FORMAT
				")",
				(guint64)counts[INSTRUCTION], (guint64)lackey->instructions);
}

static bool write_page_map(const struct lackey *lackey, GError **error)
{
	const struct address_map *pages = &lackey->calls.pages;
	u64 *keys = g_new(u64, pages->numbers + 1);
	bool good;

	for (u32 i = 0; i < pages->numbers; i++)
		keys[i] = pages->owner[i] ? pages->owner[i] - 1 : IMPORTER_NO_KEY;
	good = importer_page_map(lackey->importer, keys, pages->numbers, error);
	g_free(keys);
	return good;
}

bool import_lackey_raw(struct importer *importer, GError **error)
{
	struct lackey lackey = { .importer = importer, .text = &importer->text };
	bool good;

	lackey_calls_init(&lackey.calls, importer);
	good = read_lines(&lackey, error) && write_page_map(&lackey, error);
	if (good) {
		say_what_was_read(&lackey);
		importer_file_pages_by_use(importer);
	}
	lackey_calls_release(&lackey.calls);
	g_free(lackey.version);
	return good;
}
