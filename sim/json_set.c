/*
 * json_set.c - "path=value" assignments to a document. See json_doc_set() in json_doc.h.
 *
 * The path is resolved without a change to the document; then the value is parsed, wrapped into what is
 * missing on its way, and put in its place at once.
 */
#include <string.h>

#include "sim/json_at.h"
#include "sim/json_path.h"
#include "sim/json_table.h"

struct target {
	GArray *steps;	    /* of struct json_step */
	u32 found;	    /* steps that lead to values there are */
	cJSON *item;	    /* the last of these, or the root */
	cJSON *parent;	    /* of item, when all steps were found */
	GString *canonical; /* the path as it is printed */
	bool appends;	    /* the last step makes an element of a list */
	bool whole;	    /* such an element must come in one piece */
};

static void steps_clear(gpointer data)
{
	struct json_step *step = data;

	g_free(step->key);
}

static void target_init(struct target *t, const struct json_doc *doc)
{
	*t = (struct target){ .item = doc->root };
	t->steps = g_array_new(FALSE, FALSE, sizeof(struct json_step));
	g_array_set_clear_func(t->steps, steps_clear);
	t->canonical = g_string_new(NULL);
}

static void target_release(struct target *t)
{
	g_string_free(t->canonical, TRUE);
	g_array_free(t->steps, TRUE);
}

static bool usage(GError **error, const char *assignment, const char *what)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--set %s: %s (expected path=value)", assignment,
		    what);
	return false;
}

static bool malformed(GError **error, const char *assignment)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
		    "--set %s: malformed path (expected one like machine.cpus, cgroups[0].memory.max or "
		    "cgroups[NAME].memory.max)",
		    assignment);
	return false;
}

/* Where the path ends: the first '=' that is not in a quoted key. NULL if there is none. */
static const char *find_equals(const char *assignment)
{
	const char *c = assignment;

	while (*c && *c != '=') {
		size_t quoted = *c == '"' ? json_scan_literal(c) : 0;

		c += quoted ? quoted : 1;
	}
	return *c ? c : NULL;
}

static bool no_element(const struct target *t, const char *typed, u32 index, u32 n, bool append,
		       GError **error)
{
	const char *list = t->canonical->str;
	GString *there = g_string_new(NULL);

	if (!n)
		g_string_append(there, "it is empty");
	else if (n == 1)
		g_string_append_printf(there, "there is only %s[0]", list);
	else
		g_string_append_printf(there, "there are %s[0] to %s[%u]", list, list, n - 1);
	if (append)
		g_string_append_printf(there, "; %s[%u] would append", list, n);
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "--set %s: no element %u of %s (%s)", typed, index,
		    list, there->str);
	g_string_free(there, TRUE);
	return false;
}

/* The next step leads from t->item, which is there, to something that is not. May it be made? */
static bool may_create(const struct json_doc *doc, struct target *t, const char *typed,
		       const struct json_step *step, GError **error)
{
	const char *path = t->canonical->len ? t->canonical->str : "the document";
	bool fits = step->key ? cJSON_IsObject(t->item) : cJSON_IsArray(t->item);
	char *found;
	u32 n;

	if (!fits) {
		found = json_found(doc, t->item);
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "--set %s: %s is %s (expected an %s)",
			    typed, path, found, step->key ? "object" : "array");
		g_free(found);
		return false;
	}
	n = (u32)cJSON_GetArraySize(t->item);
	t->appends = !step->key;
	return step->key || step->index == n || no_element(t, typed, step->index, n, !t->whole, error);
}

/* A step below one that is not there yet: a new array has only element 0. */
static bool may_start(struct target *t, const char *typed, const struct json_step *step, GError **error)
{
	const struct json_step *last = &g_array_index(t->steps, struct json_step, t->steps->len - 2);

	if (t->whole && t->appends) {
		g_string_truncate(t->canonical, (gsize)(strrchr(t->canonical->str, '[') - t->canonical->str));
		return no_element(t, typed, last->index, last->index, false, error);
	}
	t->appends = !step->key;
	return step->key || step->index == 0 || no_element(t, typed, step->index, 0, true, error);
}

static bool take_step(const struct json_doc *doc, struct target *t, const char *typed, struct json_step *step,
		      GError **error)
{
	bool there = t->found == t->steps->len;
	cJSON *child = there ? json_path_child(t->item, step) : NULL;

	g_array_append_val(t->steps, *step);
	if (child) {
		t->parent = t->item;
		t->item = child;
		t->found++;
	} else if (there ? !may_create(doc, t, typed, step, error) : !may_start(t, typed, step, error)) {
		return false;
	}
	if (step->key)
		json_path_add_key(t->canonical, step->key);
	else
		json_path_add_index(t->canonical, step->index);
	return true;
}

/* The element that has the name. */
static bool find_named(const struct target *t, const char *typed, const char *name, u32 *index,
		       GError **error)
{
	GString *names = g_string_new(NULL);
	const cJSON *element;

	*index = 0;
	cJSON_ArrayForEach(element, t->item)
	{
		const char *is = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(element, "name"));

		if (is && !strcmp(is, name)) {
			g_string_free(names, TRUE);
			return true;
		}
		if (is)
			g_string_append_printf(names, "%s%s", names->len ? ", " : "", is);
		++*index;
	}
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO,
		    "--set %s: no element of %s is called \"%s\" (%s%s)", typed,
		    t->canonical->len ? t->canonical->str : "the document", name,
		    names->len ? "one of " : "none has a name", names->str);
	g_string_free(names, TRUE);
	return false;
}

/* What is left behind "[NAME]"; NULL when it is no such step, or none has the name: then with an error. */
static const char *take_named(const struct target *t, const char *typed, const char *rest,
			      struct json_step *step, GError **error)
{
	size_t n = strcspn(rest, "]");
	bool there = t->found == t->steps->len;
	char *name;
	bool found;

