#include "sim/suggest.h"

#include <glib.h>
#include <string.h>

#include "sim/types.h"

static u32 distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), width = m + 1;
	u32 *cell = g_new(u32, (n + 1) * width);
	u32 result;

	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			u32 *here = &cell[i * width + j];

			if (!i || !j) {
				*here = (u32)(i + j);
				continue;
			}
			*here = here[-(ptrdiff_t)width - 1] + (a[i - 1] != b[j - 1]);
			*here = MIN(*here, here[-1] + 1);
			*here = MIN(*here, here[-(ptrdiff_t)width] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				*here = MIN(*here, here[-2 * (ptrdiff_t)width - 2] + 1);
		}
	}
	result = cell[n * width + m];
	g_free(cell);
	return result;
}

static size_t begins_alike(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

/* The shortest name of which the word is the first part: zram of zram-lz4. */
static const char *begun_with(const char *word, const char *const *names)
{
	size_t n = strlen(word);
	const char *shortest = NULL;

	for (; *names; names++)
		if (!strncmp(*names, word, n) && (*names)[n] == '-' &&
		    (!shortest || strlen(*names) < strlen(shortest)))
			shortest = *names;
	return shortest;
}

const char *suggest(const char *word, const char *const *names)
{
	u32 best = (u32)MAX(1, strlen(word) / 3) + 1;
	const char *near = NULL;

	for (u32 i = 0; names[i]; i++) {
		u32 away = distance(word, names[i]);

		if (away < best ||
		    (near && away == best && begins_alike(word, names[i]) > begins_alike(word, near))) {
			best = away;
			near = names[i];
		}
	}
	return near ? near : begun_with(word, names);
}
