#include "cli/first_difference.h"

#include <string.h>

enum { STRETCHES = 1024 }; /* of a window, compared one by one */

struct pair {
	struct kernel *kernel[2];
	u64 stop_ns;
};

static bool pair_init(struct pair *p, const struct scenario *s, const struct build_options *const *options,
		      GError **error)
{
	p->stop_ns = scenario_stop_ns(s);
	for (u32 i = 0; i < 2; i++) {
		struct build_options slow = *options[i];

		slow.every_step = true; /* so that a nanosecond is as long in one as in the other */
		p->kernel[i] = scenario_build(s, &slow, error);
		if (!p->kernel[i]) {
			kernel_free(i ? p->kernel[0] : NULL);
			return false;
		}
	}
	return true;
}

static void pair_release(struct pair *p)
{
	kernel_free(p->kernel[0]);
	kernel_free(p->kernel[1]);
}

/* A run that fails stops where it is, which is a difference if the other one goes on. */
static bool equal_at(struct pair *p, u64 time)
{
	const struct machine *m[2];

	for (u32 i = 0; i < 2; i++) {
		GError *error = NULL;

		machine_run(&p->kernel[i]->machine, time, &error);
		g_clear_error(&error);
		m[i] = &p->kernel[i]->machine;
	}
	return m[0]->fingerprint == m[1]->fingerprint && m[0]->steps == m[1]->steps &&
	       m[0]->tasks_left == m[1]->tasks_left;
}

static bool both_over(const struct pair *p)
{
	for (u32 i = 0; i < 2; i++) {
		const struct machine *m = &p->kernel[i]->machine;

		if (m->tasks_left && !m->stopped && !m->failure)
			return false;
	}
	return true;
}

/* The stretch [from, from + length) after which they differ first; TIME_NEVER when they never do. */
static u64 first_stretch(struct pair *p, u64 from, u64 length)
{
	while (equal_at(p, from + length - 1)) {
		from += length;
		if (both_over(p) || from > p->stop_ns)
			return TIME_NEVER;
	}
	return from;
}

static char *describe_task(struct pair *p, u32 task, u64 time)
{
	char name[2][128];
	const char *step[2];

	for (u32 i = 0; i < 2; i++) {
		struct machine *m = &p->kernel[i]->machine;
		const struct task *t = &m->task[task];

		step[i] = t->state == TASK_DONE ? "its end" : NULL;
		if (!step[i])
			step[i] = machine_step_name(m, t, 0, name[i], sizeof name[i]);
	}
	return g_strdup_printf("first difference at %" G_GUINT64_FORMAT
			       " ns: task %u is at %s in one run and at %s in the other",
			       time, task, step[0] ? step[0] : "no step", step[1] ? step[1] : "no step");
}

static char *describe(struct pair *p, u64 time)
{
	const struct machine *m[2] = { &p->kernel[0]->machine, &p->kernel[1]->machine };

	for (u32 i = 0; i < m[0]->tasks && i < m[1]->tasks; i++) {
		const struct task *a = &m[0]->task[i], *b = &m[1]->task[i];

		if (a->step_hash != b->step_hash || a->state != b->state || a->delay != b->delay)
			return describe_task(p, i, time);
	}
	return g_strdup_printf("first difference at %" G_GUINT64_FORMAT " ns: %" G_GUINT64_FORMAT
			       " steps in one run, %" G_GUINT64_FORMAT " in the other",
			       time, m[0]->steps, m[1]->steps);
}

char *first_difference(const struct scenario *s, const struct build_options *a, const struct build_options *b,
		       GError **error)
{
	const struct build_options *const options[2] = { a, b };
	u64 from = 0, length = UINT64_C(1) << 30;
	struct pair pair;
	char *text = NULL;

	/* Every pass begins anew, since a machine does not run backwards. */
	for (;; length /= STRETCHES) {
		if (!pair_init(&pair, s, options, error))
			return NULL;
		if (from)
			equal_at(&pair, from - 1);
		from = first_stretch(&pair, from, length);
		if (from == TIME_NEVER || length == 1)
			break;
		pair_release(&pair);
	}
	if (from != TIME_NEVER)
		text = describe(&pair, from);
	pair_release(&pair);
	return text;
}
