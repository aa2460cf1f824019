/*
 * Output pixels are gone through in tiles: a row of a steep turn runs down the input's columns, and
 * its lines are still in the cache when the next row comes by.
 */
#include "filter/spin.h"

#include <math.h>

#include "filter/samples.h"

#define TILE 64 /* pixels of a row */

/* Beyond a centre's own row or column: two taps, half a pixel of edge, and rounding. */
#define REACH 4

static int64_t within(double v, int64_t least, int64_t most)
{
    return v < (double)least ? least : v > (double)most ? most : (int64_t)v;
}

/* Turned by less than a quarter, a row of output is a slanted line that goes down in the input as
 * its number rises; else it goes up, and all rows are asked for. */
void pp_spin_rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                         uint32_t *in_last)
{
    const struct pp_spin *spin = state;
    const double width = spin->in.width, height = spin->in.height, middle = spin->out.height / 2.0;

    *in_first = 0;
    *in_last = spin->in.height;
    if (spin->cosine <= 0)
        return;
    double slope = fabs(spin->sine / spin->cosine) * (width / 2 + 1);
    double low = floor((first + 0.5 - middle) / spin->cosine + height / 2 - slope) - REACH;
    double high = ceil((last - 0.5 - middle) / spin->cosine + height / 2 + slope) + REACH;
    *in_first = (uint32_t)within(low, 0, spin->in.height - INT64_C(1));
    *in_last = (uint32_t)within(high, *in_first + INT64_C(1), spin->in.height);
}

/* Where the centre of an output pixel falls, in pixels from the input's top left corner. */
struct spot {
    double u, v;
};

/* What a pixel is made of: so many pixels of as many rows. */
struct site {
    const uint8_t *rows[4];
    float across[4], down[4];
    double share; /* of the picture; the rest is background */
};

/* Constants by the time it is compiled. */
struct form {
    unsigned from, to; /* channels of input and output */
    unsigned depth, taps;
};

/* Keys' cubic with a = -1/2 for taps at -1, 0, 1 and 2 from the one before the centre, which lies
 * `f` behind it; or the triangle for those at 0 and 1. */
PP_INLINE void weigh(float *weights, float f, unsigned taps)
{
    if (taps == 2) {
        weights[0] = 1 - f;
        weights[1] = f;
        return;
    }
    weights[0] = ((-0.5f * f + 1) * f - 0.5f) * f;
    weights[1] = (1.5f * f - 2.5f) * f * f + 1;
    weights[2] = ((-1.5f * f + 2) * f + 0.5f) * f;
    weights[3] = (0.5f * f - 0.5f) * f * f;
}

static double share_of(double at, double side)
{
    double inside = (at < side - at ? at : side - at) + 0.5;

    return inside < 0 ? 0 : inside > 1 ? 1 : inside;
}

/* Pixels of which some lie beyond the picture, copied to a place where its edges are repeated. */
static void repeat_edges(const struct pp_spin *spin, const struct pp_band *in, int64_t x, int64_t y,
                         uint8_t to[4][4 * 8])
{
    const size_t size = spin->in.channels * spin->in.depth / 8u;

    for (int k = 0; k < 4; k++) {
        const uint8_t *row =
            pp_band_row(in, (uint32_t)within((double)(y + k), 0, spin->in.height - INT64_C(1)));
        for (int i = 0; i < 4; i++)
            memcpy(to[k] + (size_t)i * size,
                   row + (size_t)within((double)(x + i), 0, spin->in.width - INT64_C(1)) * size,
                   size);
    }
}

/* The sum of the taps `step` values apart. */
PP_INLINE float sum_across(const struct site *site, const float *line, unsigned step, unsigned taps)
{
    const float *w = site->across;

    if (taps == 2)
        return w[0] * line[0] + w[1] * line[step];
    return (w[0] * line[0] + w[1] * line[step]) + (w[2] * line[2 * step] + w[3] * line[3 * step]);
}

