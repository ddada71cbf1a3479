#include "core/clock.h"

#include <time.h>

int64_t pd_clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * PD_SECOND + now.tv_nsec;
}

int64_t pd_clock_after(double seconds)
{
    if (!(seconds > 0))
        return pd_clock_now();
    if (seconds > 1e9)
        return PD_FOREVER;
    return pd_clock_now() + (int64_t)(seconds * 1e9);
}
