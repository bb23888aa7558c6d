/*
 * The objects of a race: what its tasks do, and who goes on when.
 */
#include "models/scenario_spec.h"

static const char *const operation_names[NR_SCRIPT_OPERATIONS + 1] = {
	[SCRIPT_READ] = "read",
	[SCRIPT_WRITE] = "write",
	[SCRIPT_SWAP_OUT] = "swap_out",
	[SCRIPT_DONTNEED] = "madvise_dontneed",
	[SCRIPT_FREE] = "madvise_free",
	[SCRIPT_WILLNEED] = "madvise_willneed",
	[SCRIPT_EXIT] = "exit",
	[SCRIPT_FORK] = "fork",
	[SCRIPT_SWAPOFF] = "swapoff",
	[SCRIPT_SWAPON] = "swapon",
	[SCRIPT_DEVICE_WRITE] = "device_write",
	[SCRIPT_TRUNCATE] = "truncate",
	[SCRIPT_UFFD_MOVE] = "uffd_move",
};

static const struct json_pattern page_name = { "[A-Za-z_][A-Za-z0-9_-]*?:?[0-9]{1,6}",
					       "a task or process and a number: `a0`, `reader:12`" };
static const struct json_pattern place_name = { "[A-Za-z_][A-Za-z0-9_]*(\\.[A-Z][A-Z0-9_]*)?",
						"a window, a path or path.STEP" };

/* ---- what tasks do ---- */

static bool check_do(const void *object, const struct json_at *at, GError **error)
{
	const struct do_spec *d = object;

	bool call = d->operation == SCRIPT_SWAPOFF || d->operation == SCRIPT_SWAPON ||
		    d->operation == SCRIPT_DEVICE_WRITE;

	if (d->operation != SCRIPT_FORK && d->child)
		return json_at_error(at, error, "child", "is of use to \"fork\" only (expected none)");
	if (d->device && !call)
		return json_at_error(at, error, "device", "is of no use to \"%s\" (expected none)",
				     operation_names[d->operation]);
	if (d->to && d->operation != SCRIPT_UFFD_MOVE)
		return json_at_error(at, error, "to", "is of use to \"uffd_move\" only (expected none)");
	if (call || d->operation == SCRIPT_EXIT || d->operation == SCRIPT_FORK) {
		if (d->page)
			return json_at_error(at, error, "page", "is of no use to \"%s\" (expected none)",
					     operation_names[d->operation]);
		if (call)
			return d->device ||
			       json_at_error(at, error, "",
					     "missing key \"device\" (expected a place in \"swap\")");
		return d->child || d->operation == SCRIPT_EXIT ||
		       json_at_error(at, error, "",
				     "missing key \"child\" (expected a task that is forked from this one)");
	}
	if (d->pages > 1 && (d->operation == SCRIPT_READ || d->operation == SCRIPT_WRITE || d->to))
		return json_at_error(at, error, "pages", "is of no use to %s (expected none, or 1)",
				     d->to ? "\"uffd_move\"" : "an access");
	if (!d->to && d->operation == SCRIPT_UFFD_MOVE)
		return json_at_error(at, error, "", "missing key \"to\" (expected a page such as \"a1\")");
	return d->page ||
	       json_at_error(at, error, "", "missing key \"page\" (expected a page such as \"a0\")");
}

#define DO_FIELDS                                                                                            \
	{ "op", JSON_ENUM(struct do_spec, operation, operation_names), .required = true,                     \
	  .doc = "`read` or `write`: an access, and the fault it may take; `swap_out`: MADV_PAGEOUT of the " \
		 "page; the `madvise_` ones of the page, too; `truncate`: FALLOC_FL_PUNCH_HOLE of the page " \
		 "of shared memory; `swapoff`, `swapon` of a device; "                                       \
		 "`device_write`: the first page of a zram device is written, past swap, as mkswap does; "   \
		 "`uffd_move`: UFFDIO_MOVE of the page, once; `exit`: the "                                  \
		 "task ends here and its process gives back its memory; `fork`: its process is forked, and " \
		 "`child` begins" },                                                                         \
	    { "child", JSON_STRING(struct do_spec, child, &json_identifier),                                 \
	      .doc = "of `fork`: one of \"tasks\", whose \"fork_of\" this one is" },                         \
	    { "device", JSON_STRING(struct do_spec, device, &scenario_device_number), .words = JSON_BARE,    \
	      .doc = "of `swapoff`, `swapon` and `device_write`: a place in \"swap\", from 0" },             \
	    { "page", JSON_STRING(struct do_spec, page, &page_name),                                         \
	      .doc = "`a0`: page 0 of process `a`, or of the process of task `a` or `A`; `a1:7` where "      \
		     "the name ends with a digit" },                                                         \
	    { "to", JSON_STRING(struct do_spec, to, &page_name),                                             \
	      .doc = "of `uffd_move`: another page of the process, where there is nothing yet" },            \
	{                                                                                                    \
		"pages", JSON_UINT(struct do_spec, pages, 1, 1000000),                                       \
		    .standard = "1", .doc = "so many from that one on; of an access there is one"            \
	}

static const struct json_field do_fields[] = { DO_FIELDS, { 0 } };
const struct json_table do_table = { "do", sizeof(struct do_spec), do_fields,
				     .doc = "One thing that a task does.", .check = check_do };

