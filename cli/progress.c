#include "cli/progress.h"

#include <glib.h>
#include <stdio.h>
#include <unistd.h>

enum { FIRST_US = 1000000, EVERY_US = 200000 };

void progress_init(struct progress *p, bool wanted)
{
	const char *terminal = g_getenv("TERM");

	*p = (struct progress){ .on = wanted && isatty(STDERR_FILENO) && g_strcmp0(terminal, "dumb"),
				.begin_us = g_get_monotonic_time() };
}

static void append_time(GString *out, u64 seconds)
{
	if (seconds >= 3600)
		g_string_append_printf(out, "%" G_GUINT64_FORMAT ":%02u:%02u", seconds / 3600,
				       (u32)(seconds / 60 % 60), (u32)(seconds % 60));
	else
		g_string_append_printf(out, "%u:%02u", (u32)(seconds / 60), (u32)(seconds % 60));
}

char *progress_text(const char *what, u32 done, u32 all, u64 seconds)
{
	GString *out = g_string_new(what ? what : "");

	if (what)
		g_string_append(out, ": ");
	if (all > 1)
		g_string_append_printf(out, "%u of %u runs, ", done, all);
	else
		g_string_append(out, "running, ");
	append_time(out, seconds);
	if (all > 1 && done && done < all) {
		g_string_append(out, ", about ");
		append_time(out, seconds * (all - done) / done);
		g_string_append(out, " left");
	}
	return g_string_free(out, FALSE);
}

/* Over what stands there. */
static void write_line(struct progress *p, const char *text)
{
	u32 letters = (u32)g_utf8_strlen(text, -1);

	fprintf(stderr, "\r%s%*s", text, (int)(p->letters > letters ? p->letters - letters : 0), "");
	if (!letters)
		fputc('\r', stderr);
	fflush(stderr);
	p->letters = letters;
}

void progress_tell(struct progress *p, const char *what, u32 done, u32 all)
{
	s64 now = p->on ? g_get_monotonic_time() : 0;
	char *text;

	if (!p->on || now - p->begin_us < FIRST_US || now - p->last_us < EVERY_US)
		return;
	p->last_us = now;
	text = progress_text(what, done, all, (u64)(now - p->begin_us) / 1000000);
	write_line(p, text);
	g_free(text);
}

void progress_end(struct progress *p)
{
	if (p->letters)
		write_line(p, "");
}
