#include "base/clock.h"

#include <time.h>

uint64_t pp_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * PP_NS_PER_S + (uint64_t)now.tv_nsec;
}
