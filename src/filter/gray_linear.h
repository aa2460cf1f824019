/*
 * filter/gray_linear.h - luminance in linear light, encoded again.
 *
 * Samples are decoded by the sRGB curve (IEC 61966-2-1:1999, 5.2), weighted as Rec.709 has it, and
 * encoded by the inverse curve, rounded to the nearest sample. Making the tables belongs to one
 * thread, using them to any.
 */
#ifndef PP_FILTER_GRAY_LINEAR_H
#define PP_FILTER_GRAY_LINEAR_H

#include <pixpool/error.h>

#include "filter/samples.h"

/* Light is in units of 2^-31 of white. */
struct pp_gray_linear {
    uint32_t *light;     /* [v]: what sample v stands for; owned */
    uint32_t *threshold; /* [v]: the least light that encodes to v; [max + 1]: beyond all; owned */
    uint16_t *start;     /* [light >> shift]: the sample of a bucket's least light; owned */
    unsigned shift;
};

/* Errors: PP_E_NO_MEMORY; release is allowed then too. */
enum pp_status pp_gray_linear_init(struct pp_gray_linear *tables, unsigned depth,
                                   struct pp_error *err) PP_MUST_CHECK;
/* A zeroed struct is allowed. */
void pp_gray_linear_release(struct pp_gray_linear *tables);

/* The gray of three samples. */
PP_INLINE uint32_t pp_gray_linear(const struct pp_gray_linear *tables, uint32_t r, uint32_t g,
                                  uint32_t b)
{
    /* 0.2126, 0.7152, 0.0722 (ITU-R BT.709-6, 3.2) in 32-bit fixed point; they add up to 2^32 */
    uint64_t sum = UINT64_C(913110047) * tables->light[r] +
                   UINT64_C(3071760610) * tables->light[g] + UINT64_C(310096639) * tables->light[b];
    uint32_t light = (uint32_t)((sum + (UINT64_C(1) << 31)) >> 32);
    uint32_t v = tables->start[light >> tables->shift];

    while (light >= tables->threshold[v + 1])
        v++;
    return v;
}

#endif
