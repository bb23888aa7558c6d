#include "sim/line.h"

void line_pass(const struct machine *m, struct task *t, struct line *line, u32 lines)
{
	u64 now = m->now + t->delay + t->work_ns;

	if (line->cpu && line->cpu != t->cpu + 1)
		line->free_at = MAX(line->free_at, now) + (u64)lines * m->line_ns;
	line->cpu = t->cpu + 1;
	if (line->free_at > now)
		t->work_ns += line->free_at - now;
}
