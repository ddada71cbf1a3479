/* Rows: columns completed in order, and bound to the types of a table. */
#include "core/gen_impl.h"

#include <stdlib.h>
#include <string.h>

void pd_row_free(pd_row *row)
{
    if (!row)
        return;
    for (size_t i = 0; row->columns && i < row->n; i++) {
        free(row->columns[i].name);
        pd_gen_unref(row->columns[i].source);
        pd_gen_unref(row->columns[i].gen);
    }
    free(row->columns);
    free(row->types);
    free(row);
}

/* Puts the name of the column before what went wrong. */
static bool in_column(const char *name, pd_err *err)
{
    pd_err inner = err ? *err : (pd_err){0};

    if (inner.kind != PD_ERR_INPUT)
        return false;
    pd_err_set(err, PD_ERR_INPUT, "column \"%s\": %s", name, inner.message);
    if (inner.hint[0])
        pd_err_hint(err, "%s", inner.hint);
    return false;
}

static bool name_free(const pd_row *row, size_t i, const char *name, pd_err *err)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(row->columns[k].name, name) == 0)
            return pd_err_set(err, PD_ERR_INPUT, "column \"%s\" is there twice", name);
    return true;
}

static bool add_column(pd_row *row, size_t i, pd_text name, pd_gen *gen, pd_err *err)
{
    pd_column *column = &row->columns[i];

    if (name.len == 0 || name.len > MAX_KEY || pd_text_chars(name) < 0)
        return pd_err_set(err, PD_ERR_INPUT, "column %zu has no proper name", i + 1);
    column->source = pd_gen_ref(gen);
    column->name = strndup(name.s, name.len);
    if (!column->name)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    return name_free(row, i, column->name, err);
}

static bool complete(pd_row *row, pd_err *err)
{
    const char **names = calloc(row->n, sizeof *names);
    pd_gen **gens = calloc(row->n, sizeof *gens);
    bool ok = names && gens;

    if (!ok)
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    for (size_t i = 0; ok && i < row->n; i++) {
        pd_column *column = &row->columns[i];
        column->gen = pd_node_complete(column->source, &(pd_scope){names, gens, i}, err);
        ok = column->gen || in_column(column->name, err);
        names[i] = column->name;
        gens[i] = column->gen;
    }
    free(names);
    free(gens);
    return ok;
}

/* How much room one row takes, for the types that it has now. */
static void measure(pd_row *row)
{
    row->work = row->text = 0;
    row->binary = sizeof(uint16_t);
    row->open = false;
    for (size_t i = 0; i < row->n; i++) {
        const pd_gen *gen = row->columns[i].gen;
        row->open = row->open || row->types[i] == 0;
        row->work += gen->work;
        row->text += gen->bytes + 1;
        row->binary += sizeof(uint32_t) + pd_binary_size(row->types[i], gen->bytes);
    }
}

pd_row *pd_row_new(const pd_text *names, pd_gen *const *gens, size_t n, pd_err *err)
{
    pd_row *row;

    if (n == 0 || n > MAX_COLUMNS) {
        pd_err_set(err, PD_ERR_INPUT, "a row has from 1 to %d columns, not %zu", MAX_COLUMNS, n);
        return NULL;
    }
    row = calloc(1, sizeof *row);
    if (!row || !(row->columns = calloc(n, sizeof *row->columns)) ||
        !(row->types = calloc(n, sizeof *row->types))) {
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
        goto fail;
    }
    row->n = n;
    for (size_t i = 0; i < n; i++)
        if (!add_column(row, i, names[i], gens[i], err))
            goto fail;
    if (!complete(row, err))
        goto fail;
    for (size_t i = 0; i < n; i++)
        row->types[i] = row->columns[i].gen->type;
    measure(row);
    return row;
fail:
    pd_row_free(row);
    return NULL;
}

size_t pd_row_columns(const pd_row *row)
{
    return row->n;
}

const char *pd_row_name(const pd_row *row, size_t column)
{
    return row->columns[column].name;
}

Oid pd_row_type(const pd_row *row, size_t column)
{
    return row->types[column];
}

const Oid *pd_row_types(const pd_row *row)
{
    return row->types;
}

static void collect_keys(pd_gen *gen, pd_gen **out, size_t max, size_t *n)
{
    if (!gen->late)
        return;
    for (size_t i = 0; gen->kind == G_KEY && i < *n && i < max; i++)
        if (out[i] == gen)
            return;
    if (gen->kind == G_KEY) {
        if (*n < max)
            out[*n] = gen;
        ++*n;
        return;
    }
    for (size_t i = 0; i < gen->nkids; i++)
        collect_keys(gen->kids[i], out, max, n);
}

size_t pd_row_keys(const pd_row *row, pd_gen **out, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < row->n; i++)
        collect_keys(row->columns[i].source, out, max, &n);
    return n;
}

