#include "cli/explore_watch.h"

#include <stdio.h>

#include "cli/interrupts.h"

void explore_watch_begin(struct explore_watch *w, const char *kernel, const char *unit)
{
	w->kernel = kernel;
	w->unit = unit;
	progress_init(&w->progress, !w->quiet);
}

bool explore_watch_stop(void *watch, u64 known)
{
	struct explore_watch *w = watch;
	char *what;

	if (w->progress.on) {
		what = g_strdup_printf("%s: %" G_GUINT64_FORMAT " %s", w->kernel, known, w->unit);
		progress_tell(&w->progress, what, 0, 1);
		g_free(what);
	}
	return interrupts_pending();
}

void explore_watch_end(struct explore_watch *w, const struct exploration *x)
{
	const struct explore_result *r = &x->found;
	double seconds = (double)(g_get_monotonic_time() - w->progress.begin_us) / 1e6;

	progress_end(&w->progress);
	if (w->quiet)
		return;
	fprintf(stderr, "swapsim: %s: %.3f s", w->kernel, seconds);
	if (!x->sampled)
		fprintf(
		    stderr,
		    "; %" G_GUINT64_FORMAT " transitions; %.0f bytes a state in memory; of %" G_GUINT64_FORMAT
		    " bytes of state %" G_GUINT64_FORMAT " ever changed",
		    r->transitions, (double)r->bytes / (double)r->states, r->live_bytes, r->changing_bytes);
	fputc('\n', stderr);
}
