/*
 * error.h - errors a user can cause. Library code returns them in a GError of this domain; cli/ alone turns
 * the code into an exit status, which is why the codes are the exit statuses.
 *
 * The message of a file error starts "file:line:col: path: " and says what is wrong and, in brackets, what
 * would be right. Nothing half-written is left behind.
 */
#ifndef SIM_ERROR_H
#define SIM_ERROR_H

#include <glib.h>

enum swapsim_error {
	ERROR_IO = 1,	    /* a file cannot be read or written, a program cannot be run */
	ERROR_USAGE = 2,    /* the command line */
	ERROR_FINDING = 3,  /* an invariant was violated */
	ERROR_SCENARIO = 4, /* the scenario file, or a machine that cannot run it */
	ERROR_TRACE = 5,    /* the trace file */
};

#define SWAPSIM_ERROR swapsim_error_quark()
GQuark swapsim_error_quark(void);

#endif
