/*
 * filter/gradient.h - how steeply samples rise to the right and downwards, for edge and emboss: the
 * sums of I. Sobel's 3 x 3 operator, as R. Duda and P. Hart, "Pattern Classification and Scene
 * Analysis", 1973, section 7.3, report it. The edges are repeated outwards.
 *
 * With alpha each neighbour counts by its alpha: it adds (its sample - the middle one) x alpha /
 * the largest, so that what cannot be seen makes no edge. Any thread.
 */
#ifndef PP_FILTER_GRADIENT_H
#define PP_FILTER_GRADIENT_H

#include "filter/samples.h"

struct pp_gradient {
    struct pp_geometry geometry;
    bool gray; /* of rec.601 luma; else of each colour by itself */
};

/* Sums of one row; they lie in the scratch memory. */
struct pp_gradient_sums {
    float *right, *down; /* one for each colour of each pixel, 4 times a sample at the most */
    size_t count;
};

/* A walk down the rows of a band. */
struct pp_gradient_walk {
    const struct pp_gradient *gradient;
    const struct pp_band *in;
    uint16_t *lines[3], *alphas[3]; /* the rows above, at and below `y`, edges repeated */
    uint8_t *luma;
    struct pp_gradient_sums sums;
    uint32_t y;
};

/* The colours that there are sums of: 1 or 3. */
unsigned pp_gradient_colors(const struct pp_gradient *gradient);

void pp_gradient_rows_needed(const struct pp_gradient *gradient, uint32_t first, uint32_t last,
                             uint32_t *in_first, uint32_t *in_last);
/* Bytes of scratch memory that a walk takes. */
size_t pp_gradient_scratch(const struct pp_gradient *gradient);

/* Begin at row `y`. */
void pp_gradient_begin(struct pp_gradient_walk *walk, const struct pp_gradient *gradient,
                       const struct pp_band *in, uint32_t y, void *scratch);
/* The sums of the row, and on to the next one, which must be within the picture. */
const struct pp_gradient_sums *pp_gradient_next(struct pp_gradient_walk *walk);

/* Copy the alpha of row `y`, if there is one; `colors` stand before it in `out`. */
void pp_gradient_copy_alpha(const struct pp_gradient_walk *walk, uint32_t y, uint8_t *out,
                            unsigned colors);

#endif
