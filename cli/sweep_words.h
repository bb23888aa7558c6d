/*
 * sweep_words.h - values of a sweep as pictures name them. Most are what they are; a list of swap devices, as
 * of the path "swap", is their names: "zram-lz4 + nvme-fast", or
 * "no swap".
 */
#ifndef CLI_SWEEP_WORDS_H
#define CLI_SWEEP_WORDS_H

#include "cli/sweep_axes.h"

/* The caller frees it. Two values of an axis have different words. */
char *sweep_words(const struct sweep_axis *axis, u32 value);
/* All values of the axis: "zram-lz4 or zram-lz4 + nvme-fast". The caller frees it. */
char *sweep_words_all(const struct sweep_axis *axis);

#endif
