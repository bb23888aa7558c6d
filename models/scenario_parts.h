/*
 * scenario_parts.h - inside a scenario: what its names turned out to mean.
 *
 * Processes come in the order in which tasks first use them, threads in the order of the tasks and, within
 * one, of its instances. Everything is owned by the scenario and constant once it is read.
 */
#ifndef MODELS_SCENARIO_PARTS_H
#define MODELS_SCENARIO_PARTS_H

#include "models/scenario.h"
#include "models/scenario_spec.h"
#include "models/swap/swapoff.h"
#include "sim/schedule.h"

struct scenario_process {
	char *name;
	const struct memory_spec *memory;
	u32 pages;  /* of the largest workload */
	u32 shared; /* of spec.shared, which it is a mapping of, + 1; 0: of none */
	u16 memcg;
	bool early;		   /* it is there from the start */
	u32 filler;		   /* thread + 1 that fills it once, 0 none */
	u32 task;		   /* the first to use it, for messages */
	const struct trace *trace; /* the one that says which pages are file pages; NULL none */
	u8 *file_map;		   /* bit per page; NULL none */
	u32 files;		   /* of scenario.files, + 1; 0: its own, if any */
	u32 stack_first;	   /* page that the mapping of its stack begins with, and */
	u32 stack_pages;	   /* its size; 0: there is none */
	u32 vmas;		   /* mappings; 0: one of all pages */
	u32 vma_pages[3];	   /* theirs, the stack's last */
	u32 fork_of;		   /* process + 1; 0 none */
};

/* Of its address space, the stack's among them. */
static inline u32 scenario_process_pages(const struct scenario_process *p)
{
	return p->stack_pages ? p->stack_first + p->stack_pages : p->pages;
}

struct scenario_thread {
	u32 task;     /* of spec.tasks */
	u32 instance; /* of that task */
	u32 process;
	u32 fork_by; /* thread + 1; 0 none */
};

/* What a task's workload needs beside its description. */
struct scenario_work {
	u32 pages;
	u16 memcg;
	const struct trace *trace; /* NULL: generated */
	struct zipf *zipf;	   /* NULL: not zipf */
	char *begun_mark;	   /* NULL: it is there from the start */
	char *ended_mark;	   /* NULL: it neither comes nor goes */
	struct script *script;	   /* NULL: none */
	u32 fork_of;		   /* task + 1; 0: none */
};

/* What several processes have of the same files. */
struct scenario_files {
	const char *name;
	u32 pages;
	u32 users; /* processes */
	bool tree; /* and what no process has mapped */
	u8 *map;   /* a bit per page, all set */
};

struct scenario_trace {
	char *path;
	struct trace *trace;
};

struct scenario {
	struct scenario_spec spec;
	char *kernel;
	char *effective;
	u32 memcgs; /* spec.n_cgroups + 1 */
	struct memcg_config *memcg;
	struct scenario_work *work;	   /* [spec.n_tasks] */
	GArray *process;		   /* of struct scenario_process */
	GArray *thread;			   /* of struct scenario_thread */
	GArray *trace;			   /* of struct scenario_trace */
	GArray *files;			   /* of struct scenario_files */
	struct swap_device_config *device; /* [spec.n_swap] */
	struct mm_config *mm;		   /* [process, shared memory, files] */
	struct cgroup_write *write;	   /* [writes] */
	u32 writes;
	struct swap_operation *swap_operation; /* [swap_operations] */
	u32 swap_operations;
	struct schedule schedule;
	GPtrArray *warning; /* of char *, NULL at the end */
};

static inline struct scenario_process *scenario_process(const struct scenario *s, u32 i)
{
	return &g_array_index(s->process, struct scenario_process, i);
}
static inline struct scenario_thread *scenario_thread(const struct scenario *s, u32 i)
{
	return &g_array_index(s->thread, struct scenario_thread, i);
}

static inline struct scenario_files *scenario_files(const struct scenario *s, u32 i)
{
	return &g_array_index(s->files, struct scenario_files, i);
}
static inline u32 scenario_mms(const struct scenario *s)
{
	return s->process->len + s->spec.n_shared + s->files->len;
}

/* The object that is being looked at, for messages: "tasks[2]". */
struct scenario_place {
	const struct json_doc *doc;
	const char *list;
	u32 index;
};

/* ERROR_SCENARIO at @key of the object, "" being the object itself. Always false. */
bool scenario_wrong(const struct scenario_place *place, GError **error, const char *key, const char *format,
		    ...) G_GNUC_PRINTF(4, 5);
void scenario_warn(struct scenario *s, const char *format, ...) G_GNUC_PRINTF(2, 3);
void scenario_warn_at(struct scenario *s, const struct scenario_place *place, const char *key,
		      const char *message);
/* By its name; 0, the root, for NULL. */
bool scenario_find_cgroup(const struct scenario_spec *spec, const struct scenario_place *place,
			  const char *key, const char *name, u16 *memcg, GError **error);
