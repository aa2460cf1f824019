/*
 * filter/planes.h - pixels of three colours told apart, a block at a time, for formulas of more
 * than a sum of products.
 *
 * Samples are binary32 in their own unit, 0 to 255 or 65535: every one is exact, and arithmetic in
 * an order that is written down gives the same bits on every processor. Pure; any thread.
 */
#ifndef PP_FILTER_PLANES_H
#define PP_FILTER_PLANES_H

#include <stddef.h>

#include "filter/filter.h"

#define PP_PLANES_BLOCK 256

struct pp_planes {
    float r[PP_PLANES_BLOCK], g[PP_PLANES_BLOCK], b[PP_PLANES_BLOCK];
};

/* Changes the first `count` pixels of the block in place. */
typedef void pp_planes_kernel(const void *state, struct pp_planes *planes, size_t count);

/* Every row of `out` from the row of the same number in `in`, both of that geometry with 3 or 4
 * channels: through the kernel, rounded to the nearest sample and kept within the range; alpha as
 * it is. */
void pp_planes_render(pp_planes_kernel *kernel, const void *state,
                      const struct pp_geometry *geometry, const struct pp_band *in,
                      const struct pp_band *out);

#endif
