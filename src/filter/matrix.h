/*
 * filter/matrix.h - colours through a matrix: each channel becomes a sum of the three.
 *
 * For filters that leave neutral grays as they are: rows add up to 1, and gray pictures are not
 * changed. Setting belongs to one thread; everything else is pure.
 */
#ifndef PP_FILTER_MATRIX_H
#define PP_FILTER_MATRIX_H

#include "filter/filter.h"

struct pp_matrix {
    struct pp_geometry geometry;
    float weights[3][3]; /* [output][input] */
};

void pp_matrix_init(struct pp_matrix *matrix, const struct pp_geometry *geometry,
                    const double weights[3][3]);

/*
 * Members of struct pp_filter for a filter whose state begins with a struct pp_matrix. is_linear
 * holds where no weight is negative, so that nothing is ever cut off.
 */
bool pp_matrix_is_identity(const void *state);
bool pp_matrix_is_linear(const void *state);
void pp_matrix_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                      void *scratch);

#endif
