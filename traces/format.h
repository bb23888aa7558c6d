/*
 * format.h - the two fixed strings of a .swt file's header. FORMAT.md has the whole.
 */
#ifndef TRACES_FORMAT_H
#define TRACES_FORMAT_H

#define FORMAT_MAGIC "swapsim-trace 1\n"
#define FORMAT_CHECKSUM "xxh64: "

#endif
