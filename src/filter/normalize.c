#include "filter/filter.h"
#include "filter/planes.h"
#include "filter/registry.h"
#include "filter/table.h"
#include "filter/tally.h"

enum { LOWER, UPPER };

static const struct pp_param params[] = {
    [LOWER] = {.name = "lower",
               .type = PP_PARAM_NUMBER,
               .summary = "percent of the pixels that may be darker than the new black",
               .min = 0,
               .max = 99,
               .fallback = 1,
               .default_text = "1"},
    [UPPER] = {.name = "upper",
               .type = PP_PARAM_NUMBER,
               .summary = "percent of the pixels that are no lighter than the new white",
               .min = 1,
               .max = 100,
               .fallback = 99,
               .default_text = "99"},
    {.name = NULL},
};

struct normalize {
    struct pp_table table; /* of gray pictures */
    struct pp_tally tally; /* owned */
    struct pp_percentiles out;
    float low, scale; /* luma: (in - low) x scale */
    bool concluded;
};

static enum pp_status check(const struct pp_value *args, struct pp_error *err)
{
    if (args[LOWER].number >= args[UPPER].number)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"normalize\": lower (%g) has to be below upper (%g)",
                            args[LOWER].number, args[UPPER].number);
    return PP_OK;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct normalize *normalize = state;
    enum pp_status status = pp_tally_init(&normalize->tally, in, PP_TALLY_LUMA, err);

    (void)out;
    normalize->out = (struct pp_percentiles){args[LOWER].number, 100 - args[UPPER].number};
    if (status == PP_OK && in->channels <= 2)
        status = pp_table_init(&normalize->table, in, 1, err);
    return status;
}

static void release(void *state)
{
    struct normalize *normalize = state;

    pp_table_release(&normalize->table);
    pp_tally_release(&normalize->tally);
}

static void observe(void *state, const struct pp_band *in)
{
    pp_tally_add(&((struct normalize *)state)->tally, in);
}

static const uint8_t *table(const void *state, unsigned channel)
{
    const struct normalize *normalize = state;

    return normalize->concluded && normalize->tally.geometry.channels <= 2
               ? pp_table_entries(state, channel)
               : NULL;
}

static void conclude(void *state)
{
    struct normalize *normalize = state;
    const struct pp_geometry *geometry = &normalize->tally.geometry;
    uint32_t max = pp_sample_max(geometry->depth), range[2] = {0, max};

    (void)pp_counts_range(pp_tally_counts(&normalize->tally, 0), max, &normalize->out, range);
    double scale = (double)max / (range[1] - range[0]);
    normalize->low = (float)range[0];
    normalize->scale = (float)scale;
    if (geometry->channels <= 2)
        for (uint32_t i = 0; i <= max; i++)
            pp_table_set(&normalize->table, 0, i, ((double)i - range[0]) * scale);
    normalize->concluded = true;
}

PP_INLINE float least(float a, float b)
{
    return a < b ? a : b;
}

PP_INLINE float most(float a, float b)
{
    return a > b ? a : b;
}

/* How much of the way from `luma` to `v` stays within 0 and `max`. */
PP_INLINE float way(float luma, float lowest, float highest, float max)
{
    const float down = luma - lowest, up = highest - luma;
    const float below = luma / (lowest < 0 ? down : 1), above = (max - luma) / (up > 0 ? up : 1);

    return least(lowest < 0 ? below : 1, highest > max ? above : 1);
}

PP_HOT static void stretch(const void *state, struct pp_planes *planes, size_t count)
{
    const struct normalize *normalize = state;
    const float max = (float)(int32_t)pp_sample_max(normalize->tally.geometry.depth);
    const float low = normalize->low, scale = normalize->scale;

    for (size_t i = 0; i < count; i++) {
        const float r = planes->r[i], g = planes->g[i], b = planes->b[i];
        const float luma = 0.299f * r + 0.587f * g + 0.114f * b;
        const float made = most(0, least(max, (luma - low) * scale));
        const float from_r = (r - luma) * scale, from_g = (g - luma) * scale;
        const float from_b = (b - luma) * scale;
        const float lowest = made + least(from_r, least(from_g, from_b));
        const float highest = made + most(from_r, most(from_g, from_b));
        const float fits = way(made, lowest, highest, max);

        planes->r[i] = made + from_r * fits;
        planes->g[i] = made + from_g * fits;
        planes->b[i] = made + from_b * fits;
    }
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct normalize *normalize = state;
    const struct pp_geometry *geometry = &normalize->tally.geometry;

    if (geometry->channels <= 2)
        pp_table_render(state, in, out, scratch);
    else
        pp_planes_render(stretch, state, geometry, in, out);
}

const struct pp_filter pp_filter_normalize = {
    .name = "normalize",
    .summary = "stretch luma to the full range; hues are kept",
    .source = "After normalise of sharp and -normalize of ImageMagick: rec.601 luma at the "
              "percentiles becomes black and white, the differences of red, green and blue from "
              "it grow as much, and where they would leave the range they shrink towards luma "
              "just as far as fits (ClipColor of W3C Compositing and Blending Level 1, 10). On "
              "encoded values; fully transparent pixels do not count; one luma is left alone.",
    .params = params,
    .state_size = sizeof(struct normalize),
    .check = check,
    .prepare = prepare,
    .release = release,
    .observe = observe,
    .conclude = conclude,
    .table = table,
    .render = render,
};
