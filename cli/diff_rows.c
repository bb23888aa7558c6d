#include "cli/diff_rows.h"

#include <string.h>

#include "cli/quantity.h"

enum { VALUE_MOST = 24 }; /* characters of a value that people are shown */

/* A value of one result, before it has met its like. */
struct leaf {
	char *section, *object, *name, *text;
	bool number;
	u64 value;
};

static void leaf_clear(void *item)
{
	struct leaf *l = item;

	g_free(l->section);
	g_free(l->object);
	g_free(l->name);
	g_free(l->text);
}

static void row_clear(void *item)
{
	struct diff_row *r = item;

	g_free(r->section);
	g_free(r->object);
	g_free(r->name);
	g_free(r->a);
	g_free(r->b);
}

GArray *diff_rows_new(void)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct diff_row));

	g_array_set_clear_func(rows, row_clear);
	return rows;
}

void diff_rows_free(GArray *rows)
{
	g_array_free(rows, TRUE);
}

/* ---- leaves ---- */

static GArray *leaves_new(void)
{
	GArray *leaves = g_array_new(FALSE, FALSE, sizeof(struct leaf));

	g_array_set_clear_func(leaves, leaf_clear);
	return leaves;
}

static void add_scalar(GArray *leaves, const char *section, const char *object, const char *name,
		       const cJSON *item)
{
	struct leaf l = { .section = g_strdup(section), .object = g_strdup(object), .name = g_strdup(name) };
	char *text;

	if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= (double)(1ull << 53)) {
		l.value = (u64)item->valuedouble;
		l.number = (double)l.value == item->valuedouble;
	}
	if (cJSON_IsString(item)) {
		l.text = g_strdup(item->valuestring);
	} else if (l.number) {
		l.text = g_strdup_printf("%" G_GUINT64_FORMAT, l.value);
	} else {
		text = cJSON_PrintUnformatted(item);
		l.text = g_strdup(text);
		cJSON_free(text);
	}
	g_array_append_val(leaves, l);
}

/* "up.key", "up[2]", or the key alone where there is nothing above. */
static char *path_below(const char *up, const cJSON *item, u32 index)
{
	if (!item->string)
		return g_strdup_printf("%s[%u]", up, index);
	return *up ? g_strconcat(up, ".", item->string, NULL) : g_strdup(item->string);
}

static void add_all(GArray *leaves, const char *section, const char *object, const char *path,
		    const cJSON *item)
{
	const cJSON *child;
	u32 index = 0;

	if (!cJSON_IsObject(item) && !cJSON_IsArray(item)) {
		add_scalar(leaves, section, object, path, item);
		return;
	}
	cJSON_ArrayForEach(child, item)
	{
		char *below = path_below(path, child, index++);

		add_all(leaves, section, object, below, child);
		g_free(below);
	}
}

static bool has_objects(const cJSON *section)
{
	return cJSON_IsObject(section) && cJSON_IsObject(section->child);
}

/* What is of no section comes first. */
static void add_run(GArray *leaves, const cJSON *summary)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, summary)
	{
		if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
			add_scalar(leaves, "run", "", item->string, item);
	}
}

static GArray *summary_leaves(const cJSON *summary)
{
	GArray *leaves = leaves_new();
	const cJSON *section, *object;

	add_run(leaves, summary);
	cJSON_ArrayForEach(section, summary)
	{
		if (has_objects(section)) {
			cJSON_ArrayForEach(object, section)
			{
				add_all(leaves, section->string, object->string, "", object);
			}
		} else if (cJSON_IsObject(section) || cJSON_IsArray(section)) {
			add_all(leaves, section->string, "", "", section);
		}
	}
	return leaves;
}

/* ---- rows ---- */

static void add_row(GArray *rows, const char *section, const char *object, const char *name,
		    const struct leaf *a, const struct leaf *b)
{
	struct diff_row r = { g_strdup(section),
			      g_strdup(object),
			      g_strdup(name),
			      a ? g_strdup(a->text) : NULL,
			      b ? g_strdup(b->text) : NULL,
			      false,
			      0,
			      0 };

	if (a && b && a->number && b->number) {
		r.numbers = true;
		r.x = a->value;
		r.y = b->value;
	}
	g_array_append_val(rows, r);
}

static char *key_of(const struct leaf *l)
{
	return g_strdup_printf("%s\n%s\n%s", l->section, l->object, l->name);
}

static GHashTable *index_of(const GArray *leaves)
{
	GHashTable *index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (u32 i = 0; i < leaves->len; i++) {
		struct leaf *l = &g_array_index(leaves, struct leaf, i);

		g_hash_table_insert(index, key_of(l), l);
	}
	return index;
}

static struct leaf *find_leaf(GHashTable *index, const struct leaf *like)
{
	char *key = key_of(like);
	struct leaf *found = g_hash_table_lookup(index, key);

	g_free(key);
	return found;
}

