/*
 * json.h - JSON objects described by tables.
 *
 * One table describes one kind of object: the key, C member, kind, range, default and meaning of each field.
 * It drives reading into a struct, releasing it, writing the effective configuration, the JSON Schema (draft
 * 2020-12) and the reference page, so none of them can disagree.
 *
 *	static const struct json_field machine_fields[] = {
 *		{ "cpus", JSON_UINT(struct machine, cpus, 1, 64), .standard = "1", .doc = "CPUs" },
 *		{ "disk", JSON_STRING(struct machine, disk, &json_identifier), .required = true,
 *		  .doc = "Name of the device" },
 *		{ 0 },
 *	};
 *	const struct json_table machine_table = { "machine", sizeof(struct machine), machine_fields,
 *						  .doc = "The machine." };
 *
 * Defaults. `standard` is the text a user would write for the value, without quotes. Without one a field that
 * is not required stands at false, 0, the first name, NULL, an empty list, JSON_SIZE_NONE, an object of
 * defaults; a 0 outside the range then means "not given". A field that does not stand in the file and has no
 * standard is left out when written, so that what is written reads back as the same struct.
 *
 * Groups. Of the fields with the same `group` an object must have exactly one. They are absent as NULL, 0 or
 * JSON_SIZE_NONE, so they are no bool, no enum and no in-place object, and 0 is outside their range.
 *
 * Everything wrong is ERROR_SCENARIO with a position (json_doc.h); only the first thing found is reported. A
 * table that contradicts itself is a BUG.
 */
#ifndef SIM_JSON_H
#define SIM_JSON_H

#include "sim/json_doc.h"
#include "sim/units.h"

/* Where in a document an object is being read; lives only during the call it is passed to. */
struct json_at;

enum json_size_kind {
	JSON_SIZE_NONE,
	JSON_SIZE_BYTES,   /* value in bytes */
	JSON_SIZE_MAX,	   /* no limit */
	JSON_SIZE_PERCENT, /* value in 1 (0 where a size may be 0)..JSON_PERCENT_MAX percent of what the
			      reader's owner names */
};
#define JSON_PERCENT_MAX 1000

struct json_size {
	enum json_size_kind kind;
	u64 value;
};

struct json_pair {
	char *key;
	char *value;
};

/* A key with several values: whatever they are, but null, as the text that stands for them. */
struct json_choices {
	char *key;
	char **value; /* ends with NULL */
};

/* What a string must look like: a regular expression, of the kind PCRE and ECMAScript share, and in words. */
struct json_pattern {
	const char *regex;
	const char *what;
};
extern const struct json_pattern json_identifier; /* a letter or _, then letters, digits, _ and - */
extern const struct json_pattern json_word;	  /* letters, digits and _ . + = - : releases, patches */

enum json_kind {
	JSON_KIND_BOOL,	    /* bool */
	JSON_KIND_UINT,	    /* u8, u16, u32 or u64; at most 2^63-1 */
	JSON_KIND_SIZE,	    /* struct json_size; 64, "64MiB"; "max" and "50%" where .words says so */
	JSON_KIND_DURATION, /* u64 ns; "250us", or 0 */
	JSON_KIND_STRING,   /* char *, owned */
	JSON_KIND_ENUM,	    /* an enum or unsigned: the index of the name */
	JSON_KIND_OBJECT,   /* a struct in place; absent is the same as {} */
	JSON_KIND_OPTIONAL, /* a pointer to a struct, owned; NULL when absent */
	JSON_KIND_OBJECTS,  /* a pointer to structs, owned, and a u32 count */
	JSON_KIND_STRINGS,  /* char **, all owned, and a u32 count */
	JSON_KIND_UINTS,    /* u64 *, owned, and a u32 count */
	JSON_KIND_MAP,	    /* struct json_pair *, all owned, in the order of the file, and a u32 count */
	JSON_KIND_CHOICES,  /* struct json_choices *, likewise: "key": [value, ...] */
};

#define JSON_MAX 1u	/* .words: "max" is a size */
#define JSON_PERCENT 2u /* .words: "50%" is a size */
#define JSON_BARE 4u	/* .words: a number may stand for the string of its digits */

struct json_field {
	const char *key; /* NULL ends a table */
	enum json_kind kind;
	u32 offset;
	u32 width;	  /* bytes, of _UINT and _ENUM, and of an element of _UINTS and _STRINGS */
	u32 count_offset; /* of lists and maps */
	u32 count_min;	  /* elements */
	u32 count_max;	  /* elements */
	u64 min;	  /* value, bytes or ns */
	u64 max;	  /* value, bytes or ns */
	unsigned words;	  /* JSON_MAX, JSON_PERCENT, JSON_BARE */
	bool required;
	const char *standard;		    /* default, as a user would write it */
	const char *group;		    /* exactly one of those with this name */
	const char *doc;		    /* one line, Markdown */
	const char *const *names;	    /* NULL-terminated */
	const struct json_pattern *pattern; /* of strings and of a map's keys; NULL for any */
	const struct json_table *table;	    /* of objects */
};

