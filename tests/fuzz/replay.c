/*
 * replay.c - runs a target over a corpus and over some changes to it, without libFuzzer: for ctest, with any
 * compiler and under whatever sanitizers the build has.
 *
 *	fuzz_TARGET MUTATIONS FOLDER
 *
 * The changes are the same on every machine. The input that a run dies of is left in
 *"TARGET[-VARIANT].input".
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/random.h"
#include "tests/fuzz/target.h"

#define SIZE_MAX_BYTES 16384
#define CHANGES_MAX 6

enum change { CHANGE_BIT, CHANGE_BYTE, CHANGE_DIGIT, CHANGE_INSERT, CHANGE_DELETE, CHANGE_COPY, NR_CHANGES };

struct replay {
	char *file; /* what is running now */
	GPtrArray *corpus;
	u64 key;
	u64 nth;
};

static u32 draw(struct replay *r, size_t n)
{
	return random_below(random_value(r->key, r->nth++), (u32)n);
}

static void run(const struct replay *r, const u8 *data, size_t size)
{
	if (!g_file_set_contents_full(r->file, (const char *)data, (gssize)size, G_FILE_SET_CONTENTS_NONE,
				      0644, NULL)) {
		fprintf(stderr, "%s: cannot be written\n", r->file);
		exit(1);
	}
	LLVMFuzzerTestOneInput(data, size);
}

/* From another place, or another file of the corpus, to here. */
static void copy_some(struct replay *r, GByteArray *to)
{
	const GBytes *from = g_ptr_array_index(r->corpus, draw(r, r->corpus->len));
	gsize size;
	const u8 *bytes = g_bytes_get_data((GBytes *)from, &size);
	u32 start, length, at = draw(r, to->len + 1);

	if (!size)
		return;
	start = draw(r, size);
	length = 1 + draw(r, MIN(size - start, 64));
	g_byte_array_append(to, bytes + start, length);
	memmove(to->data + at + length, to->data + at, to->len - length - at);
	memcpy(to->data + at, bytes + start, length);
}

static void change(struct replay *r, GByteArray *input)
{
	static const u8 bytes[] = { 0, '\n', '\r', ' ', '"', ',', '-', '0', '9', ':', '{', 0x7f, 0x80, 0xff };
	enum change kind = input->len ? draw(r, NR_CHANGES) : CHANGE_COPY;
	u32 at = draw(r, input->len);

	switch (kind) {
	case CHANGE_BIT:
		input->data[at] ^= (u8)(1u << draw(r, 8));
		return;
	case CHANGE_BYTE:
		input->data[at] = bytes[draw(r, sizeof bytes)];
		return;
	case CHANGE_DIGIT:
		while (at < input->len && !g_ascii_isdigit(input->data[at]))
			at++;
		if (at < input->len)
			input->data[at] = (u8)('0' + draw(r, 10));
		return;
	case CHANGE_INSERT:
		g_byte_array_append(input, bytes, 1);
		memmove(input->data + at + 1, input->data + at, input->len - 1 - at);
		input->data[at] = bytes[draw(r, sizeof bytes)];
		return;
	case CHANGE_DELETE:
		g_byte_array_remove_range(input, at, 1 + draw(r, MIN(input->len - at, 16)));
		return;
	case CHANGE_COPY:
		copy_some(r, input);
		return;
	case NR_CHANGES:
		break;
	}
	BUG();
}

static void mutate(struct replay *r)
{
	GBytes *from = g_ptr_array_index(r->corpus, draw(r, r->corpus->len));
	GByteArray *input = g_byte_array_new();
	gsize size;
	const u8 *bytes = g_bytes_get_data(from, &size);

	g_byte_array_append(input, bytes, (guint)MIN(size, SIZE_MAX_BYTES));
	for (u32 n = 1 + draw(r, CHANGES_MAX); n; n--)
		change(r, input);
	run(r, input->data, input->len);
	g_byte_array_free(input, TRUE);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of names, for that of the folder is another on every machine. */
static GPtrArray *read_corpus(const char *folder)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *corpus = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(names, g_build_filename(folder, name, NULL));
	if (dir)
		g_dir_close(dir);
	g_ptr_array_sort(names, by_name);
	for (u32 i = 0; i < names->len; i++) {
		char *bytes;
		gsize size;

		if (g_file_get_contents(g_ptr_array_index(names, i), &bytes, &size, NULL))
			g_ptr_array_add(corpus, g_bytes_new_take(bytes, size));
	}
	g_ptr_array_free(names, TRUE);
	return corpus;
}

int main(int argc, char **argv)
{
	struct replay r = { .key = random_key(1, 0, 0) };
	const char *variant = fuzz_variant();
	u64 mutations;
	char *target;

	if (argc != 3 || !g_ascii_string_to_unsigned(argv[1], 10, 0, UINT32_MAX, &mutations, NULL)) {
		fprintf(stderr, "usage: %s MUTATIONS FOLDER\n", argv[0]);
		return 2;
	}
	r.corpus = read_corpus(argv[2]);
	if (!r.corpus->len) {
		fprintf(stderr, "%s: no corpus\n", argv[2]);
		return 1;
	}
	target = g_path_get_basename(argv[0]);
	r.file = g_strconcat(target, variant ? "-" : "", variant ? variant : "", ".input", NULL);
	for (u32 i = 0; i < r.corpus->len; i++) {
		gsize size;
		const u8 *bytes = g_bytes_get_data(g_ptr_array_index(r.corpus, i), &size);

		run(&r, bytes, size);
	}
	for (u64 n = 0; n < mutations; n++)
		mutate(&r);
	g_unlink(r.file);
	printf("%u files, %" G_GUINT64_FORMAT " changes\n", r.corpus->len, mutations);
	g_ptr_array_free(r.corpus, TRUE);
	g_free(target);
	g_free(r.file);
	return 0;
}
