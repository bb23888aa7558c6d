#include "cli/interrupts.h"

bool interrupts_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

void interrupts_block(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, before);
}

void interrupts_hold(void)
{
	sigset_t before;

	interrupts_block(&before);
}

void interrupts_restore(const sigset_t *before, bool noticed)
{
	if (!noticed)
		sigprocmask(SIG_SETMASK, before, NULL);
}