static const struct json_field setup_fields[] = {
	{ "task", JSON_STRING(struct do_spec, task, &json_identifier), .required = true,
	  .doc = "one of \"tasks\", with \"do\"" },
	DO_FIELDS,
	{ 0 },
};
const struct json_table setup_table = { "setup", sizeof(struct do_spec), setup_fields,
					.doc = "One thing that is done before the rest begins.",
					.check = check_do };

/* ---- the schedule ---- */

#define TASK(S)                                                                                              \
	{                                                                                                    \
		"task", JSON_STRING(S, task, &json_identifier), .required = true, .doc = "one of \"tasks\""  \
	}
#define EVERY_TIME(S)                                                                                        \
	{                                                                                                    \
		"nth", JSON_UINT(S, nth, 1, 1000000), .doc = "only this time, from 1; without it every time" \
	}
#define NTH(S)                                                                                               \
	{                                                                                                    \
		"nth", JSON_UINT(S, nth, 1, 1000000), .standard = "1", .doc = "which time, from 1"           \
	}

static const struct json_field until_fields[] = {
	TASK(struct until_spec),
	{ "reaches", JSON_STRING(struct until_spec, reaches, &place_name), .group = "how far",
	  .doc = "it is about to do this step, has entered this path, is in this window" },
	{ "done", JSON_STRING(struct until_spec, done, &place_name), .group = "how far",
	  .doc =
	      "it has done this step, returned from this path (`task_script`: its \"do\" is over), left this "
	      "window" },
	NTH(struct until_spec),
	{ 0 },
};

static const struct json_table until_table = { "until", sizeof(struct until_spec), until_fields,
					       .doc = "How far a task is." };

static const struct json_field point_fields[] = {
	TASK(struct point_spec),
	{ "at", JSON_STRING(struct point_spec, at, &place_name), .required = true,
	  .doc = "a step; of a window the moment it opens; of a path: that it returns before, that it is "
		 "entered after" },
	NTH(struct point_spec),
	{ 0 },
};
static const struct json_table point_table = { "point", sizeof(struct point_spec), point_fields,
					       .doc = "A task at a place." };

static const struct json_field park_fields[] = {
	TASK(struct park_spec),
	{ "in", JSON_STRING(struct park_spec, in, &place_name), .required = true,
	  .doc = "a window of `swapsim list windows`, a step of `swapsim list steps` or a path" },
	EVERY_TIME(struct park_spec),
	{ "until", JSON_OBJECT(struct park_spec, until, &until_table), .required = true,
	  .doc = "when it goes on" },
	{ 0 },
};
static const struct json_table park_table = { "park", sizeof(struct park_spec), park_fields,
					      .doc = "A task that comes there stays there." };

static const struct json_field switch_fields[] = {
	TASK(struct switch_spec),
	{ "at", JSON_STRING(struct switch_spec, at, &place_name), .required = true,
	  .doc = "the step that it is about to do" },
	NTH(struct switch_spec),
	{ "to", JSON_STRING(struct switch_spec, to, &json_identifier), .required = true,
	  .doc = "the task that makes the next step" },
	{ 0 },
};
static const struct json_table switch_table = { "switch_before", sizeof(struct switch_spec), switch_fields,
						.doc = "Another task comes on before a step." };

static const struct json_field choose_fields[] = {
	{ "kind", JSON_STRING(struct choose_spec, kind, &json_identifier), .required = true,
	  .doc = "one of `swapsim list choices`" },
	{ "actor", JSON_STRING(struct choose_spec, actor, &json_identifier), .required = true,
	  .doc = "the task it happens to" },
	EVERY_TIME(struct choose_spec),
	{ "value", JSON_STRING(struct choose_spec, value, NULL), .words = JSON_BARE, .required = true,
	  .doc = "what happens" },
	{ 0 },
};
static const struct json_table choose_table = { "choose", sizeof(struct choose_spec), choose_fields,
						.doc = "What nature decides." };

static const struct json_field run_fields[] = {
	TASK(struct run_spec),
	{ "until", JSON_OBJECT(struct run_spec, until, &until_table), .required = true,
	  .doc = "when others may go on" },
	{ 0 },
};
static const struct json_table run_table = { "run", sizeof(struct run_spec), run_fields,
					     .doc =
						 "A task has the machine for itself. Several of these come "
						 "one after the other." };

static const struct json_field schedule_fields[] = {
	{ "park", JSON_OPTIONAL(struct schedule_spec, park, &park_table), .group = "constraint",
	  .doc = "a task stays where it is" },
	{ "order", JSON_OBJECTS(struct schedule_spec, order, n_order, &point_table, 2, 2),
	  .group = "constraint", .doc = "the first before the second" },
	{ "switch_before", JSON_OPTIONAL(struct schedule_spec, switch_before, &switch_table),
	  .group = "constraint", .doc = "another task comes on" },
	{ "choose", JSON_OPTIONAL(struct schedule_spec, choose, &choose_table), .group = "constraint",
	  .doc = "a decision of nature" },
	{ "run", JSON_OPTIONAL(struct schedule_spec, run, &run_table), .group = "constraint",
	  .doc = "a task alone" },
	{ 0 },
};
const struct json_table schedule_table = { "schedule", sizeof(struct schedule_spec), schedule_fields,
					   .doc = "A constraint on who goes on when." };
