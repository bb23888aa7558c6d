/*
 * bench.h - a benchmark file is a program: static functions, one table, BENCH_MAIN.
 *
 *	static const struct bench benches[] = {
 *		{ "events, 1000 pending", BENCH_RATE, 10e6, 20e6, hold_model, new_queue, free_queue },
 *	};
 *	BENCH_MAIN(benches)
 *
 * Prints a row a benchmark, tabs between: name, value, unit, floor, aim. A value is the median of BENCH_RUNS
 * runs, in CPU seconds (user and system) of the process, so that what else the machine does costs little.
 * With the beginning of a benchmark's name as argument: one run of that one.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define BENCH_RUNS 5

enum bench_unit {
	BENCH_RATE,  /* operations a second, printed in millions: more is better */
	BENCH_TIME,  /* nanoseconds an operation: less is better */
	BENCH_MS,    /* milliseconds an operation: less is better */
	BENCH_BYTES, /* what run() returns: less is better */
};

struct bench {
	const char *name;
	enum bench_unit unit;
	double floor; /* in operations a second, nanoseconds, or milliseconds; 0 prints "-" */
	double aim;
	uint64_t (*run)(void *context);	 /* timed; returns how many operations it did */
	void *(*setup)(void);		 /* before each run, not timed; may be NULL, then context is NULL */
	void (*teardown)(void *context); /* after each run, not timed; may be NULL */
};

/* Makes the compiler believe that value is looked at. */
static inline void bench_keep(uint64_t value)
{
	__asm__ volatile("" : : "r"(value) : "memory");
}

static inline double bench_cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static inline double bench_once(const struct bench *b)
{
	void *context = b->setup ? b->setup() : NULL;
	double start = bench_cpu_seconds(), seconds;
	uint64_t operations = b->run(context);

	seconds = bench_cpu_seconds() - start;
	if (b->teardown)
		b->teardown(context);
	switch (b->unit) {
	case BENCH_RATE:
		return (double)operations / seconds / 1e6;
	case BENCH_TIME:
		return seconds / (double)operations * 1e9;
	case BENCH_MS:
		return seconds / (double)operations * 1e3;
	case BENCH_BYTES:
		return (double)operations;
	}
	return 0;
}

static inline double bench_median(const struct bench *b)
{
	double value[BENCH_RUNS];

	for (size_t i = 0; i < BENCH_RUNS; i++) {
		double now = bench_once(b);
		size_t at = i;

		for (; at > 0 && value[at - 1] > now; at--)
			value[at] = value[at - 1];
		value[at] = now;
	}
	return value[BENCH_RUNS / 2];
}

static inline void bench_print_goal(double goal, enum bench_unit unit)
{
	if (goal > 0)
		printf("\t%g", unit == BENCH_RATE ? goal / 1e6 : goal);
	else
		printf("\t-");
}

static inline int bench_main(const struct bench *benches, size_t n)
{
	static const char *const units[] = { "M/s", "ns", "ms", "bytes" };

	for (size_t i = 0; i < n; i++) {
		const struct bench *b = &benches[i];

		printf("%s\t%.3g\t%s", b->name, bench_median(b), units[b->unit]);
		bench_print_goal(b->floor, b->unit);
		bench_print_goal(b->aim, b->unit);
		printf("\n");
		fflush(stdout);
	}
	return 0;
}

/* For a profiler: one run, not all; prints how many operations it did. */
static inline int bench_one(const struct bench *benches, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		const struct bench *b = &benches[i];
		void *context;

		if (strncmp(b->name, name, strlen(name)))
			continue;
		context = b->setup ? b->setup() : NULL;
		printf("%llu\n", (unsigned long long)b->run(context));
		if (b->teardown)
			b->teardown(context);
		return 0;
	}
	return 1;
}

#define BENCH_MAIN(benches)                                                                                  \
	int main(int argc, char **argv)                                                                      \
	{                                                                                                    \
		size_t n = sizeof(benches) / sizeof *(benches);                                              \
                                                                                                             \
		return argc > 1 ? bench_one(benches, n, argv[1]) : bench_main(benches, n);                   \
	}

#endif
