#include "models/scenario.h"

#include <string.h>

#include "models/scenario_parts.h"
#include "sim/random.h"

static void process_clear(void *process)
{
	struct scenario_process *p = process;

	g_free(p->name);
	g_free(p->file_map);
}

static void trace_clear(void *trace)
{
	struct scenario_trace *t = trace;

	g_free(t->path);
	trace_free(t->trace);
}

static void files_clear(void *files)
{
	struct scenario_files *f = files;

	g_free(f->map);
}

static struct scenario *scenario_new(void)
{
	struct scenario *s = g_new0(struct scenario, 1);

	s->process = g_array_new(FALSE, TRUE, sizeof(struct scenario_process));
	s->thread = g_array_new(FALSE, TRUE, sizeof(struct scenario_thread));
	s->trace = g_array_new(FALSE, TRUE, sizeof(struct scenario_trace));
	s->files = g_array_new(FALSE, TRUE, sizeof(struct scenario_files));
	s->warning = g_ptr_array_new_with_free_func(g_free);
	g_array_set_clear_func(s->process, process_clear);
	g_array_set_clear_func(s->trace, trace_clear);
	g_array_set_clear_func(s->files, files_clear);
	return s;
}

/* What only building it can tell: whether the memory holds what is there from the start. */
static bool scenario_can_be_built(struct scenario *s, const struct json_doc *doc, GError **error)
{
	const struct build_options options = { .seed = scenario_seed(s) };
	GError *wrong = NULL;
	struct kernel *k = scenario_build(s, &options, &wrong);
	bool ok;

	if (!k) {
		json_doc_error(doc, error, ERROR_SCENARIO, "machine.memory", "%s", wrong->message);
		g_error_free(wrong);
		return false;
	}
	ok = scenario_resolve_schedule(s, &k->machine, doc, error);
	kernel_free(k);
	return ok;
}

struct scenario *scenario_read(struct json_doc *doc, const char *data_dir, GError **error)
{
	struct scenario *s = scenario_new();

	if (!scenario_include(doc, data_dir, error) || !json_read(doc, &scenario_table, &s->spec, error))
		goto wrong;
	s->kernel = machine_spec_kernel(&s->spec.machine);
	s->effective = json_write(&scenario_table, &s->spec);
	if (!scenario_resolve(s, doc, data_dir, error) || !scenario_can_be_built(s, doc, error))
		goto wrong;
	g_ptr_array_add(s->warning, NULL);
	return s;
wrong:
	scenario_free(s);
	return NULL;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	for (u32 i = 0; s->work && i < s->spec.n_tasks; i++) {
		zipf_free(s->work[i].zipf);
		g_free(s->work[i].begun_mark);
		g_free(s->work[i].ended_mark);
		scenario_script_free(s->work[i].script);
	}
	scenario_schedule_release(s);
	g_free(s->work);
	g_free(s->memcg);
	g_free(s->device);
	g_free(s->mm);
	g_free(s->write);
	g_free(s->swap_operation);
	g_free(s->kernel);
	g_free(s->effective);
	g_array_free(s->process, TRUE);
	g_array_free(s->thread, TRUE);
	g_array_free(s->trace, TRUE);
	g_array_free(s->files, TRUE);
	g_ptr_array_free(s->warning, TRUE);
	json_release(&scenario_table, &s->spec);
	g_free(s);
}

const char *scenario_name(const struct scenario *s)
{
	return s->spec.name;
}

const char *scenario_kernel(const struct scenario *s)
{
	return s->kernel;
}

u64 scenario_seed(const struct scenario *s)
{
	return s->spec.machine.seed;
}

u64 scenario_stop_ns(const struct scenario *s)
{
	return s->spec.stop.after ? s->spec.stop.after : TIME_NEVER;
}

u64 scenario_sample_ns(const struct scenario *s)
{
	return s->spec.sample.every;
}

char *scenario_effective(const struct scenario *s)
{
	return g_strdup(s->effective);
}

u64 scenario_hash(const struct scenario *s)
{
	return scenario_text_hash(s->effective);
}

char *scenario_task_name(const struct scenario *s, u32 i)
{
	const struct scenario_thread *thread = scenario_thread(s, i);
	const struct task_spec *task = &s->spec.tasks[thread->task];

	return task->count > 1 ? g_strdup_printf("%s-%u", task->name, thread->instance)
			       : g_strdup(task->name);
}

u32 scenario_memcg(const struct scenario *s, const char *name)
{
	for (u32 i = 1; i < s->memcgs; i++)
		if (!strcmp(s->memcg[i].name, name))
			return i;
	return 0;
}

char *scenario_cgroup_names(const struct scenario *s)
{
	GString *names = g_string_new(NULL);

	for (u32 i = 1; i < s->memcgs; i++)
		g_string_append_printf(names, "%s%s", i > 1 ? ", " : "", s->memcg[i].name);
	return g_string_free(names, FALSE);
}

u64 scenario_footprint_pages(const struct scenario *s)
{
	u64 pages = 0;

	for (u32 i = 0; i < s->process->len; i++)
		pages += scenario_data_pages(s, i);
	return pages;
}

const char *const *scenario_warnings(const struct scenario *s)
{
	return (const char *const *)s->warning->pdata;
}

u64 scenario_text_hash(const char *text)
{
	u64 hash = 0;

	for (; *text; text++)
		hash = random_mix(hash + RANDOM_STRIDE + (u8)*text);
	return hash;
}
