#include <math.h>

#include "filter/filter.h"
#include "filter/histogram.h"
#include "filter/luma.h"
#include "filter/registry.h"
#include "filter/samples.h"

enum { LEVEL };

static const char *const words[] = {"otsu", NULL};

static const struct pp_param params[] = {
    [LEVEL] = {.name = "level",
               .type = PP_PARAM_NUMBER,
               .summary = "the least sample that becomes white, of 255 (at 16 bits 257 times it)",
               .min = 0,
               .max = 255,
               .fallback = 128,
               .choices = words,
               .default_text = "128"},
    {.name = NULL},
};

#define FALLBACK_LEVEL 128 /* Otsu's threshold of a picture of one single gray */

struct threshold {
    struct pp_geometry in;
    uint32_t least; /* grays from here on become white */
    bool otsu;
    struct pp_histogram histogram; /* otsu: pixels by gray; owned */
    uint8_t table[256];            /* at 8 bits, of grays */
};

static bool luma_suffices(const struct pp_value *args)
{
    (void)args;
    return true;
}

static uint8_t gray_bits(const struct pp_value *args)
{
    (void)args;
    return 1;
}

static bool observes(const struct pp_value *args)
{
    return args[LEVEL].choice >= 0;
}

/* The least sample that is not below `level`. */
static uint32_t least_sample(double level, unsigned depth)
{
    return (uint32_t)ceil(depth == 8 ? level : level * 257);
}

static void fill_table(struct threshold *threshold)
{
    for (unsigned v = 0; v < 256; v++)
        threshold->table[v] = v >= threshold->least ? 255 : 0;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct threshold *threshold = state;

    threshold->in = *in;
    threshold->least = least_sample(args[LEVEL].number, in->depth);
    threshold->otsu = observes(args);
    fill_table(threshold);
    out->channels = pp_geometry_has_alpha(in) ? 2 : 1;
    return threshold->otsu ? pp_histogram_init(&threshold->histogram, 1, in->depth, err) : PP_OK;
}

static void release(void *state)
{
    pp_histogram_release(&((struct threshold *)state)->histogram);
}

static const uint8_t *table(const void *state, unsigned channel)
{
    const struct threshold *threshold = state;

    (void)channel;
    return threshold->in.depth == 8 && threshold->in.channels <= 2 && !threshold->otsu
               ? threshold->table
               : NULL;
}

/* Grays of a colour row of 8 bits, so many at a time. */
#define BLOCK 512

static void observe_bytes(struct threshold *threshold, const uint8_t *row)
{
    const size_t width = threshold->in.width, channels = threshold->in.channels;
    uint8_t grays[2 * BLOCK];

    for (size_t x = 0; x < width; x += BLOCK) {
        size_t count = width - x < BLOCK ? width - x : BLOCK;
        pp_luma_row(grays, row + x * channels, count, (unsigned)channels, PP_LUMA_601);
        pp_histogram_add(&threshold->histogram, 0,
                         &(struct pp_histogram_run){grays, 0, channels - 2, count});
    }
}

static uint32_t wide_luma(const uint8_t *row, size_t i)
{
    return pp_luma601(pp_sample(row, i, 16), pp_sample(row, i + 1, 16), pp_sample(row, i + 2, 16));
}

static void observe_row(struct threshold *threshold, const uint8_t *row)
{
    const size_t width = threshold->in.width, channels = threshold->in.channels;

    if (channels <= 2)
        pp_histogram_add(&threshold->histogram, 0,
                         &(struct pp_histogram_run){row, 0, channels, width});
    else if (threshold->in.depth == 8)
        observe_bytes(threshold, row);
    else
        for (size_t x = 0; x < width; x++)
            threshold->histogram.counts[wide_luma(row, x * channels)]++;
}

static void observe(void *state, const struct pp_band *in)
{
    struct threshold *threshold = state;

    for (uint32_t y = in->first; threshold->otsu && y < in->first + in->count; y++)
        observe_row(threshold, pp_band_row(in, y));
}

/*
 * N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on Systems,
 * Man and Cybernetics 9(1), 1979: the split with the greatest variance between the two classes,
 * w0 w1 (m0 - m1)^2; of equal ones the lowest.
 */
