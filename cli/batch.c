#include "cli/batch.h"

#include <string.h>

#include "cli/interrupts.h"
#include "cli/progress.h"
#include "sim/error.h"

struct pool {
	struct batch *batch;
	GMutex hooks;
	GMutex mutex;
	/* Under the mutex: */
	u32 done;
	u32 failed; /* the first run, by number, that failed: those before it go on, so it is the same every
		       time */
	bool interrupted;
	struct progress progress;
};

struct poll {
	struct pool *pool;
	u32 run;
};

static bool tolerated(const struct batch *b, const GError *error)
{
	return b->tolerant && g_error_matches(error, SWAPSIM_ERROR, ERROR_SCENARIO);
}

static bool should_stop(void *data)
{
	const struct poll *poll = data;
	struct pool *pool = poll->pool;
	bool stop;

	g_mutex_lock(&pool->mutex);
	pool->interrupted |= interrupts_pending();
	stop = pool->interrupted || pool->failed < poll->run;
	progress_tell(&pool->progress, pool->batch->what, pool->done, pool->batch->runs);
	g_mutex_unlock(&pool->mutex);
	return stop;
}

static bool begin_one(struct pool *pool, struct batch_run *run, u32 index, GError **error)
{
	const struct batch *b = pool->batch;
	bool good;

	if (!b->begin)
		return true;
	g_mutex_lock(&pool->hooks);
	good = b->begin(run, index, b->hook_data, error);
	g_mutex_unlock(&pool->hooks);
	return good;
}

static bool end_one(struct pool *pool, struct batch_run *run, u32 index)
{
	const struct batch *b = pool->batch;
	GError *error = NULL;

	if (!b->end)
		return true;
	g_mutex_lock(&pool->hooks);
	if (!b->end(run, index, b->hook_data, &error)) {
		g_clear_error(&run->failure);
		run->failure = error;
	}
	g_mutex_unlock(&pool->hooks);
	return !error;
}

static void go_one(void *item, void *data)
{
	struct pool *pool = data;
	struct batch_run *run = item;
	struct poll poll = { pool, (u32)(run - pool->batch->run) };
	GError *error = NULL;
	bool go_on;

	if (should_stop(&poll))
		return;
	if (begin_one(pool, run, poll.run, &error))
		run->result = run_scenario(run->scenario, &run->options, should_stop, &poll, &error);
	if (error && run->label)
		g_prefix_error(&error, "%s: ", run->label);
	run->failure = error;
	go_on = end_one(pool, run, poll.run);
	g_mutex_lock(&pool->mutex);
	if (!go_on || (run->failure && !tolerated(pool->batch, run->failure)))
		pool->failed = MIN(pool->failed, poll.run);
	pool->done++;
	progress_tell(&pool->progress, pool->batch->what, pool->done, pool->batch->runs);
	g_mutex_unlock(&pool->mutex);
}

/* The error of a run that must not fail; without one, and without any result, that of any run. */
static bool take_error(struct batch *b, GError **error)
{
	bool results = false;

	for (u32 i = 0; i < b->runs; i++) {
		results |= b->run[i].result != NULL;
		if (!b->run[i].failure || tolerated(b, b->run[i].failure))
			continue;
		g_propagate_error(error, g_steal_pointer(&b->run[i].failure));
		return true;
	}
	for (u32 i = 0; !results && i < b->runs; i++) {
		if (!b->run[i].failure)
			continue;
		g_propagate_error(error, g_steal_pointer(&b->run[i].failure));
		return true;
	}
	return false;
}

bool batch_go(struct batch *b, GError **error)
{
	u32 jobs = b->jobs ? b->jobs : g_get_num_processors();
	struct pool pool = { .batch = b, .failed = UINT32_MAX };
	GThreadPool *threads;
	sigset_t before;
	bool good;

	interrupts_block(&before);
	progress_init(&pool.progress, b->progress);
	g_mutex_init(&pool.hooks);
	g_mutex_init(&pool.mutex);
	if (MIN(jobs, b->runs) < 2) {
		for (u32 i = 0; i < b->runs; i++)
			go_one(&b->run[i], &pool);
	} else {
		threads = g_thread_pool_new(go_one, &pool, (int)MIN(jobs, b->runs), TRUE, NULL);
		for (u32 i = 0; i < b->runs; i++)
			g_thread_pool_push(threads, &b->run[i], NULL);
		g_thread_pool_free(threads, FALSE, TRUE);
	}
	progress_end(&pool.progress);
	b->interrupted = interrupts_pending();
	interrupts_restore(&before, b->interrupted);
	good = !take_error(b, error);
	if (!good)
		batch_release_results(b);
	g_mutex_clear(&pool.mutex);
	g_mutex_clear(&pool.hooks);
	return good;
}

void batch_release_results(struct batch *b)
{
	for (u32 i = 0; i < b->runs; i++) {
		g_clear_pointer(&b->run[i].result, run_result_free);
		g_clear_error(&b->run[i].failure);
	}
}