static bool int_fits(const pd_gen *gen, int64_t min, int64_t max, Oid type, pd_err *err)
{
    if (gen->min >= min && gen->max <= max)
        return true;
    return pd_err_set(err, PD_ERR_INPUT, "values from %lld to %lld do not fit into %s",
                      (long long)gen->min, (long long)gen->max, pd_type_name(type));
}

/* Whether a number of at most that size, in units of 10^-scale, fits numeric(precision, places). */
static bool digits_fit(int64_t value, int scale, int precision, int places)
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int room;

    if (left == 0)
        return true;
    if (scale > places) { /* the server rounds it to its places */
        int drop = scale - places < 19 ? scale - places : 19;
        uint64_t unit = drop < 19 ? (uint64_t)pd_pow10[drop] : UINT64_C(10000000000000000000);
        left = left / unit + (left % unit >= unit / 2);
        room = precision;
    } else {
        room = precision - places + scale;
    }
    return left == 0 || room > 18 || (room >= 0 && left < (uint64_t)pd_pow10[room]);
}

static bool numeric_fits(const pd_gen *gen, int mod, pd_err *err)
{
    int precision, places;

    if (mod < 4)
        return true;
    precision = (mod - 4) >> 16 & 0xFFFF;
    places = (((mod - 4) & 0x7FF) ^ 1024) - 1024;
    if (digits_fit(gen->min, gen->scale, precision, places) &&
        digits_fit(gen->max, gen->scale, precision, places))
        return true;
    return pd_err_set(err, PD_ERR_INPUT, "its values do not all fit into numeric(%d,%d)", precision,
                      places);
}

static bool text_fits(const pd_gen *gen, Oid type, int mod, pd_err *err)
{
    if (type == PD_OID_TEXT || mod < 4 || gen->chars <= (size_t)mod - 4)
        return true;
    return pd_err_set(err, PD_ERR_INPUT, "texts of up to %zu characters do not fit into %s(%d)",
                      gen->chars, pd_type_name(type), mod - 4);
}

static bool mismatch(const pd_gen *gen, Oid type, pd_err *err)
{
    if (strcmp(pd_type_name(type), "unknown") == 0)
        return pd_err_set(err, PD_ERR_INPUT,
                          "a generator of type %s cannot fill a column of the type with oid %u",
                          pd_type_name(gen->type), type);
    return pd_err_set(err, PD_ERR_INPUT, "a generator of type %s cannot fill a column of type %s",
                      pd_type_name(gen->type), pd_type_name(type));
}

static bool fits(const pd_gen *gen, Oid type, int mod, pd_err *err)
{
    bool integer = gen->type == PD_OID_INT4 || gen->type == PD_OID_INT8;

    switch (type) {
    case PD_OID_INT2:
        return integer ? int_fits(gen, INT16_MIN, INT16_MAX, type, err) : mismatch(gen, type, err);
    case PD_OID_INT4:
        return integer ? int_fits(gen, INT32_MIN, INT32_MAX, type, err) : mismatch(gen, type, err);
    case PD_OID_INT8:
        return integer || mismatch(gen, type, err);
    case PD_OID_NUMERIC:
        return integer || gen->type == type ? numeric_fits(gen, mod, err)
                                            : mismatch(gen, type, err);
    case PD_OID_TEXT:
    case PD_OID_VARCHAR:
    case PD_OID_BPCHAR:
        return gen->type == PD_OID_TEXT ? text_fits(gen, type, mod, err) : mismatch(gen, type, err);
    case PD_OID_JSON:
        return gen->type == PD_OID_JSONB || mismatch(gen, type, err);
    default:
        return gen->type == type || mismatch(gen, type, err);
    }
}

pd_row *pd_row_bind(const pd_row *row, const Oid *types, const int *mods, pd_err *err)
{
    pd_text *names = calloc(row->n, sizeof *names);
    pd_gen **gens = calloc(row->n, sizeof *gens);
    pd_row *bound = NULL;
    bool ok = false;

    if (!names || !gens) {
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
        goto done;
    }
    for (size_t i = 0; i < row->n; i++) {
        names[i] = (pd_text){row->columns[i].name, strlen(row->columns[i].name)};
        gens[i] = row->columns[i].source;
    }
    bound = pd_row_new(names, gens, row->n, err);
    ok = bound != NULL;
    for (size_t i = 0; ok && i < row->n; i++) {
        const pd_column *column = &bound->columns[i];
        Oid type = types ? types[i] : column->gen->type;
        if (column->gen->type == 0)
            ok = pd_err_set(err, PD_ERR_INPUT, "its keys are not set") ||
                 in_column(column->name, err);
        else
            ok = fits(column->gen, type, mods ? mods[i] : -1, err) || in_column(column->name, err);
        bound->types[i] = type;
    }
    if (ok)
        measure(bound);
done:
    free(names);
    free(gens);
    if (ok)
        return bound;
    pd_row_free(bound);
    return NULL;
}
