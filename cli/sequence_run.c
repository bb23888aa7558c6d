#include "cli/sequence_run.h"

#include <string.h>

#include "models/paths.h"
#include "models/swap/swap.h"

struct taker {
	struct sequence *s;
	struct kernel *k;
	u64 scanned, reclaimed; /* up to the last batch, */
	u64 round;		/* and up to the last round */
};

/* What was scanned and reclaimed since then was the batch before. */
static void end_batch(struct taker *t)
{
	const u64 *count = t->k->count[0];
	struct sequence_batch batch = { (u32)(count[PGSCAN] - t->scanned),
					(u32)(count[PGSTEAL] - t->reclaimed), t->s->fault->len };

	t->scanned = count[PGSCAN];
	t->reclaimed = count[PGSTEAL];
	if (batch.scanned)
		g_array_append_val(t->s->batch, batch);
}

static void end_round(struct taker *t)
{
	u64 stolen = t->k->count[0][PGSTEAL];
	struct sequence_batch round = { 0, (u32)(stolen - t->round), t->s->fault->len };

	t->round = stolen;
	g_array_append_val(t->s->round, round);
}

static void take_fault(struct taker *t, const struct task *task)
{
	const struct machine *m = &t->k->machine;
	const struct handle_mm_fault *f = (const void *)(frame_at(m, task, task->frame) + 1);
	const struct mm *mm = &t->k->mm[0];
	struct sequence_fault fault = { f->page - mm->first_page, f->write };

	if (f->page >= mm->first_page && fault.page < mm->pages)
		g_array_append_val(t->s->fault, fault);
	else
		t->s->outside++;
}

static bool is_step(const struct machine *m, const struct log_entry *e, u32 path, const char *step)
{
	return e->path == path && !strcmp(m->path[e->path].step_name[e->step], step);
}

static void take_step(struct machine *m, void *data, const struct log_entry *e)
{
	struct taker *t = data;

	if (e->task == LOG_NOBODY)
		return;
	if (is_step(m, e, PATH_handle_mm_fault, "ENTRY"))
		take_fault(t, &m->task[e->task]);
	else if (is_step(m, e, PATH_shrink_inactive_list, "UNLOCK_BACK"))
		end_batch(t);
	else if (is_step(m, e, PATH_try_to_free_mem_cgroup_pages, "END_RECLAIM"))
		end_round(t);
}

static void take_request(struct kernel *k, const struct request *r)
{
	struct taker *t = k->on_issue_data;
	struct sequence_request request = { .pages = r->pages, .after = t->s->fault->len, .write = r->write };

	if (r->device >= k->config.devices)
		return;
	request.slot = r->slot - k->device[r->device].first_slot;
	g_array_append_val(t->s->request, request);
}

bool sequence_run(struct sequence *s, const struct scenario *scenario, struct build_options *options,
		  GError **error)
{
	struct taker taker = { .s = s };
	bool good;

	options->log = take_step;
	options->log_data = &taker;
	taker.k = scenario_build(scenario, options, error);
	if (!taker.k)
		return false;
	taker.k->on_issue = take_request;
	taker.k->on_issue_data = &taker;
	good = machine_run(&taker.k->machine, MIN(scenario_stop_ns(scenario), TIME_NEVER - 1), error);
	kernel_free(taker.k);
	return good;
}
