#include "sim/frontier.h"

static void free_numbers(void *numbers)
{
	if (numbers)
		g_array_free(numbers, TRUE);
}

static void free_array(void *array)
{
	if (array)
		g_ptr_array_free(array, TRUE);
}

void frontier_init(struct frontier *f)
{
	*f = (struct frontier){ .layer = g_ptr_array_new_with_free_func(free_array) };
}

void frontier_release(struct frontier *f)
{
	g_ptr_array_free(f->layer, TRUE);
}

static void *child(GPtrArray *array, u32 i)
{
	return i < array->len ? array->pdata[i] : NULL;
}

static GPtrArray *make_array(GPtrArray *array, u32 i, GDestroyNotify free_child)
{
	if (i >= array->len)
		g_ptr_array_set_size(array, (int)i + 1);
	if (!array->pdata[i])
		array->pdata[i] = g_ptr_array_new_with_free_func(free_child);
	return array->pdata[i];
}

void frontier_push(struct frontier *f, const struct rank *rank, u32 number)
{
	GPtrArray *row =
	    make_array(make_array(f->layer, rank->unusual, free_array), rank->switches, free_numbers);

	BUG_ON(rank_below(rank, &f->at));
	if (rank->steps >= row->len)
		g_ptr_array_set_size(row, (int)rank->steps + 1);
	if (!row->pdata[rank->steps])
		row->pdata[rank->steps] = g_array_new(FALSE, FALSE, sizeof number);
	g_array_append_val((GArray *)row->pdata[rank->steps], number);
	f->waiting++;
}

static bool take(GPtrArray *row, u32 steps, u32 *number)
{
	GArray *numbers = child(row, steps);

	if (!numbers)
		return false;
	if (!numbers->len) {
		g_clear_pointer(&row->pdata[steps], free_numbers);
		return false;
	}
	*number = g_array_index(numbers, u32, numbers->len - 1);
	g_array_set_size(numbers, numbers->len - 1);
	return true;
}

bool frontier_pop(struct frontier *f, u32 *number)
{
	if (!f->waiting)
		return false;
	for (;; f->at = (struct rank){ f->at.unusual + 1, 0, 0 }) {
		GPtrArray *layer = child(f->layer, f->at.unusual);

		BUG_ON(f->at.unusual >= f->layer->len);
		for (; layer && f->at.switches < layer->len; f->at.switches++, f->at.steps = 0) {
			GPtrArray *row = child(layer, f->at.switches);

			for (; row && f->at.steps < row->len; f->at.steps++)
				if (take(row, f->at.steps, number)) {
					f->waiting--;
					return true;
				}
		}
		if (layer)
			g_clear_pointer(&f->layer->pdata[f->at.unusual], free_array);
	}
}
