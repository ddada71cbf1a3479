/*
 * Random numbers: xoshiro256**, seeded through splitmix64 from (seed, client, purpose), so that
 * every client and every purpose has a stream of its own and none disturbs another. Plain values
 * without allocation: a pd_rng may be copied, and the copy repeats the draws. One thread at a time
 * per value.
 */
#ifndef PD_CORE_RNG_H
#define PD_CORE_RNG_H

#include "core/err.h"

#include <stdint.h>

typedef struct pd_rng {
    uint64_t s[4];
} pd_rng;

/* What a stream is for. The numbers are part of what a seed means: never renumber. */
enum {
    PD_RNG_DATA = 1,    /* the values of a client's rows */
    PD_RNG_CHOICE = 2,  /* which entry of a mix is next */
    PD_RNG_ARRIVAL = 3, /* when the next operation is due */
    PD_RNG_SCRIPT = 4,  /* what Lua code draws */
    PD_RNG_BACKOFF = 5, /* jitter of retries */
};

/* The splitmix64 generator: advances *state and returns its next number. */
uint64_t pd_rng_splitmix(uint64_t *state);

/* Starts the stream of (seed, client, purpose). */
void pd_rng_init(pd_rng *rng, uint64_t seed, uint64_t client, uint64_t purpose);

static inline uint64_t pd_rng_next(pd_rng *rng)
{
    uint64_t *s = rng->s, scrambled = s[1] * 5, result, shifted = s[1] << 17;

    result = ((scrambled << 7) | (scrambled >> 57)) * 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

/* Of the 128-bit product a * b: returns the high half, *low gets the low half. */
static inline uint64_t pd_rng_mul(uint64_t a, uint64_t b, uint64_t *low)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;

    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
}

/* The rare second half of pd_rng_below. */
uint64_t pd_rng_below_again(pd_rng *rng, uint64_t n, uint64_t low, uint64_t high);

/* Uniform in [0, n), every number exactly as likely (Lemire's method); n = 0 means 2^64. */
static inline uint64_t pd_rng_below(pd_rng *rng, uint64_t n)
{
    uint64_t low, high;

    if (n == 0)
        return pd_rng_next(rng);
    high = pd_rng_mul(pd_rng_next(rng), n, &low);
    return low >= n ? high : pd_rng_below_again(rng, n, low, high);
}

/* Uniform in [min, max], both included; min must not be above max. */
static inline int64_t pd_rng_int(pd_rng *rng, int64_t min, int64_t max)
{
    return (int64_t)((uint64_t)min + pd_rng_below(rng, (uint64_t)max - (uint64_t)min + 1));
}

/* Uniform in [0, 1): a multiple of 2^-53. */
static inline double pd_rng_double(pd_rng *rng)
{
    return (double)(pd_rng_next(rng) >> 11) * 0x1p-53;
}

/* Uniform in (0, 1): never an end, for inverse distribution functions. */
static inline double pd_rng_open(pd_rng *rng)
{
    return ((double)(pd_rng_next(rng) >> 12) + 0.5) * 0x1p-52;
}

/* Where the standard normal distribution reaches probability p, 0 < p < 1 (AS 241). */
double pd_rng_quantile(double p);

/* A truncated normal distribution, ready to draw: one draw per value, whatever the bounds. */
typedef struct pd_normal {
    double mean, sd, min, max;
    double low, width; /* the probabilities between which to draw, of the lower tail */
    bool flipped;      /* drawn in the mirror, where the tail is precise */
} pd_normal;

/* min and max may be infinite. Fails (PD_ERR_INPUT) unless mean is finite, sd is finite and above
 * 0, min is below max and the bounds leave a probability that doubles can tell from 0. */
bool pd_normal_init(pd_normal *normal, double mean, double sd, double min, double max, pd_err *err);
double pd_normal_next(const pd_normal *normal, pd_rng *rng);

/* min plus an exponential distribution of that mean, cut at max (may be infinite). */
typedef struct pd_exponential {
    double mean, min, max, width;
} pd_exponential;

bool pd_exponential_init(pd_exponential *e, double mean, double min, double max, pd_err *err);
double pd_exponential_next(const pd_exponential *e, pd_rng *rng);

/* Zipf over ranks 1..n: the probability of rank k is proportional to k^-theta. Drawn by
 * rejection-inversion (Hoermann and Derflinger), so neither time nor memory grows with n. */
typedef struct pd_zipf {
    uint64_t n;
    double theta, first, last, squeeze;
} pd_zipf;

/* 1 <= n <= 2^52, 0 <= theta <= 100; theta 0 is uniform, 1 is allowed. */
bool pd_zipf_init(pd_zipf *zipf, int64_t n, double theta, pd_err *err);
uint64_t pd_zipf_next(const pd_zipf *zipf, pd_rng *rng);

#endif
