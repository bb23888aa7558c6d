/*
 * words.h - the model's state in words: the vocabulary of machine.vocabulary, see sim/object.h.
 *
 * A page is called by its process and its number there: a0 is the first page of process a.
 */
#ifndef MODELS_WORDS_H
#define MODELS_WORDS_H

#include "models/kernel.h"
#include "sim/object.h"

enum { PAGE_NAME_BYTES = 48 };

/* "a0"; "page 7" if it is of no process that has a name. Lives as long as the block it stands in. */
#define PAGE_NAME(k, page) page_name(k, page, (char[PAGE_NAME_BYTES]){ 0 })
const char *page_name(const struct kernel *k, u32 page, char *name);

extern const struct vocabulary kernel_vocabulary;

#endif
