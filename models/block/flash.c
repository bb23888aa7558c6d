/*
 * Flash behind a buffer.
 *
 * A write has ended once the device holds its data in a buffer: memory of the drive, or flash that is written
 * in a fast way. The buffer goes to flash behind it at the rate that can be sustained, and who finds it full
 * waits until there is room. So a burst costs the buffer's time, and what lasts longer the flash's.
 *
 * While the buffer drains, dies of the flash are busy with programs, and a read meets one at times; it waits
 * for a part of the program, as much as a suspended one needs or all of it. From time to time the device has
 * to gather what is still of use and erase the rest: every so many pages, the fewer the less spare area it
 * has. Meanwhile the buffer does not drain, so that writes pile up once it is full, and a read meets busy
 * dies for longer. Left out: wear, the mapping of pages, which die a page is on, trimmed pages in the rate.
 */
#include "models/block/block.h"
#include "models/block/device.h"
#include "sim/dist.h"

enum { THOUSAND = 1000 };
enum flash_draw { DRAW_COLLECT = 111, DRAW_MEETS, DRAW_PART }; /* stream of random.h, beside queue.c's */

static u64 draw(const struct kernel *k, enum flash_draw kind, u32 device)
{
	return random_value(random_key(k->machine.config.seed, kind, device), k->disk[device].served);
}

/* Every collect_pages pages that reach the device. */
static void collect(struct kernel *k, const struct request *r, const struct disk_flash *flash, u64 now)
{
	struct disk *disk = &k->disk[r->device];
	u64 ns;

	disk->written += r->pages;
	if (!flash->collect_pages || disk->written < flash->collect_pages)
		return;
	disk->written -= flash->collect_pages;
	ns = lognormal_at(k->disk_time[r->device]->collect, draw(k, DRAW_COLLECT, r->device));
	disk->collected = MAX(disk->collected, now) + ns;
	disk->drained = MAX(disk->drained, now) + ns;
}

static u64 wait_for_room(struct kernel *k, const struct request *r, const struct disk_flash *flash, u64 now)
{
	struct disk *disk = &k->disk[r->device];
	u64 room_ns = (u64)flash->buffer_pages * flash->drain_page, drains;

	collect(k, r, flash, now);
	drains = MAX(disk->collected, now); /* from then on */
	disk->drained = MAX(disk->drained, drains) + (u64)r->pages * flash->drain_page;
	return disk->drained > drains + room_ns ? disk->drained - room_ns - now : 0;
}

static bool meets(const struct kernel *k, const struct request *r, u32 permille)
{
	return random_below(draw(k, DRAW_MEETS, r->device), THOUSAND) < permille;
}

static u64 wait_for_die(const struct kernel *k, const struct request *r, const struct disk_flash *flash,
			u64 now)
{
	const struct disk *disk = &k->disk[r->device];
	u64 most = 0;

	if (now < disk->collected && meets(k, r, flash->collect_permille))
		most = MIN(disk->collected - now, flash->collect_read_ns);
	else if (now < disk->drained && meets(k, r, flash->program_permille))
		most = flash->program_ns;
	return random_below(draw(k, DRAW_PART, r->device), (u32)most);
}

u64 flash_wait(struct kernel *k, const struct request *r, u64 start)
{
	const struct disk_flash *flash = k->device_model[r->device]->disk->flash;

	return r->write ? wait_for_room(k, r, flash, start) : wait_for_die(k, r, flash, start);
}
