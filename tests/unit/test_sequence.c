/* What is taken of a recording. */
#include "traces/sequence.h"

#include "sim/error.h"
#include "tests/unit/unit.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static bool read_text(struct sequence *s, const char *text, const struct sequence_choice *choice,
		      GError **error)
{
	char *name = g_build_filename(g_get_tmp_dir(), "swapsim-sequence-XXXXXX", NULL);
	int fd = g_mkstemp(name);
	bool good;

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	close(fd);
	CU_ASSERT_TRUE_FATAL(g_file_set_contents(name, text, -1, NULL));
	sequence_init(s);
	good = sequence_read(s, name, choice, error);
	g_remove(name);
	g_free(name);
	return good;
}

static const struct sequence_fault *fault(const struct sequence *s, u32 i)
{
	return &g_array_index(s->fault, struct sequence_fault, i);
}

static const struct sequence_request *request(const struct sequence *s, u32 i)
{
	return &g_array_index(s->request, struct sequence_request, i);
}

/* The mapping is where most faults are; what comes after a fault elsewhere came after those before it. */
static void test_events(void)
{
	static const char text[] =
	    "cpus=1\n"
	    "  wl-7 [000]  1.000001: page_fault_user:  address=0x402140 ip=0x402140 error_code=0x14\n"
	    "  wl-7 [000]  1.000002: page_fault_user:  address=0x7f0000001008 ip=0x1 error_code=0x6\n"
	    "  wl-7 [000]  1.000003: mm_vmscan_memcg_reclaim_begin: order=0 gfp_flags=GFP_KERNEL\n"
	    "  wl-7 [000]  1.000004: mm_vmscan_lru_shrink_inactive: nid=0 nr_scanned=32 nr_reclaimed=30 "
	    "nr_dirty=0\n"
	    "  wl-7 [000]  1.000005: mm_vmscan_memcg_reclaim_end: nr_reclaimed=41\n"
	    "  wl-7 [000]  1.000006: block_rq_issue: 254,16 W 8192 () 4096 + 16 0x2,0,4 [wl]\n"
	    "  wl-7 [000]  1.000007: block_rq_issue: 8,0 R 4096 () 8 + 8 0x2,0,4 [wl]\n"
	    "  wl-7 [000]  1.000008: page_fault_user:  address=0x7f0000000ff8 ip=0x1 error_code=0x4\n"
	    "  sh-8 [000]  1.000009: page_fault_user:  address=0x7f0000002000 ip=0x1 error_code=0x4\n"
	    "  wl-7 [000]  1.000010: block_rq_issue: 254,16 R 4096 () 4104 + 8 0x2,0,4 [wl]\n"
	    "  wl-7 [000]  1.000011: block_rq_complete: 254,16 R () 4104 + 8 0x2,0,4 [0]\n";
	struct sequence_choice choice = { .pages = 3, .comm = "wl" };
	struct sequence s;

	CU_ASSERT_TRUE_FATAL(read_text(&s, text, &choice, NULL));
	CU_ASSERT_EQUAL_FATAL(s.fault->len, 2);
	CU_ASSERT(fault(&s, 0)->page == 1 && fault(&s, 0)->write);
	CU_ASSERT(fault(&s, 1)->page == 0 && !fault(&s, 1)->write);
	CU_ASSERT_EQUAL(s.outside, 1);
	CU_ASSERT_EQUAL_FATAL(s.round->len, 1);
	CU_ASSERT_EQUAL(g_array_index(s.round, struct sequence_batch, 0).reclaimed, 41);
	CU_ASSERT_EQUAL_FATAL(s.batch->len, 1);
	CU_ASSERT_EQUAL(g_array_index(s.batch, struct sequence_batch, 0).scanned, 32);
	CU_ASSERT_EQUAL(g_array_index(s.batch, struct sequence_batch, 0).after, 1);
	CU_ASSERT_EQUAL_FATAL(s.request->len, 2);
	CU_ASSERT(request(&s, 0)->slot == 512 && request(&s, 0)->pages == 2 && request(&s, 0)->write);
	CU_ASSERT(request(&s, 1)->slot == 513 && request(&s, 1)->after == 2 && !request(&s, 1)->write);
	sequence_release(&s);
	choice = (struct sequence_choice){ .device = "8,0" };
	CU_ASSERT_TRUE_FATAL(read_text(&s, text, &choice, NULL));
	CU_ASSERT_EQUAL(s.fault->len, 4);
	CU_ASSERT_EQUAL_FATAL(s.request->len, 1);
	CU_ASSERT_EQUAL(request(&s, 0)->slot, 1);
	sequence_release(&s);
}

static void test_blkparse(void)
{
	static const char text[] = "254,16   0        1     0.000000000   521  Q   W 2204288 + 8 [wl]\n"
				   "254,16   0        2     0.000267870   521  D   W 2204288 + 24 [wl]\n"
				   "254,16   0        3     0.000342920   521  P   N [wl]\n"
				   "254,16   1        4     0.000342930   521  D   R 8 + 8 [wl]\n"
				   "CPU0 (bt):\n Reads Queued:        2187,     8748KiB\n";
	struct sequence_choice choice = { 0 };
	struct sequence s;

	CU_ASSERT_TRUE_FATAL(read_text(&s, text, &choice, NULL));
	CU_ASSERT_EQUAL_FATAL(s.request->len, 2);
	CU_ASSERT(request(&s, 0)->slot == 275536 && request(&s, 0)->pages == 3 && request(&s, 0)->write);
	CU_ASSERT(request(&s, 1)->slot == 1 && !request(&s, 1)->write);
	sequence_release(&s);
}

static void check_wrong(const char *text, const char *device, const char *expected)
{
	struct sequence_choice choice = { .device = device };
	struct sequence s;
	GError *error = NULL;
	const char *found;

	CU_ASSERT_FALSE(read_text(&s, text, &choice, &error));
	found = strstr(error->message, expected);
	CU_ASSERT_PTR_NOT_NULL(found);
	if (!found)
		printf("\n  is: %s\n", error->message);
	g_error_free(error);
	sequence_release(&s);
}

static void test_wrong(void)
{
	check_wrong("hello\n", NULL, ":1:1: no recording (perf script, ftrace, trace-cmd or blkparse)");
	check_wrong("cpus=1\nhello\n", NULL, ":2:1: no event (COMM-PID [CPU] SECONDS: EVENT: ...)");
	check_wrong("wl-7 [000]  1.000010: block_rq_issue: x R 4096 () 4104 + 8\n", NULL,
		    "no device of a request (MAJOR,MINOR)");
	check_wrong("wl-7 [000]  1.000010: block_rq_issue: 8,0 R 4096 () 4104 + 8\n", "sda",
		    "malformed device (MAJOR,MINOR): \"sda\"");
}

static const struct unit tests[] = {
	{ "faults of the mapping, reclaim and requests of the device are taken", test_events },
	{ "of blkparse what is sent to the device is taken", test_blkparse },
	{ "what is no recording is refused", test_wrong },
};
UNIT_MAIN("sequence", tests)
