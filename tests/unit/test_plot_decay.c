#include "tests/unit/test_plot.h"

#define HEAD "time_ns,device,cluster,used,cached,free,lost\n"

/* All devices together; what is lost cannot be had. */
static void test_curves(void)
{
	char *folder = folder_with("slots.csv", HEAD "0,0,0,0,0,512,0\n0,0,1,0,0,512,0\n0,1,0,0,0,100,0\n"
						     "1000000,0,0,12,0,500,0\n1000000,0,1,0,0,512,512\n"
						     "1000000,1,0,0,0,100,100\n");
	struct plot_text text;

	add_file(folder, "oom.csv",
		 "time_ns,cgroup,task,process,badness_pages,anon_pages,swap_pages\n900000,g,t,p,9,5,4\n");
	CU_ASSERT_TRUE_FATAL(plot_find("decay")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "time_ns,free_slots,reachable_slots\n"
					  "0,1124,1124\n1000000,1112,500\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "counted as free, 1 112 at the end"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "of them reachable, 500 at the end"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "OOM kill "));
	check_drawn("decay", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static const struct unit tests[] = {
	{ "free slots of all devices, and those of them that are not lost", test_curves },
};

UNIT_MAIN("plot: decay", tests)
