#include "core/hist.h"

#define SUB ((uint64_t)1 << PD_HIST_SUB_BITS)

unsigned pd_hist_index(int64_t ns)
{
    uint64_t v = ns > 0 ? (uint64_t)ns : 0;

    if (v >> PD_HIST_TOP_BIT)
        return PD_HIST_BUCKETS - 1;
    if (v < SUB)
        return (unsigned)v;
    /* The highest bit chooses the row, the next PD_HIST_SUB_BITS bits the bucket in it. */
    unsigned shift = 63u - (unsigned)__builtin_clzll(v) - PD_HIST_SUB_BITS;
    return ((shift + 1) << PD_HIST_SUB_BITS) + (unsigned)((v >> shift) - SUB);
}

int64_t pd_hist_middle(unsigned index)
{
    if (index < SUB)
        return index;
    unsigned shift = (index >> PD_HIST_SUB_BITS) - 1;
    uint64_t low = ((index & (SUB - 1)) + SUB) << shift;
    return (int64_t)(low + (((uint64_t)1 << shift) >> 1));
}

void pd_hist_add(pd_hist *h, int64_t ns)
{
    if (ns < 0)
        ns = 0;
    h->bucket[pd_hist_index(ns)]++;
    h->count++;
    h->sum += (double)ns;
    if (ns > h->max)
        h->max = ns;
}

void pd_hist_add_coarse(pd_hist *h, unsigned coarse, uint64_t n)
{
    unsigned index = (coarse << PD_HIST_COARSE_BITS) + (1u << (PD_HIST_COARSE_BITS - 1));
    int64_t middle = pd_hist_middle(index);

    if (n == 0)
        return;
    h->bucket[index] += n;
    h->count += n;
    h->sum += (double)middle * (double)n;
    if (middle > h->max)
        h->max = middle;
}

void pd_hist_merge(pd_hist *into, const pd_hist *from)
{
    for (unsigned i = 0; i < PD_HIST_BUCKETS; i++)
        into->bucket[i] += from->bucket[i];
    into->count += from->count;
    into->sum += from->sum;
    if (from->max > into->max)
        into->max = from->max;
}

int64_t pd_hist_quantile(const pd_hist *h, double q)
{
    double want = q * (double)h->count;
    uint64_t seen = 0;

    if (h->count == 0)
        return 0;
    for (unsigned i = 0; i < PD_HIST_BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen > 0 && (double)seen >= want) {
            int64_t middle = pd_hist_middle(i);
            return middle < h->max ? middle : h->max;
        }
    }
    return h->max;
}
