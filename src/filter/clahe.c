/*
 * Contrast limited adaptive histogram equalization: K. Zuiderveld in "Graphics Gems IV", 1994,
 * VIII.5. Each tile has a curve of its own, made from its histogram with its peaks cut off; between
 * the centres of four tiles their curves are interpolated. The curves are those of luma; what it
 * gains or loses is added to each colour, so that Cb and Cr stay.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

enum { TILES, LIMIT };

static const struct pp_param params[] = {
    [TILES] = {.name = "tiles",
               .type = PP_PARAM_INTEGER,
               .summary = "tiles in either direction",
               .min = 1,
               .max = 64,
               .fallback = 8,
               .default_text = "8"},
    [LIMIT] = {.name = "limit",
               .type = PP_PARAM_NUMBER,
               .summary = "how much contrast may be multiplied: where a histogram's peaks are cut "
                          "off, of its mean; 1 changes nothing",
               .min = 1,
               .max = 256,
               .fallback = 3,
               .default_text = "3"},
    {.name = NULL},
};

#define BINS 256 /* at 16 bits too: curves are straight between them */

/* Between the centres of which two tiles a row or column lies, and how far from the first: 0 to 1.
 * Before the first centre and behind the last there is but one. */
struct place {
    uint32_t tile; /* the one that it is in */
    uint32_t first, second;
    float part;
};

struct clahe {
    struct pp_geometry geometry;
    uint32_t across, down; /* tiles */
    double limit;
    uint32_t *counts;      /* [tile][bin]; owned */
    float *curves;         /* [tile][bin] to samples of 0 to the largest; owned */
    struct place *columns; /* owned */
};

static uint32_t tile_begin(uint32_t tile, uint32_t tiles, uint32_t side)
{
    return (uint32_t)((uint64_t)tile * side / tiles);
}

/* The tile that row or column `at` is in. */
static uint32_t tile_of(uint32_t at, uint32_t tiles, uint32_t side)
{
    uint32_t tile = (uint32_t)((uint64_t)at * tiles / side);

    while (tile + 1 < tiles && tile_begin(tile + 1, tiles, side) <= at)
        tile++;
    return tile;
}

/* A tile's centre, in halves of a pixel. */
static uint64_t center(uint32_t tile, uint32_t tiles, uint32_t side)
{
    return (uint64_t)tile_begin(tile, tiles, side) + tile_begin(tile + 1, tiles, side) - 1;
}

static struct place place_of(uint32_t at, uint32_t tiles, uint32_t side)
{
    const uint32_t tile = tile_of(at, tiles, side);
    const uint64_t here = 2 * (uint64_t)at, middle = center(tile, tiles, side);
    struct place place = {tile, tile, tile, 0};

    place.first -= here < middle && tile > 0;
    place.second += here > middle && tile + 1 < tiles;
    if (place.first < place.second) {
        uint64_t from = center(place.first, tiles, side), to = center(place.second, tiles, side);
        place.part = (float)((double)(here - from) / (double)(to - from));
    }
    return place;
}

static enum pp_status allocate(struct clahe *clahe, struct pp_error *err)
{
    const size_t bins = (size_t)clahe->across * clahe->down * BINS;
    void *counts = NULL, *curves = NULL, *columns = NULL;
    enum pp_status status = pp_memory_new(&counts, bins, sizeof(uint32_t), "histograms", err);

    if (status == PP_OK)
        status = pp_memory_new(&curves, bins, sizeof(float), "curves", err);
    if (status == PP_OK)
        status =
            pp_memory_new(&columns, clahe->geometry.width, sizeof(struct place), "columns", err);
    if (status == PP_OK)
        memset(counts, 0, bins * sizeof(uint32_t));
    clahe->counts = counts;
    clahe->curves = curves;
    clahe->columns = columns;
    return status;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct clahe *clahe = state;
    uint32_t tiles = (uint32_t)args[TILES].number;

    (void)out;
    clahe->geometry = *in;
    clahe->across = tiles < in->width ? tiles : in->width;
    clahe->down = tiles < in->height ? tiles : in->height;
    clahe->limit = args[LIMIT].number;
    enum pp_status status = allocate(clahe, err);
    for (uint32_t x = 0; status == PP_OK && x < in->width; x++)
        clahe->columns[x] = place_of(x, clahe->across, in->width);
    return status;
}

static bool is_identity(const void *state)
{
    return ((const struct clahe *)state)->limit == 1;
}

static void release(void *state)
{
    struct clahe *clahe = state;

    free(clahe->counts);
    free(clahe->curves);
    free(clahe->columns);
    clahe->counts = NULL;
    clahe->curves = NULL;
    clahe->columns = NULL;
}

