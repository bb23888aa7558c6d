/*
 * input.h - the bytes of a file that may be compressed: gzip (members one after another too), zstd (frames
 * too) or neither, told apart by the first bytes. A compressed file that is cut short or damaged is
 * ERROR_TRACE.
 */
#ifndef TRACES_INPUT_H
#define TRACES_INPUT_H

#include <glib.h>

#include "sim/types.h"

struct input;

/* "-" is stdin. */
struct input *input_open(const char *path, GError **error);
void input_close(struct input *input);
/* At least one byte unless at the end; 0 at the end, -1 on error. */
gssize input_read(struct input *input, void *bytes, size_t size, GError **error);

#endif
