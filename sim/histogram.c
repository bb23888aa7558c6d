/* histogram.c - see histogram.h. */
#include "sim/histogram.h"

#define MILLION 1000000u

static u32 bucket_shift(u32 index)
{
	u32 octave = index >> HISTOGRAM_SUB_SHIFT;

	return octave > 0 ? octave - 1 : 0;
}

static u64 bucket_low(u32 index)
{
	u32 shift = bucket_shift(index);

	return (u64)(index - (shift << HISTOGRAM_SUB_SHIFT)) << shift;
}

static u64 bucket_high(u32 index)
{
	return bucket_low(index) + ((UINT64_C(1) << bucket_shift(index)) - 1);
}

static u64 multiply_saturating(u64 a, u64 b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return product > UINT64_MAX ? UINT64_MAX : (u64)product;
}

void histogram_record_n(struct histogram *h, u64 value, u64 n)
{
	if (n == 0)
		return;
	histogram_record(h, value);
	h->bucket[histogram_index(value)] += n - 1;
	h->count += n - 1;
	h->total = histogram_add_saturating(h->total, multiply_saturating(value, n - 1));
}

void histogram_merge(struct histogram *h, const struct histogram *from)
{
	if (from->count == 0)
		return;
	h->min = h->count == 0 || from->min < h->min ? from->min : h->min;
	h->max = from->max > h->max ? from->max : h->max;
	h->count += from->count;
	h->total = histogram_add_saturating(h->total, from->total);
	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->bucket[i] += from->bucket[i];
}

u64 histogram_quantile(const struct histogram *h, u32 per_million)
{
	u64 rank = (u64)(((unsigned __int128)h->count * per_million + (MILLION - 1)) / MILLION);
	u64 seen = 0;

	BUG_ON(per_million > MILLION);
	if (h->count == 0)
		return 0;
	if (per_million == 0)
		return h->min;
	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank)
			return bucket_high(i) < h->max ? bucket_high(i) : h->max;
	}
	BUG();
}

u64 histogram_mean(const struct histogram *h)
{
	return h->count > 0 ? h->total / h->count : 0;
}

bool histogram_next(const struct histogram *h, struct histogram_range *range)
{
	for (u32 i = range->next; i < HISTOGRAM_BUCKETS; i++) {
		if (h->bucket[i] == 0)
			continue;
		range->next = i + 1;
		range->low = bucket_low(i);
		range->high = bucket_high(i);
		range->count = h->bucket[i];
		return true;
	}
	range->next = HISTOGRAM_BUCKETS;
	return false;
}
