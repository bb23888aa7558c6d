/*
 * fidelity_stream.h - a recorded stream of accesses as a trace file that a scenario can name.
 *
 * What is recorded in another format is imported into a file in @folder. So is what the recorded program did
 * beside the accesses to its mapping: one that draws pages by Zipf's law has its distribution function (8
 * bytes a page) in anonymous memory of its own, and one that scatters them a permutation (4 bytes a page). It
 * wrote these tables before the fill, did not use them meanwhile, and read them for every access after that.
 * So they are among the first pages to go, and come back once. Which page of them an access read is not
 * recorded; here they take turns.
 */
#ifndef CLI_FIDELITY_STREAM_H
#define CLI_FIDELITY_STREAM_H

#include "cli/fidelity_rows.h"

/* The absolute path of the trace; NULL and an error of importing it. The caller frees it. */
char *fidelity_stream_trace(const struct fidelity_stream *stream, const char *folder, GError **error);
/* The chunks of @pages pages that trace @path writes after the fill of @stream, one after the other, as a
 * list of JSON; NULL, without an error if something else is written. The caller frees it. */
char *fidelity_stream_chunks(const struct fidelity_stream *stream, const char *path, u32 pages,
			     GError **error);
/* Pages of those tables; they follow the mapping. */
u32 fidelity_stream_tables(const struct fidelity_stream *stream);
/* Whether fidelity_stream_trace() has to write a file. */
bool fidelity_stream_is_written(const struct fidelity_stream *stream);

#endif
