/*
 * choices.h - the decisions of nature by name: what a schedule may choose.
 */
#ifndef MODELS_CHOICES_H
#define MODELS_CHOICES_H

#include "models/kernel.h"

struct choice_info {
	const char *name;
	const char *meaning;
	const char *values; /* in words */
};
extern const struct choice_info choice_info[NR_CHOICES];
extern const char *const choice_names[NR_CHOICES + 1];

/* ERROR_SCENARIO: what there is, or what may have been meant. */
bool choice_find(const char *name, u32 *kind, GError **error);
/* As choice_value() reads it. */
void choice_append_value(u32 kind, u32 value, GString *to);
bool choice_value(u32 kind, const char *text, u32 cpus, u32 *value, GError **error);

#endif
