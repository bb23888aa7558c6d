/*
 * recipes.h - the recipes, one file each: a new one is a line here and a row in plot.c.
 */
#ifndef PLOTS_RECIPES_H
#define PLOTS_RECIPES_H

#include "plots/plot.h"

bool thrashing_draw(const char *folder, struct plot_text *text, GError **error);
bool cliff_draw(const char *folder, struct plot_text *text, GError **error);
bool forest_draw(const char *folder, struct plot_text *text, GError **error);
bool multiprogramming_draw(const char *folder, struct plot_text *text, GError **error);
bool contenders_draw(const char *folder, struct plot_text *text, GError **error);
bool latency_draw(const char *folder, struct plot_text *text, GError **error);
bool refaults_draw(const char *folder, struct plot_text *text, GError **error);
bool memory_draw(const char *folder, struct plot_text *text, GError **error);
bool pressure_draw(const char *folder, struct plot_text *text, GError **error);
bool progress_draw(const char *folder, struct plot_text *text, GError **error);
bool sizes_draw(const char *folder, struct plot_text *text, GError **error);
bool reclaim_draw(const char *folder, struct plot_text *text, GError **error);
bool rates_draw(const char *folder, struct plot_text *text, GError **error);
bool unsent_draw(const char *folder, struct plot_text *text, GError **error);
bool device_latency_draw(const char *folder, struct plot_text *text, GError **error);
bool metadata_draw(const char *folder, struct plot_text *text, GError **error);
bool decay_draw(const char *folder, struct plot_text *text, GError **error);
bool slots_draw(const char *folder, struct plot_text *text, GError **error);
bool fidelity_draw(const char *folder, struct plot_text *text, GError **error);
bool fidelity_curves_draw(const char *folder, struct plot_text *text, GError **error);
bool published_draw(const char *folder, struct plot_text *text, GError **error);
bool recording_draw(const char *folder, struct plot_text *text, GError **error);
bool coverage_draw(const char *folder, struct plot_text *text, GError **error);
bool locks_draw(const char *folder, struct plot_text *text, GError **error);

#endif
