/*
 * The object "thp" of a scenario's machine, and what follows from it.
 */
#include <string.h>

#include "models/scenario_parts.h"

static const char *const enabled_names[] = { "always", "madvise", "never", NULL }; /* as global_enabled */
static const enum thp_enabled global_enabled[] = { THP_ALWAYS, THP_MADVISE, THP_NEVER };
static const char *const defrag_names[] = { "always",  "defer", "defer+madvise", /* as enum thp_defrag */
					    "madvise", "never", NULL };
static const char *const size_names[] = { "always", "inherit", "madvise", "never" }; /* as enum thp_enabled */
static const char *const sizes[FOLIO_ORDERS] = { NULL,	   "8KiB",   "16KiB",  "32KiB", "64KiB",
						 "128KiB", "256KiB", "512KiB", "1MiB",	"2MiB" };

/* ARRAY_SIZE() of them if there is no such. */
static u32 place_of(const char *name, const char *const *names, u32 n)
{
	u32 i = 0;

	while (i < n && g_strcmp0(names[i], name))
		i++;
	return i;
}

static bool check_thp(const void *object, const struct json_at *at, GError **error)
{
	const struct thp_spec *s = object;

	for (u32 i = 0; i < s->n_sizes; i++) {
		char *path = g_strdup_printf("sizes.%s", s->sizes[i].key);
		bool ok = true;

		if (place_of(s->sizes[i].key, sizes, FOLIO_ORDERS) == FOLIO_ORDERS)
			ok = json_at_error(at, error, path,
					   "is no size of a folio (expected 8KiB, 16KiB, ... 2MiB)");
		else if (place_of(s->sizes[i].value, size_names, ARRAY_SIZE(size_names)) ==
			 ARRAY_SIZE(size_names))
			ok = json_at_error(at, error, path,
					   "\"%s\" is unknown (expected one of always, inherit, madvise, "
					   "never)",
					   s->sizes[i].value);
		g_free(path);
		if (!ok)
			return false;
	}
	return true;
}

static const struct json_field thp_fields[] = {
	{ "enabled", JSON_ENUM(struct thp_spec, enabled, enabled_names), .standard = "madvise",
	  .doc = "for the sizes that inherit it: for all memory, for that which is advised (`madvise` of its "
		 "process), or not at all" },
	{ "defrag", JSON_ENUM(struct thp_spec, defrag, defrag_names), .standard = "madvise",
	  .doc =
	      "what may be reclaimed for a large folio, of the machine's memory and under a cgroup's limit: "
	      "`madvise`: anything for memory that is advised, else nothing" },
	{ "sizes", JSON_MAP(struct thp_spec, sizes, n_sizes, &json_word, 0, FOLIO_ORDERS - 1),
	  .doc = "`enabled` of single sizes from `8KiB` to `2MiB`, or `inherit`; as it is, 2MiB inherits and "
		 "the others are never used" },
	{ 0 },
};
const struct json_table thp_table = { "thp", sizeof(struct thp_spec), thp_fields,
				      .doc = "Large folios for anonymous memory, as in "
					     "/sys/kernel/mm/transparent_hugepage.",
				      .check = check_thp };

static bool is_used(const struct scenario *s, enum thp_enabled enabled)
{
	bool advised = false;

	for (u32 i = 0; i < s->process->len; i++)
		advised |= s->mm[i].hugepage;
	return enabled == THP_ALWAYS || (enabled == THP_MADVISE && advised);
}

void scenario_configure_thp(const struct scenario *s, struct kernel_config *c)
{
	const struct thp_spec *spec = &s->spec.machine.thp;
	struct thp_config *thp = &c->thp;

	thp->enabled = global_enabled[spec->enabled];
	thp->defrag = spec->defrag;
	for (u32 i = 0; i < spec->n_sizes; i++)
		thp->size[place_of(spec->sizes[i].key, sizes, FOLIO_ORDERS)] =
		    place_of(spec->sizes[i].value, size_names, ARRAY_SIZE(size_names));
	c->max_folio_order = 0;
	for (u32 order = 1; order < FOLIO_ORDERS && 1u << order <= c->pages_per_table; order++)
		if (is_used(s, thp->size[order] == THP_INHERIT ? thp->enabled : thp->size[order]))
			c->max_folio_order = order;
	for (u32 i = 0; i < s->spec.n_shared; i++)
		c->max_folio_order = MAX(c->max_folio_order, scenario_huge_order(&s->spec.shared[i]));
}