static void diff_leaves(GArray *rows, GArray *a, GArray *b)
{
	GHashTable *in_a = index_of(a), *in_b = index_of(b);

	for (u32 i = 0; i < a->len; i++) {
		const struct leaf *l = &g_array_index(a, struct leaf, i), *other = find_leaf(in_b, l);

		if (!other || strcmp(l->text, other->text) != 0)
			add_row(rows, l->section, l->object, l->name, l, other);
	}
	for (u32 i = 0; i < b->len; i++) {
		const struct leaf *l = &g_array_index(b, struct leaf, i);

		if (!find_leaf(in_a, l))
			add_row(rows, l->section, l->object, l->name, NULL, l);
	}
	g_hash_table_destroy(in_a);
	g_hash_table_destroy(in_b);
	g_array_free(a, TRUE);
	g_array_free(b, TRUE);
}

void diff_scenarios(GArray *rows, const cJSON *a, const cJSON *b)
{
	GArray *leaves[2] = { leaves_new(), leaves_new() };

	add_all(leaves[0], "scenario", "", "", a);
	add_all(leaves[1], "scenario", "", "", b);
	diff_leaves(rows, leaves[0], leaves[1]);
}

void diff_summaries(GArray *rows, const cJSON *a, const cJSON *b)
{
	diff_leaves(rows, summary_leaves(a), summary_leaves(b));
}

/* A cell of a CSV file; its number, if it is one. */
static struct leaf cell_leaf(const char *text)
{
	struct leaf l = { .text = (char *)text };

	l.number = text && g_ascii_string_to_unsigned(text, 10, 0, UINT64_MAX, &l.value, NULL);
	return l;
}

static void add_cells(GArray *rows, const char *section, const char *object, const char *name, const char *a,
		      const char *b)
{
	struct leaf cell[2] = { cell_leaf(a), cell_leaf(b) };

	if (g_strcmp0(a, b) != 0)
		add_row(rows, section, object, name, a ? &cell[0] : NULL, b ? &cell[1] : NULL);
}

void diff_value(GArray *rows, const char *section, const char *name, const char *a, const char *b)
{
	add_cells(rows, section, "", name, a, b);
}

/* ---- CSV files ---- */

static u32 first_line_that_differs(char **a, char **b)
{
	u32 i = 0;

	while (a[i] && b[i] && !strcmp(a[i], b[i]))
		i++;
	return i;
}

static bool is_row(char **lines, u32 i)
{
	return i < g_strv_length(lines) && *lines[i];
}

/* Both have the columns of @header and a row at @at. */
static void diff_cells(GArray *rows, const char *header, const char *row_a, const char *row_b)
{
	char **name = g_strsplit(header, ",", -1);
	char **a = g_strsplit(row_a, ",", -1), **b = g_strsplit(row_b, ",", -1);
	char *object = g_strdup_printf("first row that differs, time_ns %s", a[0]);
	u32 width = MIN(g_strv_length(name), MIN(g_strv_length(a), g_strv_length(b)));

	for (u32 i = 0; i < width; i++)
		add_cells(rows, "series", object, name[i], a[i], b[i]);
	g_free(object);
	g_strfreev(name);
	g_strfreev(a);
	g_strfreev(b);
}

void diff_series(GArray *rows, const char *a, const char *b)
{
	char **lines[2] = { g_strsplit(a, "\n", -1), g_strsplit(b, "\n", -1) };
	u32 at = first_line_that_differs(lines[0], lines[1]);

	if (!strcmp(a, b))
		goto out;
	if (!at)
		diff_value(rows, "series", "columns", lines[0][0], lines[1][0]);
	else if (is_row(lines[0], at) && is_row(lines[1], at))
		diff_cells(rows, lines[0][0], lines[0][at], lines[1][at]);
	if (at) {
		char *n[2];

		for (u32 i = 0; i < 2; i++)
			n[i] = g_strdup_printf("%u", g_strv_length(lines[i]) - 2);
		diff_value(rows, "series", "rows", n[0], n[1]);
		g_free(n[0]);
		g_free(n[1]);
	}
out:
	g_strfreev(lines[0]);
	g_strfreev(lines[1]);
}

/* "fault,1024,1055,7" -> bucket "fault,1024,1055", count "7"; false for what is no such line. */
static bool split_bucket(char *line, char **count)
{
	*count = strrchr(line, ',');
	if (!*count)
		return false;
	*(*count)++ = 0;
	return true;
}

static GHashTable *buckets_of(char **lines)
{
	GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);
	char *count;

	for (u32 i = 0; lines[i]; i++)
		if (split_bucket(lines[i], &count))
			g_hash_table_insert(index, lines[i], count);
	return index;
}

