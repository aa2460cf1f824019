#include "filter/shades.h"

#include <stdlib.h>

#include "base/memory.h"
#include "filter/samples.h"

/* A sum of two shares is at most the largest sample: below 2^30 with 22 bits of fraction at 8 bits;
 * at 16 bits entries fill 32 bits. */
#define BITS       22
#define BITS_WIDE  16
#define RATIO_WIDE 32

enum pp_status pp_shades_init(struct pp_shades *shades, const struct pp_geometry *in,
                              struct pp_geometry *out, double strength, struct pp_error *err)
{
    void *entries = NULL;
    enum pp_status status = pp_memory_new(&entries, pp_sample_max(in->depth) + (size_t)1,
                                          3 * sizeof(uint32_t), "filter table", err);
    double whole = in->depth == 8 ? (double)(1u << BITS) : (double)(UINT64_C(1) << RATIO_WIDE);

    shades->in = *in;
    shades->strength = strength;
    shades->rest = (uint64_t)((1 - strength) * whole + 0.5);
    shades->entries = entries;
    out->channels = pp_geometry_has_alpha(in) ? 4 : 3;
    return status;
}

void pp_shades_set(struct pp_shades *shades, uint32_t luma, const double rgb[3])
{
    double unit = shades->in.depth == 8 ? 1u << BITS : 1u << BITS_WIDE;

    for (unsigned c = 0; c < 3; c++)
        shades->entries[luma * (size_t)3 + c] = (uint32_t)(rgb[c] * shades->strength * unit + 0.5);
}

void pp_shades_release(void *state)
{
    struct pp_shades *shades = state;

    free(shades->entries);
    shades->entries = NULL;
}

bool pp_shades_is_identity(const void *state)
{
    const struct pp_shades *shades = state;

    return shades->strength == 0 && pp_geometry_color_channels(&shades->in) == 3;
}

PP_INLINE uint32_t mixed(uint32_t entry, uint64_t rest, uint32_t v, unsigned depth)
{
    if (depth == 8)
        return (entry + (uint32_t)rest * v + (1u << (BITS - 1))) >> BITS;
    uint64_t sum = ((uint64_t)entry << (RATIO_WIDE - BITS_WIDE)) + rest * v;
    uint32_t made = (uint32_t)((sum + (UINT64_C(1) << (RATIO_WIDE - 1))) >> RATIO_WIDE);
    return made > 65535 ? 65535 : made;
}

PP_INLINE void shade(const struct pp_shades *shades, const uint8_t *restrict in,
                     uint8_t *restrict out, unsigned channels, unsigned depth)
{
    const unsigned colors = channels <= 2 ? 1 : 3, made = channels <= 2 ? channels + 2 : channels;
    const uint32_t *restrict entries = shades->entries;
    const uint64_t rest = shades->rest;
    const size_t width = shades->in.width;

    for (size_t x = 0; x < width; x++) {
        const uint32_t r = pp_sample(in, x * channels, depth);
        const uint32_t g = colors == 1 ? r : pp_sample(in, x * channels + 1, depth);
        const uint32_t b = colors == 1 ? r : pp_sample(in, x * channels + 2, depth);
        const uint32_t *entry = entries + (colors == 1 ? r : pp_luma601(r, g, b)) * (size_t)3;

        pp_sample_set(out, x * made, depth, mixed(entry[0], rest, r, depth));
        pp_sample_set(out, x * made + 1, depth, mixed(entry[1], rest, g, depth));
        pp_sample_set(out, x * made + 2, depth, mixed(entry[2], rest, b, depth));
        if (colors < channels)
            pp_sample_set(out, x * made + 3, depth, pp_sample(in, x * channels + colors, depth));
    }
}

static void row(const void *state, const uint8_t *restrict in, uint8_t *restrict out, size_t width)
{
    const struct pp_shades *shades = state;
    bool eight = shades->in.depth == 8;

    (void)width;
    switch (shades->in.channels) {
    case 1:
        eight ? shade(shades, in, out, 1, 8) : shade(shades, in, out, 1, 16);
        break;
    case 2:
        eight ? shade(shades, in, out, 2, 8) : shade(shades, in, out, 2, 16);
        break;
    case 3:
        eight ? shade(shades, in, out, 3, 8) : shade(shades, in, out, 3, 16);
        break;
    default:
        eight ? shade(shades, in, out, 4, 8) : shade(shades, in, out, 4, 16);
        break;
    }
}

void pp_shades_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                      void *scratch)
{
    (void)scratch;
    pp_render_rows(row, state, in, out, ((const struct pp_shades *)state)->in.width);
}
