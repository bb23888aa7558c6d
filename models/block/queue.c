/*
 * An asynchronous device: tags, a queue, servers, paths for the data.
 *
 * A request waits for a server in order of arrival, or in the order of an arm. Its time is drawn from a
 * lognormal distribution that moves from that of an idle device to that of a busy one with the square of the
 * share of servers that are busy, as the tail of real devices grows with load. Before that its pages go
 * through the data path, one request after the other. A write to flash waits for room in the buffer and not
 * for a server. Left out: reordering by devices without an arm.
 */
#include "models/block/block.h"
#include "models/block/device.h"
#include "sim/dist.h"
#include "sim/fixed.h"
#include "sim/irq.h"
#include "sim/lock.h"
#include "models/mm/filemap.h"
#include "models/swap/page_io.h"
#include "sim/random.h"

enum disk_draw { DRAW_DISK = 110 }; /* stream of random.h; apart from the kinds of choose() */

static const struct disk_model *model_of(const struct kernel *k, u32 device)
{
	return k->device_model[device]->disk;
}

static u64 tags_of(const char *model)
{
	const struct disk_model *disk = device_model_find(model)->disk;

	return disk ? disk->tags : 0;
}

u64 disk_requests(const struct kernel_config *config, bool files)
{
	u64 n = 1; /* 0 is nobody's */

	for (u32 i = 0; i < config->devices; i++)
		n += tags_of(config->device[i].model);
	return n + (files ? tags_of(config->disk) : 0);
}

static u32 first_request(const struct kernel *k, u32 device)
{
	u32 first = 1;

	for (u32 i = 0; i < device; i++)
		first += k->device_model[i]->disk ? k->device_model[i]->disk->tags : 0;
	return first;
}

void disk_init(struct kernel *k, u32 device)
{
	const struct disk_model *model = model_of(k, device);
	u32 first = first_request(k, device);

	for (u32 i = 0; i < model->tags; i++) {
		k->request[first + i].device = device;
		k->request[first + i].next = i + 1 < model->tags ? first + i + 1 : 0;
	}
	k->disk[device].free = first;
	if (model->arm)
		return;
	k->disk_time[device] = g_new(struct disk_time, 1);
	*k->disk_time[device] = (struct disk_time){
		.idle = { lognormal_new(model->read.idle_p50, model->read.idle_p99),
			  lognormal_new(model->write.idle_p50, model->write.idle_p99) },
		.busy = { lognormal_new(model->read.busy_p50, model->read.busy_p99),
			  lognormal_new(model->write.busy_p50, model->write.busy_p99) },
		.collect =
		    model->flash ? lognormal_new(model->flash->collect_p50, model->flash->collect_p99) : NULL,
	};
}

void disks_release(struct kernel *k)
{
	for (u32 i = 0; i <= file_device(k); i++) {
		if (!k->disk_time[i])
			continue;
		for (u32 write = 0; write < 2; write++) {
			lognormal_free(k->disk_time[i]->idle[write]);
			lognormal_free(k->disk_time[i]->busy[write]);
		}
		lognormal_free(k->disk_time[i]->collect);
		g_free(k->disk_time[i]);
	}
}

u32 disk_get_request(struct kernel *k, u32 device)
{
	struct disk *disk = &k->disk[device];
	u32 request = disk->free;

	if (!request)
		return 0;
	disk->free = k->request[request].next;
	k->request[request].next = 0;
	if (!disk->free)
		disk->no_tag = BIT_LOCK_NOBODY;
	return request;
}

static void put_request(struct kernel *k, u32 request)
{
	struct request *r = &k->request[request];
	struct disk *disk = &k->disk[r->device];

	*r = (struct request){ .device = r->device, .next = disk->free };
	disk->free = request;
	if (disk->no_tag)
		bit_lock_release(&k->machine, &disk->no_tag);
}

/* A write to a device with a buffer does not take one. */
static bool takes_server(const struct disk_model *model, const struct request *r)
{
	return !(model->flash && r->write);
}

/* How long a server takes: a request of one page as drawn, a larger one in proportion to what it would take
 * at the median. Both distributions get the same random value, so they move together. */
