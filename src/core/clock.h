/* Monotonic time: the only clock that durations and deadlines are taken from. */
#ifndef PD_CORE_CLOCK_H
#define PD_CORE_CLOCK_H

#include <stdint.h>

#define PD_SECOND  INT64_C(1000000000)
#define PD_FOREVER INT64_MAX

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t pd_clock_now(void);

/* The moment `seconds` from now, PD_FOREVER when it is out of range; negative and NaN count as 0.
 */
int64_t pd_clock_after(double seconds);

#endif
