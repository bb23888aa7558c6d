#include "cli/sweep_axes.h"

#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "models/scenario_spec.h"
#include "sim/json_emit.h"

/* The same path, however it is quoted. */
static bool same_path(const char *a, const char *b)
{
	while (*a || *b) {
		a += *a == '"';
		b += *b == '"';
		if (*a != *b)
			return false;
		a += *a != 0;
		b += *b != 0;
	}
	return true;
}

/* ---- values ---- */

/* "A..B"; false for anything else. */
static bool parse_range(const char *text, u64 *first, u64 *last)
{
	char **ends = g_strsplit(text, "..", 2);
	bool range = ends[0] && ends[1] && !number_parse(ends[0], first) && !number_parse(ends[1], last);

	g_strfreev(ends);
	return range;
}

/* The error of a value, where it stands in the file. */
static bool value_error(const struct sweep_axis *axis, u32 element, const struct json_doc *doc,
			GError **error, const char *message)
{
	GString *path = g_string_new("sweep.");

	json_emit_quoted(path, axis->path);
	g_string_append_printf(path, "[%u]", element);
	if (axis->in_file)
		json_doc_error(doc, error, ERROR_SCENARIO, path->str, "%s", message);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "--set %s: %s", axis->path, message);
	g_string_free(path, TRUE);
	return false;
}

static void add_value(struct sweep_axis *axis, char *value, u32 element)
{
	axis->value = g_renew(char *, axis->value, axis->values + 2);
	axis->element = g_renew(u32, axis->element, axis->values + 1);
	axis->element[axis->values] = element;
	axis->value[axis->values++] = value;
	axis->value[axis->values] = NULL;
}

static bool has_value(const struct sweep_axis *axis, const char *value)
{
	return axis->value && g_strv_contains((const char *const *)axis->value, value);
}

static bool add_values(struct sweep_axis *axis, char *const *value, const struct json_doc *doc,
		       GError **error)
{
	for (u32 i = 0; value[i]; i++) {
		u64 first = 0, last = 0;
		bool range = parse_range(value[i], &first, &last);

		if (range && (first > last || last - first >= SWEEP_VALUES_MAX))
			return value_error(axis, i, doc, error,
					   "not a range (expected A..B with A <= B, 10000 values at most)");
		if (has_value(axis, value[i]))
			return value_error(axis, i, doc, error, "stands here twice (expected once)");
		if (!range)
			add_value(axis, g_strdup(value[i]), i);
		for (u64 n = first; range && n <= last; n++)
			add_value(axis, g_strdup_printf("%" G_GUINT64_FORMAT, n), i);
		if (axis->values > SWEEP_VALUES_MAX)
			return value_error(axis, i, doc, error, "too many values (expected 10000 at most)");
	}
	return true;
}

/* ---- the command line ---- */

/* Up to the next comma outside of brackets and quotes. */
static size_t value_length(const char *text)
{
	u32 depth = 0;
	bool quoted = false;
	const char *c;

	for (c = text; *c && (quoted || depth || *c != ','); c++) {
		if (quoted && *c == '\\' && c[1])
			c++;
		else if (*c == '"')
			quoted = !quoted;
		else if (!quoted && strchr("[{", *c))
			depth++;
		else if (!quoted && depth && strchr("]}", *c))
			depth--;
	}
	return (size_t)(c - text);
}

static char **split_values(const char *text)
{
	GPtrArray *values = g_ptr_array_new();
	size_t n = value_length(text);

	g_ptr_array_add(values, g_strndup(text, n));
	while (text[n]) {
		text += n + 1;
		n = value_length(text);
		g_ptr_array_add(values, g_strndup(text, n));
	}
	g_ptr_array_add(values, NULL);
	return (char **)g_ptr_array_free(values, FALSE);
}

/* Where the path of an assignment ends; NULL when there is none. */
static const char *path_end(const char *assignment)
{
	bool quoted = false;

	for (; *assignment; assignment++) {
		if (*assignment == '"')
			quoted = !quoted;
		else if (*assignment == '=' && !quoted)
			return assignment;
	}
	return NULL;
}

static bool is_sweep(const char *value)
{
	u64 first, last;

	return value[value_length(value)] || parse_range(value, &first, &last);
}

/* ---- axes ---- */

static void axis_clear(struct sweep_axis *axis)
{
	g_free(axis->path);
	g_free(axis->place);
	g_strfreev(axis->value);
	g_free(axis->element);
}

/* As it is where it leads nowhere. */
static char *place_of(const struct json_doc *doc, const char *path)
{
	char *place = json_doc_path(doc, &scenario_table, path, NULL);

	return place ? place : g_strdup(path);
}

