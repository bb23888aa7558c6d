#include "sim/passage.h"

/* Offsets of the task's frames from its first on; returns their number. */
static u32 walk(const struct machine *m, const struct task *t, u32 *offset)
{
	u32 n = 1;

	if (t->state == TASK_DONE)
		return 0;
	for (u32 o = t->frame; o; o = frame_at(m, t, o)->below)
		n++;
	BUG_ON(n > PASSAGE_DEPTH);
	for (u32 i = n, o = t->frame; i--; o = frame_at(m, t, o)->below)
		offset[i] = o;
	return n;
}

/* What is pushed in the step has no mark, be it at the same place and of the same path. */
void passage_begin(struct passage *p, struct machine *m, const struct task *t)
{
	u32 offset[PASSAGE_DEPTH];

	p->frames = walk(m, t, offset);
	for (u32 i = 0; i < p->frames; i++) {
		struct frame *frame = frame_at(m, t, offset[i]);

		frame->pad = 1;
		p->frame[i].path = frame->path;
		p->frame[i].pc = frame->pc;
	}
}

/* Takes the marks away; returns how many of the frames are still there. */
static u32 unmark(struct machine *m, const struct task *t, const u32 *offset, u32 n)
{
	u32 kept = 0;

	for (u32 i = 0; i < n; i++) {
		struct frame *frame = frame_at(m, t, offset[i]);

		kept += frame->pad;
		frame->pad = 0;
	}
	return kept;
}

void passage_end(const struct passage *p, struct machine *m, const struct task *t, bool done, passed_fn *fn,
		 void *data)
{
	u32 offset[PASSAGE_DEPTH], n = walk(m, t, offset), kept = unmark(m, t, offset, n);

	if (!done)
		return;
	for (u32 i = p->frames; i-- && i + 1 >= kept;) {
		fn(data, PASSED_DONE, p->frame[i].path, p->frame[i].pc);
		if (i >= kept)
			fn(data, PASSED_LEFT, p->frame[i].path, 0);
	}
	for (u32 i = kept ? kept - 1 : 0; i < n; i++) {
		const struct frame *frame = frame_at(m, t, offset[i]);

		if (i >= kept)
			fn(data, PASSED_ENTERED, frame->path, 0);
		fn(data, PASSED_REACHED, frame->path, frame->pc);
	}
}
