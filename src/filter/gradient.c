#include "filter/gradient.h"

#include "base/memory.h"
#include "filter/edges.h"
#include "filter/luma.h"

unsigned pp_gradient_colors(const struct pp_gradient *gradient)
{
    return gradient->gray ? 1 : pp_geometry_color_channels(&gradient->geometry);
}

void pp_gradient_rows_needed(const struct pp_gradient *gradient, uint32_t first, uint32_t last,
                             uint32_t *in_first, uint32_t *in_last)
{
    pp_edge_rows_needed(1, gradient->geometry.height, (uint32_t[]){first, last}, in_first, in_last);
}

/* Bytes of a line, of a line of alpha, of a row of luma and of a row of sums. */
struct layout {
    size_t line, alpha, luma, sums;
};

static struct layout layout_of(const struct pp_gradient *gradient)
{
    const size_t width = gradient->geometry.width, colors = pp_gradient_colors(gradient);
    const bool alpha = pp_geometry_has_alpha(&gradient->geometry);

    return (struct layout){
        .line = pp_size_aligned((width + 2) * colors * sizeof(uint16_t)),
        .alpha = alpha ? pp_size_aligned((width + 2) * sizeof(uint16_t)) : 0,
        .luma = pp_size_aligned(2 * width),
        .sums = pp_size_aligned(width * colors * sizeof(float)),
    };
}

size_t pp_gradient_scratch(const struct pp_gradient *gradient)
{
    const struct layout layout = layout_of(gradient);

    return 3 * (layout.line + layout.alpha) + layout.luma + 2 * layout.sums;
}

/* ---- lines --------------------------------------------------------------------------------- */

PP_INLINE void widen(uint16_t *restrict line, const uint8_t *restrict row, size_t width,
                     unsigned layout)
{
    const unsigned channels = layout / 100, depth = layout % 100;
    const unsigned colors = channels <= 2 ? 1 : 3;

    for (size_t x = 0; x < width; x++)
        for (unsigned c = 0; c < colors; c++)
            line[x * colors + c] = (uint16_t)pp_sample(row, x * channels + c, depth);
}

PP_HOT static void widen_row(uint16_t *line, const uint8_t *row, size_t width, unsigned layout)
{
    switch (layout) {
    case 108:
        widen(line, row, width, 108);
        break;
    case 308:
        widen(line, row, 3 * width, 108); /* colours are neighbours like others */
        break;
    case 316:
    case 116:
        memcpy(line, row, width * (layout / 100) * sizeof *line);
        break;
    default:
        widen(line, row, width, layout);
        break;
    }
}

PP_HOT static void wide_luma(uint16_t *restrict line, const uint8_t *restrict row, size_t width,
                             size_t channels)
{
    const uint16_t *restrict in = (const void *)row;

    for (size_t x = 0; x < width; x++, in += channels)
        line[x] = (uint16_t)pp_luma601(in[0], in[1], in[2]);
}

PP_HOT static void take_alpha(uint16_t *restrict line, const uint8_t *restrict row,
                              const struct pp_geometry *geometry)
{
    const size_t channels = geometry->channels;

    for (size_t x = 0; x < geometry->width; x++)
        line[x] = (uint16_t)pp_sample(row, x * channels + channels - 1, geometry->depth);
}

/* Row `y`, of the picture's first or last one where it lies outside, to a line with its ends
 * repeated. */
static void load(struct pp_gradient_walk *walk, unsigned index, int64_t y)
{
    const struct pp_geometry *geometry = &walk->gradient->geometry;
    const unsigned colors = pp_gradient_colors(walk->gradient), channels = geometry->channels;
    const uint8_t *row = pp_edge_row(walk->in, y, geometry->height);
    uint16_t *line = walk->lines[index] + colors;

    if (!walk->gradient->gray || channels <= 2) {
        widen_row(line, row, geometry->width, channels * 100 + geometry->depth);
    } else if (geometry->depth == 16) {
        wide_luma(line, row, geometry->width, channels);
    } else {
        pp_luma_row(walk->luma, row, geometry->width, channels, PP_LUMA_601);
        widen_row(line, walk->luma, geometry->width, (channels - 2) * 100 + 8);
    }
    pp_edge_repeat(walk->lines[index], geometry->width, colors * sizeof *line, 1);
    if (!pp_geometry_has_alpha(geometry))
        return;
    take_alpha(walk->alphas[index] + 1, row, geometry);
    pp_edge_repeat(walk->alphas[index], geometry->width, sizeof *line, 1);
}

