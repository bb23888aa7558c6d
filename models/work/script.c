/*
 * A task that does one thing after the other, each a name in a schedule: reads and writes of single pages,
 * calls of madvise(), swapoff() and swapon(), moves of pages, its end.
 *
 * Its first operations may be setup: those of all tasks come one at a time, in the order of the scenario, and
 * before anything else. How many are over is the sum of what the tasks have behind them. A task without
 * SCRIPT_EXIT stops and keeps its memory, so that nothing follows which nobody asked for.
 */
#include "models/mm/oom.h"
#include "models/paths.h"
#include "models/work/children.h"
#include "models/work/work.h"
#include "sim/lock.h"

static const struct script *script_of(const struct kernel *k, u32 task)
{
	return k->program[task] ? k->program[task]->script : NULL;
}

u32 script_turns_taken(const struct kernel *k)
{
	u32 taken = 0;

	for (u32 i = 0; i < k->machine.tasks; i++)
		if (script_of(k, i))
			taken += (u32)MIN(k->work[i].done, script_of(k, i)->setup_steps);
	return taken;
}

static bool turn_has_come(const struct kernel *k, u32 task)
{
	const struct script *s = script_of(k, task);
	u64 done = k->work[task].done;

	return script_turns_taken(k) >= (done < s->setup_steps ? s->step[done].turn : s->turns);
}

static bool is_unborn(const struct kernel *k, u32 task)
{
	return k->program[task]->fork_by && !k->work[task].forked;
}

bool script_is_ready(const struct kernel *k, u32 task)
{
	const struct script *s = script_of(k, task);

	return !s || k->machine.task[task].state == TASK_DONE ||
	       (k->work[task].done >= s->setup_steps && script_turns_taken(k) == s->turns &&
		(!k->work[task].waits || is_unborn(k, task)));
}

/* Let those go on whose turn it is now. */
static void pass_turn(struct kernel *k)
{
	for (u32 i = 0; i < k->machine.tasks; i++)
		if (script_of(k, i) && k->work[i].waits && !is_unborn(k, i) && turn_has_come(k, i))
			bit_lock_release(&k->machine, &k->work[i].waits);
}

/* The MMU's part of an access. */
static bool hits(struct kernel *k, const struct task_script *f)
{
	bool write = f->operation == SCRIPT_WRITE;
	u8 needed = PTE_PRESENT | write * PTE_WRITE;

	if (needed & ~k->pte_flags[f->page])
		return false;
	k->pte_flags[f->page] |= PTE_ACCESSED | write * PTE_DIRTY;
	return true;
}

PATH(task_script)
{
	STEPS(FORKED, TURN, NEXT, ACCESS, FAULT, SWAP_OUT, DONTNEED, FREE, TRUNCATE, FORK, SWAPOFF, SWAPON,
	      DEVICE_WRITE, WILLNEED, MOVE, EXIT, EXIT_MM);
	const struct script *const script = k->program[t->id]->script;
	struct work *const w = &k->work[t->id];

	BEGIN;
	if (is_unborn(k, t->id)) {
		bit_wait(FORKED, &w->waits);
		if (!w->forked)
			goto stop;
	}
	while (w->done < script->steps && !task_is_dying(k, t)) {
		if (!turn_has_come(k, t->id)) {
			w->waits = BIT_LOCK_NOBODY;
			bit_wait(TURN, &w->waits);
		}
		cond_resched(NEXT); /* in user mode, as far as the scheduler is concerned; and so below */
		f->operation = script->step[w->done].operation;
		f->page = k->mm[w->mm].first_page + script->step[w->done].page;
		f->count = script->step[w->done].pages;
		if (f->operation == SCRIPT_EXIT)
			break;
		if (f->operation == SCRIPT_READ || f->operation == SCRIPT_WRITE) {
			for (;;) {
				cond_resched(ACCESS);
				if (hits(k, f) || task_is_dying(k, t))
					break;
				CALL(FAULT, handle_mm_fault, .page = f->page,
				     .write = f->operation == SCRIPT_WRITE);
			}
		} else if (f->operation == SCRIPT_SWAP_OUT) {
			CALL(SWAP_OUT, madvise_pageout, .page = f->page, .count = f->count);
		} else if (f->operation == SCRIPT_DONTNEED) {
			CALL(DONTNEED, madvise_dontneed, .page = f->page, .count = f->count);
		} else if (f->operation == SCRIPT_FREE) {
			CALL(FREE, madvise_free, .page = f->page, .end = f->page + f->count);
		} else if (f->operation == SCRIPT_TRUNCATE) {
			CALL(TRUNCATE, shmem_punch_hole, .page = f->page, .count = f->count);
		} else if (f->operation == SCRIPT_FORK) {
			f->page = script->step[w->done].child;
			CALL(FORK, dup_mmap, .parent = w->mm, .child = k->work[f->page].mm);
			child_forked(k, f->page, !t->ret);
		} else if (f->operation == SCRIPT_SWAPOFF) {
			CALL(SWAPOFF, swapoff, .device = script->step[w->done].device);
		} else if (f->operation == SCRIPT_DEVICE_WRITE) {
			CALL(DEVICE_WRITE, blkdev_write, .device = script->step[w->done].device,
			     .page = k->mm[w->mm].first_page);
		} else if (f->operation == SCRIPT_SWAPON) {
			CALL(SWAPON, swapon, .device = script->step[w->done].device);
		} else if (f->operation == SCRIPT_UFFD_MOVE) {
			CALL(MOVE, uffd_move, .page = f->page,
			     .to = k->mm[w->mm].first_page + script->step[w->done].to);
		} else {
			CALL(WILLNEED, madvise_willneed, .page = f->page, .end = f->page + f->count);
		}
		w->done++;
		pass_turn(k);
	}
	if (w->done < script->steps || task_is_dying(k, t)) {
		AT(EXIT);
		w->done = script->steps;
		pass_turn(k);
		work_end(k, t);
		if (!--k->mm[w->mm].users)
			CALL(EXIT_MM, exit_mmap, .mm = w->mm);
		if (k->program[t->id]->fork_by)
			child_ended(k, t->id, true);
		RETURN(0);
	}
stop:
	work_end(k, t);
	RETURN(0);
	END;
}
