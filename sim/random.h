/*
 * random.h - counter-based random streams.
 *
 * Value n of a stream is a pure function of four numbers: the run's seed, the kind of decision, the actor it
 *is about, and n. Nothing is stored but the counter, so that adding a task, or asking once more in one place,
 * leaves every other stream as it was; a snapshot need hold no generator state.
 *
 *	u64 key = random_key(seed, CHOOSE_WAKE_CPU, task);
 *	u32 cpu = random_below(random_value(key, nth++), n_cpus);
 *
 * The mixer is the 64-bit finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014; constants: Stafford's
 * variant 13), a bijection. It is run twice and the key enters both times, so that two streams are never
 *shifted copies of one another. Within one seed different (kind, actor) have different keys, and a stream
 *does not repeat a value. Good for simulation; not for secrets.
 *
 * The values are part of every golden file. tests/unit/test_random.c pins them.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include "sim/types.h"

#define RANDOM_STRIDE UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio, made odd */
#define RANDOM_MILLION 1000000u

/* A bijection of the 64-bit integers in which every input bit reaches every output bit. 0 stays 0. */
static inline u64 random_mix(u64 x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The stream of one kind of decision about one actor. */
static inline u64 random_key(u64 seed, u32 kind, u32 actor)
{
	return random_mix(random_mix(seed + RANDOM_STRIDE) + ((u64)kind << 32 | actor));
}

/* Value nth of a stream, all 64 bits good. */
static inline u64 random_value(u64 key, u64 nth)
{
	return random_mix(random_mix(key + nth * RANDOM_STRIDE) + (key << 32 | key >> 32));
}

/*
 * An integer in 0..n-1 (0 for n = 0), from the top bits of value. The share of an integer is off by less than
 * 2^-64, which no run lives long enough to see.
 */
static inline u32 random_below(u64 value, u32 n)
{
	return (u32)((unsigned __int128)value * n >> 64);
}

/* True in per_million of a million cases: never for 0, always from 1 000 000 on. */
static inline bool random_chance(u64 value, u32 per_million)
{
	return random_below(value, RANDOM_MILLION) < per_million;
}

#endif
