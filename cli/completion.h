/*
 * completion.h - scripts that complete command lines, made from the tables of commands and options.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

/* The caller frees what these return. */
char *completion_bash(void);
char *completion_zsh(void);
char *completion_fish(void);

#endif
