/* Generators of numbers and constants. */
#include "core/gen_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_int4(int64_t min, int64_t max)
{
    return min >= INT32_MIN && max <= INT32_MAX;
}

static bool ordered(int64_t min, int64_t max, pd_err *err)
{
    if (min <= max)
        return true;
    return pd_err_set(err, PD_ERR_INPUT, "min %lld is above max %lld", (long long)min,
                      (long long)max);
}

static pd_gen *integer(pd_kind kind, int64_t min, int64_t max, pd_err *err)
{
    Oid type = is_int4(min, max) ? PD_OID_INT4 : PD_OID_INT8;
    pd_gen *g = pd_node_new(kind, V_INT, type, 0, err);

    if (g)
        pd_node_range(g, min, max, 0);
    return g;
}

pd_gen *pd_gen_const_int(int64_t value, pd_err *err)
{
    pd_gen *g = integer(G_CONST, value, value, err);

    if (g)
        g->val = (pd_val){.tag = V_INT, .i = value};
    return g;
}

pd_gen *pd_gen_const_float(double value, pd_err *err)
{
    pd_gen *g = NULL;

    if (!isfinite(value))
        pd_err_set(err, PD_ERR_INPUT, "the number is not finite");
    else
        g = pd_node_new(G_CONST, V_FLOAT, PD_OID_FLOAT8, 0, err);
    if (g)
        g->val = (pd_val){.tag = V_FLOAT, .d = value};
    return g;
}

pd_gen *pd_gen_const_bool(bool value, pd_err *err)
{
    pd_gen *g = pd_node_new(G_CONST, V_BOOL, PD_OID_BOOL, 0, err);

    if (g)
        g->val = (pd_val){.tag = V_BOOL, .i = value};
    return g;
}

pd_gen *pd_gen_int(int64_t min, int64_t max, pd_err *err)
{
    if (!ordered(min, max, err))
        return NULL;
    if (!is_int4(min, max)) {
        pd_err_set(err, PD_ERR_INPUT, "%lld to %lld is out of the range of integer", (long long)min,
                   (long long)max);
        pd_err_hint(err, "Use bigint.");
        return NULL;
    }
    pd_gen *g = pd_gen_bigint(min, max, err);
    if (g)
        g->type = PD_OID_INT4;
    return g;
}

pd_gen *pd_gen_bigint(int64_t min, int64_t max, pd_err *err)
{
    pd_gen *g = NULL;

    if (ordered(min, max, err))
        g = integer(G_INT, min, max, err);
    if (g) {
        g->type = PD_OID_INT8;
        g->span = (uint64_t)max - (uint64_t)min + 1;
    }
    return g;
}

pd_gen *pd_gen_float(double min, double max, pd_err *err)
{
    pd_gen *g = NULL;

    if (!isfinite(min) || !isfinite(max) || !isfinite(max - min))
        pd_err_set(err, PD_ERR_INPUT, "min, max and their distance must be finite");
    else if (!(min < max))
        pd_err_set(err, PD_ERR_INPUT, "min %g is not below max %g", min, max);
    else
        g = pd_node_new(G_FLOAT, V_FLOAT, PD_OID_FLOAT8, 0, err);
    if (g) {
        g->real.from = min;
        g->real.width = max - min;
    }
    return g;
}

static bool scale_fits(int scale, pd_err *err)
{
    if (scale >= 0 && scale <= MAX_SCALE)
        return true;
    return pd_err_set(err, PD_ERR_INPUT, "scale %d is not from 0 to %d", scale, MAX_SCALE);
}

pd_gen *pd_gen_decimal(int64_t min, int64_t max, int scale, pd_err *err)
{
    pd_gen *g = NULL;

    if (!scale_fits(scale, err))
        return NULL;
    if (min > max) {
        double unit = pow(10, scale);
        pd_err_set(err, PD_ERR_INPUT, "min %.*f is above max %.*f", scale, (double)min / unit,
                   scale, (double)max / unit);
        return NULL;
    }
    if (min < -MAX_DECIMAL || max > MAX_DECIMAL)
        pd_err_set(err, PD_ERR_INPUT, "min and max have more than 18 digits");
    else
        g = pd_node_new(G_DECIMAL, V_DECIMAL, PD_OID_NUMERIC, 0, err);
    if (g) {
        pd_node_range(g, min, max, scale);
        g->span = (uint64_t)(max - min) + 1;
    }
    return g;
}

