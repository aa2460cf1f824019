#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

static const struct pp_param params[] = {{.name = NULL}};

struct invert {
    struct pp_geometry geometry;
    uint8_t table[256];
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
    for (unsigned v = 0; v < 256; v++)
        invert->table[v] = (uint8_t)(255 - v);
    return PP_OK;
}

static const uint8_t *table(const void *state, unsigned channel)
{
    const struct invert *invert = state;

    (void)channel;
    return invert->geometry.depth == 8 ? invert->table : NULL;
}

/* Flipping all bits is max - v; `mask` has none set for alpha. Eight bytes are whole pixels, but
 * for RGB, where all bits are set. */
PP_HOT static void flip(const uint8_t *restrict in, uint8_t *restrict out, size_t bytes,
                        const uint8_t mask[8])
{
    uint64_t flips, v;
    size_t i = 0;

    memcpy(&flips, mask, sizeof flips);
    for (; i + 8 <= bytes; i += 8) {
        memcpy(&v, in + i, sizeof v);
        v ^= flips;
        memcpy(out + i, &v, sizeof v);
    }
    for (; i < bytes; i++)
        out[i] = in[i] ^ mask[i % 8];
}

static void row(const void *state, const uint8_t *restrict in, uint8_t *restrict out, size_t width)
{
    const struct pp_geometry *geometry = &((const struct invert *)state)->geometry;
    const size_t size = geometry->depth / 8u, pixel = geometry->channels * size;
    uint8_t mask[8];

    for (size_t i = 0; i < 8; i++)
        mask[i] = geometry->channels % 2 == 0 && i % pixel >= pixel - size ? 0 : 255;
    flip(in, out, width * pixel, mask);
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
    .table = table,
    .render = render,
};