/* A swap device by its place; @text is a number. */
bool scenario_find_device(const struct scenario_spec *spec, const struct scenario_place *place,
			  const char *key, const char *text, u32 *device, GError **error);

/* Of the processes in a cgroup and below it, in pages. */
struct scenario_content {
	u64 data;
	u64 overhead;
};
/* Pages of a size that may be "max" (PAGE_COUNTER_MAX) or a part of @data. */
bool scenario_limit_pages(const struct json_size *size, const char *key, u64 data,
			  const struct scenario_place *place, u64 *pages, GError **error);
bool scenario_resolve_limits(struct scenario *s, const struct json_doc *doc, GError **error);
bool scenario_resolve_operations(struct scenario *s, const struct scenario_content *in,
				 const struct json_doc *doc, GError **error);

/* ---- scenario_shared.c ---- */

/* What processes and tasks share is there, and each of it once. */
bool scenario_resolve_shared(const struct scenario_spec *spec, const struct json_doc *doc, GError **error);
/* Of spec.shared, + 1; 0: there is none of that name. NULL: none. */
u32 scenario_find_shared(const struct scenario_spec *spec, const char *name);
/* Of the folios it is to be in. */
u32 scenario_huge_order(const struct shared_memory_spec *shared);
/* A process that shares is as large as what it shares; @place: the task that works there. */
bool scenario_process_shares(const struct scenario *s, struct scenario_process *p,
			     const struct scenario_place *place, GError **error);
/* Whether somebody fills the memory of the process, who need not be of it. */
bool scenario_is_filled(const struct scenario *s, const struct scenario_process *p);
/* Pages of data that come with process @i; those of shared memory with the first that has it. */
u64 scenario_data_pages(const struct scenario *s, u32 i);
/* Of all address spaces, those of shared memory among them. */
u64 scenario_mapped_pages(const struct scenario *s);
/* The rest of s->mm. */
void scenario_describe_shared(struct scenario *s);

/* ---- scenario_files.c ---- */

/* The pages of processes are known, and which of them are of files. */
bool scenario_resolve_files(struct scenario *s, const struct json_doc *doc, GError **error);
/* Pages of process @i without those of files that another one before it has. */
u64 scenario_own_pages(const struct scenario *s, u32 i);
/* The last ones of s->mm, and who has them. */
void scenario_describe_files(struct scenario *s);

/* scenario_script.c: the operations of tasks with "do", and how many pages they need. */
bool scenario_resolve_scripts(struct scenario *s, const struct json_doc *doc, GError **error);
/* Some operation is UFFDIO_MOVE. */
bool scenario_moves_pages(const struct scenario *s);
/* Of "fork_of": tasks first, then processes and threads. */
bool scenario_resolve_parents(struct scenario *s, const struct json_doc *doc, GError **error);
bool scenario_resolve_families(struct scenario *s, const struct json_doc *doc, GError **error);
/* Whose layout and contents a process has: itself, or the first of those it is forked from. */
const struct scenario_process *scenario_oldest(const struct scenario *s, const struct scenario_process *p);
/* The thread that an operation "fork" of a task makes, at @key; setup[@setup] may be @task's to do. */
bool scenario_resolve_child(const struct scenario *s, u32 task, const struct do_spec *d,
			    const struct scenario_place *place, const char *key, u32 *thread, GError **error);
bool scenario_check_setup_of_child(const struct scenario *s, u32 setup, u32 task,
				   const struct scenario_place *place, GError **error);
void scenario_script_free(struct script *script);
/* scenario_schedule.c: names of paths and windows are those of the machine @m. */
bool scenario_resolve_schedule(struct scenario *s, const struct machine *m, const struct json_doc *doc,
			       GError **error);
void scenario_schedule_release(struct scenario *s);
/* Of spec.tasks, by its name; SCENARIO_NO_TASK and ERROR_SCENARIO at @key: there is none. */
u32 scenario_find_task(const struct scenario *s, const struct scenario_place *place, const char *key,
		       const char *name, GError **error);
enum { SCENARIO_NO_TASK = UINT32_MAX };

/* Look up all names, load traces, compute limits; ERROR_SCENARIO at the place in @doc. */
bool scenario_resolve(struct scenario *s, const struct json_doc *doc, const char *data_dir, GError **error);
/* The trace a workload names, loaded once; @at is the path of the name in @doc. */
const struct trace *scenario_find_trace(struct scenario *s, const struct json_doc *doc, const char *data_dir,
					const char *name, const char *at, GError **error);

/* Of a text's bytes, in order: the same on every machine. */
u64 scenario_text_hash(const char *text);

/* scenario_thp.c: what is said of large folios; the rest of the configuration is complete. */
void scenario_configure_thp(const struct scenario *s, struct kernel_config *c);

#endif
