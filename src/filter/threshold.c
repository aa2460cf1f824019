#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "filter/filter.h"
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
    uint32_t least;   /* grays from here on become white */
    uint64_t *counts; /* otsu: pixels by gray; owned */
};

static bool luma_suffices(const struct pp_value *args)
{
    (void)args;
    return true;
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

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct threshold *threshold = state;
    size_t bins = (size_t)pp_sample_max(in->depth) + 1;
    void *counts = NULL;
    enum pp_status status = PP_OK;

    threshold->in = *in;
    threshold->least = least_sample(args[LEVEL].number, in->depth);
    out->channels = pp_geometry_has_alpha(in) ? 2 : 1;
    if (observes(args))
        status = pp_memory_new(&counts, bins, sizeof(uint64_t), "histogram", err);
    if (counts)
        memset(counts, 0, bins * sizeof(uint64_t));
    threshold->counts = counts;
    return status;
}

static void release(void *state)
{
    free(((struct threshold *)state)->counts);
}

PP_INLINE uint32_t gray_at(const uint8_t *row, size_t x, unsigned channels, unsigned depth)
{
    size_t i = x * channels;

    if (channels <= 2)
        return pp_sample(row, i, depth);
    return pp_luma601(pp_sample(row, i, depth), pp_sample(row, i + 1, depth),
                      pp_sample(row, i + 2, depth));
}

static void observe(void *state, const struct pp_band *in)
{
    struct threshold *threshold = state;
    const struct pp_geometry *geometry = &threshold->in;

    if (!threshold->counts)
        return;
    for (uint32_t y = in->first; y < in->first + in->count; y++) {
        const uint8_t *row = pp_band_row(in, y);
        for (size_t x = 0; x < geometry->width; x++)
            threshold->counts[gray_at(row, x, geometry->channels, geometry->depth)]++;
    }
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

    if (threshold->counts)
        threshold->least =
            otsu(threshold->counts, pp_sample_max(depth), least_sample(FALLBACK_LEVEL, depth));
}

PP_INLINE void split_row(const struct threshold *threshold, const uint8_t *restrict in,
                         uint8_t *restrict out, unsigned channels, unsigned depth)
{
    uint32_t max = pp_sample_max(depth), least = threshold->least;
    size_t width = threshold->in.width;

    for (size_t x = 0; x < width; x++) {
        uint32_t v = gray_at(in, x, channels, depth) >= least ? max : 0;
        if (channels % 2 == 0) {
            pp_sample_set(out, 2 * x, depth, v);
            pp_sample_set(out, 2 * x + 1, depth, pp_sample(in, x * channels + channels - 1, depth));
        } else {
            pp_sample_set(out, x, depth, v);
        }
    }
}

PP_HOT static void row(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                       size_t width)
{
    const struct threshold *threshold = state;
    bool eight = threshold->in.depth == 8;

    (void)width;
    switch (threshold->in.channels) {
    case 1:
        eight ? split_row(threshold, in, out, 1, 8) : split_row(threshold, in, out, 1, 16);
        break;
    case 2:
        eight ? split_row(threshold, in, out, 2, 8) : split_row(threshold, in, out, 2, 16);
        break;
    case 3:
        eight ? split_row(threshold, in, out, 3, 8) : split_row(threshold, in, out, 3, 16);
        break;
    default:
        eight ? split_row(threshold, in, out, 4, 8) : split_row(threshold, in, out, 4, 16);
        break;
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
    .luma_suffices = luma_suffices,
    .observes = observes,
    .prepare = prepare,
    .release = release,
    .observe = observe,
    .conclude = conclude,
    .render = render,
};
