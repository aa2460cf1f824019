/*
 * base/clock.h - the monotonic clock. Any process, any thread.
 */
#ifndef PP_BASE_CLOCK_H
#define PP_BASE_CLOCK_H

#include <stdint.h>

#define PP_NS_PER_S  UINT64_C(1000000000)
#define PP_NS_PER_MS UINT64_C(1000000)

/* Nanoseconds of CLOCK_MONOTONIC. It stands still while the machine sleeps. */
uint64_t pp_clock_ns(void);

#endif
