/*
 * csv_presets.h - the layouts of public block and cache traces that come as CSV without a line of names (or
 * with one, which is stepped over). Every line is a request; see requests.h.
 *
 *	msr	    MSR Cambridge, 2007: Timestamp (100 ns since 1601), Hostname, DiskNumber, Type (Read,
 *Write), Offset, Size, ResponseTime
 *	systor	    Fujitsu VDI, SYSTOR '17: Timestamp (s), Response, IOType (R, W or empty), LUN, Offset,
 *Size spc	    Storage Performance Council, as the UMass traces: ASU, LBA (512 bytes), Size, Opcode (r,
 *w), Timestamp (s), and what else there may be cphy-vscsi  CloudPhysics as libCacheSim prints it: version,
 *time (s), op (SCSI, hexadecimal), size, lbn (512 bytes) twr	    Twitter's caches, 2020: timestamp (s),
 *key, key size, value size, client, operation, TTL
 *
 * Sizes and offsets are bytes unless said otherwise. Times are seconds with a fraction unless said otherwise.
 */
#ifndef TRACES_CSV_PRESETS_H
#define TRACES_CSV_PRESETS_H

#include "traces/csv_columns.h"

/* The names, NULL-terminated. */
const char *const *csv_preset_names(void);
/*
 * The columns of a preset; its line of names is stepped over, *names says if the current line was that. False
 * with ERROR_USAGE if there is none of that name.
 */
bool csv_preset(struct csv_columns *columns, const char *name, const struct text *text, bool *names,
		GError **error);

#endif
