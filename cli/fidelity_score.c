#include "cli/fidelity_score.h"

#include <string.h>

struct fidelity_verdict fidelity_verdict(const struct fidelity_run *run, const struct fidelity_case *c,
					 u32 row, u32 figure)
{
	const struct fidelity_row *r = c->row[row];
	struct fidelity_verdict v = { .there = c->ended && !c->reason && fidelity_is_there(r, figure),
				      .judged = fidelity_is_judged(r, figure),
				      .theirs = &r->band[figure] };

	if (v.there)
		v.predicted = fidelity_predicted(c, row, figure, &v.ours);
	v.holds = v.predicted && fidelity_holds(run->rows, r, figure, v.ours.median);
	return v;
}

static void count(struct fidelity_scores *scores, enum fidelity_score_of of, const char *name,
		  const struct fidelity_verdict *v)
{
	struct fidelity_score new = { .of = of, .name = name, .judged = v->judged }, *score = NULL;

	for (u32 i = 0; i < scores->score->len && !score; i++) {
		score = &g_array_index(scores->score, struct fidelity_score, i);
		if (score->of != of || strcmp(score->name, name) || score->judged != v->judged)
			score = NULL;
	}
	if (!score) {
		g_array_append_val(scores->score, new);
		score = &g_array_index(scores->score, struct fidelity_score, scores->score->len - 1);
	}
	score->holds += v->holds;
	score->pairs++;
}

static void count_row(struct fidelity_scores *scores, const struct fidelity_run *run,
		      const struct fidelity_case *c, u32 row)
{
	for (u32 f = 0; f < NR_FIDELITY_FIGURES; f++) {
		struct fidelity_verdict v = fidelity_verdict(run, c, row, f);

		if (!v.there)
			continue;
		count(scores, SCORE_OF_FIGURE, fidelity_figures[f].name, &v);
		if (!v.judged)
			continue;
		count(scores, SCORE_OF_KERNEL, c->row[row]->kernel, &v);
		count(scores, SCORE_OF_DEVICE, c->row[row]->device, &v);
		count(scores, SCORE_OF_PATTERN, c->row[row]->pattern, &v);
		scores->total.holds += v.holds;
		scores->total.pairs++;
	}
}

/* Kernels first, judged figures before others. */
static int in_order(const void *a, const void *b)
{
	const struct fidelity_score *x = a, *y = b;

	if (x->of != y->of)
		return (int)x->of - (int)y->of;
	if (x->judged != y->judged)
		return (int)y->judged - (int)x->judged;
	return x->of == SCORE_OF_FIGURE
		   ? (int)fidelity_figure_find(x->name) - (int)fidelity_figure_find(y->name)
		   : strcmp(x->name, y->name);
}

void fidelity_scores_init(struct fidelity_scores *scores, const struct fidelity_run *run)
{
	*scores =
	    (struct fidelity_scores){ .score = g_array_new(FALSE, FALSE, sizeof(struct fidelity_score)) };
	for (u32 i = 0; i < run->cases->len; i++) {
		const struct fidelity_case *c = fidelity_case_at(run, i);

		scores->rows += c->rows;
		if (!c->ended || c->reason)
			continue;
		scores->rows_run += c->rows;
		for (u32 row = 0; row < c->rows; row++)
			count_row(scores, run, c, row);
	}
	g_array_sort(scores->score, in_order);
}

void fidelity_scores_release(struct fidelity_scores *scores)
{
	g_clear_pointer(&scores->score, g_array_unref);
}

static bool reaches(const struct fidelity_score *score, u32 percent)
{
	return score->pairs && (u64)score->holds * 100 >= (u64)score->pairs * percent;
}

bool fidelity_scores_reach(const struct fidelity_scores *scores, u32 percent)
{
	for (u32 i = 0; i < scores->score->len; i++) {
		const struct fidelity_score *s = &g_array_index(scores->score, struct fidelity_score, i);

		if (s->of == SCORE_OF_KERNEL && !reaches(s, percent))
			return false;
	}
	return reaches(&scores->total, percent);
}
