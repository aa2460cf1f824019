#include "filter/composite.h"

#include <math.h>

#include "base/memory.h"
#include "filter/samples.h"

/* Weights are of so much; for 8-bit samples over what is opaque, which leave room for more, of
 * this: their products then fit 32 bits, too, and a rounding is exact but for a tie in a million.
 */
#define FULL      65535u
#define FULL_BITS 24
/* Fixed point of the factor. */
#define ONE (UINT64_C(1) << 32)

/* What lies above as it is blended: samples of colour in the other's layout and depth, and beside
 * each the weight of its pixel, so that one loop goes over all of them. */
struct line {
    uint32_t *weights;
    uint8_t *colors;
};

static size_t color_channels(const struct pp_composite *composite)
{
    return composite->under_channels < 3 ? 1 : 3;
}

static struct line line_in(const struct pp_composite *composite, void *scratch)
{
    const size_t samples = composite->width * color_channels(composite);

    return (struct line){scratch, (uint8_t *)scratch + pp_size_aligned(4 * samples)};
}

/* v / 65535, rounded to the nearest, for every v up to 65535 x 65535. */
PP_INLINE uint32_t part_of_full(uint32_t v)
{
    v += 32768;
    return (v + (v >> 16)) >> 16;
}

static uint32_t weight(uint32_t alpha, uint64_t factor)
{
    return (uint32_t)((alpha * factor + ONE / 2) >> 32);
}

/* What alpha of 16 bits is multiplied by. */
static double factor_for(const struct pp_geometry *under, double opacity)
{
    if (pp_geometry_has_alpha(under))
        return 1;
    return under->depth == 8 ? opacity * (1 << FULL_BITS) / FULL : opacity;
}

void pp_composite_init(struct pp_composite *composite, const struct pp_geometry *over,
                       const struct pp_geometry *under, double opacity)
{
    *composite = (struct pp_composite){
        .width = over->width,
        .over_channels = over->channels,
        .over_depth = over->depth,
        .under_channels = under->channels,
        .under_depth = under->depth,
        .opacity = opacity,
        .factor = (uint64_t)floor(factor_for(under, opacity) * (double)ONE + 0.5),
    };
    for (unsigned alpha = 0; alpha < 256; alpha++)
        composite->weights[alpha] = weight(alpha * 257, composite->factor);
}

size_t pp_composite_scratch(const struct pp_composite *composite)
{
    const size_t samples = composite->width * color_channels(composite);

    return pp_size_aligned(4 * samples) + pp_size_aligned(2 * samples);
}

/* ---- what lies above, in the form of what lies below ---------------------------------------- */

/* As filter/depth.c. */
PP_INLINE uint32_t at_depth(uint32_t v, unsigned from, unsigned to)
{
    if (from == to)
        return v;
    return to == 16 ? v * 257 : (v * 255 + 32895) >> 16;
}

PP_INLINE void set_pixel(const struct line *line, size_t x, const uint32_t *rgb, uint32_t w,
                         unsigned colors, unsigned depth)
{
    for (unsigned c = 0; c < colors; c++) {
        pp_sample_set(line->colors, x * colors + c, depth, rgb[c]);
        line->weights[x * colors + c] = w;
    }
}

PP_INLINE void adapt(const struct pp_composite *composite, const uint8_t *restrict over,
                     const struct line *line, const unsigned form[4])
{
    const unsigned channels = form[0], from = form[1], colors = form[2], to = form[3];
    const unsigned widest = from > to ? from : to;
    const bool has_alpha = channels == 2 || channels == 4;

    for (size_t x = 0; x < composite->width; x++) {
        uint32_t rgb[3], alpha = pp_sample_max(from);
        for (unsigned c = 0; c < 3; c++)
            rgb[c] = at_depth(pp_sample(over, x * channels + (channels < 3 ? 0 : c), from), from,
                              widest);
        if (has_alpha)
            alpha = pp_sample(over, x * channels + channels - 1, from);
        if (channels > 2 && colors == 1)
            rgb[0] = pp_luma601(rgb[0], rgb[1], rgb[2]);
        for (unsigned c = 0; c < colors; c++)
            rgb[c] = at_depth(rgb[c], widest, to);
        set_pixel(line, x, rgb,
                  from == 8 ? composite->weights[alpha] : weight(alpha, composite->factor), colors,
                  to);
    }
}

/* Constants by the time it is compiled, but for the channels above. */
PP_INLINE void adapt_any(const struct pp_composite *composite, const uint8_t *restrict over,
                         const struct line *line, const unsigned form[3])
{
    switch (composite->over_channels) {
    case 1:
        adapt(composite, over, line, (const unsigned[]){1, form[0], form[1], form[2]});
        break;
    case 2:
        adapt(composite, over, line, (const unsigned[]){2, form[0], form[1], form[2]});
        break;
    case 3:
        adapt(composite, over, line, (const unsigned[]){3, form[0], form[1], form[2]});
        break;
    default:
        adapt(composite, over, line, (const unsigned[]){4, form[0], form[1], form[2]});
        break;
    }
}