/* Lines are sorted by histogram, then by bound; of each histogram the lowest bucket is wanted. */
static void note_bucket(GPtrArray *first, const char *bucket)
{
	size_t name = strcspn(bucket, ",");

	for (u32 i = 0; i < first->len; i++) {
		const char *known = first->pdata[i];

		if (strncmp(known, bucket, name + 1) != 0)
			continue;
		if (g_ascii_strtoull(bucket + name + 1, NULL, 10) <
		    g_ascii_strtoull(known + name + 1, NULL, 10))
			first->pdata[i] = (char *)bucket;
		return;
	}
	g_ptr_array_add(first, (char *)bucket);
}

static void add_bucket(GArray *rows, const char *bucket, const char *a, const char *b)
{
	char **part = g_strsplit(bucket, ",", 3);
	char *name;

	if (g_strv_length(part) == 3) {
		name = g_strdup_printf("first bucket that differs, %s to %s ns", part[1], part[2]);
		add_cells(rows, "hist", part[0], name, a ? a : "0", b ? b : "0");
		g_free(name);
	}
	g_strfreev(part);
}

/* Bounds of buckets are fixed, so those of one file stand in the other under the same name. */
void diff_histograms(GArray *rows, const char *a, const char *b)
{
	char **lines[2] = { g_strsplit(a, "\n", -1), g_strsplit(b, "\n", -1) };
	GHashTable *index[2] = { buckets_of(lines[0]), buckets_of(lines[1]) };
	GPtrArray *first = g_ptr_array_new();

	for (u32 f = 0; f < 2; f++)
		for (u32 i = 0; lines[f][i]; i++)
			if (g_strcmp0(g_hash_table_lookup(index[0], lines[f][i]),
				      g_hash_table_lookup(index[1], lines[f][i])) != 0)
				note_bucket(first, lines[f][i]);
	for (u32 i = 0; i < first->len; i++)
		add_bucket(rows, first->pdata[i], g_hash_table_lookup(index[0], first->pdata[i]),
			   g_hash_table_lookup(index[1], first->pdata[i]));
	g_ptr_array_free(first, TRUE);
	for (u32 f = 0; f < 2; f++) {
		g_hash_table_destroy(index[f]);
		g_strfreev(lines[f]);
	}
}

/* ---- tables ---- */

static char *heading_of(const struct diff_row *r)
{
	static const char *const singular[][2] = {
		{ "phases", "phase" },	 { "groups", "cgroup" }, { "locks", "lock" },
		{ "hist", "histogram" }, { NULL, NULL },
	};
	const char *section = r->section;

	for (u32 i = 0; *r->object && singular[i][0]; i++)
		if (!strcmp(section, singular[i][0]))
			section = singular[i][1];
	return g_strdup_printf("%s%s%s", section, *r->object ? " " : "", r->object);
}

static void difference_cells(struct table *t, const struct diff_row *r)
{
	bool more = r->y > r->x;
	u64 by = more ? r->y - r->x : r->x - r->y, permille;

	if (!r->numbers) {
		table_none(t);
		table_none(t);
		return;
	}
	table_printf(t, "%c%" G_GUINT64_FORMAT, more ? '+' : '-', by);
	if (!r->x) {
		table_none(t);
		return;
	}
	permille = (mul_div(by, 2000, r->x) + 1) / 2; /* the nearest */
	table_printf(t, "%c%" G_GUINT64_FORMAT ".%u%%", more ? '+' : '-', permille / 10,
		     (u32)(permille % 10));
}

/* People see the beginning of what is long. */
static void value_cell(struct table *t, const char *text, bool people)
{
	if (!text)
		table_none(t);
	else if (people && g_utf8_strlen(text, -1) > VALUE_MOST)
		table_printf(t, "%.*s...", (int)(g_utf8_offset_to_pointer(text, VALUE_MOST - 3) - text),
			     text);
	else
		table_text(t, text);
}

struct table *diff_rows_table(const GArray *rows, enum table_format format)
{
	bool people = format == TABLE_TEXT || format == TABLE_MARKDOWN;
	const struct diff_row *before = NULL;
	struct table *t = table_new();

	if (!people) {
		table_column(t, "section", TABLE_LEFT);
		table_column(t, "object", TABLE_LEFT);
	}
	table_column(t, "name", TABLE_LEFT);
	table_column(t, "a", TABLE_RIGHT);
	table_column(t, "b", TABLE_RIGHT);
	table_column(t, "difference", TABLE_RIGHT);
	table_column(t, "percent", TABLE_RIGHT);
	for (u32 i = 0; i < rows->len; i++) {
		const struct diff_row *r = &g_array_index(rows, struct diff_row, i);

		if (!people) {
			table_text(t, r->section);
			table_text(t, r->object);
		} else if (!before || strcmp(before->section, r->section) ||
			   strcmp(before->object, r->object)) {
			char *heading = heading_of(r);

			table_heading(t, heading);
			g_free(heading);
		}
		table_text(t, r->name);
		value_cell(t, r->a, people);
		value_cell(t, r->b, people);
		difference_cells(t, r);
		before = r;
	}
	return t;
}
