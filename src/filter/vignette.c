#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

enum { STRENGTH, RADIUS, CENTER_X, CENTER_Y };

static const struct pp_param params[] = {
    [STRENGTH] = {.name = "strength",
                  .type = PP_PARAM_NUMBER,
                  .summary = "how much darker the corners are: 1 makes them black",
                  .min = 0,
                  .max = 1,
                  .fallback = 0.5,
                  .default_text = "0.5"},
    [RADIUS] = {.name = "radius",
                .type = PP_PARAM_NUMBER,
                .summary = "where it begins: 0 at the centre, 1 at a corner",
                .min = 0,
                .max = 0.99,
                .fallback = 0.4,
                .default_text = "0.4"},
    [CENTER_X] = {.name = "x",
                  .type = PP_PARAM_NUMBER,
                  .summary = "the centre, in percent of the width",
                  .min = 0,
                  .max = 100,
                  .fallback = 50,
                  .default_text = "50"},
    [CENTER_Y] = {.name = "y",
                  .type = PP_PARAM_NUMBER,
                  .summary = "the centre, in percent of the height",
                  .min = 0,
                  .max = 100,
                  .fallback = 50,
                  .default_text = "50"},
    {.name = NULL},
};

struct vignette {
    struct pp_geometry geometry;
    float x, y;   /* the centre; a pixel's middle has whole coordinates */
    float square; /* of 1 pixel, where that of half a diagonal is 1 */
    float radius, slope, strength;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct vignette *vignette = state;
    const double width = in->width, height = in->height;

    (void)out;
    (void)err;
    vignette->geometry = *in;
    vignette->x = (float)(args[CENTER_X].number / 100 * width - 0.5);
    vignette->y = (float)(args[CENTER_Y].number / 100 * height - 0.5);
    vignette->square = (float)(4 / (width * width + height * height));
    vignette->radius = (float)args[RADIUS].number;
    vignette->slope = (float)(1 / (1 - args[RADIUS].number));
    vignette->strength = (float)args[STRENGTH].number;
    return PP_OK;
}

static bool is_identity(const void *state)
{
    return ((const struct vignette *)state)->strength == 0;
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    (void)rows;
    return ((const struct vignette *)state)->geometry.width * sizeof(float);
}

/* What each pixel of row `y` is multiplied with. */
PP_HOT static void make_factors(const struct vignette *vignette, uint32_t y,
                                float *restrict factors)
{
    const float down = ((float)(int32_t)y - vignette->y), square = vignette->square;
    const float radius = vignette->radius, slope = vignette->slope, x = vignette->x;
    const float strength = vignette->strength;

    for (int32_t i = 0; i < (int32_t)vignette->geometry.width; i++) {
        float right = (float)i - x;
        float t = (__builtin_sqrtf((right * right + down * down) * square) - radius) * slope;
        t = t < 0 ? 0 : t;
        t = t > 1 ? 1 : t;
        factors[i] = 1 - strength * (t * t * (3 - 2 * t));
    }
}

PP_INLINE void multiply(const float *restrict factors, const uint8_t *restrict in,
                        uint8_t *restrict out, size_t width, unsigned layout)
{
    const unsigned channels = layout / 100, depth = layout % 100, colors = channels <= 2 ? 1 : 3;

    for (size_t x = 0; x < width; x++)
        for (unsigned c = 0; c < channels; c++) {
            float v = (float)(int32_t)pp_sample(in, x * channels + c, depth);
            v = c < colors ? v * factors[x] : v;
            pp_sample_set(out, x * channels + c, depth, (uint32_t)(int32_t)(v + 0.5f));
        }
}

PP_HOT static void multiply_row(const float *factors, const uint8_t *in, uint8_t *out,
                                const struct pp_geometry *geometry)
{
    const bool eight = geometry->depth == 8;
    const size_t width = geometry->width;

    switch (geometry->channels) {
    case 1:
        eight ? multiply(factors, in, out, width, 108) : multiply(factors, in, out, width, 116);
        break;
    case 2:
        eight ? multiply(factors, in, out, width, 208) : multiply(factors, in, out, width, 216);
        break;
    case 3:
        eight ? multiply(factors, in, out, width, 308) : multiply(factors, in, out, width, 316);
        break;
    default:
        eight ? multiply(factors, in, out, width, 408) : multiply(factors, in, out, width, 416);
        break;
    }
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct vignette *vignette = state;

    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        make_factors(vignette, y, scratch);
        multiply_row(scratch, pp_band_row(in, y), pp_band_row(out, y), &vignette->geometry);
    }
}

const struct pp_filter pp_filter_vignette = {
    .name = "vignette",
    .summary = "darken the picture towards its corners; alpha stays",
    .source = "out = in x (1 - strength x t^2 (3 - 2 t)), t = (d - radius) / (1 - radius) within 0 "
              "and 1, d the distance from the centre in halves of the picture's diagonal; on "
              "encoded values.",
    .params = params,
    .state_size = sizeof(struct vignette),
    .prepare = prepare,
    .is_identity = is_identity,
    .scratch_size = scratch_size,
    .render = render,
};
