#include "models/choices.h"

#include <string.h>

#include "sim/error.h"
#include "sim/suggest.h"

#define NAMES(X)                                                                                             \
	X(CHOICE_WAKE_CPU, "wake_cpu", "where a task goes on after it slept", "a CPU, from 0")               \
	X(CHOICE_RCU_END, "rcu_end", "whether a grace period ends now", "0 or 1")                            \
	X(CHOICE_ATOMIC_ALLOC, "atomic_alloc", "an allocation that may not sleep", "ok or fail")             \
	X(CHOICE_SLEEP_ALLOC, "sleep_alloc", "an allocation that may sleep", "ok or fail")                   \
	X(CHOICE_FLUSH_PHASE, "flush_phase", "ticks until cgroup statistics are first summed up",            \
	  "a number")                                                                                        \
	X(CHOICE_FAULT_INJECTION, "fault_injection", "below machine.fail_page_alloc: a swap table fails",    \
	  "0 to 999")                                                                                        \
	X(CHOICE_SWAP_START, "swap_start", "6.1: where a device's free list or a CPU's search begins",       \
	  "a number")

const struct choice_info choice_info[NR_CHOICES] = {
#define X(kind, name, meaning, values) [kind] = { name, meaning, values },
	NAMES(X)
#undef X
};
const char *const choice_names[NR_CHOICES + 1] = {
#define X(kind, name, meaning, values) [kind] = name,
	NAMES(X)
#undef X
};

bool choice_find(const char *name, u32 *kind, GError **error)
{
	const char *near = suggest(name, choice_names);
	char *all;

	for (*kind = 0; *kind < NR_CHOICES; (*kind)++)
		if (!strcmp(choice_names[*kind], name))
			return true;
	all = g_strjoinv(", ", (char **)choice_names);
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "nature decides no \"%s\" (%s%s%s)", name,
		    near ? "did you mean \"" : "expected one of ", near ? near : all, near ? "\"?" : "");
	g_free(all);
	return false;
}

static bool is_allocation(u32 kind)
{
	return kind == CHOICE_ATOMIC_ALLOC || kind == CHOICE_SLEEP_ALLOC;
}

void choice_append_value(u32 kind, u32 value, GString *to)
{
	if (is_allocation(kind))
		g_string_append(to, value ? "fail" : "ok");
	else
		g_string_append_printf(to, "%u", value);
}

bool choice_value(u32 kind, const char *text, u32 cpus, u32 *value, GError **error)
{
	bool alloc = is_allocation(kind);
	u64 most = kind == CHOICE_WAKE_CPU	    ? cpus - 1
		   : kind == CHOICE_FLUSH_PHASE	    ? UINT32_MAX - 1
		   : kind == CHOICE_SWAP_START	    ? UINT32_MAX - 1
		   : kind == CHOICE_FAULT_INJECTION ? 999
						    : 1;
	u64 number;

	if (alloc && (!strcmp(text, "ok") || !strcmp(text, "fail"))) {
		*value = *text == 'f';
		return true;
	}
	if (g_ascii_string_to_unsigned(text, 10, 0, most, &number, NULL)) {
		*value = (u32)number;
		return true;
	}
	if (alloc)
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "%s cannot be \"%s\" (expected ok or fail)",
			    choice_names[kind], text);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO,
			    "%s cannot be \"%s\" (expected 0..%" G_GUINT64_FORMAT ")", choice_names[kind],
			    text, most);
	return false;
}
