/*
 * Made-up publications of a change that is known exactly: swapon of 16 MiB takes 13056 bytes on 6.1, where a
 * cluster has 8 bytes, and 13184 on 6.12, where it has 24. That is 0.98 % more.
 */
#include "tests/unit/test_cli.h"

#define HEAD "scenario,figure,first,second,what,before,after,source,date,seeds,note\n"
#define RUN "published m -q -s 1 "

static char *folder_of(const char *rows)
{
	char *folder = test_folder(), *dir = g_build_filename(folder, "m", NULL),
	     *text = g_strconcat(HEAD, rows, NULL);

	g_mkdir_with_parents(dir, 0755);
	write_file(dir, "rows.csv", text);
	write_file(dir, "small.json", SMALL_TASKS("1"));
	g_free(text);
	g_free(dir);
	return folder;
}

static const cJSON *row_of(const cJSON *rows, const char *what)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, rows)
	{
		if (!strcmp(text_at(row, "what"), what))
			return row;
	}
	CU_FAIL_FATAL("no such row");
	return NULL;
}

static void test_verdicts(void)
{
	static const struct {
		const char *after; /* of 100 before */
		const char *verdict;
	} row[] = {
		{ "100.5", "level" }, { "99.5", "level" }, { "101", "within 2x" }, { "101.9", "within 2x" },
		{ "102", "sign" },    { "106", "sign" },   { "99", "miss" },	   { "50", "miss" },
	};
	GString *rows = g_string_new(NULL);
	char *folder;
	cJSON *root;

	for (u32 i = 0; i < ARRAY_SIZE(row); i++)
		g_string_append_printf(rows, "small,meta_static_bytes,6.1,6.12,%s,100,%s,,,,\n", row[i].after,
				       row[i].after);
	folder = folder_of(rows->str);
	root = parsed(printed(folder, RUN "--format json"));
	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		const cJSON *r = row_of(root, row[i].after);

		CU_ASSERT_STRING_EQUAL(text_at(r, "verdict"), row[i].verdict);
		CU_ASSERT_STRING_EQUAL(text_at(r, "simulated"), "+0.98 %");
	}
	cJSON_Delete(root);
	g_string_free(rows, TRUE);
	test_folder_free(folder);
}

/* A note is told where it is wanted: of what is below 5 % the sign is all that was asked. */
static void test_notes(void)
{
	char *folder = folder_of("small,meta_static_bytes,6.1,6.12,met,100,104,,,,not told\n"
				 "small,meta_static_bytes,6.1,6.12,short,100,106,,,,half is missing\n"
				 "small,meta_static_bytes,6.1,6.12,low,100,107,,,,half is missing\n"
				 "small,meta_static_bytes,6.1,6.12,odd,100,90,,,,\n"
				 "small,meta_static_bytes,6.1,9.9+bypass-pin=off,new,1,2,,,,not told\n"
				 ",,,,far,1,2,,,,nobody has it\n");
	char *text = printed(folder, RUN);

	CU_ASSERT_PTR_NOT_NULL(strstr(text,
				      "\n4 of 6 rows were run. Changes: 0 within a factor of 2, 0 level on "
				      "both, 3 with the right sign only,\n1 with the wrong one, 0 with "
				      "either, as seeds have it. 1 are"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nWhat is off:\nsmall, short, low: half is missing\n"
					    "small, odd: no cause is known\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nNot run:\nsmall, new: no release 9.9\nfar: nobody has it\n"));
	CU_ASSERT_PTR_NULL(strstr(text, "not told"));
	g_free(text);
	test_folder_free(folder);
}

static void test_files(void)
{
	char *folder = folder_of("small,meta_static_bytes,6.1,6.12,a,12.5,25.125,id,2025-01-01,,n\n"
				 ",,,,b,1,2,,,,away\n");
	char *csv;

	done(folder, RUN "--output o");
	csv = file_text(folder, "o/changes.csv");
	CU_ASSERT_PTR_NOT_NULL(strstr(
	    csv, "\nsmall,meta_static_bytes,6.1,6.12,a,12.5,25.125,1010000,13056,13184,9803,9803,9803,sign,,"
		 "id,2025-01-01,n\n,,,,b,1,2,1000000,,,,,,not run,,,,away\n"));
	done(folder, "plot published o");
	CU_ASSERT(file_exists(folder, "o/published.png"));
	g_free(csv);
	test_folder_free(folder);
}

static void test_refused(void)
{
	char *folder = folder_of("small,meta_static_bytes,6.1,6.12,a,1,x,,,,\n");

	CU_ASSERT(refused(folder, RUN, 4,
			  "swapsim: m/rows.csv:2: after is \"x\" (a number above 0, three decimals at most "
			  "expected)\n"));
	CU_ASSERT(
	    refused(folder, "published nowhere", 1,
		    "swapsim: nowhere/rows.csv: no such file (expected a folder of published changes, as "
		    "docs/published.md has it)\n"));
	test_folder_free(folder);
	folder = folder_of("small,meta_static_bytes,6.1,6.12,a,1,2,,,1001,\n");
	CU_ASSERT(
	    refused(folder, RUN, 4, "swapsim: m/rows.csv:2: seeds is \"1001\" (at most 1000 expected)\n"));
	test_folder_free(folder);
	folder = folder_of("small,meta_static_bites,6.1,6.12,a,1,2,,,,\n");
	CU_ASSERT(refused(folder, RUN "--scenario large", 2,
			  "swapsim: --scenario large: not possible (a name in the first column)\n"));
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "sign and size of a change make the verdict", test_verdicts },
	{ "what is off or was not run is told with its note", test_notes },
	{ "a result folder has the changes, and can be drawn", test_files },
	{ "what cannot be read or chosen is refused", test_refused },
};
UNIT_MAIN("cli: published", tests)
