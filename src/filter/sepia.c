#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

static const struct pp_param params[] = {
    {.name = "amount",
     .type = PP_PARAM_NUMBER,
     .summary = "how much of the tone: 0 leaves the colours, 1 replaces them",
     .min = 0,
     .max = 1,
     .fallback = 1,
     .default_text = "1"},
    {.name = NULL},
};

/* At 16 bits weights are of 2^32 and sums stay below 2^49; at 8 bits they are of 2^22, so that sums
 * stay below 2^31 and the loop takes half the time. */
struct sepia {
    double amount;
    uint64_t weights[3][3]; /* [output][input] */
    uint32_t small[3][3];
    struct pp_geometry in;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    /* W3C Filter Effects Module Level 1, 13.1, sepia() at full strength */
    static const double matrix[3][3] = {
        {0.393, 0.769, 0.189}, {0.349, 0.686, 0.168}, {0.272, 0.534, 0.131}};
    struct sepia *sepia = state;
    double amount = args[0].number;

    (void)err;
    sepia->amount = amount;
    sepia->in = *in;
    for (int o = 0; o < 3; o++)
        for (int i = 0; i < 3; i++) {
            double weight = amount * matrix[o][i] + (1 - amount) * (o == i);
            sepia->weights[o][i] = (uint64_t)(weight * 4294967296.0 + 0.5);
            sepia->small[o][i] = (uint32_t)(weight * 4194304.0 + 0.5);
        }
    out->channels = pp_geometry_has_alpha(in) ? 4 : 3;
    return PP_OK;
}

PP_INLINE uint32_t mixed(const struct sepia *sepia, unsigned c, const uint32_t rgb[3],
                         unsigned depth)
{
    const uint64_t *w = sepia->weights[c];
    const uint32_t *small = sepia->small[c];

    if (depth == 8)
        return (small[0] * rgb[0] + small[1] * rgb[1] + small[2] * rgb[2] + (1u << 21)) >> 22;
    return (uint32_t)((w[0] * rgb[0] + w[1] * rgb[1] + w[2] * rgb[2] + (UINT64_C(1) << 31)) >> 32);
}

PP_INLINE void tone(const struct sepia *sepia, const uint8_t *restrict in, uint8_t *restrict out,
                    unsigned channels, unsigned depth)
{
    unsigned colors = channels <= 2 ? 1 : 3, made = channels <= 2 ? channels + 2 : channels;
    uint32_t max = pp_sample_max(depth);

    for (size_t x = 0; x < sepia->in.width; x++) {
        const uint32_t r = pp_sample(in, x * channels, depth);
        const uint32_t g = colors == 1 ? r : pp_sample(in, x * channels + 1, depth);
        const uint32_t b = colors == 1 ? r : pp_sample(in, x * channels + 2, depth);

        for (unsigned c = 0; c < 3; c++) {
            uint32_t v = mixed(sepia, c, (const uint32_t[]){r, g, b}, depth);
            pp_sample_set(out, x * made + c, depth, v > max ? max : v);
        }
        if (colors < channels)
            pp_sample_set(out, x * made + 3, depth, pp_sample(in, x * channels + colors, depth));
    }
}

PP_HOT static void row(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                       size_t width)
{
    const struct sepia *sepia = state;
    bool eight = sepia->in.depth == 8;

    (void)width;
    switch (sepia->in.channels) {
    case 1:
        eight ? tone(sepia, in, out, 1, 8) : tone(sepia, in, out, 1, 16);
        break;
    case 2:
        eight ? tone(sepia, in, out, 2, 8) : tone(sepia, in, out, 2, 16);
        break;
    case 3:
        eight ? tone(sepia, in, out, 3, 8) : tone(sepia, in, out, 3, 16);
        break;
    default:
        eight ? tone(sepia, in, out, 4, 8) : tone(sepia, in, out, 4, 16);
        break;
    }
}

static bool is_identity(const void *state)
{
    const struct sepia *sepia = state;

    return sepia->amount == 0 && pp_geometry_color_channels(&sepia->in) == 3;
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    (void)scratch;
    pp_render_rows(row, state, in, out, ((const struct sepia *)state)->in.width);
}

const struct pp_filter pp_filter_sepia = {
    .name = "sepia",
    .summary = "tone the picture brown, as old photographs are; gray becomes RGB",
    .source = "The matrix of sepia() in W3C Filter Effects Module Level 1, 13.1, on encoded "
              "values, mixed with the identity by amount.",
    .params = params,
    .state_size = sizeof(struct sepia),
    .prepare = prepare,
    .is_identity = is_identity,
    .render = render,
};