PP_INLINE float sum_down(const struct site *site, size_t i, unsigned depth, unsigned taps)
{
    float v[4];

    for (unsigned k = 0; k < taps; k++)
        v[k] = site->down[k] * (float)(int)pp_sample(site->rows[k], i, depth);
    return taps == 2 ? v[0] + v[1] : (v[0] + v[1]) + (v[2] + v[3]);
}

/* Down first: the taps' samples lie side by side, and no step looks at where pixels begin. */
PP_INLINE void sum_opaque(const struct site *site, float *sums, struct form form)
{
    float line[4 * 3];

    for (unsigned i = 0; i < form.taps * form.from; i++)
        line[i] = sum_down(site, i, form.depth, form.taps);
    for (unsigned c = 0; c < form.from; c++)
        sums[c] = sum_across(site, line + c, form.from, form.taps);
}

/* Colour premultiplied by alpha, in binary64: it is later a quotient of two sums, and of small ones
 * where little is opaque. */
PP_INLINE void sum_alpha(const struct site *site, double *sums, struct form form)
{
    const unsigned alpha = form.from - 1;

    for (unsigned c = 0; c < form.from; c++)
        sums[c] = 0;
    for (unsigned k = 0; k < form.taps; k++)
        for (unsigned i = 0; i < form.taps; i++) {
            const size_t at = (size_t)i * form.from;
            const double opaque = (double)site->down[k] * (double)site->across[i] *
                                  (int)pp_sample(site->rows[k], at + alpha, form.depth);
            for (unsigned c = 0; c < alpha; c++)
                sums[c] += opaque * (int)pp_sample(site->rows[k], at + c, form.depth);
            sums[alpha] += opaque;
        }
}

PP_INLINE uint32_t rounded(double v, unsigned depth)
{
    const double max = pp_sample_max(depth);

    return v <= 0 ? 0 : v >= max ? (uint32_t)max : (uint32_t)(int)(v + 0.5);
}

PP_INLINE uint32_t rounded_single(float v, unsigned depth)
{
    const float max = (float)pp_sample_max(depth);

    v = v < 0 ? 0 : v;
    return (uint32_t)(int)((v > max ? max : v) + 0.5f);
}

PP_INLINE void store_opaque(const struct pp_spin *spin, const struct site *site, uint8_t *out,
                            struct form form)
{
    const float share = (float)site->share;
    float sums[3];

    sum_opaque(site, sums, form);
    for (unsigned c = 0; c < form.to; c++) {
        float v =
            share == 1 ? sums[c] : share * sums[c] + (1 - share) * (float)(int)spin->background[c];
        pp_sample_set(out, c, form.depth, rounded_single(v, form.depth));
    }
}

/* Over a background that may show through, with alpha of its own or without. */
PP_INLINE void store_alpha(const struct pp_spin *spin, const struct site *site, uint8_t *out,
                           struct form form)
{
    const unsigned alpha = form.to - 1;
    const double max = pp_sample_max(form.depth);
    const double behind = (1 - site->share) * (int)spin->background[alpha];
    double sums[4];

    if (form.from == form.to) {
        sum_alpha(site, sums, form);
    } else {
        float opaque[3];
        sum_opaque(site, opaque, form);
        for (unsigned c = 0; c < alpha; c++)
            sums[c] = (double)opaque[c] * max;
        sums[alpha] = max;
    }
    const double all = site->share * sums[alpha] + behind;
    for (unsigned c = 0; c < alpha; c++) {
        double v = site->share * sums[c] + behind * (int)spin->background[c];
        pp_sample_set(out, c, form.depth, all < 0.5 ? 0 : rounded(v / all, form.depth));
    }
    pp_sample_set(out, alpha, form.depth, rounded(all, form.depth));
}

