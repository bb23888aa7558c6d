/*
 * suggest.h - the word somebody may have meant.
 */
#ifndef SIM_SUGGEST_H
#define SIM_SUGGEST_H

/* The first of the nearest names, if it is at most a third of the word's letters (but one at least) away in
 * insertions, deletions, replacements and swaps of neighbours; otherwise the shortest that begins with it and
 * a hyphen; otherwise NULL. names ends with NULL. */
const char *suggest(const char *word, const char *const *names);

#endif
