/*
 * Timelines: the seed bug tells its story on a page.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "sim/blame.h"
#include "sim/json_doc.h"
#include "sim/timeline.h"
#include "tests/unit/alloc_world.h"
#include "tests/unit/search.h"

/* One step of a trail again; the answer digits are asked for as the search did. */
static void repeat(struct search *x, u32 node)
{
	x->want = search_node(x, node)->choice;
	x->radix = 1;
	next_do(x->m, search_node(x, node)->by);
}

/* The way from the beginning to @node. */
static struct recording *record_trail(struct search *x, u32 node)
{
	GArray *trail = g_array_new(FALSE, FALSE, sizeof(u32));
	struct recording *r;
	GString *why = g_string_new(NULL);

	for (u32 n = node; n; n = search_node(x, n)->parent)
		g_array_prepend_val(trail, n);
	search_load(x, 0);
	r = recording_begin(x->m);
	for (u32 i = 0; i < trail->len; i++)
		repeat(x, g_array_index(trail, u32, i));
	recording_end(r, invariants_hold(x->m, why) ? NULL : why->str);
	g_string_free(why, TRUE);
	g_array_free(trail, TRUE);
	return r;
}

static struct recording *record_leak(void)
{
	struct kernel *k = alloc_world("6.18+table-alloc=v3", 2);
	struct recording *r;
	struct search x;

	search_run(&x, &k->machine, &cluster_ownership, 200000, true);
	CU_ASSERT_EQUAL_FATAL(x.violations, 1);
	r = record_trail(&x, x.first_violation);
	search_release(&x);
	kernel_free(k);
	return r;
}

static char *text_of(const struct recording *r, const struct timeline_options *options)
{
	struct timeline *tl = timeline_new(r, options);
	GString *text = g_string_new(NULL);

	timeline_text(tl, text);
	timeline_free(tl);
	return g_string_free(text, FALSE);
}

static u32 lines_of(const char *text, size_t *longest)
{
	char **line = g_strsplit(text, "\n", -1);
	u32 n = 0;

	*longest = 0;
	for (; line[n] && *line[n]; n++)
		*longest = MAX(*longest, strlen(line[n]));
	g_strfreev(line);
	return n;
}

static void test_leak(void)
{
	struct recording *r = record_leak();
	char *text = text_of(r, &(struct timeline_options){ 0 }), *expected = NULL;
	size_t longest;

	CU_ASSERT(g_file_get_contents(SOURCE_DIR "/tests/unit/timeline_leak.txt", &expected, NULL, NULL));
	CU_ASSERT_STRING_EQUAL(text, expected ? expected : "");
	if (g_strcmp0(text, expected))
		printf("\n%s", text);
	CU_ASSERT(lines_of(text, &longest) <= 40);
	CU_ASSERT(longest <= TIMELINE_WIDTH);
	g_free(text);
	g_free(expected);
	recording_free(r);
}

static void test_unfolded(void)
{
	struct recording *r = record_leak();
	char *text = text_of(r, &(struct timeline_options){ .unfolded = true, .width = TIMELINE_WIDE });
	size_t longest;

	for (u32 i = 1; i <= r->step->len; i++) {
		char *number = g_strdup_printf("\n%4u  ", i);

		CU_ASSERT(strstr(text, number) != NULL);
		g_free(number);
	}
	CU_ASSERT(!strstr(text, "..."));
	lines_of(text, &longest);
	CU_ASSERT(longest <= TIMELINE_WIDE);
	g_free(text);
	recording_free(r);
}

static void test_svg(void)
{
	struct recording *r = record_leak();
	struct timeline *tl = timeline_new(r, &(struct timeline_options){ 0 });
	GString *svg = g_string_new(NULL);

	timeline_svg(tl, svg);
	g_file_set_contents("timeline_leak.svg", svg->str, (gssize)svg->len, NULL);
	CU_ASSERT(g_str_has_prefix(svg->str, "<svg xmlns="));
	CU_ASSERT(g_str_has_suffix(svg->str, "</svg>\n"));
	CU_ASSERT(strstr(svg->str, ">LETS GO OF cluster 1</text>") != NULL);
	CU_ASSERT(strstr(svg->str, ">isolated_dropped</text>") != NULL);
	CU_ASSERT(strstr(svg->str, "cluster 1: list free -&gt; none") != NULL);
	g_string_free(svg, TRUE);
	timeline_free(tl);
	recording_free(r);
}

