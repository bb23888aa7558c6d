/*
 * csv_columns.h - which column of a CSV file says what.
 *
 * A field is one of
 *	page page-hex	   page number, decimal or hexadecimal
 *	vpn vpn-dec	   virtual page number, hexadecimal or decimal
 *	addr addr-dec	   address, hexadecimal or decimal
 *	op		   R, W or X
 *	count stride	   the access is one of a run: to page, page + stride, ... (stride 1 unless said)
 *	gap		   ticks since the access before
 *	icount		   references since the program began, the access included
 *	time		   nanoseconds since any moment
 * A column has the name of its field unless "field=column,..." says otherwise. All other columns are skipped.
 */
#ifndef TRACES_CSV_COLUMNS_H
#define TRACES_CSV_COLUMNS_H

#include "traces/text.h"

#define CSV_COLUMNS_MAX 64

enum csv_field { CSV_SKIP, CSV_PAGE, CSV_OP, CSV_COUNT, CSV_STRIDE, CSV_WHEN, CSV_FIELDS };
enum csv_address { CSV_PAGE_NUMBER, CSV_VIRTUAL_PAGE, CSV_ADDRESS };
enum csv_clock { CSV_NO_CLOCK, CSV_GAP, CSV_ICOUNT, CSV_TIME };

struct csv_columns {
	enum csv_field field[CSV_COLUMNS_MAX];
	u32 count;
	bool has[CSV_FIELDS];
	enum csv_address address;
	bool hexadecimal;
	enum csv_clock clock;
};

/* Reads the line with the names; `at` ends on its '\n'. `map` may be NULL. */
bool csv_columns_read(struct csv_columns *columns, const char *map, struct text *text, GError **error);

#endif
