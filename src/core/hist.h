/*
 * Histogram of times with a bounded relative error: buckets are linear within each power of two
 * (128 of them, so a value is off by less than 0.4 % at the middle of its bucket). The idea is Gil
 * Tene's HdrHistogram. All zero is a valid empty histogram; adding never fails.
 */
#ifndef PD_CORE_HIST_H
#define PD_CORE_HIST_H

#include <stdint.h>

enum {
    PD_HIST_SUB_BITS = 7,
    PD_HIST_TOP_BIT =
        44, /* values from 2^44 ns (4.9 hours) on are counted there; max stays exact */
    PD_HIST_BUCKETS = (PD_HIST_TOP_BIT - PD_HIST_SUB_BITS + 1) << PD_HIST_SUB_BITS,
    PD_HIST_COARSE_BITS = 3, /* index >> this: fewer buckets, off by less than 3.2 % */
    PD_HIST_COARSE = PD_HIST_BUCKETS >> PD_HIST_COARSE_BITS
};

typedef struct pd_hist {
    uint64_t count;
    int64_t max; /* nanoseconds */
    double sum;  /* nanoseconds */
    uint64_t bucket[PD_HIST_BUCKETS];
} pd_hist;

/* Adds one time in nanoseconds; a negative one counts as 0. */
void pd_hist_add(pd_hist *h, int64_t ns);

/* Adds all of `from` to `into`. */
void pd_hist_merge(pd_hist *into, const pd_hist *from);

/* The time that the share q (0..1) of all values does not exceed, in nanoseconds, never above the
 * maximum; 0 when there is no value. */
int64_t pd_hist_quantile(const pd_hist *h, double q);

/* Adds what was counted `n` times in a coarse bucket, as values of its middle. */
void pd_hist_add_coarse(pd_hist *h, unsigned coarse, uint64_t n);

/* The bucket of a value and the middle of a bucket, for those who keep counters of their own. */
unsigned pd_hist_index(int64_t ns);
int64_t pd_hist_middle(unsigned index);

#endif
