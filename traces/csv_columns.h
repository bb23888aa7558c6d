/*
 * csv_columns.h - which column of a CSV file says what.
 *
 * A field is one of
 *	page page-hex	   page number, decimal or hexadecimal
 *	vpn vpn-dec	   virtual page number, hexadecimal or decimal
 *	addr addr-dec	   address, hexadecimal or decimal
 *	offset sector	   place on a block device, in bytes or in sectors of 512 bytes, decimal
 *	object		   what a cache calls its object, any text; its bytes are counted from 0
 *	device		   any text: every device has addresses of its own
 *	size sectors	   of a request, in bytes or in sectors of 512 bytes (1 byte unless said)
 *	op		   R, W or X; Read or Write
 *	count stride	   the access is one of a run: to page, page + stride, ... (stride 1 unless said)
 *	gap		   ticks since the access before
 *	icount		   references since the program began, the access included
 *	time		   since any moment, in the unit given (nanoseconds), with a fraction if it is another
 * A column has the name of its field unless "field=column,..." says otherwise. All other columns are skipped.
 * With an object, a device or a size a line is a request (requests.h), otherwise an access or a run of them.
 */
#ifndef TRACES_CSV_COLUMNS_H
#define TRACES_CSV_COLUMNS_H

#include "traces/text.h"
#include "traces/trace.h"

#define CSV_COLUMNS_MAX 64

enum csv_field {
	CSV_SKIP,
	CSV_PAGE,
	CSV_OP,
	CSV_COUNT,
	CSV_STRIDE,
	CSV_WHEN,
	CSV_SIZE,
	CSV_DEVICE,
	CSV_FIELDS,
};
enum csv_address { CSV_PAGE_NUMBER, CSV_VIRTUAL_PAGE, CSV_ADDRESS, CSV_SECTOR, CSV_OBJECT };
enum csv_clock { CSV_NO_CLOCK, CSV_GAP, CSV_ICOUNT, CSV_TIME };

/* What a word in an op column means, whatever the case: a kind of access, or that the line is none. */
struct csv_word {
	const char *word; /* NULL: every other */
	u32 meaning;	  /* enum trace_op, or */
};
#define CSV_WORD_SKIP 16u
#define CSV_WORD_WRONG 17u

struct csv_columns {
	enum csv_field field[CSV_COLUMNS_MAX];
	u32 count;
	bool has[CSV_FIELDS];
	enum csv_address address;
	bool hexadecimal;
	enum csv_clock clock;
	u64 unit_ns;  /* of CSV_TIME */
	bool sectors; /* sizes are */
	const struct csv_word *words;
	bool loose; /* blanks around fields, a clock that goes back: a public trace, taken as it is */
	bool more;  /* columns behind the last */
};

/* Whether lines are requests. */
static inline bool csv_columns_requests(const struct csv_columns *columns)
{
	return columns->has[CSV_SIZE] || columns->has[CSV_DEVICE] || columns->address == CSV_OBJECT;
}

/* A time in ns: a decimal number of units (a power of ten of ns), a fraction. On failure `at` has not moved.
 */
bool csv_time(struct text *text, u64 unit_ns, u64 *ns);
/* What the word up to the next comma means; CSV_WORD_WRONG leaves `at`. */
u32 csv_word(struct text *text, const struct csv_word *words);
/* ns, 100ns, us, ms or s; ERROR_USAGE. */
bool csv_unit(const char *name, u64 *unit_ns, GError **error);
/* Reads the line with the names, from which `at` does not move. `map` may be NULL. */
bool csv_columns_read(struct csv_columns *columns, const char *map, struct text *text, GError **error);

#endif