	if (*rest != '[' || !rest[n] || !(g_ascii_isalpha(rest[1]) || rest[1] == '_') || !there ||
	    !cJSON_IsArray(t->item))
		return NULL;
	name = g_strndup(rest + 1, n - 1);
	*step = (struct json_step){ .key = NULL };
	found = find_named(t, typed, name, &step->index, error);
	g_free(name);
	return found ? rest + n + 1 : NULL;
}

/* What is left; NULL and an error when the path is malformed or names what is not there. */
static const char *next_step(const struct target *t, const char *typed, const char *assignment,
			     const char *rest, const struct json_table *table, struct json_step *step,
			     GError **error)
{
	bool there = t->found == t->steps->len;
	GError *cause = NULL;
	const char *behind = take_named(t, typed, rest, step, &cause);

	if (!behind && !cause)
		behind = json_path_step(rest, t->steps->len == 0, there ? t->item : NULL, table, step);
	if (cause)
		g_propagate_error(error, cause);
	else if (!behind)
		malformed(error, assignment);
	return behind;
}

static bool resolve(const struct json_doc *doc, const struct json_table *table, const char *assignment,
		    const char *typed, struct target *t, GError **error)
{
	const char *rest = typed;

	if (!*typed)
		return usage(error, assignment, "no path");
	while (*rest) {
		const struct json_field *field;
		struct json_step step;

		if (t->steps->len == JSON_DEPTH_MAX)
			return usage(error, assignment, "path too deep");
		rest = next_step(t, typed, assignment, rest, table, &step, error);
		if (!rest)
			return false;
		field = step.key && table ? json_table_find(table, step.key) : NULL;
		if (step.key)
			table = field ? field->table : NULL;
		if (!take_step(doc, t, typed, &step, error))
			return false;
	}
	return true;
}

/* The value as JSON, or as a string if it is not. NULL and error when it has a key twice. */
static cJSON *value_parse(struct json_doc *doc, const struct json_source *source, u32 depth, GError **error)
{
	struct json_fault fault = { .message = NULL };
	cJSON *value = json_source_parse(doc, source, source->path, depth, &fault, error);

	if (!fault.message)
		return value;
	g_free(fault.message);
	value = cJSON_CreateString(source->text);
	BUG_ON(!value);
	json_place_set(doc, value, source, (struct json_span){ JSON_NO_KEY, 0, (u32)source->len }, true);
	return value;
}

/* The object or array that the step needs, with the value in it. */
static cJSON *wrap(struct json_doc *doc, const struct json_source *source, const struct json_step *step,
		   cJSON *value)
{
	cJSON *container = step->key ? cJSON_CreateObject() : cJSON_CreateArray();

	BUG_ON(!container);
	if (step->key)
		BUG_ON(!cJSON_AddItemToObject(container, step->key, value));
	else
		BUG_ON(!cJSON_AddItemToArray(container, value));
	json_place_set(doc, container, source, (struct json_span){ JSON_NO_KEY, 0, (u32)source->len }, false);
	return container;
}

static void replace(struct json_doc *doc, const struct target *t, cJSON *value)
{
	const struct json_step *last = &g_array_index(t->steps, struct json_step, t->found - 1);

	json_place_forget(doc, t->item);
	if (last->key)
		BUG_ON(!cJSON_ReplaceItemInObjectCaseSensitive(t->parent, last->key, value));
	else
		BUG_ON(!cJSON_ReplaceItemInArray(t->parent, (int)last->index, value));
}

static void put(struct json_doc *doc, const struct json_source *source, const struct target *t, cJSON *value)
{
	const struct json_step *step;

	if (t->found == t->steps->len) {
		replace(doc, t, value);
		return;
	}
	for (u32 i = t->steps->len - 1; i > t->found; i--)
		value = wrap(doc, source, &g_array_index(t->steps, struct json_step, i), value);
	step = &g_array_index(t->steps, struct json_step, t->found);
	if (step->key)
		BUG_ON(!cJSON_AddItemToObject(t->item, step->key, value));
	else
		BUG_ON(!cJSON_AddItemToArray(t->item, value));
}

static bool assign(struct json_doc *doc, const struct json_table *table, const char *assignment,
		   const char *typed, const char *text, struct target *t, GError **error)
{
	const struct json_source *source;
	cJSON *value;

	if (!resolve(doc, table, assignment, typed, t, error))
		return false;
	source = json_source_new(doc, g_strdup_printf("--set %s", typed), g_strdup(t->canonical->str), text,
				 strlen(text));
	value = value_parse(doc, source, t->steps->len, error);
	if (!value)
		return false;
	put(doc, source, t, value);
	return true;
}

bool json_doc_set(struct json_doc *doc, const struct json_table *table, const char *assignment,
		  GError **error)
{
	const char *equals = find_equals(assignment);
	struct target t;
	char *typed;
	bool good;

	if (!g_utf8_validate(assignment, -1, NULL)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--set: invalid UTF-8 (expected UTF-8 text)");
		return false;
	}
	if (!equals)
		return usage(error, assignment, "no '='");
	target_init(&t, doc);
	typed = g_strndup(assignment, (size_t)(equals - assignment));
	good = assign(doc, table, assignment, typed, equals + 1, &t, error);
	g_free(typed);
	target_release(&t);
	return good;
}

char *json_doc_path(const struct json_doc *doc, const struct json_table *table, const char *path,
		    GError **error)
{
	char *canonical = NULL;
	struct target t;

	target_init(&t, doc);
	t.whole = true;
	if (resolve(doc, table, path, path, &t, error))
		canonical = g_strdup(t.canonical->str);
	target_release(&t);
	return canonical;
}
