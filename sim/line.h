/*
 * line.h - cache lines that CPUs pass to one another.
 *
 * A line that another CPU wrote last is in its cache, and takes line_ns to come over. A spinlock brings its
 * own and, as it was for them that it was taken, those it protects: machine.lock_lines, by class. What is
 * written under no lock that is a step - a counter, the head of a list - is a struct line, which one CPU
 * after the other has, in the order in which they want it: whoever finds it under way to others waits.
 *
 * Nothing of this is known to a search, nor where line_ns is 0. What a line costs that is in no cache is
 * part of the costs of steps.
 */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "sim/machine.h"

struct line {
	u64 free_at; /* when the last that wanted it has it */
	u16 cpu;     /* + 1, whose that is; 0: nobody's */
	u16 pad[3];
};

/* @t writes to @line, and with it to what makes @lines in all: what it takes is added to t->work_ns. */
void line_pass(const struct machine *m, struct task *t, struct line *line, u32 lines);
/* The same where lines are known. */
static inline void line_take(const struct machine *m, struct task *t, struct line *line, u32 lines)
{
	if (m->line_ns)
		line_pass(m, t, line, lines);
}

#endif
