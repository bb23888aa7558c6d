#include "cli/sequence_report.h"

#include <stdlib.h>

enum { SLOTS_PER_CLUSTER = 512, COMMON_MOST = 20000 };

/* ---- figures ---- */

static const struct sequence_fault *fault_at(const struct sequence *s, u32 i)
{
	return &g_array_index(s->fault, struct sequence_fault, i);
}

static const struct sequence_request *request_at(const struct sequence *s, u32 i)
{
	return &g_array_index(s->request, struct sequence_request, i);
}

u64 sequence_common_faults(const struct sequence *a, const struct sequence *b)
{
	u32 rows = MIN(a->fault->len, COMMON_MOST), columns = MIN(b->fault->len, COMMON_MOST);
	u32 *best = g_new0(u32, columns + 1), answer;

	for (u32 i = 0; i < rows; i++) {
		u32 diagonal = 0;

		for (u32 j = 0; j < columns; j++) {
			u32 above = best[j + 1];

			if (fault_at(a, i)->page == fault_at(b, j)->page)
				best[j + 1] = diagonal + 1;
			else
				best[j + 1] = MAX(above, best[j]);
			diagonal = above;
		}
	}
	answer = best[columns];
	g_free(best);
	return answer;
}

/* Of the first faults, until one is on another page. */
static u64 same_from_the_start(const struct sequence *a, const struct sequence *b)
{
	u32 n = 0;

	while (n < a->fault->len && n < b->fault->len && fault_at(a, n)->page == fault_at(b, n)->page)
		n++;
	return n;
}

static u64 write_faults(const struct sequence *s)
{
	u64 n = 0;

	for (u32 i = 0; i < s->fault->len; i++)
		n += fault_at(s, i)->write;
	return n;
}

