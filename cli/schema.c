/*
 * schema.c - swapsim schema: what a scenario may hold, as the table says that reads it.
 */
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "models/scenario.h"
#include "sim/json.h"

struct schema_options {
	char *format;
};

static const GOptionEntry options[] = {
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct schema_options, format),
	  "json (default): JSON Schema, draft 2020-12; markdown: a reference page", "F" },
	{ 0 },
};

const struct usage schema_usage = {
	.command = "schema",
	.arguments = "",
	.summary = "Prints every key of a scenario, with its range, default and meaning.",
	.more = "Examples:\n"
		"  swapsim schema > scenario.schema.json\n"
		"  swapsim schema --format markdown",
	.options = options,
	.least = 0,
	.most = 0,
};

static bool print_schema(const char *format, GError **error)
{
	bool markdown = !g_strcmp0(format, "markdown");
	char *text;
	bool good;

	if (format && !markdown && strcmp(format, "json"))
		return bad_value(error, "--format", format, "json or markdown");
	text = markdown ? json_reference(&scenario_table) : json_schema(&scenario_table, SCENARIO_TITLE);
	good = print_result(text, error);
	g_free(text);
	return good;
}

bool command_schema(int argc, char **argv, GError **error)
{
	struct schema_options o = { 0 };
	bool good = arguments_parse(&schema_usage, &o, &argc, &argv, error) && print_schema(o.format, error);

	arguments_release(&schema_usage, &o);
	return good;
}
