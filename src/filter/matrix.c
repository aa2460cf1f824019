#include "filter/matrix.h"

#include "filter/planes.h"
#include "filter/samples.h"

void pp_matrix_init(struct pp_matrix *matrix, const struct pp_geometry *geometry,
                    const double weights[3][3])
{
    matrix->geometry = *geometry;
    for (int o = 0; o < 3; o++)
        for (int i = 0; i < 3; i++)
            matrix->weights[o][i] = (float)weights[o][i];
}

bool pp_matrix_is_identity(const void *state)
{
    const struct pp_matrix *matrix = state;
    bool same = true;

    for (int o = 0; o < 3; o++)
        for (int i = 0; i < 3; i++)
            same = same && matrix->weights[o][i] == (float)(o == i);
    return same || pp_geometry_color_channels(&matrix->geometry) == 1;
}

bool pp_matrix_is_linear(const void *state)
{
    const struct pp_matrix *matrix = state;
    bool linear = true;

    for (int o = 0; o < 3; o++)
        for (int i = 0; i < 3; i++)
            linear = linear && matrix->weights[o][i] >= 0;
    return linear;
}

PP_HOT static void multiply(const void *state, struct pp_planes *planes, size_t count)
{
    const struct pp_matrix *matrix = state;
    const float *by_r = matrix->weights[0], *by_g = matrix->weights[1], *by_b = matrix->weights[2];
    const float m[9] = {by_r[0], by_r[1], by_r[2], by_g[0], by_g[1],
                        by_g[2], by_b[0], by_b[1], by_b[2]};

    for (size_t i = 0; i < count; i++) {
        const float r = planes->r[i], g = planes->g[i], b = planes->b[i];

        planes->r[i] = m[0] * r + m[1] * g + m[2] * b;
        planes->g[i] = m[3] * r + m[4] * g + m[5] * b;
        planes->b[i] = m[6] * r + m[7] * g + m[8] * b;
    }
}

void pp_matrix_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                      void *scratch)
{
    const struct pp_matrix *matrix = state;

    (void)scratch;
    if (matrix->geometry.channels <= 2)
        pp_copy_rows(in, out, pp_geometry_row_bytes(&matrix->geometry));
    else
        pp_planes_render(multiply, state, &matrix->geometry, in, out);
}