struct json_table {
	const char *name; /* unique among the tables that are used together */
	size_t size;
	const struct json_field *fields;
	const char *doc;
	/* Contradictions between fields of an object that is complete; reports by json_at_error(). */
	bool (*check)(const void *object, const struct json_at *at, GError **error);
};

#define JSON_HAS_TYPE_(S, m, T)                                                                              \
	(0 * sizeof(struct {                                                                                 \
		 _Static_assert(__builtin_types_compatible_p(__typeof__(((S *)0)->m), T), "type of " #m);    \
		 int used;                                                                                   \
	 }))
#define JSON_MEMBER_(S, m, T) .offset = (u32)(offsetof(S, m) + JSON_HAS_TYPE_(S, m, T))
#define JSON_COUNT_(S, n, lo, hi)                                                                            \
	.count_offset = (u32)(offsetof(S, n) + JSON_HAS_TYPE_(S, n, u32)), .count_min = (lo),                \
	.count_max = (hi)

#define JSON_WIDTH_(S, e) .width = sizeof(((S *)0)->e)
#define JSON_UNSIGNED_(S, m)                                                                                 \
	(0 * sizeof(struct {                                                                                 \
		 _Static_assert((__typeof__(((S *)0)->m))-1 > 0, "sign of " #m);                             \
		 int used;                                                                                   \
	 }))

/* S is the struct, m its member, n its count; lo and hi are inclusive. What else a field has is added. */
#define JSON_BOOL(S, m) .kind = JSON_KIND_BOOL, JSON_MEMBER_(S, m, bool)
#define JSON_UINT(S, m, lo, hi)                                                                              \
	.kind = JSON_KIND_UINT, .offset = (u32)(offsetof(S, m) + JSON_UNSIGNED_(S, m)), JSON_WIDTH_(S, m),   \
	.min = (lo), .max = (hi)
#define JSON_SIZE(S, m, lo, hi)                                                                              \
	.kind = JSON_KIND_SIZE, JSON_MEMBER_(S, m, struct json_size), .min = (lo), .max = (hi)
#define JSON_DURATION(S, m, lo, hi)                                                                          \
	.kind = JSON_KIND_DURATION, JSON_MEMBER_(S, m, u64), .min = (lo), .max = (hi)
#define JSON_STRING(S, m, p) .kind = JSON_KIND_STRING, JSON_MEMBER_(S, m, char *), .pattern = (p)
#define JSON_ENUM(S, m, list)                                                                                \
	.kind = JSON_KIND_ENUM, .offset = offsetof(S, m), JSON_WIDTH_(S, m), .names = (list)
#define JSON_OBJECT(S, m, t)                                                                                 \
	.kind = JSON_KIND_OBJECT, .offset = offsetof(S, m), JSON_WIDTH_(S, m), .table = (t)
#define JSON_OPTIONAL(S, m, t)                                                                               \
	.kind = JSON_KIND_OPTIONAL, .offset = offsetof(S, m), JSON_WIDTH_(S, m[0]), .table = (t)
#define JSON_OBJECTS(S, m, n, t, lo, hi)                                                                     \
	.kind = JSON_KIND_OBJECTS, .offset = offsetof(S, m), JSON_WIDTH_(S, m[0]), .table = (t),             \
	JSON_COUNT_(S, n, lo, hi)
#define JSON_STRINGS(S, m, n, p, lo, hi)                                                                     \
	.kind = JSON_KIND_STRINGS, JSON_MEMBER_(S, m, char **), JSON_WIDTH_(S, m[0]), .pattern = (p),        \
	JSON_COUNT_(S, n, lo, hi)
#define JSON_UINTS(S, m, n, least, most, lo, hi)                                                             \
	.kind = JSON_KIND_UINTS, JSON_MEMBER_(S, m, u64 *), JSON_WIDTH_(S, m[0]), .min = (least),            \
	.max = (most), JSON_COUNT_(S, n, lo, hi)
#define JSON_MAP(S, m, n, p, lo, hi)                                                                         \
	.kind = JSON_KIND_MAP, JSON_MEMBER_(S, m, struct json_pair *), JSON_WIDTH_(S, m[0]), .pattern = (p), \
	JSON_COUNT_(S, n, lo, hi)
#define JSON_CHOICES(S, m, n, lo, hi)                                                                        \
	.kind = JSON_KIND_CHOICES, JSON_MEMBER_(S, m, struct json_choices *), JSON_WIDTH_(S, m[0]),          \
	JSON_COUNT_(S, n, lo, hi)

/*
 * Fills object, of table->size bytes, whose old content does not matter. On failure object is all zero and
 * owns nothing. json_release() frees what object owns and zeroes it; a zeroed object is fine.
 */
bool json_read(const struct json_doc *doc, const struct json_table *table, void *object, GError **error);
void json_release(const struct json_table *table, void *object);

/*
 * The object as JSON with all defaults in it, the Schema and the Markdown reference of a table and all it
 * refers to: the same bytes for the same input, ending in a newline; g_free() them.
 */
char *json_write(const struct json_table *table, const void *object);
char *json_schema(const struct json_table *table, const char *title);
char *json_reference(const struct json_table *table);

/* For check functions: as json_doc_error(), path relative to the object ("" is the object). Always false. */
bool json_at_error(const struct json_at *at, GError **error, const char *path, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

#endif
