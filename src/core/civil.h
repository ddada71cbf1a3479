/*
 * Days and times of the Gregorian calendar as PostgreSQL counts them: from 2000-01-01, UTC,
 * years 1 to 9999.
 */
#ifndef PD_CORE_CIVIL_H
#define PD_CORE_CIVIL_H

#include "core/err.h"

#include <stdint.h>

#define PD_DAY_USEC INT64_C(86400000000)

typedef struct pd_civil {
    int year, month, day;
} pd_civil;

int32_t pd_civil_to_days(pd_civil civil);
pd_civil pd_civil_from_days(int32_t days);

/* "2024-01-31". PD_ERR_INPUT names what is wrong. */
bool pd_civil_parse_date(const char *text, int32_t *days, pd_err *err);
/* "2024-01-31", also with " 12:34", " 12:34:56", " 12:34:56.789"; T for the blank, a final Z or
 * +00 allowed. */
bool pd_civil_parse_time(const char *text, int64_t *usec, pd_err *err);

#endif