/* The axis that goes to the same place. */
static struct sweep_axis *find_axis(const struct sweep_axes *axes, const struct json_doc *doc,
				    const char *path)
{
	char *place = place_of(doc, path);
	struct sweep_axis *found = NULL;

	for (u32 i = 0; i < axes->axes && !found; i++)
		if (same_path(axes->axis[i].place, place))
			found = &axes->axis[i];
	g_free(place);
	return found;
}

static struct sweep_axis *add_axis(struct sweep_axes *axes, const struct json_doc *doc, const char *path)
{
	struct sweep_axis *axis;

	axes->axis = g_renew(struct sweep_axis, axes->axis, axes->axes + 1);
	axis = &axes->axis[axes->axes++];
	*axis = (struct sweep_axis){ .path = g_strdup(path), .place = place_of(doc, path) };
	return axis;
}

static void remove_axis(struct sweep_axes *axes, struct sweep_axis *axis)
{
	u32 after = axes->axes - (u32)(axis - axes->axis) - 1;

	axis_clear(axis);
	memmove(axis, axis + 1, after * sizeof *axis);
	axes->axes--;
}

/* What a run of the kernel is asked for replaces all patches, as --kernel does everywhere. */
static void add_fixed(GPtrArray *fixed, const char *path, const char *assignment)
{
	if (same_path(path, SWEEP_KERNEL))
		g_ptr_array_add(fixed, g_strdup("machine.patches={}"));
	g_ptr_array_add(fixed, g_strdup(assignment));
}

static bool take_axis(struct sweep_axes *axes, const struct json_doc *doc, const char *path, const char *text,
		      GError **error)
{
	struct sweep_axis *axis = find_axis(axes, doc, path);
	char **value = split_values(text);
	bool good;

	if (axis) {
		g_strfreev(axis->value);
		g_clear_pointer(&axis->element, g_free);
		*axis = (struct sweep_axis){ .path = axis->path, .place = axis->place };
	} else {
		axis = add_axis(axes, doc, path);
	}
	good = add_values(axis, value, NULL, error);
	g_strfreev(value);
	return good;
}

static bool take_set(struct sweep_axes *axes, const struct json_doc *doc, GPtrArray *fixed, const char *set,
		     GError **error)
{
	const char *equals = path_end(set);
	char *path;
	bool good = true;

	if (!equals || equals == set)
		return bad_value(error, "--set", set, "path=value, or path=value,value,...");
	path = g_strndup(set, (gsize)(equals - set));
	if (is_sweep(equals + 1)) {
		good = take_axis(axes, doc, path, equals + 1, error);
	} else {
		struct sweep_axis *axis = find_axis(axes, doc, path);

		if (axis)
			remove_axis(axes, axis);
		add_fixed(fixed, path, set);
	}
	g_free(path);
	return good;
}

static bool take_file(struct sweep_axes *axes, const struct scenario_spec *spec, const struct json_doc *doc,
		      GError **error)
{
	for (u32 i = 0; i < spec->n_sweep; i++) {
		const struct json_choices *choices = &spec->sweep[i];
		bool twice = find_axis(axes, doc, choices->key);
		struct sweep_axis *axis = add_axis(axes, doc, choices->key);

		axis->in_file = true;
		if (twice)
			return value_error(axis, 0, doc, error, "the path stands here twice (expected once)");
		if (!add_values(axis, choices->value, doc, error))
			return false;
	}
	return true;
}

/* ---- scenarios ---- */

static struct json_doc *parse(const struct sweep_axes *axes, GError **error)
{
	struct json_doc *doc = json_doc_parse(axes->file, axes->text, strlen(axes->text), error);

	if (doc && scenario_include(doc, data_dir(), error))
		return doc;
	json_doc_free(doc);
	return NULL;
}

static bool apply(struct json_doc *doc, const struct sweep_axis *axis, u32 value, GError **error)
{
	char *assignment = g_strdup_printf("%s=%s", axis->path, axis->value[value]);
	bool good = (!same_path(axis->path, SWEEP_KERNEL) ||
		     json_doc_set(doc, &scenario_table, "machine.patches={}", error)) &&
		    json_doc_set(doc, &scenario_table, assignment, error);

	g_free(assignment);
	return good;
}

struct json_doc *sweep_axes_document(const struct sweep_axes *axes, const u32 *value, GError **error)
{
	struct json_doc *doc = parse(axes, error);
	bool good = doc;

	for (u32 i = 0; good && axes->fixed && axes->fixed[i]; i++)
		good = json_doc_set(doc, &scenario_table, axes->fixed[i], error);
	for (u32 i = 0; good && i < axes->axes; i++)
		if (value[i] != SWEEP_ANY)
			good = apply(doc, &axes->axis[i], value[i], error);
	if (good)
		return doc;
	json_doc_free(doc);
	return NULL;
}

