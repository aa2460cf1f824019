/*
 * T. Huang, G. Yang and G. Tang, "A fast two-dimensional median filtering algorithm", IEEE
 * Transactions on Acoustics, Speech, and Signal Processing 27(1), 1979: one histogram; as the
 * square moves on by a column, samples enter and leave it, and the median is looked for from where
 * it was. A second level of bins, each for 256 samples, shortens long ways. Counts are weights.
 */
#include "filter/edges.h"
#include "filter/median.h"

#define GROUP 256

struct window {
    uint32_t fine[65536], coarse[256]; /* weight by sample, and by sample / GROUP */
    uint32_t all;                      /* weight */
    uint32_t at, below;                /* a sample, and the weight of those below it */
};

static size_t scratch_size(const struct pp_median *median)
{
    (void)median;
    return sizeof(struct window);
}

/* By unsigned arithmetic a weight may as well be taken away. */
PP_INLINE void count_sample(struct window *window, uint32_t v, uint32_t weight)
{
    window->fine[v] += weight;
    window->coarse[v / GROUP] += weight;
    window->all += weight;
    window->below += v < window->at ? weight : 0;
}

/* Whether so much is half of all weight or more. */
PP_INLINE bool is_half(const struct window *window, uint32_t weight)
{
    return 2 * (uint64_t)weight >= window->all;
}

/* The least sample such that it and those below have half of the weight; there is some. */
static uint32_t find_median(struct window *window)
{
    uint32_t at = window->at, below = window->below;

    while (below > 0 && is_half(window, below)) {
        bool whole = at % GROUP == 0 && is_half(window, below - window->coarse[at / GROUP - 1]);
        at -= whole ? GROUP : 1;
        below -= whole ? window->coarse[at / GROUP] : window->fine[at];
    }
    while (!is_half(window, below + window->fine[at])) {
        bool whole = at % GROUP == 0 && !is_half(window, below + window->coarse[at / GROUP]);
        below += whole ? window->coarse[at / GROUP] : window->fine[at];
        at += whole ? GROUP : 1;
    }
    window->at = at;
    window->below = below;
    return at;
}

/* One channel of one row. */
struct lane {
    const struct pp_median *median;
    const struct pp_band *in;
    uint32_t y;
    unsigned channel;
    bool weighted; /* by the last channel */
};

/* Count a column of the square; `sign` 1 or, to take it away, UINT32_MAX. */
PP_INLINE void count_column(struct window *window, const struct lane *lane, int64_t x,
                            uint32_t sign, unsigned depth)
{
    const struct pp_geometry *geometry = &lane->median->geometry;
    const int64_t radius = lane->median->radius, right = geometry->width - INT64_C(1);
    const size_t i = (size_t)(x < 0 ? 0 : x > right ? right : x) * geometry->channels;

    for (int64_t y = lane->y - radius; y <= lane->y + radius; y++) {
        const uint8_t *row = pp_edge_row(lane->in, y, geometry->height);
        uint32_t weight = lane->weighted ? pp_sample(row, i + geometry->channels - 1, depth) : 1;
        count_sample(window, pp_sample(row, i + lane->channel, depth), sign * weight);
    }
}

PP_INLINE void render_lane(struct window *window, const struct lane *lane, uint8_t *out,
                           unsigned depth)
{
    const struct pp_geometry *geometry = &lane->median->geometry;
    const int64_t radius = lane->median->radius, width = geometry->width;
    const uint8_t *middle = pp_band_row(lane->in, lane->y);

    for (int64_t x = -radius; x < radius; x++)
        count_column(window, lane, x, 1, depth);
    for (int64_t x = 0; x < width; x++) {
        size_t i = (size_t)x * geometry->channels + lane->channel;
        count_column(window, lane, x + radius, 1, depth);
        pp_sample_set(out, i, depth,
                      window->all ? find_median(window) : pp_sample(middle, i, depth));
        count_column(window, lane, x - radius, UINT32_MAX, depth);
    }
    for (int64_t x = width - radius; x < width + radius; x++)
        count_column(window, lane, x, UINT32_MAX, depth);
}

static void render(const struct pp_median *median, const struct pp_band *in,
                   const struct pp_band *out, void *scratch)
{
    const struct pp_geometry *geometry = &median->geometry;
    const unsigned colors = pp_geometry_color_channels(geometry);
    struct window *window = scratch;

    memset(window, 0, sizeof *window);
    for (uint32_t y = out->first; y < out->first + out->count; y++)
        for (unsigned channel = 0; channel < geometry->channels; channel++) {
            bool weighted = channel < colors && colors < geometry->channels;
            struct lane lane = {median, in, y, channel, weighted};
            if (geometry->depth == 8)
                render_lane(window, &lane, pp_band_row(out, y), 8);
            else
                render_lane(window, &lane, pp_band_row(out, y), 16);
        }
}

const struct pp_median_way pp_median_window = {scratch_size, render};
