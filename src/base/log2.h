/*
 * base/log2.h - binary logarithms of whole numbers, in integers: the same on every processor.
 */
#ifndef PP_BASE_LOG2_H
#define PP_BASE_LOG2_H

#include <stdint.h>

#define PP_LOG2_ONE 65536u

/* The whole part; n is 1 or more. */
static inline unsigned pp_log2_floor(uint64_t n)
{
    return 63 - (unsigned)__builtin_clzll(n);
}

/* In parts of 1/PP_LOG2_ONE, a straight line between powers of two: at most 0.09 too little; n is
 * 1 or more. */
static inline uint64_t pp_log2_fixed(uint64_t n)
{
    unsigned power = pp_log2_floor(n);
    uint64_t mantissa = power >= 16 ? n >> (power - 16) : n << (16 - power);

    return ((uint64_t)power << 16) + (mantissa - PP_LOG2_ONE);
}

#endif