PP_INLINE void turn_pixel(const struct pp_spin *spin, const struct pp_band *in, struct spot spot,
                          uint8_t *out, struct form form)
{
    const unsigned before = form.taps / 2 - 1, size = form.from * form.depth / 8;
    const double s = spot.u - 0.5, t = spot.v - 0.5;
    /* as floor() where it is within the picture, and below 0 where that is */
    const int64_t column = (int64_t)(s + 4) - 4, row = (int64_t)(t + 4) - 4;
    const int64_t x = column - before, y = row - before;
    struct site site = {.share = 1};
    _Alignas(8) uint8_t edges[4][4 * 8];

    weigh(site.across, (float)(s - (double)column), form.taps);
    weigh(site.down, (float)(t - (double)row), form.taps);
    if (x >= 0 && y >= 0 && x + form.taps <= spin->in.width && y + form.taps <= spin->in.height) {
        for (unsigned k = 0; k < form.taps; k++)
            site.rows[k] = pp_band_row(in, (uint32_t)y + k) + (size_t)x * size;
    } else {
        site.share = share_of(spot.u, spin->in.width) * share_of(spot.v, spin->in.height);
        if (site.share == 0) {
            for (unsigned c = 0; c < form.to; c++)
                pp_sample_set(out, c, form.depth, spin->background[c]);
            return;
        }
        repeat_edges(spin, in, x, y, edges);
        for (unsigned k = 0; k < form.taps; k++)
            site.rows[k] = edges[k];
    }
    if (form.to % 2 == 1)
        store_opaque(spin, &site, out, form);
    else
        store_alpha(spin, &site, out, form);
}

/* Pixels [first, last) of an output row. */
struct stretch {
    uint32_t y, first, last;
};

PP_INLINE void turn_stretch(const struct pp_spin *spin, const struct pp_band *in,
                            const struct pp_band *out, struct stretch stretch, struct form form)
{
    const double across = 0.5 - spin->out.width / 2.0;
    const double down = stretch.y + 0.5 - spin->out.height / 2.0;
    const double u = across * spin->cosine + down * spin->sine + spin->in.width / 2.0;
    const double v = down * spin->cosine - across * spin->sine + spin->in.height / 2.0;
    const unsigned size = form.to * form.depth / 8;
    uint8_t *row = pp_band_row(out, stretch.y);

    for (uint32_t x = stretch.first; x < stretch.last; x++)
        turn_pixel(spin, in, (struct spot){u + x * spin->cosine, v - x * spin->sine},
                   row + (size_t)x * size, form);
}

/* Both kernels and depths. */
PP_INLINE void turn_layout(const struct pp_spin *spin, const struct pp_band *in,
                           const struct pp_band *out, struct stretch stretch,
                           const unsigned channels[2])
{
    const unsigned from = channels[0], to = channels[1];

    if (spin->in.depth == 8 && spin->cubic)
        turn_stretch(spin, in, out, stretch, (struct form){from, to, 8, 4});
    else if (spin->in.depth == 8)
        turn_stretch(spin, in, out, stretch, (struct form){from, to, 8, 2});
    else if (spin->cubic)
        turn_stretch(spin, in, out, stretch, (struct form){from, to, 16, 4});
    else
        turn_stretch(spin, in, out, stretch, (struct form){from, to, 16, 2});
}

PP_HOT static void turn_any(const struct pp_spin *spin, const struct pp_band *in,
                            const struct pp_band *out, struct stretch stretch)
{
    switch (10 * spin->in.channels + spin->out.channels) {
    case 11:
        turn_layout(spin, in, out, stretch, (const unsigned[]){1, 1});
        break;
    case 12:
        turn_layout(spin, in, out, stretch, (const unsigned[]){1, 2});
        break;
    case 22:
        turn_layout(spin, in, out, stretch, (const unsigned[]){2, 2});
        break;
    case 33:
        turn_layout(spin, in, out, stretch, (const unsigned[]){3, 3});
        break;
    case 34:
        turn_layout(spin, in, out, stretch, (const unsigned[]){3, 4});
        break;
    default:
        turn_layout(spin, in, out, stretch, (const unsigned[]){4, 4});
        break;
    }
}

void pp_spin_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                    void *scratch)
{
    const struct pp_spin *spin = state;
    const uint32_t width = spin->out.width;

    (void)scratch;
    for (uint32_t x = 0; x < width; x += TILE)
        for (uint32_t y = out->first; y < out->first + out->count; y++)
            turn_any(spin, in, out, (struct stretch){y, x, width - x < TILE ? width : x + TILE});
}
