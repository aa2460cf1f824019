#include "filter/exact_math.h"
#include "filter/filter.h"
#include "filter/gradient.h"
#include "filter/registry.h"

enum { ANGLE, AMOUNT };

static const struct pp_param params[] = {
    [ANGLE] = {.name = "angle",
               .type = PP_PARAM_NUMBER,
               .summary = "where the light comes from, in degrees: 0 the right, 90 above",
               .min = -360,
               .max = 360,
               .fallback = 135,
               .default_text = "135"},
    [AMOUNT] = {.name = "amount",
                .type = PP_PARAM_NUMBER,
                .summary = "how high the relief is",
                .min = 0,
                .max = 10,
                .fallback = 1,
                .default_text = "1"},
    {.name = NULL},
};

struct emboss {
    struct pp_gradient gradient;
    float right, down; /* of the sums, which are 4 times a step */
    float flat;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct emboss *emboss = state;
    double turns = args[ANGLE].number / 180, amount = args[AMOUNT].number / 4;

    (void)out;
    (void)err;
    emboss->gradient = (struct pp_gradient){*in, false};
    emboss->right = (float)(-amount * pp_sin_pi(turns + 0.5));
    emboss->down = (float)(amount * pp_sin_pi(turns));
    emboss->flat = in->depth == 8 ? 128 : 128 * 257;
    return PP_OK;
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    pp_gradient_rows_needed(state, first, last, in_first, in_last);
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    (void)rows;
    return pp_gradient_scratch(state);
}

/* `colors` samples, then one that is left out for alpha. */
PP_INLINE void light(const struct emboss *emboss, const struct pp_gradient_sums *sums, uint8_t *out,
                     unsigned layout, unsigned depth)
{
    const float *restrict right = sums->right, *restrict down = sums->down;
    const float by_right = emboss->right, by_down = emboss->down, flat = emboss->flat;
    const float max = (float)pp_sample_max(depth);
    const unsigned colors = layout / 10, step = layout % 10;

    for (size_t x = 0; x < sums->count / colors; x++)
        for (unsigned c = 0; c < colors; c++) {
            size_t i = x * colors + c;
            float v = flat + (by_right * right[i] + by_down * down[i]);
            v = v < 0 ? 0 : v;
            v = v > max ? max : v;
            pp_sample_set(out, x * step + c, depth, (uint32_t)(int32_t)(v + 0.5f));
        }
}

PP_HOT static void emboss_row(const struct emboss *emboss, const struct pp_gradient_sums *sums,
                              uint8_t *out)
{
    const bool alpha = pp_geometry_has_alpha(&emboss->gradient.geometry);
    const bool eight = emboss->gradient.geometry.depth == 8;

    if (!alpha) /* colours are neighbours like others */
        eight ? light(emboss, sums, out, 11, 8) : light(emboss, sums, out, 11, 16);
    else if (pp_gradient_colors(&emboss->gradient) == 1)
        eight ? light(emboss, sums, out, 12, 8) : light(emboss, sums, out, 12, 16);
    else
        eight ? light(emboss, sums, out, 34, 8) : light(emboss, sums, out, 34, 16);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct emboss *emboss = state;
    struct pp_gradient_walk walk;

    pp_gradient_begin(&walk, &emboss->gradient, in, out->first, scratch);
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        emboss_row(emboss, pp_gradient_next(&walk), pp_band_row(out, y));
        pp_gradient_copy_alpha(&walk, y, pp_band_row(out, y),
                               pp_gradient_colors(&emboss->gradient));
    }
}

const struct pp_filter pp_filter_emboss = {
    .name = "emboss",
    .summary = "light the picture from one side as if it were a relief; alpha stays",
    .source = "128 of 255 + amount x (gy sin angle - gx cos angle) / 4 with Sobel's 3 x 3 sums gx "
              "and gy (weights 1 2 1, y downwards), each channel by itself on encoded values; the "
              "edges are repeated outwards, and neighbours count by their alpha.",
    .params = params,
    .state_size = sizeof(struct emboss),
    .prepare = prepare,
    .rows_needed = rows_needed,
    .scratch_size = scratch_size,
    .render = render,
};
