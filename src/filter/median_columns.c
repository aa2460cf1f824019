/*
 * S. Perreault and P. Hebert, "Median filtering in constant time", IEEE Transactions on Image
 * Processing 16(9), 2007. Each column of the square has a histogram, which one sample leaves and
 * another enters from row to row; along the row the square's histogram gains one column's and loses
 * another's. Both have a coarse level of 16 bins; of the fine bins below them only those that the
 * median lies in are brought up to date. A stripe of columns at a time, so that their histograms
 * stay in the second-level cache.
 */
#include "base/memory.h"
#include "filter/edges.h"
#include "filter/median.h"

#define STRIPE 256
#define COARSE 16 /* coarse bins, and fine bins of each */

struct counts {
    uint16_t coarse[COARSE], fine[COARSE][COARSE];
};

/* The histogram of a square that moves to the right. */
struct kernel {
    struct counts counts;
    uint32_t known[COARSE]; /* fine bins are those of the square that begins at this column */
};

struct stripe {
    const struct pp_median *median;
    const struct pp_band *in;
    struct counts *columns; /* of the picture's column `first` - radius and those behind it */
    uint32_t first, count;  /* columns of the result */
    unsigned channel;
};

static size_t scratch_size(const struct pp_median *median)
{
    return (STRIPE + 2 * median->radius) * sizeof(struct counts);
}

static void count_sample(struct counts *counts, uint8_t v, int by)
{
    counts->coarse[v / COARSE] = (uint16_t)(counts->coarse[v / COARSE] + by);
    counts->fine[v / COARSE][v % COARSE] = (uint16_t)(counts->fine[v / COARSE][v % COARSE] + by);
}

/* Add or take away a row's samples, each from its column; `y` may lie outside of the picture. */
static void count_row(const struct stripe *stripe, int64_t y, int by)
{
    const struct pp_geometry *geometry = &stripe->median->geometry;
    const uint32_t radius = stripe->median->radius;
    const uint8_t *row = pp_edge_row(stripe->in, y, geometry->height) + stripe->channel;

    for (uint32_t i = 0; i < stripe->count + 2 * radius; i++) {
        int64_t x = (int64_t)stripe->first + i - radius;
        x = x < 0 ? 0 : x >= geometry->width ? geometry->width - 1 : x;
        count_sample(&stripe->columns[i], row[(size_t)x * geometry->channels], by);
    }
}

PP_INLINE void add_bins(uint16_t *restrict to, const uint16_t *restrict bins)
{
    for (int i = 0; i < COARSE; i++)
        to[i] = (uint16_t)(to[i] + bins[i]);
}

PP_INLINE void move_bins(uint16_t *restrict to, const uint16_t *restrict more,
                         const uint16_t *restrict less)
{
    for (int i = 0; i < COARSE; i++)
        to[i] = (uint16_t)(to[i] + more[i] - less[i]);
}

/* The bin in which the count passes `rest`, which becomes what is left of it. */
PP_INLINE unsigned find_bin(const uint16_t *bins, uint32_t *rest)
{
    unsigned bin = 0;

    while (*rest >= bins[bin])
        *rest -= bins[bin++];
    return bin;
}

/* Fine bins for the square of `side` columns that begins at column `x`: from where they were, or
 * from nothing where that is less to do. */
PP_INLINE void update_fine(struct kernel *kernel, const struct counts *columns, unsigned bin,
                           uint32_t x, uint32_t side)
{
    uint16_t *fine = kernel->counts.fine[bin];

    if (2 * (x - kernel->known[bin]) > side) {
        memset(fine, 0, COARSE * sizeof *fine);
        for (uint32_t i = 0; i < side; i++)
            add_bins(fine, columns[x + i].fine[bin]);
    } else {
        for (uint32_t i = kernel->known[bin]; i < x; i++)
            move_bins(fine, columns[i + side].fine[bin], columns[i].fine[bin]);
    }
    kernel->known[bin] = x;
}

PP_HOT static void find_medians(const struct stripe *stripe, uint8_t *restrict out)
{
    const struct counts *columns = stripe->columns;
    const uint32_t side = 2 * stripe->median->radius + 1, middle = side * side / 2;
    const size_t step = stripe->median->geometry.channels;
    struct kernel kernel = {0};

    for (uint32_t i = 0; i < side; i++) {
        add_bins(kernel.counts.coarse, columns[i].coarse);
        for (unsigned bin = 0; bin < COARSE; bin++)
            add_bins(kernel.counts.fine[bin], columns[i].fine[bin]);
    }
    for (uint32_t x = 0; x < stripe->count; x++) {
        uint32_t rest = middle;
        if (x > 0)
            move_bins(kernel.counts.coarse, columns[x + side - 1].coarse, columns[x - 1].coarse);
        unsigned bin = find_bin(kernel.counts.coarse, &rest);
        update_fine(&kernel, columns, bin, x, side);
        out[x * step] = (uint8_t)(bin * COARSE + find_bin(kernel.counts.fine[bin], &rest));
    }
}

static void render_stripe(const struct stripe *stripe, const struct pp_band *out)
{
    const uint32_t radius = stripe->median->radius;
    const size_t channels = stripe->median->geometry.channels;

    memset(stripe->columns, 0, (stripe->count + 2 * radius) * sizeof *stripe->columns);
    for (uint32_t k = 0; k <= 2 * radius; k++)
        count_row(stripe, (int64_t)out->first + k - radius, 1);
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        if (y > out->first) {
            count_row(stripe, (int64_t)y - radius - 1, -1);
            count_row(stripe, (int64_t)y + radius, 1);
        }
        find_medians(stripe, pp_band_row(out, y) + stripe->first * channels + stripe->channel);
    }
}

static void render(const struct pp_median *median, const struct pp_band *in,
                   const struct pp_band *out, void *scratch)
{
    const uint32_t width = median->geometry.width;

    for (uint32_t first = 0; first < width; first += STRIPE)
        for (unsigned channel = 0; channel < median->geometry.channels; channel++) {
            uint32_t count = width - first < STRIPE ? width - first : STRIPE;
            struct stripe stripe = {median, in, scratch, first, count, channel};
            render_stripe(&stripe, out);
        }
}

const struct pp_median_way pp_median_columns = {scratch_size, render};
