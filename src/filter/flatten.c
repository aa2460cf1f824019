#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

static const struct pp_param params[] = {
    {.name = "background",
     .type = PP_PARAM_COLOR,
     .summary = "what shows through; its rec.601 luma where the picture is gray",
     .default_text = "white"},
    {.name = NULL},
};

struct flatten {
    struct pp_geometry in;
    uint32_t background[4]; /* samples */
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct flatten *flatten = state;

    (void)err;
    flatten->in = *in;
    pp_color_samples(&args[0].color, in, flatten->background);
    out->channels = (uint8_t)pp_geometry_color_channels(in);
    return PP_OK;
}

/* v / max; at 8 bits without dividing, which holds for every v up to 255 x 256. */
PP_INLINE uint32_t part_of(uint32_t v, uint32_t max)
{
    return max == 255 ? (v + 1 + (v >> 8)) >> 8 : v / max;
}

/* (c a + b (max - a)) / max, rounded; the sum is at most max x max and fits 32 bits. */
PP_INLINE void composite(const struct flatten *flatten, const uint8_t *restrict in,
                         uint8_t *restrict out, unsigned channels, unsigned depth)
{
    uint32_t max = pp_sample_max(depth);
    size_t width = flatten->in.width;

    for (size_t x = 0; x < width; x++) {
        uint32_t alpha = pp_sample(in, x * channels + channels - 1, depth);
        for (unsigned c = 0; c + 1 < channels; c++) {
            uint32_t behind = flatten->background[c] * (max - alpha) + max / 2;
            pp_sample_set(out, x * (channels - 1) + c, depth,
                          part_of(pp_sample(in, x * channels + c, depth) * alpha + behind, max));
        }
    }
}

PP_HOT static void row(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                       size_t width)
{
    const struct flatten *flatten = state;
    bool eight = flatten->in.depth == 8;

    (void)width;
    if (flatten->in.channels == 2)
        eight ? composite(flatten, in, out, 2, 8) : composite(flatten, in, out, 2, 16);
    else
        eight ? composite(flatten, in, out, 4, 8) : composite(flatten, in, out, 4, 16);
}

static bool is_identity(const void *state)
{
    return !pp_geometry_has_alpha(&((const struct flatten *)state)->in);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct flatten *flatten = state;

    (void)scratch;
    if (pp_geometry_has_alpha(&flatten->in))
        pp_render_rows(row, state, in, out, flatten->in.width);
    else
        pp_copy_rows(in, out, pp_geometry_row_bytes(&flatten->in));
}

const struct pp_filter pp_filter_flatten = {
    .name = "flatten",
    .summary = "lay the picture over a background and drop alpha",
    .source = "Straight alpha over an opaque background (PNG-3, 13.16), on encoded values: "
              "(c a + b (max - a)) / max, rounded to the nearest.",
    .params = params,
    .state_size = sizeof(struct flatten),
    .prepare = prepare,
    .is_identity = is_identity,
    .render = render,
};
