/*
 * scale - the largest machines, programs and traces there are to be room for: what they take.
 *
 *	scale [SHARE [NAME...]]		prints name,seconds,mib, a line each; of the long ones a SHARE is done
 *(default 1)
 *
 * A line is a run in a process of its own: CPU seconds (user and system) and the most memory it had at once.
 * docs/benchmarks.md tells what should come out.
 */
#include <glib/gstdio.h>
#include <stdio.h>

#include "sim/random.h"
#include "tests/bench/child.h"
#include "traces/writer.h"

#define ACCESSES 1e10
#define RECORDS 1e9
enum { TRACE_PAGES = 65536 };

struct scale {
	const char *name;
	char *(*scenario)(double share);
};

static char *big_machine(double share)
{
	return g_strdup_printf(
	    "{'format':1,'name':'s','machine':{'kernel':'7.2','cpus':96,'memory':'1TiB'},'swap':[{'device':"
	    "'zram-lz4','size':'1TiB'}],'cgroups':[{'name':'g','memory.max':'50%%'}],'tasks':[{'name':'t',"
	    "'count':96,'cgroup':'g','overhead_pages':1,'workload':{'seq':{'pages':%u,'passes':1}}}]}",
	    (u32)(share * (128u << 18) / 96));
}

static char *many_cgroups(double share)
{
	GString *cgroups = g_string_new(NULL), *tasks = g_string_new(NULL);
	char *scenario;

	for (u32 i = 0; i < share * 1000; i++) {
		g_string_append_printf(cgroups, "%s{'name':'g%u','memory.max':'1MiB'}", i ? "," : "", i);
		g_string_append_printf(
		    tasks,
		    "%s{'name':'t%u','cgroup':'g%u','workload':{'rand':{'pages':512,'accesses':4096}}}",
		    i ? "," : "", i, i);
	}
	scenario = g_strdup_printf(
	    "{'format':1,'name':'s','machine':{'kernel':'7.2','cpus':96,'memory':'16GiB'},'swap':[{"
	    "'device':'zram-lz4','size':'16GiB'}],'cgroups':[%s],'tasks':[%s]}",
	    cgroups->str, tasks->str);
	g_string_free(cgroups, TRUE);
	g_string_free(tasks, TRUE);
	return scenario;
}

static char *many_tasks(double share)
{
	return g_strdup_printf(
	    "{'format':1,'name':'s','machine':{'kernel':'7.2','cpus':96,'memory':'64GiB'},'swap':[{'device':"
	    "'zram-lz4','size':'64GiB'}],'cgroups':[{'name':'g','memory.max':'50%%'}],'tasks':[{'name':'t',"
	    "'count':%u,'cgroup':'g','overhead_pages':1,'workload':{'seq':{'pages':64,'passes':2}}}]}",
	    (u32)(share * 100000));
}

#define RESIDENT                                                                                             \
	"{'format':1,'name':'s','machine':{'kernel':'7.2','memory':'1GiB'},'tasks':[{'name':'t','workload':" \
	"{"

static char *many_accesses(double share)
{
	return g_strdup_printf(RESIDENT "'rand':{'pages':65536,'accesses':%" G_GUINT64_FORMAT "}}}]}",
			       (guint64)(share * ACCESSES));
}

/* Records that no two of make a run, and that take little room on a disk. */
static void write_trace(const char *path, u64 records)
{
	struct trace_writer *writer = trace_writer_new(path, 1, NULL);

	BUG_ON(!writer);
	for (u64 i = 0; i < records; i++) {
		struct trace_run run =
		    trace_run(i * 77 % TRACE_PAGES, 1, 0, i % 3 ? TRACE_READ : TRACE_WRITE, 10);

		BUG_ON(!trace_writer_run(writer, &run, NULL));
	}
	BUG_ON(!trace_writer_finish(writer, NULL));
	trace_writer_free(writer);
}

static char *trace_file(void)
{
	return g_strdup_printf("%s/swapsim-scale-%d.swt", g_get_tmp_dir(), (int)getpid());
}

static char *long_trace(double share)
{
	char *path = trace_file(), *scenario;

	write_trace(path, (u64)(share * RECORDS));
	scenario = g_strdup_printf(RESIDENT "'trace':{'file':'%s','passes':1}}}]}", path);
	g_free(path);
	return scenario;
}

static const struct scale scales[] = {
	{ "machine", big_machine },    /* 96 CPUs, 1 TiB of memory and of swap, 64 GiB of each in use */
	{ "cgroups", many_cgroups },   /* 1000 over their limits, a task each, on 96 CPUs */
	{ "tasks", many_tasks },       /* 100 000 of 64 pages, of which half fit, on 96 CPUs */
	{ "accesses", many_accesses }, /* 10^10, all of them hits */
	{ "trace", long_trace },       /* 10^9 records, from the file */
};

static bool wanted(const char *name, int n, char **names)
{
	for (int i = 2; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return n <= 2;
}

int main(int argc, char **argv)
{
	double share = argc > 1 ? g_ascii_strtod(argv[1], NULL) : 1;
	char *path = trace_file();
	bool good = true;

	printf("name,seconds,mib\n");
	for (u32 i = 0; i < ARRAY_SIZE(scales); i++) {
		struct child_figures f;
		char *text;

		if (!wanted(scales[i].name, argc, argv))
			continue;
		text = scales[i].scenario(share);
		good &= child_figures(text, &f);
		if (good)
			printf("%s,%.1f,%.0f\n", scales[i].name, f.seconds, f.mib);
		fflush(stdout);
		g_free(text);
	}
	g_unlink(path);
	g_free(path);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
