/*
 * xxh64.h - the checksum of trace files: XXH64 with seed 0, as its public specification defines it, so that a
 * reader in another language finds it in a library.
 */
#ifndef TRACES_XXH64_H
#define TRACES_XXH64_H

#include "sim/types.h"

u64 xxh64(const void *data, size_t size);

#endif
