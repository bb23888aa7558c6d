#include "cli/batch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct pool {
	struct batch *batch;
	GMutex mutex;
	GError **error; /* [run] */
	u32 done;
	bool stop; /* under the mutex, as is done */
};

/* SIGINT is blocked during a batch and looked at in passing, so there is no handler and nothing it must not
 * do. */
static bool interrupt_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, SIGINT) == 1;
}

static void interrupt_block(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, before);
}

/* The signal has been noticed; what is left to do is to write what there is and to exit with 130. */
static void interrupt_restore(const sigset_t *before, bool noticed)
{
	if (!noticed)
		sigprocmask(SIG_SETMASK, before, NULL);
}

static bool should_stop(void *data)
{
	struct pool *pool = data;
	bool stop;

	g_mutex_lock(&pool->mutex);
	pool->stop |= interrupt_pending();
	stop = pool->stop;
	g_mutex_unlock(&pool->mutex);
	return stop;
}

static void tell_progress(const struct pool *pool)
{
	const struct batch *b = pool->batch;

	if (!b->progress || b->runs < 2 || !isatty(STDERR_FILENO))
		return;
	if (pool->done < b->runs)
		fprintf(stderr, "\r%u of %u runs", pool->done, b->runs);
	else
		fprintf(stderr, "\r%40s\r", "");
	fflush(stderr);
}

static void go_one(void *item, void *data)
{
	struct pool *pool = data;
	struct batch_run *run = item;
	u32 index = (u32)(run - pool->batch->run);
	struct run_result *result;
	GError *error = NULL;

	if (should_stop(pool))
		return;
	result = run_scenario(run->scenario, &run->options, should_stop, pool, &error);
	g_mutex_lock(&pool->mutex);
	run->result = result;
	pool->error[index] = error;
	pool->stop |= error != NULL;
	pool->done++;
	tell_progress(pool);
	g_mutex_unlock(&pool->mutex);
}

static bool first_error(const struct pool *pool, GError **error)
{
	const struct batch *b = pool->batch;
	bool found = false;

	for (u32 i = 0; i < b->runs; i++) {
		if (!pool->error[i])
			continue;
		if (found) {
			g_error_free(pool->error[i]);
			continue;
		}
		found = true;
		if (b->run[i].label)
			g_prefix_error(&pool->error[i], "%s: ", b->run[i].label);
		g_propagate_error(error, pool->error[i]);
	}
	return found;
}

bool batch_go(struct batch *b, GError **error)
{
	u32 jobs = b->jobs ? b->jobs : g_get_num_processors();
	struct pool pool = { .batch = b };
	GThreadPool *threads;
	sigset_t before;
	bool good;

	interrupt_block(&before);
	g_mutex_init(&pool.mutex);
	pool.error = g_new0(GError *, b->runs);
	if (MIN(jobs, b->runs) < 2) {
		for (u32 i = 0; i < b->runs; i++)
			go_one(&b->run[i], &pool);
	} else {
		threads = g_thread_pool_new(go_one, &pool, (int)MIN(jobs, b->runs), TRUE, NULL);
		for (u32 i = 0; i < b->runs; i++)
			g_thread_pool_push(threads, &b->run[i], NULL);
		g_thread_pool_free(threads, FALSE, TRUE);
	}
	b->interrupted = interrupt_pending();
	interrupt_restore(&before, b->interrupted);
	good = !first_error(&pool, error);
	if (!good)
		batch_release_results(b);
	g_mutex_clear(&pool.mutex);
	g_free(pool.error);
	return good;
}

void batch_release_results(struct batch *b)
{
	for (u32 i = 0; i < b->runs; i++)
		g_clear_pointer(&b->run[i].result, run_result_free);
}
