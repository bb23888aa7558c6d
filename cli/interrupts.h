/*
 * interrupts.h - SIGINT and SIGTERM, with which people, schedulers and timeouts end a job.
 *
 * They are blocked while something goes on that is worth telling about half-way, and looked at in passing, so
 * there is no handler and nothing it must not do.
 */
#ifndef CLI_INTERRUPTS_H
#define CLI_INTERRUPTS_H

#include <signal.h>

#include "sim/types.h"

void interrupts_block(sigset_t *before);
/* Unless one was noticed: then what is left to do is to write what there is and to exit with 130. */
void interrupts_restore(const sigset_t *before, bool noticed);
/* From here to the end of the program. */
void interrupts_hold(void);
bool interrupts_pending(void);

#endif