static uint64_t state_memory(const void *state)
{
    const struct clahe *clahe = state;
    const uint64_t bins = (uint64_t)clahe->across * clahe->down * BINS;

    return bins * (sizeof(uint32_t) + sizeof(float)) + clahe->geometry.width * sizeof(struct place);
}

PP_INLINE uint32_t luma_at(const uint8_t *row, size_t x, unsigned channels, unsigned depth)
{
    const size_t i = x * channels;

    return channels <= 2 ? pp_sample(row, i, depth)
                         : pp_luma601(pp_sample(row, i, depth), pp_sample(row, i + 1, depth),
                                      pp_sample(row, i + 2, depth));
}

/* ---- the look ------------------------------------------------------------------------------ */

/* What is wholly transparent is not counted. */
PP_INLINE void count(const struct clahe *clahe, uint32_t *counts, const uint8_t *row,
                     unsigned channels, unsigned depth)
{
    for (size_t x = 0; x < clahe->geometry.width; x++) {
        uint32_t v = luma_at(row, x, channels, depth);
        uint32_t bin = depth == 8 ? v : (v + 128) / 257;
        if (channels % 2 == 1 || pp_sample(row, x * channels + channels - 1, depth) > 0)
            counts[clahe->columns[x].tile * (size_t)BINS + bin]++;
    }
}

static void count_row(const struct clahe *clahe, uint32_t *counts, const uint8_t *row)
{
    const bool eight = clahe->geometry.depth == 8;

    switch (clahe->geometry.channels) {
    case 1:
        eight ? count(clahe, counts, row, 1, 8) : count(clahe, counts, row, 1, 16);
        break;
    case 2:
        eight ? count(clahe, counts, row, 2, 8) : count(clahe, counts, row, 2, 16);
        break;
    case 3:
        eight ? count(clahe, counts, row, 3, 8) : count(clahe, counts, row, 3, 16);
        break;
    default:
        eight ? count(clahe, counts, row, 4, 8) : count(clahe, counts, row, 4, 16);
        break;
    }
}

static void observe(void *state, const struct pp_band *in)
{
    struct clahe *clahe = state;

    for (uint32_t y = in->first; y < in->first + in->count; y++) {
        size_t tile = (size_t)tile_of(y, clahe->down, clahe->geometry.height) * clahe->across;
        count_row(clahe, clahe->counts + tile * BINS, pp_band_row(in, y));
    }
}

/*
 * Where to cut counts off so that, once what was cut off is spread over all bins alike, none is
 * more than `most`, their mean or more: Newton's method, which on this convex chain of straight
 * lines comes down to the place in a few steps and stops there.
 */
static double find_cut(const uint32_t *counts, double most)
{
    double cut = most;
    int above = -1;

    for (int before = -2; above != before && above < BINS;) {
        double sum = 0;
        before = above;
        above = 0;
        for (int i = 0; i < BINS; i++)
            if (counts[i] > cut) {
                sum += counts[i];
                above++;
            }
        if (above < BINS)
            cut = (BINS * most - sum) / (BINS - above);
    }
    return cut > 0 ? cut : 0;
}

/* A tile's curve: its counts, cut off and spread, added up so that black stays black and white
 * stays white. */
static void make_curve(float *curve, const uint32_t *counts, double limit, double max)
{
    double all = 0, sums[BINS], sum = 0, excess = 0;

    for (int i = 0; i < BINS; i++)
        all += counts[i];
    const double cut = find_cut(counts, limit * all / BINS);
    for (int i = 0; i < BINS; i++)
        excess += counts[i] > cut ? counts[i] - cut : 0;
    for (int i = 0; i < BINS; i++) {
        sum += (counts[i] > cut ? cut : counts[i]) + excess / BINS;
        sums[i] = sum;
    }
    const double range = sums[BINS - 1] - sums[0];
    for (int i = 0; i < BINS; i++)
        curve[i] =
            (float)(max * (range > 0 ? (sums[i] - sums[0]) / range : (double)i / (BINS - 1)));
}

