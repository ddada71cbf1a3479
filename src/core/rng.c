#include "core/rng.h"

#include <math.h>

#define GOLDEN 0x9E3779B97F4A7C15u

uint64_t pd_rng_splitmix(uint64_t *state)
{
    uint64_t z = (*state += GOLDEN);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void pd_rng_init(pd_rng *rng, uint64_t seed, uint64_t client, uint64_t purpose)
{
    uint64_t state = seed;

    /* Each part goes through the whole mix before the next is added: near seeds and near clients
     * give streams that have nothing to do with one another. */
    state = pd_rng_splitmix(&state) ^ client;
    state = pd_rng_splitmix(&state) ^ purpose;
    for (int i = 0; i < 4; i++)
        rng->s[i] = pd_rng_splitmix(&state);
}

uint64_t pd_rng_below_again(pd_rng *rng, uint64_t n, uint64_t low, uint64_t high)
{
    uint64_t threshold = (0 - n) % n;

    while (low < threshold)
        high = pd_rng_mul(pd_rng_next(rng), n, &low);
    return high;
}

/* Polynomials of degree 7, lowest coefficient first. */
static double ratio(const double *num, const double *den, double x)
{
    double n = num[7], d = den[7];

    for (int i = 6; i >= 0; i--) {
        n = n * x + num[i];
        d = d * x + den[i];
    }
    return n / d;
}

double pd_rng_quantile(double p)
{
    static const double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                               1.9715909503065514427e+3, 1.3731693765509461125e+4,
                               4.5921953931549871457e+4, 6.7265770927008700853e+4,
                               3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double b[] = {1.0,
                               4.2313330701600911252e+1,
                               6.8718700749205790830e+2,
                               5.3941960214247511077e+3,
                               2.1213794301586595867e+4,
                               3.9307895800092710610e+4,
                               2.8729085735721942674e+4,
                               5.2264952788528545610e+3};
    static const double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                               5.76949722146069140550e0,  3.64784832476320460504e0,
                               1.27045825245236838258e0,  2.41780725177450611770e-1,
                               2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[] = {1.0,
                               2.05319162663775882187e0,
                               1.67638483018380384940e0,
                               6.89767334985100004550e-1,
                               1.48103976427480074590e-1,
                               1.51986665636164571966e-2,
                               5.47593808499534494600e-4,
                               1.05075007164441684324e-9};
    static const double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                               1.78482653991729133580e0,  2.96560571828504891230e-1,
                               2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[] = {1.0,
                               5.99832206555887937690e-1,
                               1.36929880922735805310e-1,
                               1.48753612908506148525e-2,
                               7.86869131145613259100e-4,
                               1.84631831751005468180e-5,
                               1.42151175831644588870e-7,
                               2.04426310338993978564e-15};
    double q = p - 0.5, r, x;

    if (fabs(q) <= 0.425)
        return q * ratio(a, b, 0.180625 - q * q);
    r = sqrt(-log(q < 0 ? p : 1 - p));
    x = r <= 5 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5);
    return q < 0 ? -x : x;
}

/* The probability below x standard deviations. */
static double lower_tail(double x)
{
    return 0.5 * erfc(-x * 0.70710678118654752440);
}

bool pd_normal_init(pd_normal *n, double mean, double sd, double min, double max, pd_err *err)
{
    double from, to;

    if (!(fabs(mean) <= 1e300))
        return pd_err_set(err, PD_ERR_INPUT, "mean %g is not between -1e300 and 1e300", mean);
    if (!(sd > 0 && sd <= 1e300))
        return pd_err_set(err, PD_ERR_INPUT, "sd %g is not above 0 and up to 1e300", sd);
    if (!(min < max))
        return pd_err_set(err, PD_ERR_INPUT, "min %g is not below max %g", min, max);
    from = (min - mean) / sd;
    to = (max - mean) / sd;
    /* Close to 1 doubles are coarse; close to 0 they are fine. So draw in the lower tail. */
    bool flipped = from > 0;
    double low = flipped ? lower_tail(-to) : lower_tail(from);
    double high = flipped ? lower_tail(-from) : lower_tail(to);
    if (!(high - low > 0))
        return pd_err_set(err, PD_ERR_INPUT, "nothing of the distribution is between %g and %g",
                          min, max);
    *n = (pd_normal){mean, sd, min, max, low, high - low, flipped};
    return true;
}

