#include "cli/sweep_words.h"

#include <cjson/cJSON.h>
#include <string.h>

/* NULL unless the value is a list of devices. */
static char *device_names(const char *value)
{
	cJSON *list = *value == '[' ? cJSON_Parse(value) : NULL;
	GString *names = g_string_new(NULL);
	const cJSON *device;
	bool good = list;

	cJSON_ArrayForEach(device, list)
	{
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(device, "device"));

		good = good && name;
		g_string_append_printf(names, "%s%s", names->len ? " + " : "", name ? name : "");
	}
	if (!names->len)
		g_string_append(names, "no swap");
	cJSON_Delete(list);
	return g_string_free(names, !good);
}

/* Sizes and priorities may be all that two lists differ in. */
static bool are_unique(const struct sweep_axis *axis, const char *names)
{
	u32 times = 0;

	for (u32 i = 0; i < axis->values; i++) {
		char *others = device_names(axis->value[i]);

		times += !g_strcmp0(names, others);
		g_free(others);
	}
	return times == 1;
}

char *sweep_words(const struct sweep_axis *axis, u32 value)
{
	char *names = device_names(axis->value[value]);

	if (names && are_unique(axis, names))
		return names;
	g_free(names);
	return g_strdup(axis->value[value]);
}

char *sweep_words_all(const struct sweep_axis *axis)
{
	GString *all = g_string_new(NULL);

	for (u32 i = 0; i < axis->values; i++) {
		char *words = sweep_words(axis, i);

		g_string_append_printf(all, "%s%s", i ? " or " : "", words);
		g_free(words);
	}
	return g_string_free(all, FALSE);
}
