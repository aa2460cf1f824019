#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

static const struct pp_param params[] = {{.name = NULL}};

struct invert {
    struct pp_geometry geometry;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct invert *invert = state;

    (void)args;
    (void)out;
    (void)err;
    invert->geometry = *in;
    return PP_OK;
}

/* Flipping all bits is max - v; alpha is put back where there is one. */
PP_INLINE void invert_row(const uint8_t *restrict in, uint8_t *restrict out, size_t samples,
                          unsigned channels, unsigned depth)
{
    uint32_t max = pp_sample_max(depth);

    for (size_t i = 0; i < samples; i++)
        pp_sample_set(out, i, depth, max - pp_sample(in, i, depth));
    if (channels % 2 == 0)
        for (size_t i = channels - 1; i < samples; i += channels)
            pp_sample_set(out, i, depth, pp_sample(in, i, depth));
}

PP_HOT static void row(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                       size_t width)
{
    const struct pp_geometry *geometry = &((const struct invert *)state)->geometry;
    size_t samples = width * geometry->channels;

    if (geometry->depth == 8)
        invert_row(in, out, samples, geometry->channels, 8);
    else
        invert_row(in, out, samples, geometry->channels, 16);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct invert *invert = state;

    (void)scratch;
    pp_render_rows(row, state, in, out, invert->geometry.width);
}

const struct pp_filter pp_filter_invert = {
    .name = "invert",
    .summary = "turn the picture into its negative",
    .source = "out = largest sample - in, on encoded values.",
    .params = params,
    .state_size = sizeof(struct invert),
    .prepare = prepare,
    .render = render,
};
