#include "filter/filter.h"
#include "filter/gradient.h"
#include "filter/registry.h"

enum { AMOUNT, CHANNELS };
enum { GRAY, EACH };

static const char *const words[] = {"gray", "each", NULL};

static const struct pp_param params[] = {
    [AMOUNT] = {.name = "amount",
                .type = PP_PARAM_NUMBER,
                .summary = "what the gradient is multiplied with; with 1 a step from black to "
                           "white becomes white",
                .min = 0,
                .max = 100,
                .fallback = 1,
                .default_text = "1"},
    [CHANNELS] = {.name = "channels",
                  .type = PP_PARAM_CHOICE,
                  .summary = "edges of the picture's gray, or of each colour by itself",
                  .choices = words,
                  .default_text = "gray"},
    {.name = NULL},
};

struct edge {
    struct pp_gradient gradient;
    float amount; /* of the sums, which are 4 times a step */
};

static bool luma_suffices(const struct pp_value *args)
{
    return args[CHANNELS].choice == GRAY;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct edge *edge = state;

    (void)err;
    edge->gradient = (struct pp_gradient){*in, args[CHANNELS].choice == GRAY};
    edge->amount = (float)(args[AMOUNT].number / 4);
    out->channels =
        (uint8_t)(pp_gradient_colors(&edge->gradient) + (pp_geometry_has_alpha(in) ? 1u : 0u));
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
PP_INLINE void lengths(const struct edge *edge, const struct pp_gradient_sums *sums, uint8_t *out,
                       unsigned layout, unsigned depth)
{
    const float *restrict right = sums->right, *restrict down = sums->down;
    const float amount = edge->amount, max = (float)pp_sample_max(depth);
    const unsigned colors = layout / 10, step = layout % 10;

    for (size_t x = 0; x < sums->count / colors; x++)
        for (unsigned c = 0; c < colors; c++) {
            size_t i = x * colors + c;
            float v = amount * __builtin_sqrtf(right[i] * right[i] + down[i] * down[i]);
            v = v > max ? max : v;
            pp_sample_set(out, x * step + c, depth, (uint32_t)(int32_t)(v + 0.5f));
        }
}

PP_HOT static void edge_row(const struct edge *edge, const struct pp_gradient_sums *sums,
                            uint8_t *out)
{
    const bool alpha = pp_geometry_has_alpha(&edge->gradient.geometry);
    const bool eight = edge->gradient.geometry.depth == 8;

    if (!alpha) /* colours are neighbours like others */
        eight ? lengths(edge, sums, out, 11, 8) : lengths(edge, sums, out, 11, 16);
    else if (pp_gradient_colors(&edge->gradient) == 1)
        eight ? lengths(edge, sums, out, 12, 8) : lengths(edge, sums, out, 12, 16);
    else
        eight ? lengths(edge, sums, out, 34, 8) : lengths(edge, sums, out, 34, 16);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct edge *edge = state;
    struct pp_gradient_walk walk;

    pp_gradient_begin(&walk, &edge->gradient, in, out->first, scratch);
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        edge_row(edge, pp_gradient_next(&walk), pp_band_row(out, y));
        pp_gradient_copy_alpha(&walk, y, pp_band_row(out, y), pp_gradient_colors(&edge->gradient));
    }
}

const struct pp_filter pp_filter_edge = {
    .name = "edge",
    .summary = "show edges by the length of Sobel's gradient; alpha stays",
    .source = "amount x sqrt(gx^2 + gy^2) / 4 with Sobel's 3 x 3 sums gx and gy (weights 1 2 1), "
              "on encoded values, of rec.601 luma or of each colour; the edges are repeated "
              "outwards, and neighbours count by their alpha. Duda and Hart, Pattern "
              "Classification and Scene Analysis, 1973.",
    .params = params,
    .state_size = sizeof(struct edge),
    .luma_suffices = luma_suffices,
    .prepare = prepare,
    .rows_needed = rows_needed,
    .scratch_size = scratch_size,
    .render = render,
};
