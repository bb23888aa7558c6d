/* What pages contain. */
#include "models/block/content.h"

#include <string.h>

#include "tests/unit/unit.h"

enum { PAGES = 20000 };

struct shares {
	u32 zero, same, raw, compressed;
	u64 bytes; /* of the compressed ones */
	u32 least, most;
};

static struct shares count(const char *name, enum codec codec)
{
	const struct corpus *c = corpus_find(name);
	struct shares s = { .least = UINT32_MAX };

	CU_ASSERT_FATAL(c != NULL);
	for (u32 page = 1; page <= PAGES; page++) {
		u32 content = content_of(page, page % 3), bytes = content_bytes(c, codec, content);

		s.zero += content_is_zero(c, content);
		switch (content_form(c, codec, content)) {
		case STORED_SAME_FILLED:
			s.same++;
			CU_ASSERT_EQUAL(bytes, 0);
			continue;
		case STORED_RAW:
			s.raw++;
			CU_ASSERT_EQUAL(bytes, 4096);
			continue;
		case STORED_COMPRESSED:
			s.compressed++;
			s.bytes += bytes;
			s.least = bytes < s.least ? bytes : s.least;
			s.most = bytes > s.most ? bytes : s.most;
		}
	}
	return s;
}

static void test_extremes(void)
{
	CU_ASSERT_EQUAL(count("zero", CODEC_LZ4).zero, PAGES);
	CU_ASSERT_EQUAL(count("zero", CODEC_LZ4).same, PAGES);
	CU_ASSERT_EQUAL(count("const", CODEC_LZ4).zero, 0);
	CU_ASSERT_EQUAL(count("const", CODEC_LZ4).same, PAGES);
	CU_ASSERT_EQUAL(count("incompressible", CODEC_LZ4).raw, PAGES);
	CU_ASSERT_EQUAL(count("half-random", CODEC_LZ4).compressed, PAGES);
}

static void test_shares(void)
{
	struct shares s = count("elf-file", CODEC_LZ4);

	CU_ASSERT(s.raw > PAGES * 170 / 1000 && s.raw < PAGES * 184 / 1000);
	s = count("elf-file", CODEC_LZO_RLE);
	CU_ASSERT(s.raw > PAGES * 146 / 1000 && s.raw < PAGES * 160 / 1000);
	s = count("python-heap", CODEC_LZ4);
	CU_ASSERT(s.same > PAGES * 100 / 1000 && s.same < PAGES * 112 / 1000);
	CU_ASSERT_EQUAL(s.zero, 0);
	CU_ASSERT_EQUAL(s.same + s.raw + s.compressed, PAGES);
}

static void test_sizes(void)
{
	struct shares s = count("half-random", CODEC_LZ4);

	CU_ASSERT(s.bytes / s.compressed > 2060 && s.bytes / s.compressed < 2100);
	CU_ASSERT(s.least < 1700 && s.most > 2500);
	s = count("python-heap", CODEC_LZO_RLE);
	CU_ASSERT(s.bytes / s.compressed > 1100 && s.bytes / s.compressed < 1144);
	CU_ASSERT(s.least >= 64 && s.most <= 3072);
	s = count("redis-benchmark",
		  CODEC_LZO_RLE); /* a value of 1030 bytes, and little for what is like it */
	CU_ASSERT(s.compressed == PAGES && s.bytes / PAGES > 1070 && s.bytes / PAGES < 1110);
}

static void test_a_function_of_page_and_version(void)
{
	CU_ASSERT_EQUAL(content_of(7, 3), content_of(7, 3));
	CU_ASSERT_NOT_EQUAL(content_of(7, 3), content_of(7, 4));
	CU_ASSERT_NOT_EQUAL(content_of(7, 3), content_of(8, 3));
	CU_ASSERT_NOT_EQUAL(content_of(0, 0), 0); /* 0 is no content */
	CU_ASSERT_EQUAL(content_bytes(corpus_find("half-random"), CODEC_LZ4, content_of(7, 3)), 2326);
}

static void test_names(void)
{
	u32 n = 0;

	for (; corpus_name(n); n++)
		CU_ASSERT_PTR_NOT_NULL(corpus_find(corpus_name(n)));
	CU_ASSERT_EQUAL(n, 7);
	CU_ASSERT_PTR_NULL(corpus_find("novel"));
}

static const struct unit tests[] = {
	{ "zero, constant and random pages are what they are called", test_extremes },
	{ "shares are those of the corpus and the codec", test_shares },
	{ "sizes have the corpus' mean, between 64 bytes and 3/4 of a page", test_sizes },
	{ "a content is a function of page and version", test_a_function_of_page_and_version },
	{ "corpora are found by name", test_names },
};

UNIT_MAIN("content", tests)