static u64 service_ns(struct kernel *k, const struct request *r)
{
	const struct disk_model *model = model_of(k, r->device);
	const struct disk_time *time = k->disk_time[r->device];
	struct disk *disk = &k->disk[r->device];
	u64 median = r->write ? model->write.idle_p50 : model->read.idle_p50;
	u64 more = (u64)(r->pages - 1) * (r->write ? model->write_page : model->read_page);
	u64 value = random_value(random_key(k->machine.config.seed, DRAW_DISK, r->device), disk->served++);
	s64 most = model->servers - 1, others = (s64)disk->serving - takes_server(model, r);
	s64 ns = lognormal_at(time->idle[r->write], value), busy = lognormal_at(time->busy[r->write], value);

	if (most)
		ns += fixed_scale(busy - ns, others * others, most * most);
	return fixed_scale(ns, median + more, median);
}

/* When the data of a request has gone through the path. */
static u64 through_path(struct kernel *k, const struct request *r)
{
	const struct disk_model *model = model_of(k, r->device);
	u64 *free = &k->disk[r->device].path_free[model->full_duplex && r->write];

	*free = MAX(*free, k->machine.now) + (u64)r->pages * model->path_page;
	return *free;
}

static void serve(struct kernel *k, u32 request)
{
	struct request *r = &k->request[request];
	const struct disk_model *model = model_of(k, r->device);
	u64 end;

	k->disk[r->device].serving += takes_server(model, r);
	if (model->arm) {
		end = k->machine.now + arm_serve(k, r);
	} else {
		end = through_path(k, r);
		end += model->flash ? flash_wait(k, r, end) : 0;
		end += service_ns(k, r);
	}
	machine_at(&k->machine, end, EVENT_DISK_DONE, request);
}

u64 disk_discard(struct kernel *k, u32 device)
{
	const struct disk_model *model = model_of(k, device);
	struct disk *disk = &k->disk[device];
	u64 end = MAX(k->machine.now, model->discard_stops ? disk->path_free[0] : 0) + model->discard_ns;

	if (model->discard_stops)
		disk->path_free[0] = disk->path_free[1] = end;
	return end;
}

static void count_request(struct kernel *k, const struct request *r)
{
	bool file = r->device == file_device(k);

	count_memcg(k, 0, file ? FILE_RD_IOS : r->write ? BLK_WR_IOS : BLK_RD_IOS, 1);
	count_memcg(k, 0, file ? FILE_RD_PAGES : r->write ? BLK_WR_PAGES : BLK_RD_PAGES, r->pages);
}

void disk_issue(struct kernel *k, u32 request, u32 cpu)
{
	struct request *r = &k->request[request];
	struct disk *disk = &k->disk[r->device];
	const struct disk_model *model = model_of(k, r->device);

	r->issued = k->machine.now;
	r->cpu = cpu;
	r->next = 0;
	count_request(k, r);
	if (k->on_issue)
		k->on_issue(k, r);
	disk->pages_in_flight[r->write] += r->pages;
	if (disk->serving < model->servers || !takes_server(model, r)) {
		serve(k, request);
		return;
	}
	if (disk->tail)
		k->request[disk->tail].next = request;
	else
		disk->head = request;
	disk->tail = request;
}

/* Off the queue, which is not empty. */
static u32 take_next(struct kernel *k, struct disk *disk, const struct disk_model *model)
{
	u32 next = disk->head;

	if (model->arm)
		return arm_next(k, disk, model->arm);
	disk->head = k->request[next].next;
	if (!disk->head)
		disk->tail = 0;
	return next;
}

void disk_done(struct machine *m, u32 request)
{
	struct kernel *k = kernel_of(m);
	const struct request *r = &k->request[request];
	const struct disk_model *model = model_of(k, r->device);
	struct disk *disk = &k->disk[r->device];

	if (takes_server(model, r)) {
		disk->serving--;
		if (disk->head)
			serve(k, take_next(k, disk, model));
	}
	irq_raise(m, r->cpu, EVENT_END_IO, request);
}

void end_io(struct machine *m, u32 request)
{
	struct kernel *k = kernel_of(m);
	const struct request r = k->request[request];

	k->disk[r.device].pages_in_flight[r.write] -= r.pages;
	histogram_record(&k->latency[r.device == file_device(k) ? LATENCY_FILE_READ
				     : r.write			? LATENCY_SWAP_WRITE
								: LATENCY_SWAP_READ],
			 m->now - r.issued);
	for (u32 place = r.slot; place < r.slot + r.pages; place++) {
		if (r.device == file_device(k))
			end_file_read(k, place);
		else
			end_swap_bio(k, place, r.write, r.cpu);
	}
	put_request(k, request);
}
