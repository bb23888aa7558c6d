#include "traces/csv_presets.h"

#include <string.h>

#include "sim/error.h"

static const struct csv_word letters[] = {
	{ "R", TRACE_READ },	  { "W", TRACE_WRITE },	    { "Read", TRACE_READ },
	{ "Write", TRACE_WRITE }, { NULL, CSV_WORD_WRONG },
};

/* An empty one had no answer. */
static const struct csv_word answered[] = {
	{ "R", TRACE_READ },
	{ "W", TRACE_WRITE },
	{ "", CSV_WORD_SKIP },
	{ NULL, CSV_WORD_WRONG },
};

/* READ and WRITE of 6, 10, 12 and 16 bytes, WRITE AND VERIFY of the last three. Others move no blocks. */
static const struct csv_word scsi[] = {
	{ "28", TRACE_READ },  { "2a", TRACE_WRITE },	{ "88", TRACE_READ },  { "8a", TRACE_WRITE },
	{ "8", TRACE_READ },   { "a", TRACE_WRITE },	{ "08", TRACE_READ },  { "0a", TRACE_WRITE },
	{ "a8", TRACE_READ },  { "aa", TRACE_WRITE },	{ "2e", TRACE_WRITE }, { "ae", TRACE_WRITE },
	{ "8e", TRACE_WRITE }, { NULL, CSV_WORD_SKIP },
};

static const struct csv_word cache[] = {
	{ "get", TRACE_READ },	   { "gets", TRACE_READ },	{ "set", TRACE_WRITE },
	{ "add", TRACE_WRITE },	   { "replace", TRACE_WRITE },	{ "cas", TRACE_WRITE },
	{ "append", TRACE_WRITE }, { "prepend", TRACE_WRITE },	{ "incr", TRACE_WRITE },
	{ "decr", TRACE_WRITE },   { "delete", CSV_WORD_SKIP }, { NULL, CSV_WORD_WRONG },
};

static const struct preset {
	const char *name;
	const char *first; /* how a line of names begins */
	enum csv_field field[8];
	u32 count;
	bool more;
	enum csv_address address;
	u64 unit_ns;
	const struct csv_word *words;
} presets[] = {
	{ .name = "msr",
	  .first = "Timestamp,",
	  .field = { CSV_WHEN, CSV_DEVICE, CSV_DEVICE, CSV_OP, CSV_PAGE, CSV_SIZE, CSV_SKIP },
	  .count = 7,
	  .address = CSV_ADDRESS,
	  .unit_ns = 100,
	  .words = letters },
	{ .name = "systor",
	  .first = "Timestamp,",
	  .field = { CSV_WHEN, CSV_SKIP, CSV_OP, CSV_DEVICE, CSV_PAGE, CSV_SIZE },
	  .count = 6,
	  .address = CSV_ADDRESS,
	  .unit_ns = 1000000000,
	  .words = answered },
	{ .name = "spc",
	  .first = "ASU,",
	  .field = { CSV_DEVICE, CSV_PAGE, CSV_SIZE, CSV_OP, CSV_WHEN },
	  .count = 5,
	  .more = true,
	  .address = CSV_SECTOR,
	  .unit_ns = 1000000000,
	  .words = letters },
	{ .name = "cphy-vscsi",
	  .first = "version,",
	  .field = { CSV_SKIP, CSV_WHEN, CSV_OP, CSV_SIZE, CSV_PAGE },
	  .count = 5,
	  .address = CSV_SECTOR,
	  .unit_ns = 1000000000,
	  .words = scsi },
	{ .name = "twr",
	  .first = "timestamp,",
	  .field = { CSV_WHEN, CSV_PAGE, CSV_SIZE, CSV_SIZE, CSV_SKIP, CSV_OP, CSV_SKIP },
	  .count = 7,
	  .address = CSV_OBJECT,
	  .unit_ns = 1000000000,
	  .words = cache },
};

const char *const *csv_preset_names(void)
{
	static const char *const names[ARRAY_SIZE(presets) + 1] = { "msr", "systor", "spc", "cphy-vscsi",
								    "twr" };

	return names;
}

static void fill_in(struct csv_columns *columns, const struct preset *preset)
{
	*columns = (struct csv_columns){ .count = preset->count,
					 .address = preset->address,
					 .clock = CSV_TIME,
					 .unit_ns = preset->unit_ns,
					 .words = preset->words,
					 .loose = true,
					 .more = preset->more };
	for (u32 i = 0; i < preset->count; i++) {
		columns->field[i] = preset->field[i];
		columns->has[preset->field[i]] = true;
	}
}

bool csv_preset(struct csv_columns *columns, const char *name, const struct text *text, bool *names,
		GError **error)
{
	char *known;

	for (u32 i = 0; i < ARRAY_SIZE(presets); i++) {
		if (strcmp(presets[i].name, name))
			continue;
		fill_in(columns, &presets[i]);
		*names = !g_ascii_strncasecmp(text->line, presets[i].first, strlen(presets[i].first));
		return true;
	}
	known = g_strjoinv(", ", (char **)csv_preset_names());
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "no such preset (%s): \"%s\"", known, name);
	g_free(known);
	return false;
}
