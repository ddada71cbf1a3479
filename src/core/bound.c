/* Bounds printed and compared. */
#include "core/bound.h"

#include <stdio.h>
#include <string.h>

static bool add(pd_buf *out, const char *text, size_t len, pd_err *err)
{
    if (!pd_buf_reserve(out, len + 1, err))
        return false;
    memcpy(out->data + out->len, text, len);
    out->len += len;
    out->data[out->len] = '\0';
    return true;
}

static bool add_text(pd_buf *out, const char *text, pd_err *err)
{
    return add(out, text, strlen(text), err);
}

/* As PostgreSQL quotes: a text with a backslash is an E'' string. */
static bool add_quoted(pd_buf *out, const char *text, pd_err *err)
{
    bool ok = add_text(out, strchr(text, '\\') ? "E'" : "'", err);

    for (; ok && *text; text++)
        ok = ((*text != '\'' && *text != '\\') || add(out, text, 1, err)) && add(out, text, 1, err);
    return ok && add(out, "'", 1, err);
}

static bool add_datum(pd_buf *out, const pd_datum *datum, pd_err *err)
{
    switch (datum->kind) {
    case PD_DATUM_MINVALUE:
        return add_text(out, "MINVALUE", err);
    case PD_DATUM_MAXVALUE:
        return add_text(out, "MAXVALUE", err);
    case PD_DATUM_NULL:
        return add_text(out, "NULL", err);
    case PD_DATUM_VALUE:
        break;
    }
    if (datum->quote == 0)
        return add_text(out, datum->text, err);
    return (datum->quote != 'B' || add(out, "B", 1, err)) && add_quoted(out, datum->text, err);
}

bool pd_bound_print_row(const pd_datum *row, size_t count, pd_buf *out, pd_err *err)
{
    bool ok = add(out, "(", 1, err);

    for (size_t i = 0; ok && i < count; i++)
        ok = (i == 0 || add(out, ", ", 2, err)) && add_datum(out, &row[i], err);
    return ok && add(out, ")", 1, err);
}

bool pd_bound_print(const pd_bound *bound, pd_buf *out, pd_err *err)
{
    char words[80];

    switch (bound->kind) {
    case PD_BOUND_RANGE:
        return add_text(out, "FOR VALUES FROM ", err) &&
               pd_bound_print_row(bound->from, bound->count, out, err) &&
               add_text(out, " TO ", err) && pd_bound_print_row(bound->to, bound->count, out, err);
    case PD_BOUND_LIST:
        return add_text(out, "FOR VALUES IN ", err) &&
               pd_bound_print_row(bound->from, bound->count, out, err);
    case PD_BOUND_HASH:
        snprintf(words, sizeof words, "FOR VALUES WITH (modulus %d, remainder %d)", bound->modulus,
                 bound->remainder);
        return add_text(out, words, err);
    case PD_BOUND_DEFAULT:
        break;
    }
    return add_text(out, "DEFAULT", err);
}

int pd_datum_compare(const pd_datum *a, const pd_datum *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind != PD_DATUM_VALUE)
        return 0;
    if (a->rank && b->rank)
        return (a->rank > b->rank) - (a->rank < b->rank);
    return strcmp(a->text, b->text);
}

int pd_bound_compare_rows(const pd_datum *a, const pd_datum *b, size_t count)
{
    int order = 0;

    for (size_t i = 0; i < count && order == 0; i++) {
        order = pd_datum_compare(&a[i], &b[i]);
        if (a[i].kind != PD_DATUM_VALUE)
            break;
    }
    return order;
}

static bool contains(const pd_bound *list, const pd_datum *value)
{
    for (size_t i = 0; i < list->count; i++)
        if (pd_datum_compare(&list->from[i], value) == 0)
            return true;
    return false;
}

static bool contains_all(const pd_bound *list, const pd_bound *values)
{
    for (size_t i = 0; i < values->count; i++)
        if (!contains(list, &values->from[i]))
            return false;
    return true;
}

bool pd_bound_equal(const pd_bound *a, const pd_bound *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case PD_BOUND_RANGE:
        return a->count == b->count && pd_bound_compare_rows(a->from, b->from, a->count) == 0 &&
               pd_bound_compare_rows(a->to, b->to, a->count) == 0;
    case PD_BOUND_LIST:
        return contains_all(a, b) && contains_all(b, a);
    case PD_BOUND_HASH:
        return a->modulus == b->modulus && a->remainder == b->remainder;
    case PD_BOUND_DEFAULT:
        break;
    }
    return true;
}
