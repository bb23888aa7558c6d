/*
 * A disk that turns under an arm.
 *
 * Slots lie on tracks, in order, skewed so that to read on over the end of a track costs nothing. To get to
 * another track the arm seeks, for a time that grows with the root of the distance (Ruemmler and Wilkes 1994;
 * their linear part is beyond the length of a swap area), and then waits until the slot comes round: where
 * the disk is in its turn follows from the time. Of the oldest requests in the queue, as many as the drive
 * has tags for, the one that can be begun first is next; one that has waited for too long goes before all.
 *
 * After a read the arm stays and the drive reads on into its memory, for some pages even if others wait; that
 * memory has a number of segments, so that several who read on, each in its place, cost one turn for many
 * pages. A write is on the disk when it ends (no write cache): who writes slot after slot, each when the one
 * before it has ended, pays a turn for each, unless the next one was in the queue by then. Left out: zones of
 * different density, heads, bad sectors, the rest of the disk around the swap area.
 */
#include "models/block/block.h"
#include "models/block/device.h"

static u32 square_root(u32 n)
{
	u32 root = 0;

	for (u32 bit = 1u << 15; bit; bit >>= 1)
		if ((u64)(root + bit) * (root + bit) <= n)
			root += bit;
	return root;
}

static u64 seek_ns(const struct disk_arm *arm, u32 from, u32 to)
{
	u32 a = from / arm->track_pages, b = to / arm->track_pages;
	u32 tracks = a > b ? a - b : b - a;

	return tracks ? arm->settle_ns + (u64)arm->seek_ns * square_root(tracks) : 0;
}

/* Until the slot comes under the head, from a moment on. */
static u64 turn_ns(const struct disk_arm *arm, u32 slot, u64 moment)
{
	u64 turn = (u64)arm->track_pages * arm->page_ns;
	u64 place = (u64)(slot % arm->track_pages) * arm->page_ns;

	return (place + turn - moment % turn) % turn;
}

static bool is_in_memory(const struct disk *disk, const struct request *r)
{
	for (u32 i = 0; i < DISK_SEGMENTS; i++)
		if (!r->write && r->slot >= disk->segment[i].from &&
		    r->slot + r->pages <= disk->segment[i].to)
			return true;
	return false;
}

/* It will be, or is by now, if the drive goes on with what it does. */
static bool is_read_ahead(const struct disk *disk, const struct disk_arm *arm, const struct request *r)
{
	return disk->reads_on && !r->write && r->slot >= disk->segment[disk->reads_into].from &&
	       r->slot <= disk->arm_slot + arm->ahead_pages;
}

/* Until the arm may leave what it reads on. */
static u64 stay_ns(const struct kernel *k, const struct disk *disk, const struct disk_arm *arm)
{
	u64 until = disk->arm_time + (u64)arm->ahead_least * arm->page_ns;

	return disk->reads_on && until > k->machine.now ? until - k->machine.now : 0;
}

/* Until the request's data begins to come or go. */
static u64 position_ns(const struct kernel *k, const struct disk *disk, const struct disk_arm *arm,
		       const struct request *r)
{
	u64 ns;

	if (is_in_memory(disk, r) || is_read_ahead(disk, arm, r))
		return arm->hit_ns;
	ns = stay_ns(k, disk, arm) + seek_ns(arm, disk->arm_slot, r->slot);
	return ns + turn_ns(arm, r->slot, k->machine.now + ns);
}

/* What has passed under the head is in the segment; its beginning goes when it gets too long. */
static void read_up_to(struct disk *disk, const struct disk_arm *arm, u32 slot)
{
	struct disk_segment *segment = &disk->segment[disk->reads_into];

	segment->to = MAX(segment->to, slot);
	if (segment->to - segment->from > 2 * arm->ahead_pages)
		segment->from = segment->to - 2 * arm->ahead_pages;
}

/* The drive stops when its memory is full of what it read on. */
static u64 serve_read_ahead(struct kernel *k, struct disk *disk, const struct disk_arm *arm,
			    const struct request *r)
{
	u64 now = k->machine.now, full = (u64)arm->ahead_pages * arm->page_ns;
	u64 passed = disk->arm_time + full > now ? disk->arm_time : now - full;
	u32 end = MAX(r->slot + r->pages, disk->arm_slot);

	disk->arm_time = passed + (u64)(end - disk->arm_slot) * arm->page_ns;
	disk->arm_slot = end;
	read_up_to(disk, arm, end);
	return MAX(disk->arm_time, now + arm->hit_ns) - now;
}

/* The arm leaves; what it has read on until then stays in memory. */
static void stop_reading(struct disk *disk, const struct disk_arm *arm, u64 moment)
{
	u64 passed = moment > disk->arm_time ? (moment - disk->arm_time) / arm->page_ns : 0;

	if (disk->reads_on)
		read_up_to(disk, arm, disk->arm_slot + (u32)MIN(passed, arm->ahead_pages));
	disk->reads_on = 0;
}

static void start_reading(struct disk *disk, const struct request *r)
{
	disk->reads_on = 1;
	disk->reads_into = (disk->reads_into + 1) % DISK_SEGMENTS;
	disk->segment[disk->reads_into] = (struct disk_segment){ r->slot, r->slot + r->pages };
}

static void forget_written(struct disk *disk, const struct request *r)
{
	for (u32 i = 0; i < DISK_SEGMENTS; i++)
		if (r->slot < disk->segment[i].to && disk->segment[i].from < r->slot + r->pages)
			disk->segment[i] = (struct disk_segment){ 0 };
}

u64 arm_serve(struct kernel *k, const struct request *r)
{
	struct disk *disk = &k->disk[r->device];
	const struct disk_arm *arm = k->device_model[r->device]->disk->arm;
	u64 ns;

	if (is_in_memory(disk, r))
		return arm->hit_ns;
	if (is_read_ahead(disk, arm, r))
		return serve_read_ahead(k, disk, arm, r);
	ns = position_ns(k, disk, arm, r) + (u64)r->pages * arm->page_ns;
	stop_reading(disk, arm, k->machine.now + stay_ns(k, disk, arm));
	disk->arm_time = k->machine.now + ns;
	disk->arm_slot = r->slot + r->pages;
	if (r->write)
		forget_written(disk, r);
	else
		start_reading(disk, r);
	return ns;
}

u32 arm_next(struct kernel *k, struct disk *disk, const struct disk_arm *arm)
{
	u32 best = disk->head, before_best = 0, before = disk->head, n = 1;
	u64 least = position_ns(k, disk, arm, &k->request[best]);

	if (k->machine.now - k->request[best].issued > arm->longest_wait)
		least = 0;
	for (u32 r = k->request[best].next; r && n < arm->window; before = r, r = k->request[r].next, n++) {
		u64 ns = position_ns(k, disk, arm, &k->request[r]);

		if (ns < least) {
			least = ns;
			best = r;
			before_best = before;
		}
	}
	if (before_best)
		k->request[before_best].next = k->request[best].next;
	else
		disk->head = k->request[best].next;
	if (disk->tail == best)
		disk->tail = before_best;
	return best;
}