static bool reads(const struct sweep_axes *axes, const u32 *value, GError **error)
{
	struct json_doc *doc = sweep_axes_document(axes, value, error);
	void *spec = g_malloc(scenario_table.size);
	bool good = doc && json_read(doc, &scenario_table, spec, error);

	if (good)
		json_release(&scenario_table, spec);
	g_free(spec);
	json_doc_free(doc);
	return good;
}

/* "--set machine.cpus: the number 0 is ..." -> "the number 0 is ...", with or without a value. */
static const char *without_place(const char *message, const struct sweep_axis *axis)
{
	size_t n = strlen(axis->path);

	if (g_str_has_prefix(message, "--set ") && !strncmp(message + 6, axis->path, n) &&
	    g_str_has_prefix(message + 6 + n, ": "))
		return message + 8 + n;
	return message;
}

/* Told where the value stands, unless it is wrong without it too: then by itself. What is wrong with the path
 * comes before what follows from it. */
static bool tell(const struct sweep_axes *axes, u32 axis, u32 value, const struct json_doc *doc,
		 GError *cause, GError **error)
{
	const struct sweep_axis *a = &axes->axis[axis];
	u32 *none = g_new(u32, axes->axes);
	GError *path = NULL, *without = NULL;

	for (u32 i = 0; i < axes->axes; i++)
		none[i] = SWEEP_ANY;
	g_free(json_doc_path(doc, &scenario_table, a->path, &path));
	if (!path && !reads(axes, none, &without) && !strcmp(without->message, cause->message))
		g_propagate_error(error, g_error_copy(cause));
	else
		value_error(a, a->element[value], doc, error,
			    without_place(path ? path->message : cause->message, a));
	g_clear_error(&without);
	g_clear_error(&path);
	g_free(none);
	return false;
}

/* A value is wrong by itself if it is with the others as the file has them and with the first of each. */
static bool check_value(const struct sweep_axes *axes, u32 axis, u32 value, const struct json_doc *doc,
			GError **error)
{
	u32 *alone = g_new(u32, axes->axes), *first = g_new0(u32, axes->axes);
	GError *cause = NULL;
	bool good;

	for (u32 i = 0; i < axes->axes; i++)
		alone[i] = SWEEP_ANY;
	alone[axis] = first[axis] = value;
	good = reads(axes, alone, &cause) || reads(axes, first, NULL) ||
	       tell(axes, axis, value, doc, cause, error);
	g_clear_error(&cause);
	g_free(alone);
	g_free(first);
	return good;
}

/* A range has thousands of values of one kind; its ends tell whether they are right. */
static bool in_the_middle(const struct sweep_axis *axis, u32 value)
{
	return value && value + 1 < axis->values && axis->element[value - 1] == axis->element[value] &&
	       axis->element[value + 1] == axis->element[value];
}

static bool check_values(const struct sweep_axes *axes, const struct json_doc *doc, GError **error)
{
	for (u32 i = 0; i < axes->axes; i++)
		for (u32 v = 0; v < axes->axis[i].values; v++)
			if (!in_the_middle(&axes->axis[i], v) && !check_value(axes, i, v, doc, error))
				return false;
	return true;
}

static bool take_all(struct sweep_axes *axes, const char *const *sets, struct json_doc *doc, GError **error)
{
	GPtrArray *fixed = g_ptr_array_new();
	struct scenario_spec spec;
	bool good = json_read(doc, &scenario_table, &spec, error);

	if (good) {
		good = take_file(axes, &spec, doc, error);
		json_release(&scenario_table, &spec);
	}
	for (u32 i = 0; good && sets && sets[i]; i++)
		good = take_set(axes, doc, fixed, sets[i], error);
	g_ptr_array_add(fixed, NULL);
	axes->fixed = (char **)g_ptr_array_free(fixed, FALSE);
	return good;
}

bool sweep_axes_init(struct sweep_axes *axes, const char *file, const char *const *sets, GError **error)
{
	struct json_doc *doc;
	bool good;

	*axes = (struct sweep_axes){ .file = find_scenario(file) };
	doc = scenario_found(file, axes->file, error) ? json_doc_load(axes->file, error) : NULL;
	if (!doc)
		return false;
	if (!g_file_get_contents(axes->file, &axes->text, NULL, error)) {
		json_doc_free(doc);
		return false;
	}
	good = scenario_include(doc, data_dir(), error) && take_all(axes, sets, doc, error) &&
	       check_values(axes, doc, error);
	json_doc_free(doc);
	return good;
}

void sweep_axes_release(struct sweep_axes *axes)
{
	for (u32 i = 0; i < axes->axes; i++)
		axis_clear(&axes->axis[i]);
	g_free(axes->axis);
	g_strfreev(axes->fixed);
	g_free(axes->file);
	g_free(axes->text);
	*axes = (struct sweep_axes){ 0 };
}
