#include "models/target.h"

#include "models/cpu.h"
#include "sim/coverage.h"
#include "sim/error.h"

struct target *target_parse(const struct machine *m, const char *text, GError **error)
{
	char **part = g_strsplit(text, ",", -1);
	struct target *t = g_new0(struct target, 1);
	bool good = g_strv_length(part) == 2;
	GError *why = NULL;

	if (!good)
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "--target: \"%s\" is no pair (expected two windows, steps or paths with a comma "
			    "between, as of swapsim list windows)",
			    text);
	for (u32 i = 0; good && i < 2; i++) {
		good = stretch_find(m, part[i], &t->window[i], &why);
		t->name[i] = g_strdup(part[i]);
	}
	if (why) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--target: %s", why->message);
		g_error_free(why);
	}
	g_strfreev(part);
	if (good)
		return t;
	target_free(t);
	return NULL;
}

void target_free(struct target *t)
{
	if (!t)
		return;
	for (u32 i = 0; i < 2; i++)
		g_free(t->name[i]);
	g_free(t);
}

static bool is_in(const struct machine *m, u32 task, u32 window)
{
	const struct kernel *k = (const struct kernel *)m;

	return stretch_contains(m, &k->target->window[window], &m->task[task]);
}

static const char *name_of(const struct machine *m, u32 task)
{
	return m->task_name && task < m->task_names ? m->task_name[task] : "a task";
}

bool target_is_missed(struct machine *m, GString *why)
{
	const struct target *target = kernel_of(m)->target;

	for (u32 i = 0; i < m->tasks; i++)
		for (u32 k = 0; k < m->tasks && is_in(m, i, 0); k++) {
			if (k == i || !is_in(m, k, 1) || !tasks_share_object(m, &m->task[i], &m->task[k]))
				continue;
			if (why)
				g_string_printf(why, "target: %s is in %s and %s in %s, on the same object",
						name_of(m, i), target->name[0], name_of(m, k),
						target->name[1]);
			return false;
		}
	return true;
}

bool target_keeps(const struct machine *m, u32 task)
{
	return is_in(m, task, 0) || is_in(m, task, 1);
}
