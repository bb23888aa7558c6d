/*
 * words.h - the model's state in words: the vocabulary of machine.vocabulary, see sim/object.h.
 *
 * A page is called by its process and its number there: a0 is the first page of process a.
 */
#ifndef MODELS_WORDS_H
#define MODELS_WORDS_H

#include "sim/object.h"

extern const struct vocabulary kernel_vocabulary;

#endif