/* p as a number of 2^53, or false unless it is a probability. */
static bool chance(double p, uint64_t *chance, pd_err *err)
{
    if (!(p >= 0 && p <= 1))
        return pd_err_set(err, PD_ERR_INPUT, "probability %g is not from 0 to 1", p);
    *chance = (uint64_t)(p * 0x1p53);
    return true;
}

pd_gen *pd_gen_bool(double p, pd_err *err)
{
    uint64_t c = 0;
    pd_gen *g = chance(p, &c, err) ? pd_node_new(G_BOOL, V_BOOL, PD_OID_BOOL, 0, err) : NULL;

    if (g)
        g->chance = c;
    return g;
}

pd_gen *pd_gen_null_some(double p, pd_gen *gen, pd_err *err)
{
    uint64_t c = 0;
    pd_gen *g = NULL;

    if (chance(p, &c, err))
        g = pd_node_new(G_NULL_SOME, (pd_tag)gen->tag, gen->type, 1, err);
    if (!g)
        return NULL;
    g->chance = c;
    if (!pd_node_kid(g, 0, gen, err) || !pd_node_derive(g, err))
        return pd_node_drop(g);
    return g;
}

pd_gen *pd_gen_serial(int64_t start, int64_t step, int64_t last, pd_err *err)
{
    pd_gen *g = NULL;

    if (step == 0)
        pd_err_set(err, PD_ERR_INPUT, "step is 0");
    else if (step > 0 ? last < start : last > start)
        pd_err_set(err, PD_ERR_INPUT, "start %lld is beyond the last value %lld", (long long)start,
                   (long long)last);
    else
        g = integer(G_SERIAL, step > 0 ? start : last, step > 0 ? last : start, err);
    if (g) {
        uint64_t way = (uint64_t)g->max - (uint64_t)g->min;
        uint64_t stride = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;

        g->serial.start = start;
        g->serial.step = step;
        g->serial.cycle = way / stride + 1;
    }
    return g;
}

pd_gen *pd_gen_zipf(int64_t n, double theta, int64_t min, pd_err *err)
{
    pd_zipf zipf;
    pd_gen *g = NULL;

    if (!pd_zipf_init(&zipf, n, theta, err))
        return NULL;
    if (min > INT64_MAX - n)
        pd_err_set(err, PD_ERR_INPUT, "min %lld + n %lld is out of range", (long long)min,
                   (long long)n);
    else
        g = integer(G_ZIPF, min, min + n - 1, err);
    if (g)
        g->zipf = zipf;
    return g;
}

/* A node of float8 (scale < 0), or of numeric with those bounds. */
static pd_gen *real(pd_kind kind, double min, double max, int scale, pd_err *err)
{
    double unit, low, high;
    pd_gen *g;

    if (scale < 0)
        return pd_node_new(kind, V_FLOAT, PD_OID_FLOAT8, 0, err);
    if (!scale_fits(scale, err))
        return NULL;
    unit = (double)pd_pow10[scale];
    low = floor(min * unit);
    high = ceil(max * unit);
    if (!(low >= -(double)MAX_DECIMAL && high <= (double)MAX_DECIMAL)) {
        pd_err_set(err, PD_ERR_INPUT,
                   "with a scale, min and max must be given and have at most 18 digits");
        return NULL;
    }
    g = pd_node_new(kind, V_DECIMAL, PD_OID_NUMERIC, 0, err);
    if (g)
        pd_node_range(g, (int64_t)low, (int64_t)high, scale);
    return g;
}

pd_gen *pd_gen_normal(double mean, double sd, double min, double max, int scale, pd_err *err)
{
    pd_normal normal;
    pd_gen *g = NULL;

    if (scale >= 0 && !isfinite(min))
        min = mean - 12 * sd;
    if (scale >= 0 && !isfinite(max))
        max = mean + 12 * sd;
    if (pd_normal_init(&normal, mean, sd, min, max, err))
        g = real(G_NORMAL, min, max, scale, err);
    if (g)
        g->normal = normal;
    return g;
}

pd_gen *pd_gen_exponential(double mean, double min, double max, int scale, pd_err *err)
{
    pd_exponential exponential;
    pd_gen *g = NULL;

    if (pd_exponential_init(&exponential, mean, min, max, err))
        g = real(G_EXPONENTIAL, min, max, scale, err);
    if (g)
        g->exponential = exponential;
    return g;
}
