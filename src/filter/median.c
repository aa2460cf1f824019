#include "filter/median.h"

#include "filter/edges.h"
#include "filter/filter.h"
#include "filter/registry.h"

static const struct pp_param params[] = {
    {.name = "radius",
     .type = PP_PARAM_INTEGER,
     .summary = "pixels on either side of the middle one, in both directions",
     .min = 0,
     .max = PP_MEDIAN_RADIUS_MAX,
     .fallback = 1,
     .default_text = "1"},
    {.name = NULL},
};

/* Up to here comparing is quicker than counting, at 8 bits and at 16. */
#define COMPARED_RADIUS_MAX 3

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct pp_median *median = state;

    (void)out;
    (void)err;
    median->geometry = *in;
    median->radius = (uint32_t)args[0].number;
    return PP_OK;
}

static const struct pp_median_way *way_of(const struct pp_median *median)
{
    if (pp_geometry_has_alpha(&median->geometry))
        return &pp_median_window;
    if (median->radius <= COMPARED_RADIUS_MAX)
        return &pp_median_compare;
    return median->geometry.depth == 8 ? &pp_median_columns : &pp_median_window;
}

static bool is_identity(const void *state)
{
    return ((const struct pp_median *)state)->radius == 0;
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    const struct pp_median *median = state;

    pp_edge_rows_needed(median->radius + 1, median->geometry.height, (uint32_t[]){first, last},
                        in_first, in_last);
}

static uint32_t band_rows(const void *state)
{
    return 4 * ((const struct pp_median *)state)->radius;
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    (void)rows;
    return way_of(state)->scratch_size(state);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct pp_median *median = state;

    if (is_identity(median))
        pp_copy_rows(in, out, pp_geometry_row_bytes(&median->geometry));
    else
        way_of(median)->render(median, in, out, scratch);
}

const struct pp_filter pp_filter_median = {
    .name = "median",
    .summary = "take the middle one of the samples around: removes specks and keeps edges",
    .source =
        "The middle sample of (2 radius + 1)^2, each channel by itself, the edges repeated "
        "outwards: Pillow's ImageFilter.MedianFilter of size 2 radius + 1. With alpha colours "
        "count by their alpha. Perreault and Hebert, IEEE Trans. IP 16(9), 2007; Huang et "
        "al., IEEE Trans. ASSP 27(1), 1979.",
    .params = params,
    .state_size = sizeof(struct pp_median),
    .prepare = prepare,
    .is_identity = is_identity,
    .rows_needed = rows_needed,
    .band_rows = band_rows,
    .scratch_size = scratch_size,
    .render = render,
};
