/*
 * json_doc.h - a JSON text in memory that remembers where each of its values stood.
 *
 * cJSON holds the tree; beside it stands a place for every value, so that whatever is found wrong, at once or
 * after reading, is reported as
 *
 *	file:line:col: path: what is wrong (what would be right)
 *	--set machine.cpus: what is wrong (what would be right)
 *
 * Lines and columns count from 1, columns in characters. Faults of the grammar have no path. A value that
 *came by json_doc_set() has no line; where it is a part of what was set its path follows.
 *
 * Paths. Keys are joined by dots, elements are [n] from 0: tasks[0].workload.zipf.skew. A key with other
 * characters than letters, digits and _ - + $ is written as a JSON string: cgroups[0]."memory.max". That is
 * how paths are printed. Where one is looked up the quotes may be left out: of the keys that are there (and,
 * for json_doc_set(), that the table knows) the longest that fits is taken, so cgroups[0].memory.max means
 * the same.
 *
 * cJSON notes its last failure in a global that nobody reads here; threads may use different documents at
 * once, but parsing belongs in one of them.
 */
#ifndef SIM_JSON_DOC_H
#define SIM_JSON_DOC_H

#include "sim/error.h"
#include "sim/types.h"

struct json_doc;
struct json_table;

/*
 * Reads a file (ERROR_IO when that fails) or takes len bytes of text, of which it keeps a copy, under a name
 * for messages. NULL and ERROR_SCENARIO when the text is not strict JSON (json_scan.h) or has a key twice.
 */
struct json_doc *json_doc_load(const char *file, GError **error);
struct json_doc *json_doc_parse(const char *name, const char *text, size_t len, GError **error);
void json_doc_free(struct json_doc *doc);
/* The file, or the name that was given. */
const char *json_doc_name(const struct json_doc *doc);

/*
 * Applies "path=value". The first '=' outside quotes divides. The value is JSON if it parses as JSON, else a
 * string; and where a table wants a string, a bare number or word counts as one (kernel=6.18). Missing keys
 * are created, missing elements only at index = length; [NAME] is the element whose member "name" is that. A
 * later assignment to the same path wins. table describes the document and settles keys that are not there
 * yet; it may be NULL. ERROR_USAGE when the assignment is malformed, ERROR_SCENARIO when the document has no
 * place for it; then the document is as before.
 */
bool json_doc_set(struct json_doc *doc, const struct json_table *table, const char *assignment,
		  GError **error);

/*
 * Where the path of such an assignment leads, as paths are printed; g_free(). NULL and its error where it
 * leads nowhere, and ERROR_SCENARIO where it leads into an element that is not there.
 */
char *json_doc_path(const struct json_doc *doc, const struct json_table *table, const char *path,
		    GError **error);

/* The document as it is now, as text for people; g_free(). */
char *json_doc_write(const struct json_doc *doc);

/* How a document includes others. */
struct json_include {
	const char *key;	/* of the member of the root that is a list of names */
	const char *const *own; /* members of the root that are not taken over, ends with NULL */
	/* The file of that name, in the document @from; NULL when there is none. g_free(). */
	char *(*find)(const char *from, const char *name, void *data);
	char *(*expected)(void *data); /* what names there are, for people; g_free() */
	void *data;
};

/*
 * Takes the names off the document and merges what those files have into it: of objects the members, and
 * theirs in turn; of anything else that is there twice (lists too) the document's own stays, then that of the
 * file which is named later. Files may include others. What comes from a file is reported where it stands
 * there. ERROR_SCENARIO or ERROR_IO; the document is then good for nothing but to be freed.
 */
bool json_doc_include(struct json_doc *doc, const struct json_include *how, GError **error);

/*
 * Sets an error that points at path, or at the nearest value around it when the path is not in the text
 * because it stands by default. Always false, to be returned.
 */
bool json_doc_error(const struct json_doc *doc, GError **error, enum swapsim_error code, const char *path,
		    const char *format, ...) G_GNUC_PRINTF(5, 6);

#endif