static void conclude(void *state)
{
    struct clahe *clahe = state;
    const double max = pp_sample_max(clahe->geometry.depth);

    for (size_t tile = 0; tile < (size_t)clahe->across * clahe->down; tile++)
        make_curve(clahe->curves + tile * BINS, clahe->counts + tile * BINS, clahe->limit, max);
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* The curves of a row: for each tile across, [bin], and one more entry. */
#define CURVE (BINS + 1)

static size_t scratch_size(const void *state, uint32_t rows)
{
    const struct clahe *clahe = state;

    (void)rows;
    return clahe->across * (size_t)CURVE * sizeof(float);
}

PP_HOT static void make_curves(const struct clahe *clahe, uint32_t y, float *restrict curves)
{
    const struct place place = place_of(y, clahe->down, clahe->geometry.height);
    const float *above = clahe->curves + (size_t)place.first * clahe->across * BINS;
    const float *below = clahe->curves + (size_t)place.second * clahe->across * BINS;

    for (uint32_t tile = 0; tile < clahe->across; tile++, curves += CURVE) {
        for (size_t i = 0; i < BINS; i++) {
            float a = above[tile * BINS + i], b = below[tile * BINS + i];
            curves[i] = a + (b - a) * place.part;
        }
        curves[BINS] = curves[BINS - 1];
    }
}

/* What a curve makes of luma `v`. */
PP_INLINE float follow(const float *curve, uint32_t v, unsigned depth)
{
    if (depth == 8)
        return curve[v];
    const uint32_t bin = v / 257;
    return curve[bin] + (curve[bin + 1] - curve[bin]) * ((float)(int32_t)(v % 257) * (1 / 257.0f));
}

PP_INLINE void equalize(const struct place *restrict place, const float *restrict curves,
                        const uint8_t *restrict in, uint8_t *restrict out, unsigned layout)
{
    const unsigned channels = layout / 100, depth = layout % 100;
    const unsigned colors = channels <= 2 ? 1 : 3;
    const int32_t max = (int32_t)pp_sample_max(depth);
    const uint32_t v = luma_at(in, 0, channels, depth);
    const float a = follow(curves + (size_t)place->first * CURVE, v, depth);
    const float b = follow(curves + (size_t)place->second * CURVE, v, depth);
    const int32_t change = (int32_t)(a + (b - a) * place->part + 0.5f) - (int32_t)v;

    for (unsigned c = 0; c < colors; c++) {
        int32_t sample = (int32_t)pp_sample(in, c, depth) + change;
        sample = sample < 0 ? 0 : sample;
        pp_sample_set(out, c, depth, (uint32_t)(sample > max ? max : sample));
    }
    if (colors < channels)
        pp_sample_set(out, colors, depth, pp_sample(in, colors, depth));
}

PP_INLINE void equalize_row(const struct clahe *clahe, const float *curves, const uint8_t *in,
                            uint8_t *out, unsigned layout)
{
    const size_t pixel = layout / 100 * (layout % 100) / 8;

    for (size_t x = 0; x < clahe->geometry.width; x++)
        equalize(clahe->columns + x, curves, in + x * pixel, out + x * pixel, layout);
}

static void render_row(const struct clahe *clahe, const float *curves, const uint8_t *in,
                       uint8_t *out)
{
    const bool eight = clahe->geometry.depth == 8;

    switch (clahe->geometry.channels) {
    case 1:
        eight ? equalize_row(clahe, curves, in, out, 108)
              : equalize_row(clahe, curves, in, out, 116);
        break;
    case 2:
        eight ? equalize_row(clahe, curves, in, out, 208)
              : equalize_row(clahe, curves, in, out, 216);
        break;
    case 3:
        eight ? equalize_row(clahe, curves, in, out, 308)
              : equalize_row(clahe, curves, in, out, 316);
        break;
    default:
        eight ? equalize_row(clahe, curves, in, out, 408)
              : equalize_row(clahe, curves, in, out, 416);
        break;
    }
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct clahe *clahe = state;

    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        make_curves(clahe, y, scratch);
        render_row(clahe, scratch, pp_band_row(in, y), pp_band_row(out, y));
    }
}

const struct pp_filter pp_filter_clahe = {
    .name = "clahe",
    .summary = "bring out contrast part by part (adaptive histogram equalization); alpha stays",
    .source =
        "K. Zuiderveld, \"Contrast limited adaptive histogram equalization\", Graphics Gems "
        "IV, 1994. Of each tile's 256 counts so much is cut off and spread over all that none "
        "exceeds limit times their mean; their sums, from 0 at black to 1 at white, are its "
        "curve; curves are interpolated between the tiles' centres. Of rec.601 luma, whose "
        "change is added to each colour.",
    .params = params,
    .state_size = sizeof(struct clahe),
    .prepare = prepare,
    .release = release,
    .is_identity = is_identity,
    .state_memory = state_memory,
    .observe = observe,
    .conclude = conclude,
    .scratch_size = scratch_size,
    .render = render,
};
