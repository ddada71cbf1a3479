/* Generators of dates, times, addresses and identifiers. */
#include "core/civil.h"
#include "core/gen_impl.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool set_recent(pd_gen *g, double recent, pd_err *err)
{
    if (!(recent >= 0 && recent <= 1e6))
        return pd_err_set(err, PD_ERR_INPUT, "recent %g is not from 0 to 1000000", recent);
    g->power = 1 / (1 + recent);
    return true;
}

static bool before(const char *from, const char *to, int64_t low, int64_t high, pd_err *err)
{
    if (low < high)
        return true;
    return pd_err_set(err, PD_ERR_INPUT, "from %s is not before to %s", from, to);
}

pd_gen *pd_gen_date(const char *from, const char *to, double recent, pd_err *err)
{
    int32_t low, high;
    pd_gen *g;

    if (!pd_civil_parse_date(from, &low, err) || !pd_civil_parse_date(to, &high, err) ||
        !before(from, to, low, high, err))
        return NULL;
    g = pd_node_new(G_DATE, V_DATE, PD_OID_DATE, 0, err);
    if (!g)
        return NULL;
    g->min = low;
    g->max = high - 1;
    g->span = (uint64_t)(high - low);
    return set_recent(g, recent, err) ? g : pd_node_drop(g);
}

pd_gen *pd_gen_timestamp(const char *from, const char *to, double recent, int precision, bool zoned,
                         pd_err *err)
{
    int64_t low, high;
    pd_gen *g;

    if (!pd_civil_parse_time(from, &low, err) || !pd_civil_parse_time(to, &high, err) ||
        !before(from, to, low, high, err))
        return NULL;
    if (precision < 0 || precision > 6) {
        pd_err_set(err, PD_ERR_INPUT, "precision %d is not from 0 to 6", precision);
        return NULL;
    }
    g = pd_node_new(G_TIME, zoned ? V_ZONED : V_TIME, zoned ? PD_OID_TIMESTAMPTZ : PD_OID_TIMESTAMP,
                    0, err);
    if (!g)
        return NULL;
    g->unit = pd_pow10[6 - precision];
    g->min = low;
    g->max = high - 1;
    g->span = (uint64_t)((high - low + g->unit - 1) / g->unit);
    return set_recent(g, recent, err) ? g : pd_node_drop(g);
}

static bool parse_network(const char *text, pd_network *out, pd_err *err)
{
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    char address[INET6_ADDRSTRLEN], *end = NULL;
    bool v6 = memchr(text, ':', len) != NULL;
    long bits = v6 ? 128 : 32;

    memset(out, 0, sizeof *out);
    out->len = v6 ? 16 : 4;
    if (len < sizeof address) {
        memcpy(address, text, len);
        address[len] = '\0';
        if (slash)
            bits = slash[1] >= '0' && slash[1] <= '9' ? strtol(slash + 1, &end, 10) : -1;
        if (inet_pton(v6 ? AF_INET6 : AF_INET, address, out->net) == 1 && (!end || *end == '\0') &&
            bits >= 0 && bits <= out->len * 8) {
            for (int i = 0; i < out->len; i++) {
                long left = bits - i * 8;
                out->host[i] = left >= 8 ? 0 : left <= 0 ? 0xFF : (uint8_t)(0xFF >> left);
                out->net[i] &= (uint8_t)~out->host[i];
            }
            return true;
        }
    }
    return pd_err_set(err, PD_ERR_INPUT, "\"%s\" is not a network such as 10.0.0.0/8", text);
}

pd_gen *pd_gen_inet(const char *network, pd_err *err)
{
    pd_network inet = {.len = 0};
    pd_gen *g;

    if (network && !parse_network(network, &inet, err))
        return NULL;
    g = pd_node_new(G_INET, V_INET, PD_OID_INET, 0, err);
    if (g)
        g->inet = inet;
    return g;
}

pd_gen *pd_gen_uuid(pd_err *err)
{
    return pd_node_new(G_UUID, V_UUID, PD_OID_UUID, 0, err);
}

pd_gen *pd_gen_unique(pd_err *err)
{
    pd_gen *g = pd_node_new(G_UNIQUE, V_TEXT, PD_OID_TEXT, 0, err);

    if (g)
        g->chars = g->bytes = g->work = MAX_UNIQUE;
    return g;
}
