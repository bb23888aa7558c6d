/*
 * words.h - what may stand on a command line: for shells that complete it.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "cli/arguments.h"

enum words_kind { WORDS_ANY, WORDS_FIXED, WORDS_LISTED, WORDS_FOLDERS, WORDS_FILES };

struct words {
	enum words_kind kind;
	const char *words; /* _FIXED: with blanks between; _LISTED: a list of swapsim list */
	bool files;	   /* or the name of a file */
	bool commas;	   /* several, with commas between */
};

/* Of the value of an option; WORDS_ANY when it has none, too. */
struct words words_of_option(const GOptionEntry *option);
/* Of the argument of that number, from 0. The caller frees it, a list of what words_of_argument() takes. */
char **arguments_of(const struct usage *usage);
struct words words_of_argument(const char *name);

static inline bool option_has_value(const GOptionEntry *option)
{
	return option->arg != G_OPTION_ARG_NONE;
}

#endif
