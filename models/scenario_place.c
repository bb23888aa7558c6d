#include <stdarg.h>

#include "models/scenario_parts.h"

bool scenario_wrong(const struct scenario_place *place, GError **error, const char *key, const char *format,
		    ...)
{
	char *path = g_strdup_printf("%s[%u]%s%s", place->list, place->index, *key ? "." : "", key);
	char *message;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	json_doc_error(place->doc, error, ERROR_SCENARIO, path, "%s", message);
	g_free(message);
	g_free(path);
	return false;
}

void scenario_warn(struct scenario *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(s->warning, g_strdup_vprintf(format, args));
	va_end(args);
}

void scenario_warn_at(struct scenario *s, const struct scenario_place *place, const char *key,
		      const char *message)
{
	GError *remark = NULL;

	scenario_wrong(place, &remark, key, "%s", message);
	scenario_warn(s, "%s", remark->message);
	g_error_free(remark);
}

bool scenario_find_device(const struct scenario_spec *spec, const struct scenario_place *place,
			  const char *key, const char *text, u32 *device, GError **error)
{
	*device = (u32)g_ascii_strtoull(text, NULL, 10);
	if (*device < spec->n_swap)
		return true;
	if (!spec->n_swap)
		return scenario_wrong(place, error, key,
				      "there is no swap device (expected one in \"swap\")");
	return scenario_wrong(place, error, key,
			      "there is no swap device %s (expected 0..%u, places in \"swap\")", text,
			      spec->n_swap - 1);
}
