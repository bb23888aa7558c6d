/*
 * frames.h - arguments and locals of the paths in work/; see mm/frames.h.
 */
#ifndef MODELS_WORK_FRAMES_H
#define MODELS_WORK_FRAMES_H

#include "sim/types.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

#define WORK_PATHS(X) X(task_main) X(build_access_file) X(task_script)

struct task_main {
	u32 stop; /* enum work_stop: why user mode was left */
	u32 advice;
	u32 page;  /* of a call, */
	u32 end;   /* up to this one */
	u32 last;  /* it does not come back */
	u32 child; /* that is forked */
};

/* A file of the process that the task now is: what is next to be read, or what it writes. */
struct build_access_file {
	u32 write;
	u32 index;
	u32 end;
};

struct task_script {
	u32 operation;
	u32 page; /* of the machine; of a fork the child's task */
	u32 count;
	u32 pad;
};

#pragma GCC diagnostic pop

#endif
