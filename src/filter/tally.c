#include "filter/tally.h"

#include <math.h>

#include "filter/luma.h"
#include "filter/samples.h"

#define BLOCK 512 /* pixels at a time */

enum pp_status pp_tally_init(struct pp_tally *tally, const struct pp_geometry *geometry,
                             enum pp_tally_kind kind, struct pp_error *err)
{
    tally->geometry = *geometry;
    tally->kind = kind;
    tally->count = kind == PP_TALLY_EACH ? pp_geometry_color_channels(geometry) : 1;
    return pp_histogram_init(&tally->histogram, tally->count, geometry->depth, err);
}

void pp_tally_release(struct pp_tally *tally)
{
    pp_histogram_release(&tally->histogram);
}

/* The pixels of a row that show, one after the other; how many there are. Each is written where the
 * next one may take its place. */
PP_INLINE size_t gather(uint8_t *restrict to, const uint8_t *restrict from, size_t count,
                        unsigned channels, unsigned depth)
{
    const size_t bytes = channels * (depth / 8u);
    size_t shown = 0;

    for (size_t i = 0; i < count; i++) {
        memcpy(to + shown * bytes, from + i * bytes, bytes);
        shown += pp_sample(from, i * channels + channels - 1, depth) != 0;
    }
    return shown;
}

static size_t gather_shown(uint8_t *to, const uint8_t *from, size_t count,
                           const struct pp_geometry *geometry)
{
    if (geometry->depth == 8)
        return geometry->channels == 2 ? gather(to, from, count, 2, 8)
                                       : gather(to, from, count, 4, 8);
    return geometry->channels == 2 ? gather(to, from, count, 2, 16)
                                   : gather(to, from, count, 4, 16);
}

/* Of pixels of 3 or 4 channels. */
static void add_luma(struct pp_tally *tally, const uint8_t *row, size_t count)
{
    const size_t channels = tally->geometry.channels;
    uint8_t lumas[2 * BLOCK];

    if (tally->geometry.depth == 8) {
        pp_luma_row(lumas, row, count, (unsigned)channels, PP_LUMA_601);
        pp_histogram_add(&tally->histogram, 0,
                         &(struct pp_histogram_run){lumas, 0, channels - 2, count});
        return;
    }
    for (size_t i = 0; i < count * channels; i += channels)
        tally->histogram.counts[pp_luma601(pp_sample(row, i, 16), pp_sample(row, i + 1, 16),
                                           pp_sample(row, i + 2, 16))]++;
}

static void add_pixels(struct pp_tally *tally, const uint8_t *row, size_t count)
{
    const unsigned channels = tally->geometry.channels, colors = channels <= 2 ? 1 : 3;

    if (tally->kind == PP_TALLY_LUMA && colors == 3) {
        add_luma(tally, row, count);
        return;
    }
    for (unsigned c = 0; c < colors; c++)
        pp_histogram_add(&tally->histogram, tally->count == 1 ? 0 : c,
                         &(struct pp_histogram_run){row, c, channels, count});
}

static void add_row(struct pp_tally *tally, const uint8_t *row)
{
    const struct pp_geometry *geometry = &tally->geometry;
    const size_t width = geometry->width, pixel = geometry->channels * (geometry->depth / 8u);
    _Alignas(uint16_t) uint8_t shown[BLOCK * 8];

    for (size_t x = 0; x < width; x += BLOCK) {
        const uint8_t *from = row + x * pixel;
        size_t count = width - x < BLOCK ? width - x : BLOCK;

        if (pp_geometry_has_alpha(geometry))
            add_pixels(tally, shown, gather_shown(shown, from, count, geometry));
        else
            add_pixels(tally, from, count);
    }
}

void pp_tally_add(struct pp_tally *tally, const struct pp_band *band)
{
    for (uint32_t y = band->first; y < band->first + band->count; y++)
        add_row(tally, pp_band_row(band, y));
}

uint64_t *pp_tally_counts(struct pp_tally *tally, unsigned which)
{
    return pp_histogram_sum(&tally->histogram, which);
}

bool pp_counts_range(const uint64_t *counts, uint32_t max, const struct pp_percentiles *out,
                     uint32_t range[2])
{
    uint64_t all = 0, passed = 0;
    uint32_t low = 0, high = max;

    for (uint32_t i = 0; i <= max; i++)
        all += counts[i];
    uint64_t below = (uint64_t)floor((double)all * out->low / 100);
    uint64_t above = (uint64_t)floor((double)all * out->high / 100);
    while (low < max && (passed += counts[low]) <= below)
        low++;
    passed = 0;
    while (high > 0 && (passed += counts[high]) <= above)
        high--;
    if (low >= high)
        return false;
    range[0] = low;
    range[1] = high;
    return true;
}