double pd_normal_next(const pd_normal *n, pd_rng *rng)
{
    /* Rounding must not reach 0 or 1, where the quantile is infinite, nor step over a bound. */
    double p = fmin(fmax(n->low + n->width * pd_rng_open(rng), 1e-300), 1 - 0x1p-53);
    double z = pd_rng_quantile(p);
    double x = n->mean + n->sd * (n->flipped ? -z : z);

    return x < n->min ? n->min : x > n->max ? n->max : x;
}

bool pd_exponential_init(pd_exponential *e, double mean, double min, double max, pd_err *err)
{
    if (!(mean > 0 && mean <= 1e300))
        return pd_err_set(err, PD_ERR_INPUT, "mean %g is not above 0 and up to 1e300", mean);
    if (!(fabs(min) <= 1e300))
        return pd_err_set(err, PD_ERR_INPUT, "min %g is not between -1e300 and 1e300", min);
    if (!(min < max))
        return pd_err_set(err, PD_ERR_INPUT, "min %g is not below max %g", min, max);
    *e = (pd_exponential){mean, min, max, -expm1(-(max - min) / mean)};
    return true;
}

double pd_exponential_next(const pd_exponential *e, pd_rng *rng)
{
    double x = e->min - e->mean * log1p(-e->width * pd_rng_open(rng));

    return x > e->max ? e->max : x;
}

/* (exp(x) - 1) / x and log(1 + x) / x, which stay exact where x is near 0, that is theta near 1. */
static double expm1_ratio(double x)
{
    return fabs(x) > 1e-8 ? expm1(x) / x : 1 + x / 2 * (1 + x / 3);
}

static double log1p_ratio(double x)
{
    return fabs(x) > 1e-8 ? log1p(x) / x : 1 - x * (0.5 - x / 3);
}

/* The integral of x^-theta from 1, and its inverse. */
static double area(double x, double theta)
{
    double l = log(x);

    return expm1_ratio((1 - theta) * l) * l;
}

static double area_inverse(double y, double theta)
{
    double t = y * (1 - theta);

    /* Rounding must not leave the domain of log1p. */
    return exp(log1p_ratio(t < -1 ? -1 : t) * y);
}

bool pd_zipf_init(pd_zipf *z, int64_t n, double theta, pd_err *err)
{
    if (n < 1 || n > (int64_t)1 << 52)
        return pd_err_set(err, PD_ERR_INPUT, "n %lld is not from 1 to 2^52", (long long)n);
    if (!(theta >= 0 && theta <= 100))
        return pd_err_set(err, PD_ERR_INPUT, "theta %g is not from 0 to 100", theta);
    z->n = (uint64_t)n;
    z->theta = theta;
    z->first = area(1.5, theta) - 1;
    z->last = area((double)n + 0.5, theta);
    z->squeeze = 2 - area_inverse(area(2.5, theta) - exp(-theta * log(2)), theta);
    return true;
}

uint64_t pd_zipf_next(const pd_zipf *z, pd_rng *rng)
{
    for (;;) {
        double y = z->last + pd_rng_double(rng) * (z->first - z->last);
        double x = area_inverse(y, z->theta);
        double k = floor(x + 0.5);

        k = k < 1 ? 1 : k > (double)z->n ? (double)z->n : k;
        if (k - x <= z->squeeze || y >= area(k + 0.5, z->theta) - exp(-z->theta * log(k)))
            return (uint64_t)k;
    }
}