static int ascending(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

struct sizes {
	u64 n, total, single, largest, median;
};

static struct sizes sizes_of(GArray *values)
{
	struct sizes s = { .n = values->len };

	g_array_sort(values, ascending);
	for (u32 i = 0; i < values->len; i++) {
		u32 value = g_array_index(values, u32, i);

		s.total += value;
		s.single += value == 1;
		s.largest = MAX(s.largest, value);
	}
	s.median = s.n ? g_array_index(values, u32, (s.n - 1) / 2) : 0;
	g_array_unref(values);
	return s;
}

static struct sizes requests_of(const struct sequence *s, bool write)
{
	GArray *pages = g_array_new(FALSE, FALSE, sizeof(u32));

	for (u32 i = 0; i < s->request->len; i++)
		if (request_at(s, i)->write == write)
			g_array_append_val(pages, request_at(s, i)->pages);
	return sizes_of(pages);
}

static struct sizes batches_of(const GArray *batches, bool scanned)
{
	GArray *pages = g_array_new(FALSE, FALSE, sizeof(u32));

	for (u32 i = 0; i < batches->len; i++) {
		const struct sequence_batch *b = &g_array_index(batches, struct sequence_batch, i);
		u32 value = scanned ? b->scanned : b->reclaimed;

		g_array_append_val(pages, value);
	}
	return sizes_of(pages);
}

/* How slots are taken: requests that go on where the last write ended, that are before it, clusters. */
struct order {
	u64 contiguous, backwards, clusters;
};

static struct order order_of(const struct sequence *s)
{
	GHashTable *clusters = g_hash_table_new(g_direct_hash, g_direct_equal);
	struct order o = { 0 };
	u64 end = 0;

	for (u32 i = 0; i < s->request->len; i++) {
		const struct sequence_request *r = request_at(s, i);

		if (!r->write)
			continue;
		o.contiguous += end && r->slot == end;
		o.backwards += r->slot < end;
		end = r->slot + r->pages;
		g_hash_table_add(clusters, GSIZE_TO_POINTER(r->slot / SLOTS_PER_CLUSTER));
	}
	o.clusters = g_hash_table_size(clusters);
	g_hash_table_destroy(clusters);
	return o;
}

/* ---- the table ---- */

static void add(struct table *t, const char *name, u64 recorded, u64 simulated)
{
	table_text(t, name);
	table_number(t, recorded);
	table_number(t, simulated);
}

static void add_sizes(struct table *t, const char *of, const struct sizes *a, const struct sizes *b)
{
	static const char *const what[] = { "", ", pages", ", of one page", ", median pages",
					    ", largest, pages" };
	const u64 x[] = { a->n, a->total, a->single, a->median, a->largest };
	const u64 y[] = { b->n, b->total, b->single, b->median, b->largest };

	for (u32 i = 0; i < ARRAY_SIZE(what); i++) {
		char *name = g_strconcat(of, what[i], NULL);

		add(t, name, x[i], y[i]);
		g_free(name);
	}
}

static void add_reclaim(struct table *t, const struct sequence *recorded, const struct sequence *simulated)
{
	struct sizes a = batches_of(recorded->round, false), b = batches_of(simulated->round, false);

	table_heading(t, "reclaim");
	add(t, "rounds", a.n, b.n);
	add(t, "reclaimed in a round, median", a.median, b.median);
	add(t, "reclaimed", a.total, b.total);
	a = batches_of(recorded->batch, true);
	b = batches_of(simulated->batch, true);
	add(t, "batches", a.n, b.n);
	add(t, "scanned in a batch, median", a.median, b.median);
	add(t, "scanned in a batch, most", a.largest, b.largest);
	add(t, "scanned", a.total, b.total);
}

static void add_requests(struct table *t, const struct sequence *recorded, const struct sequence *simulated)
{
	struct sizes a = requests_of(recorded, true), b = requests_of(simulated, true);
	struct order x = order_of(recorded), y = order_of(simulated);

	table_heading(t, "requests");
	add_sizes(t, "write requests", &a, &b);
	a = requests_of(recorded, false);
	b = requests_of(simulated, false);
	add_sizes(t, "read requests", &a, &b);
	table_heading(t, "order of slots");
	add(t, "writes that begin where the last one ended", x.contiguous, y.contiguous);
	add(t, "writes before the last one", x.backwards, y.backwards);
	add(t, "clusters of 512 slots written to", x.clusters, y.clusters);
}

struct table *sequence_table(const struct sequence *recorded, const struct sequence *simulated)
{
	struct table *t = table_new();
	u64 common = sequence_common_faults(recorded, simulated);
	u64 same = same_from_the_start(recorded, simulated);

	table_column(t, "figure", TABLE_LEFT);
	table_column(t, "recorded", TABLE_RIGHT);
	table_column(t, "simulated", TABLE_RIGHT);
	table_heading(t, "faults");
	add(t, "faults", recorded->fault->len, simulated->fault->len);
	add(t, "write faults", write_faults(recorded), write_faults(simulated));
	add(t, "faults on other pages", recorded->outside, simulated->outside);
	add(t, "on the same pages from the first on", same, same);
	add(t, "on the same pages in the same order", common, common);
	add_reclaim(t, recorded, simulated);
	add_requests(t, recorded, simulated);
	return t;
}

/* ---- the file ---- */

static void append_side(GString *out, const char *side, const struct sequence *s)
{
	for (u32 i = 0; i < s->fault->len; i++)
		g_string_append_printf(out, "%s,fault,%u,%" G_GUINT64_FORMAT ",1,%d\n", side, i,
				       fault_at(s, i)->page, fault_at(s, i)->write);
	for (u32 i = 0; i < s->request->len; i++) {
		const struct sequence_request *r = request_at(s, i);

		g_string_append_printf(out, "%s,request,%u,%" G_GUINT64_FORMAT ",%u,%d\n", side, r->after,
				       r->slot, r->pages, r->write);
	}
	for (u32 i = 0; i < s->batch->len; i++) {
		const struct sequence_batch *b = &g_array_index(s->batch, struct sequence_batch, i);

		g_string_append_printf(out, "%s,batch,%u,%u,%u,0\n", side, b->after, b->scanned,
				       b->reclaimed);
	}
	for (u32 i = 0; i < s->round->len; i++) {
		const struct sequence_batch *b = &g_array_index(s->round, struct sequence_batch, i);

		g_string_append_printf(out, "%s,round,%u,0,%u,0\n", side, b->after, b->reclaimed);
	}
}

char *sequence_csv(const struct sequence *recorded, const struct sequence *simulated)
{
	GString *out = g_string_new("side,kind,after,place,pages,write\n");

	append_side(out, "recorded", recorded);
	append_side(out, "simulated", simulated);
	return g_string_free(out, FALSE);
}
