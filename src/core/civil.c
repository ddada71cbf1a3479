#include "core/civil.h"

#include <string.h>

#define DAYS_TO_2000 730425 /* from 0000-03-01 */

/* Years are counted from March, so that the leap day is the last of a year. */
int32_t pd_civil_to_days(pd_civil c)
{
    int year = c.month <= 2 ? c.year - 1 : c.year;
    int month = c.month <= 2 ? c.month + 9 : c.month - 3;

    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + c.day - 1 -
           DAYS_TO_2000;
}

pd_civil pd_civil_from_days(int32_t days)
{
    uint32_t z = (uint32_t)(days + DAYS_TO_2000);
    uint32_t era = z / 146097, doe = z % 146097;
    uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    uint32_t mp = (5 * doy + 2) / 153;
    pd_civil c;

    c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c.year = (int)(yoe + era * 400 + (c.month <= 2));
    return c;
}

/* Reads exactly n digits. */
static bool digits(const char **p, int n, int *value)
{
    *value = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        *value = *value * 10 + (**p - '0');
    }
    return true;
}

static bool literal(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

static bool date(const char **p, int32_t *days)
{
    pd_civil c, back;

    if (!digits(p, 4, &c.year) || !literal(p, '-') || !digits(p, 2, &c.month) || !literal(p, '-') ||
        !digits(p, 2, &c.day))
        return false;
    if (c.year < 1 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31)
        return false;
    *days = pd_civil_to_days(c);
    back = pd_civil_from_days(*days);
    return back.month == c.month; /* 31 April is 1 May */
}

/* Up to six digits after a point; more would be lost in silence. */
static bool fraction(const char **p, int64_t *usec)
{
    int64_t unit = 1000000;
    int digit;

    while (unit > 1 && digits(p, 1, &digit)) {
        unit /= 10;
        *usec += digit * unit;
    }
    return unit < 1000000;
}

static bool time_of_day(const char **p, int64_t *usec)
{
    int hour, minute, second = 0;

    if (!digits(p, 2, &hour) || !literal(p, ':') || !digits(p, 2, &minute))
        return false;
    if (literal(p, ':') && (!digits(p, 2, &second) || (literal(p, '.') && !fraction(p, usec))))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *usec += (int64_t)(hour * 3600 + minute * 60 + second) * 1000000;
    return true;
}

bool pd_civil_parse_date(const char *text, int32_t *days, pd_err *err)
{
    const char *p = text;

    if (!date(&p, days) || *p != '\0')
        return pd_err_set(err, PD_ERR_INPUT, "\"%s\" is not a date such as 2024-01-31", text);
    return true;
}

bool pd_civil_parse_time(const char *text, int64_t *usec, pd_err *err)
{
    const char *p = text;
    int32_t days;
    bool ok = date(&p, &days);

    if (ok) {
        *usec = days * PD_DAY_USEC;
        if (literal(&p, ' ') || literal(&p, 'T'))
            ok = time_of_day(&p, usec);
    }
    if (ok && (strcmp(p, "Z") == 0 || strcmp(p, "+00") == 0))
        p = "";
    if (!ok || *p != '\0')
        return pd_err_set(err, PD_ERR_INPUT,
                          "\"%s\" is not a time such as 2024-01-31 or 2024-01-31 12:34:56", text);
    return true;
}