static uint32_t otsu(const uint64_t *counts, uint32_t max, uint32_t fallback)
{
    uint64_t all = 0, sum = 0, below = 0, sum_below = 0;
    uint32_t least = fallback;
    double best = 0;

    for (uint32_t v = 0; v <= max; v++) {
        all += counts[v];
        sum += counts[v] * v;
    }
    for (uint32_t v = 0; v < max; v++) {
        below += counts[v];
        sum_below += counts[v] * v;
        if (below == 0 || below == all)
            continue;
        double w0 = (double)below, w1 = (double)(all - below);
        double apart = (double)(sum - sum_below) / w1 - (double)sum_below / w0;
        double between = w0 * w1 * apart * apart;
        if (between > best) {
            best = between;
            least = v + 1;
        }
    }
    return least;
}

static void conclude(void *state)
{
    struct threshold *threshold = state;
    unsigned depth = threshold->in.depth;

    if (!threshold->otsu)
        return;
    threshold->least = otsu(pp_histogram_sum(&threshold->histogram, 0), pp_sample_max(depth),
                            least_sample(FALLBACK_LEVEL, depth));
    fill_table(threshold);
}

/* Gray, `channels` 1 or 2, to black and white; `in` may be `out`. */
PP_INLINE void split(const uint8_t *in, uint8_t *out, size_t width, unsigned channels,
                     uint8_t least)
{
    for (size_t x = 0; x < width; x++) {
        out[x * channels] = in[x * channels] >= least ? 255 : 0;
        if (channels == 2)
            out[x * channels + 1] = in[x * channels + 1];
    }
}

PP_HOT static void split_bytes(const uint8_t *restrict in, uint8_t *restrict out, size_t width,
                               unsigned channels, uint32_t least)
{
    if (channels == 1)
        split(in, out, width, 1, (uint8_t)least);
    else
        split(in, out, width, 2, (uint8_t)least);
}

PP_HOT static void split_in_place(uint8_t *row, size_t width, unsigned channels, uint32_t least)
{
    if (channels == 1)
        split(row, row, width, 1, (uint8_t)least);
    else
        split(row, row, width, 2, (uint8_t)least);
}

PP_INLINE void split_wide(const struct threshold *threshold, const uint8_t *restrict in,
                          uint8_t *restrict out, unsigned channels)
{
    uint32_t least = threshold->least;
    size_t width = threshold->in.width, made = channels % 2 ? 1 : 2;

    for (size_t x = 0; x < width; x++) {
        size_t i = x * channels;
        uint32_t v = channels <= 2 ? pp_sample(in, i, 16)
                                   : pp_luma601(pp_sample(in, i, 16), pp_sample(in, i + 1, 16),
                                                pp_sample(in, i + 2, 16));
        pp_sample_set(out, x * made, 16, v >= least ? 65535 : 0);
        if (channels % 2 == 0)
            pp_sample_set(out, x * made + 1, 16, pp_sample(in, i + channels - 1, 16));
    }
}

PP_HOT static void wide_row(const struct threshold *threshold, const uint8_t *restrict in,
                            uint8_t *restrict out)
{
    switch (threshold->in.channels) {
    case 1:
        split_wide(threshold, in, out, 1);
        break;
    case 2:
        split_wide(threshold, in, out, 2);
        break;
    case 3:
        split_wide(threshold, in, out, 3);
        break;
    default:
        split_wide(threshold, in, out, 4);
        break;
    }
}

static void row(const void *state, const uint8_t *restrict in, uint8_t *restrict out, size_t width)
{
    const struct threshold *threshold = state;
    unsigned channels = threshold->in.channels;

    if (threshold->in.depth == 16) {
        wide_row(threshold, in, out);
    } else if (channels <= 2) {
        split_bytes(in, out, width, channels, threshold->least);
    } else {
        pp_luma_row(out, in, width, channels, PP_LUMA_601);
        split_in_place(out, width, channels - 2, threshold->least);
    }
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    (void)scratch;
    pp_render_rows(row, state, in, out, ((const struct threshold *)state)->in.width);
}

const struct pp_filter pp_filter_threshold = {
    .name = "threshold",
    .summary = "black below a level, white from it on; colours become gray first",
    .source = "Gray as gray=rec601; white where it is at least the level. otsu: the level after "
              "N. Otsu, IEEE Trans. SMC 9(1), 1979, over the exact histogram (65,536 bins at 16 "
              "bits); a picture of one gray is split at 128.",
    .params = params,
    .state_size = sizeof(struct threshold),
    .gray_bits = gray_bits,
    .luma_suffices = luma_suffices,
    .observes = observes,
    .prepare = prepare,
    .release = release,
    .observe = observe,
    .conclude = conclude,
    .table = table,
    .render = render,
};
