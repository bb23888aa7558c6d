/*
 * types.h - integer names and the two kinds of assertion.
 *
 * Simulated state is made of these integers and of indices; no pointers, no floating point, no padding that
 * is not named. Index 0 means "none" wherever a field can be empty, as swap offset 0 does in the kernel.
 */
#ifndef SIM_TYPES_H
#define SIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int32_t s32;
typedef int64_t s64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* An error only we can cause. Stays in every build: a wrong model must not go on to print figures. */
#define BUG_ON(condition)                                                                                    \
	do {                                                                                                 \
		if (unlikely(condition))                                                                     \
			bug(__FILE__, __LINE__, __func__, #condition);                                       \
	} while (0)
#define BUG() bug(__FILE__, __LINE__, __func__, "unreachable")

_Noreturn void bug(const char *file, int line, const char *function, const char *condition);

#endif