/* ---- sums ---------------------------------------------------------------------------------- */

PP_HOT static void plain_sums(const struct pp_gradient_walk *walk, size_t step)
{
    const uint16_t *restrict above = walk->lines[0], *restrict at = walk->lines[1];
    const uint16_t *restrict below = walk->lines[2];
    float *restrict right = walk->sums.right, *restrict down = walk->sums.down;
    const size_t middle = step, end = 2 * step;

    for (size_t i = 0; i < walk->sums.count; i++) {
        int32_t corners = below[i + end] - above[i];
        int32_t others = above[i + end] - below[i];
        right[i] = (float)(corners + others + 2 * (at[i + end] - at[i]));
        down[i] = (float)(corners - others + 2 * (below[i + middle] - above[i + middle]));
    }
}

/* Both sums of one sample, each neighbour by its alpha. */
PP_INLINE void weighted_sum(const struct pp_gradient_walk *walk, size_t x, size_t i, size_t colors)
{
    static const float across[3] = {-1, 0, 1}, weight[3] = {1, 2, 1};
    const float full = (float)pp_sample_max(walk->gradient->geometry.depth);
    const int32_t middle = walk->lines[1][i + colors];
    float right = 0, down = 0;

    for (size_t row = 0; row < 3; row++)
        for (size_t k = 0; k < 3; k++) {
            int32_t v = walk->lines[row][i + k * colors];
            float difference = (float)(v - middle) * (float)walk->alphas[row][x + k];
            right += across[k] * weight[row] * difference;
            down += across[row] * weight[k] * difference;
        }
    walk->sums.right[i] = right / full;
    walk->sums.down[i] = down / full;
}

PP_HOT static void weighted_sums(const struct pp_gradient_walk *walk, size_t colors)
{
    for (size_t x = 0; x < walk->gradient->geometry.width; x++)
        for (size_t c = 0; c < colors; c++)
            weighted_sum(walk, x, x * colors + c, colors);
}

void pp_gradient_begin(struct pp_gradient_walk *walk, const struct pp_gradient *gradient,
                       const struct pp_band *in, uint32_t y, void *scratch)
{
    const struct layout layout = layout_of(gradient);
    uint8_t *memory = scratch;

    *walk = (struct pp_gradient_walk){.gradient = gradient, .in = in, .y = y};
    for (unsigned i = 0; i < 3; i++, memory += layout.line + layout.alpha) {
        walk->lines[i] = (void *)memory;
        walk->alphas[i] = (void *)(memory + layout.line);
    }
    walk->luma = memory;
    walk->sums.right = (void *)(memory + layout.luma);
    walk->sums.down = (void *)(memory + layout.luma + layout.sums);
    walk->sums.count = (size_t)gradient->geometry.width * pp_gradient_colors(gradient);
    load(walk, 1, (int64_t)y - 1);
    load(walk, 2, y);
}

static void rotate(uint16_t *lines[3])
{
    uint16_t *first = lines[0];

    lines[0] = lines[1];
    lines[1] = lines[2];
    lines[2] = first;
}

const struct pp_gradient_sums *pp_gradient_next(struct pp_gradient_walk *walk)
{
    rotate(walk->lines);
    rotate(walk->alphas);
    load(walk, 2, (int64_t)walk->y + 1);
    walk->y++;
    if (pp_geometry_has_alpha(&walk->gradient->geometry))
        weighted_sums(walk, pp_gradient_colors(walk->gradient));
    else
        plain_sums(walk, pp_gradient_colors(walk->gradient));
    return &walk->sums;
}

void pp_gradient_copy_alpha(const struct pp_gradient_walk *walk, uint32_t y, uint8_t *out,
                            unsigned colors)
{
    const struct pp_geometry *geometry = &walk->gradient->geometry;
    const size_t channels = geometry->channels;
    const uint8_t *row = pp_band_row(walk->in, y);

    if (!pp_geometry_has_alpha(geometry))
        return;
    for (size_t x = 0; x < geometry->width; x++)
        pp_sample_set(out, x * (colors + 1) + colors, geometry->depth,
                      pp_sample(row, x * channels + channels - 1, geometry->depth));
}
