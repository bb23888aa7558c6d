/*
 * The plug of a task (block/blk-core.c: blk_start_plug(), blk_finish_plug(); block/blk-mq.c:
 * blk_mq_submit_bio(), blk_add_rq_to_plug(); block/blk-merge.c: blk_attempt_plug_merge(); 6.12-6.18).
 *
 * Plugs nest: who starts one inside another neither flushes nor ends it. So what reclaim writes when it was
 * called from within readahead lies in readahead's plug.
 *
 * When another request is added, the plug is flushed first if it holds 32 or if the request it looks at has
 * reached 128 KiB. Up to 6.12.0 requests were added at the head of the list, so that this was the newest one
 * and the plug was sent in reverse order; since e70c301faece ("block: don't reorder requests in
 * blk_add_rq_to_plug", 6.13 and 6.12 stable) they are added at the tail and it is the oldest. In 6.14 merging
 * still begins at the head of the list, and what continues the newest of several requests is one more. Patch
 * plug-peek has both, and two rules that no kernel has: `total` counts the whole plug, and `nested` is the
 * rule of today with every inner blk_finish_plug() flushing too.
 */
#include "models/block/block.h"
#include "models/block/device.h"
#include "models/cpu.h"
#include "models/paths.h"

void plug_start(struct kernel *k, struct task *t)
{
	plug_of(k, t)->depth++;
}

/* All of them, in the order of the list. */
void plug_flush(struct kernel *k, struct task *t)
{
	struct plug *plug = plug_of(k, t);
	u32 request = plug->head;

	plug->head = plug->tail = 0;
	plug->count = plug->pages = 0;
	while (request) {
		u32 next = k->request[request].next;

		disk_issue(k, request, t->cpu);
		request = next;
	}
}

void plug_finish(struct kernel *k, struct task *t)
{
	struct plug *plug = plug_of(k, t);

	BUG_ON(!plug->depth);
	if (--plug->depth && k->patch.plug_peek != PLUG_PEEK_NESTED)
		return;
	t->work_ns += plug->count * k->cpu_profile->issue_ns;
	plug_flush(k, t);
	if (!plug->depth)
		plug->several = 0;
}

u64 plug_unsent_pages(const struct kernel *k)
{
	u64 pages = 0;

	for (u32 i = 0; i < k->config.machine.tasks; i++)
		for (u32 r = k->plug[i].head; r; r = k->request[r].next)
			pages += k->request[r].write ? k->request[r].pages : 0;
	return pages;
}

static bool tries_head(const struct kernel *k)
{
	return k->patch.plug_peek == PLUG_PEEK_NEWEST || k->release->merges_oldest;
}

/* The one request of that device that is tried: the newest of the plug if it is the device's (6.14: the
 * oldest); else, if the plug is known to have several devices' requests, the first from the head of the list.
 */
static u32 candidate(const struct kernel *k, const struct plug *plug, u32 device)
{
	u32 r = tries_head(k) ? plug->head : plug->tail;

	if (r && k->request[r].device == device)
		return r;
	if (!plug->several)
		return 0;
	for (r = plug->head; r && k->request[r].device != device;)
		r = k->request[r].next;
	return r;
}

static bool never_merges(const struct kernel *k, u32 device)
{
	return device != file_device(k) && k->config.device[device].nomerges == 2;
}

static u32 max_pages(const struct kernel *k, u32 device)
{
	return k->device_model[device]->disk->max_pages;
}

static u32 place_of(const struct submit_bio *bio)
{
	return bio->page ? bio->page : bio->entry;
}

/* blk_attempt_plug_merge(): a bio that continues that request on either side becomes part of it. */
static bool merge(struct kernel *k, struct plug *plug, const struct submit_bio *bio)
{
	struct request *r = &k->request[candidate(k, plug, bio->device)];

	if (r == k->request || never_merges(k, bio->device))
		return false;
	if (r->write != bio->write || r->pages + bio->part > max_pages(k, bio->device))
		return false;
	if (place_of(bio) + bio->part == r->slot)
		r->slot -= bio->part;
	else if (place_of(bio) != r->slot + r->pages)
		return false;
	r->pages += bio->part;
	plug->pages += bio->part;
	return true;
}

/* blk_add_rq_to_plug(): whether what is in the plug has to go before another request is added. */
static bool is_full(const struct kernel *k, const struct plug *plug, u32 device)
{
	u32 pages = k->patch.plug_peek == PLUG_PEEK_TOTAL ? plug->pages : k->request[plug->head].pages;

	if (!plug->count)
		return false;
	if (plug->count >= BLK_MAX_REQUEST_COUNT << plug->several)
		return true;
	return !never_merges(k, device) && pages >= BLK_PLUG_FLUSH_PAGES;
}

static void add(struct kernel *k, struct plug *plug, u32 request)
{
	struct request *r = &k->request[request];

	if (plug->head && k->request[plug->head].device != r->device)
		plug->several = 1;
	if (!plug->head) {
		plug->head = plug->tail = request;
	} else if (k->patch.plug_peek == PLUG_PEEK_NEWEST) {
		r->next = plug->head;
		plug->head = request;
	} else {
		k->request[plug->tail].next = request;
		plug->tail = request;
	}
	plug->count++;
	plug->pages += r->pages;
}

static void step_on(struct submit_bio *bio)
{
	if (bio->page)
		bio->page += bio->part;
	else
		bio->entry += bio->part;
	bio->nr -= bio->part;
}

/* submit_bio(). What is more than a request may hold is split off (bio_split_to_limits()) and goes on by
 * itself. */
PATH(submit_bio)
{
	STEPS(SUBMIT, GET_TAG, FLUSH, ISSUE);
	struct plug *const plug = plug_of(k, t);

	BEGIN;
	BUG_ON(!f->nr);
	f->device = f->page ? file_device(k) : device_of(k, f->entry)->number;
	for (; f->nr; step_on(f)) {
		f->part = MIN(f->nr, max_pages(k, f->device));
		AT(SUBMIT);
		if (merge(k, plug, f))
			continue;
		while (!(f->request = disk_get_request(k, f->device)))
			bit_wait(GET_TAG, &k->disk[f->device].no_tag);
		k->request[f->request].slot = place_of(f);
		k->request[f->request].pages = f->part;
		k->request[f->request].write = f->write;
		if (!plug->depth) {
			t->work_ns = k->cpu_profile->issue_ns;
			AT(ISSUE);
			disk_issue(k, f->request, t->cpu);
			continue;
		}
		if (is_full(k, plug, f->device)) {
			t->work_ns = plug->count * k->cpu_profile->issue_ns;
			AT(FLUSH);
			plug_flush(k, t);
		}
		add(k, plug, f->request);
	}
	RETURN(0);
	END;
}
