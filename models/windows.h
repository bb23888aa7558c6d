/*
 * windows.h - the windows of the modelled code: stretches in which something is not as it should be.
 *
 * A name is an interface (schedules, timelines, coverage). A new window is a row of the table; a row says
 * what it is about and what is weak meanwhile, from which step of a path to which. What a path goes through
 * on its other ways is kept out by `first` or `when` (struct window).
 */
#ifndef MODELS_WINDOWS_H
#define MODELS_WINDOWS_H

#include "sim/machine.h"

extern const struct window windows[]; /* ends with a row without a name */

#endif