PP_HOT static void adapt_row(const struct pp_composite *composite, const uint8_t *over,
                             const struct line *line)
{
    const bool gray = composite->under_channels < 3, narrow = composite->under_depth == 8;

    if (composite->over_depth == 8 && narrow)
        gray ? adapt_any(composite, over, line, (const unsigned[]){8, 1, 8})
             : adapt_any(composite, over, line, (const unsigned[]){8, 3, 8});
    else if (composite->over_depth == 8)
        gray ? adapt_any(composite, over, line, (const unsigned[]){8, 1, 16})
             : adapt_any(composite, over, line, (const unsigned[]){8, 3, 16});
    else if (narrow)
        gray ? adapt_any(composite, over, line, (const unsigned[]){16, 1, 8})
             : adapt_any(composite, over, line, (const unsigned[]){16, 3, 8});
    else
        gray ? adapt_any(composite, over, line, (const unsigned[]){16, 1, 16})
             : adapt_any(composite, over, line, (const unsigned[]){16, 3, 16});
}

/* ---- over what is opaque -------------------------------------------------------------------- */

PP_HOT static void blend_8(const uint32_t *restrict weights, const uint8_t *restrict colors,
                           uint8_t *restrict under, size_t samples)
{
    const uint32_t full = 1u << FULL_BITS;

    for (size_t i = 0; i < samples; i++)
        under[i] = (uint8_t)((colors[i] * weights[i] + under[i] * (full - weights[i]) + full / 2) >>
                             FULL_BITS);
}

PP_HOT static void blend_16(const uint32_t *restrict weights, const uint8_t *restrict colors,
                            uint8_t *restrict under, size_t samples)
{
    for (size_t i = 0; i < samples; i++)
        pp_sample_set(under, i, 16,
                      part_of_full(pp_sample(colors, i, 16) * weights[i] +
                                   pp_sample(under, i, 16) * (FULL - weights[i])));
}

/* ---- over what has alpha -------------------------------------------------------------------- */

/* In floating point, since of little alpha the shares of two colours would be few whole numbers;
 * one way through, so that every processor comes to the same. `above` is alpha there. */
PP_INLINE void mix_pixel(const uint8_t *color, uint8_t *under, double above, unsigned colors,
                         unsigned depth)
{
    const uint32_t max = pp_sample_max(depth), below = pp_sample(under, colors, depth);
    const double behind = below / (double)max * (1 - above), sum = above + behind;
    const double share = below == max ? above : above / sum;

    for (unsigned c = 0; c < colors; c++) {
        double from = pp_sample(under, c, depth), to = pp_sample(color, c, depth);
        pp_sample_set(under, c, depth, (uint32_t)(from + (to - from) * share + 0.5));
    }
    if (below != max)
        pp_sample_set(under, colors, depth, (uint32_t)(sum * max + 0.5));
}

PP_INLINE void mix(const struct line *line, uint8_t *under, size_t pixels, unsigned colors,
                   unsigned depth, double opacity)
{
    const size_t bytes = depth / 8;

    for (size_t x = 0; x < pixels; x++, under += (colors + 1) * bytes) {
        uint32_t alpha = line->weights[x * colors];

        if (alpha > 0)
            mix_pixel(line->colors + x * colors * bytes, under, alpha * opacity / FULL, colors,
                      depth);
    }
}

PP_HOT static void mix_any(const struct pp_composite *composite, const struct line *line,
                           uint8_t *under, size_t pixels)
{
    const bool narrow = composite->under_depth == 8;
    const double opacity = composite->opacity;

    if (opacity == 0)
        return;
    if (composite->under_channels == 2)
        narrow ? mix(line, under, pixels, 1, 8, opacity) : mix(line, under, pixels, 1, 16, opacity);
    else
        narrow ? mix(line, under, pixels, 3, 8, opacity) : mix(line, under, pixels, 3, 16, opacity);
}

void pp_composite_adapt(const struct pp_composite *composite, const uint8_t *over, void *scratch)
{
    const struct line line = line_in(composite, scratch);

    adapt_row(composite, over, &line);
}

void pp_composite_lay(const struct pp_composite *composite, const void *scratch, size_t first,
                      uint8_t *under, size_t pixels)
{
    struct line line = line_in(composite, (void *)(uintptr_t)scratch);
    const size_t channels = composite->under_channels, skipped = first * color_channels(composite);

    line.weights += skipped;
    line.colors += skipped * composite->under_depth / 8;
    if (channels == 2 || channels == 4)
        mix_any(composite, &line, under, pixels);
    else if (composite->under_depth == 8)
        blend_8(line.weights, line.colors, under, pixels * channels);
    else
        blend_16(line.weights, line.colors, under, pixels * channels);
}
