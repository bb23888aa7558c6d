#include "sim/stretch.h"

#include <string.h>

#include "sim/error.h"
#include "sim/suggest.h"

enum { NOT_FOUND = UINT32_MAX };

static u32 find_path(const struct machine *m, const char *name, size_t letters)
{
	for (u32 i = 0; i < m->paths; i++)
		if (!strncmp(m->path[i].info->name, name, letters) && !m->path[i].info->name[letters])
			return i;
	return NOT_FOUND;
}

static u32 find_step(const struct path *path, const char *name)
{
	for (u32 i = 1; i < path->steps; i++)
		if (!strcmp(path->step_name[i], name))
			return i;
	return NOT_FOUND;
}

/* "path.STEP" of a table, of this path. */
static u16 known_step(const struct path *path, const char *name)
{
	u32 step = find_step(path, strchr(name, '.') + 1);

	BUG_ON(step == NOT_FOUND);
	return step;
}

static const struct window *find_window(const struct machine *m, const char *name)
{
	for (const struct window *w = m->window; w && w->name; w++)
		if (!strcmp(w->name, name))
			return w;
	return NULL;
}

/* All windows, and all paths if wanted; ends with NULL. */
static const char **names_known(const struct machine *m, bool windows)
{
	GPtrArray *names = g_ptr_array_new();

	for (const struct window *w = m->window; windows && w && w->name; w++)
		g_ptr_array_add(names, (char *)w->name);
	for (u32 i = 0; i < m->paths; i++)
		g_ptr_array_add(names, (char *)m->path[i].info->name);
	g_ptr_array_add(names, NULL);
	return (const char **)g_ptr_array_free(names, FALSE);
}

/* The first path that has a step of the name. */
static const struct path *path_with_step(const struct machine *m, const char *name)
{
	for (u32 i = 0; i < m->paths; i++)
		if (find_step(&m->path[i], name) != NOT_FOUND)
			return &m->path[i];
	return NULL;
}

static bool unknown(const struct machine *m, const char *name, bool windows, GError **error)
{
	const struct path *path = windows ? path_with_step(m, name) : NULL;
	const char **names = names_known(m, windows);
	const char *near = suggest(name, names);

	if (path)
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO,
			    "\"%s\" is a step, and steps are called path.STEP (such as \"%s.%s\")", name,
			    path->info->name, name);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "there is no %s \"%s\" (%s%s%s)",
			    windows ? "window and no path" : "path", name, near ? "did you mean \"" : "",
			    near ? near : "swapsim list windows, swapsim list steps show what there is",
			    near ? "\"?" : "");
	g_free(names);
	return false;
}

static bool unknown_step(const struct path *path, const char *name, GError **error)
{
	const char *near = suggest(name, path->step_name + 1);
	char *all = g_strjoinv(", ", (char **)path->step_name + 1);

	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "path %s has no step \"%s\" (%s%s%s)",
		    path->info->name, name, near ? "did you mean \"" : "expected one of ", near ? near : all,
		    near ? "\"?" : "");
	g_free(all);
	return false;
}

static bool find_step_of_path(const struct machine *m, const char *name, const char *dot, struct stretch *s,
			      GError **error)
{
	u32 path = find_path(m, name, (size_t)(dot - name)), step;
	char *word;

	if (path == NOT_FOUND) {
		word = g_strndup(name, (gsize)(dot - name));
		unknown(m, word, false, error);
		g_free(word);
		return false;
	}
	step = find_step(&m->path[path], dot + 1);
	if (step == NOT_FOUND)
		return unknown_step(&m->path[path], dot + 1, error);
	*s = (struct stretch){ .path = path, .from = step, .to = step };
	return true;
}

static struct stretch stretch_of_window(const struct machine *m, const struct window *w)
{
	u32 number = find_path(m, w->open, strcspn(w->open, "."));
	const struct path *path = &m->path[number];
	struct stretch s = { .path = number, .window = w };

	s.open = known_step(path, w->open);
	s.from = w->first ? known_step(path, w->first) : s.open + 1;
	s.to = known_step(path, w->close);
	BUG_ON(s.from <= s.open || s.from > s.to);
	return s;
}

bool stretch_find(const struct machine *m, const char *name, struct stretch *s, GError **error)
{
	const char *dot = strchr(name, '.');
	const struct window *w = find_window(m, name);
	u32 path;

	if (dot)
		return find_step_of_path(m, name, dot, s, error);
	if (w) {
		*s = stretch_of_window(m, w);
		return true;
	}
	path = find_path(m, name, strlen(name));
	if (path == NOT_FOUND)
		return unknown(m, name, true, error);
	*s = (struct stretch){ .path = path, .to = m->path[path].steps - 1 };
	return true;
}

struct stretch stretch_opening(const struct stretch *s)
{
	if (!s->window)
		return *s;
	return (struct stretch){ .path = s->path, .from = s->open, .to = s->open };
}

static bool is_set(const void *frame, struct frame_field field)
{
	const u8 *at = (const u8 *)frame + field.offset;

	for (u32 i = 0; i < field.bytes; i++)
		if (at[i])
			return true;
	return !field.bytes;
}

static bool is_in_window(const struct machine *m, const struct window *w, const void *frame)
{
	return is_set(frame, w->when) && (!w->there || w->there(m));
}

bool stretch_contains(const struct machine *m, const struct stretch *s, const struct task *t)
{
	u32 offset = t->frame;

	if (t->state == TASK_DONE)
		return false;
	for (;;) {
		const struct frame *frame = frame_at(m, t, offset);

		if (frame->path == s->path && frame->pc >= s->from && frame->pc <= s->to &&
		    (!s->window || is_in_window(m, s->window, frame + 1)))
			return true;
		if (!offset)
			return false;
		offset = frame->below;
	}
}

char *stretch_name(const struct machine *m, const struct stretch *s)
{
	const struct path *path = &m->path[s->path];

	if (s->window)
		return g_strdup(s->window->name);
	if (stretch_is_path(s))
		return g_strdup(path->info->name);
	return g_strdup_printf("%s.%s", path->info->name, path->step_name[s->from]);
}