static void test_json(void)
{
	struct recording *r = record_leak();
	struct timeline *tl = timeline_new(r, &(struct timeline_options){ 0 });
	GString *json = g_string_new(NULL);
	GError *error = NULL;
	struct json_doc *doc;

	timeline_json(tl, json);
	doc = json_doc_parse("timeline.json", json->str, json->len, &error);
	CU_ASSERT_PTR_NOT_NULL(doc);
	CU_ASSERT(strstr(json->str, "\"violation\": \"cluster_ownership: ") != NULL);
	CU_ASSERT(strstr(json->str, "\"name\": \"LOCK_HINT\"") != NULL);
	CU_ASSERT(strstr(json->str, "\"kind\": \"move\"") != NULL);
	CU_ASSERT(strstr(json->str, "\"before\": \"free\"") != NULL);
	json_doc_free(doc);
	g_string_free(json, TRUE);
	timeline_free(tl);
	recording_free(r);
}

static void test_blame(void)
{
	struct recording *r = record_leak();
	char *why = blame_sentence(r);

	CU_ASSERT_STRING_EQUAL(r->verdict, "cluster_ownership: cluster 1 of device 0 is on no list and 0 "
					   "operations hold it");
	CU_ASSERT_STRING_EQUAL(why,
			       "At step 20 B in isolate_lock_cluster.LOCK_SI: list of cluster 1 went from "
			       "free to none, it took up cluster 1; at step 26 B in "
			       "swap_cluster_alloc_table.LOCK_HINT: it let go of cluster 1, and nobody else "
			       "refers to it.");
	g_free(why);
	recording_free(r);
}

/* What a step is said to do is what it did: a lock that is announced is not taken, one that is tried is. */
static void test_attribution(void)
{
	struct recording *r = record_leak();
	const struct recorded_step *isolate = recorded_step(r, 19), *unlock = recorded_step(r, 20);

	CU_ASSERT_STRING_EQUAL(isolate->step, "LOCK_SI");
	CU_ASSERT_EQUAL(isolate->taken.n, 2);
	CU_ASSERT_EQUAL(isolate->dropped.n, 0);
	CU_ASSERT_STRING_EQUAL(recorded_lock(r, isolate->taken.from)->name, "lock of swap device 0");
	CU_ASSERT_STRING_EQUAL(recorded_lock(r, isolate->taken.from + 1)->name, "lock of cluster 1");
	CU_ASSERT_EQUAL(unlock->taken.n, 0);
	CU_ASSERT_EQUAL(unlock->dropped.n, 1);
	CU_ASSERT_EQUAL(unlock->held.n, 3); /* the folio, its CPU's hint, the cluster */
	CU_ASSERT_STRING_EQUAL(unlock->object, "lock of swap device 0");
	recording_free(r);
}

/* Asked while a task wakes, a step before it goes on; and while a step does its work. */
static void test_choices(void)
{
	struct recording *r = record_leak();
	bool alloc = false, wake = false;

	for (u32 i = 0; i < r->choice->len; i++) {
		const struct recorded_choice *c = recorded_choice(r, i);

		alloc |= c->step == 20 && !strcmp(c->kind, "atomic_alloc") && !strcmp(c->words, "fails");
		wake |= c->step == 23 && !strcmp(c->kind, "wake_cpu") && !strcmp(c->words, "CPU 0");
		CU_ASSERT(c->step < r->step->len);
	}
	CU_ASSERT(alloc);
	CU_ASSERT(wake);
	recording_free(r);
}

static void test_nothing_violated(void)
{
	struct kernel *k = alloc_world("6.18", 1);
	struct recording *r = recording_begin(&k->machine);
	char *text;

	recording_note(r, "before all");
	while (k->machine.tasks_left)
		machine_step(&k->machine, &k->machine.task[0]);
	recording_end(r, NULL);
	CU_ASSERT_PTR_NULL(blame_sentence(r));
	text = text_of(r, &(struct timeline_options){ 0 });
	CU_ASSERT(!strstr(text, "**"));
	CU_ASSERT(!strstr(text, "CPU 1"));
	CU_ASSERT_PTR_NULL(k->machine.log);
	CU_ASSERT_PTR_NULL(k->machine.before_step);
	g_free(text);
	recording_free(r);
	kernel_free(k);
}

static const struct unit tests[] = {
	{ "the seed bug tells its story on a page", test_leak },
	{ "unfolded, every step has its line", test_unfolded },
	{ "the picture has the steps, the windows and the violation", test_svg },
	{ "the JSON can be read and has every step", test_json },
	{ "blame names the object, the steps and why", test_blame },
	{ "a step takes and drops what it took and dropped", test_attribution },
	{ "a decision of nature is part of the step that it was for", test_choices },
	{ "a run without a finding has a timeline and no blame", test_nothing_violated },
};

UNIT_MAIN("timeline", tests)
