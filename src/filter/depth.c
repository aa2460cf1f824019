#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

static const char *const words[] = {"8", "16", NULL};

static const struct pp_param params[] = {
    {.name = "bits",
     .type = PP_PARAM_CHOICE,
     .summary = "bits per sample",
     .choices = words,
     .required = true},
    {.name = NULL},
};

struct depth {
    struct pp_geometry in;
    uint8_t to; /* bits */
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct depth *depth = state;

    (void)err;
    depth->in = *in;
    depth->to = args[0].choice == 0 ? 8 : 16;
    out->depth = depth->to;
    return PP_OK;
}

PP_HOT static void widen(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                         size_t samples)
{
    (void)state;
    for (size_t i = 0; i < samples; i++)
        pp_sample_set(out, i, 16, in[i] * 257u);
}

/* (255 v + 32895) >> 16 is v / 257 rounded to the nearest for every 16-bit v (PNG-3, 13.12). */
PP_HOT static void narrow(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                          size_t samples)
{
    (void)state;
    for (size_t i = 0; i < samples; i++)
        out[i] = (uint8_t)((pp_sample(in, i, 16) * 255 + 32895) >> 16);
}

static bool is_identity(const void *state)
{
    const struct depth *depth = state;

    return depth->to == depth->in.depth;
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct depth *depth = state;

    (void)scratch;
    if (depth->to == depth->in.depth)
        pp_copy_rows(in, out, pp_geometry_row_bytes(&depth->in));
    else
        pp_render_rows(depth->to == 8 ? narrow : widen, state, in, out,
                       (size_t)depth->in.width * depth->in.channels);
}

const struct pp_filter pp_filter_depth = {
    .name = "depth",
    .summary = "store 8 or 16 bits per sample",
    .source = "16 to 8: v / 257 rounded to the nearest; 8 to 16: v x 257, so that black and white "
              "stay what they are.",
    .params = params,
    .state_size = sizeof(struct depth),
    .prepare = prepare,
    .is_identity = is_identity,
    .render = render,
};
