#include "filter/exact_math.h"
#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/table.h"

enum { BLACK, WHITE, GAMMA, OUT_BLACK, OUT_WHITE };

static const struct pp_param params[] = {
    [BLACK] = {.name = "black",
               .type = PP_PARAM_NUMBER,
               .summary = "the sample, of 255, that becomes out_black, as all below it",
               .min = 0,
               .max = 255,
               .fallback = 0,
               .default_text = "0"},
    [WHITE] = {.name = "white",
               .type = PP_PARAM_NUMBER,
               .summary = "the sample, of 255, that becomes out_white, as all above it",
               .min = 0,
               .max = 255,
               .fallback = 255,
               .default_text = "255"},
    [GAMMA] = {.name = "gamma",
               .type = PP_PARAM_NUMBER,
               .summary = "above 1 lightens the middle tones, below 1 darkens them",
               .min = 0.1,
               .max = 10,
               .fallback = 1,
               .default_text = "1"},
    [OUT_BLACK] = {.name = "out_black",
                   .type = PP_PARAM_NUMBER,
                   .summary = "the darkest sample made, of 255",
                   .min = 0,
                   .max = 255,
                   .fallback = 0,
                   .default_text = "0"},
    [OUT_WHITE] = {.name = "out_white",
                   .type = PP_PARAM_NUMBER,
                   .summary = "the lightest sample made, of 255; below out_black turns tones over",
                   .min = 0,
                   .max = 255,
                   .fallback = 255,
                   .default_text = "255"},
    {.name = NULL},
};

static enum pp_status check(const struct pp_value *args, struct pp_error *err)
{
    if (args[BLACK].number >= args[WHITE].number)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"levels\": black (%g) has to be below white (%g)",
                            args[BLACK].number, args[WHITE].number);
    return PP_OK;
}

/* `v` of 255. */
static double level_of(const struct pp_value *args, double v)
{
    double black = args[BLACK].number, white = args[WHITE].number,
           exponent = 1 / args[GAMMA].number;
    double from = args[OUT_BLACK].number, to = args[OUT_WHITE].number;

    if (v <= black)
        return from;
    if (v >= white)
        return to;
    double part = (v - black) / (white - black);
    return from + (to - from) * (exponent == 1 ? part : pp_pow(part, exponent));
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    enum pp_status status = pp_table_init(state, in, 1, err);
    uint32_t max = pp_sample_max(in->depth);
    double unit = max / 255; /* of 255: 1 or 257 */

    (void)out;
    if (status == PP_OK)
        for (uint32_t i = 0; i <= max; i++)
            pp_table_set(state, 0, i, level_of(args, i / unit) * unit);
    return status;
}

const struct pp_filter pp_filter_levels = {
    .name = "levels",
    .summary = "set what becomes black and white, and the tones between",
    .source = "out = out_black + (out_white - out_black) x ((in - black) / (white - black))^(1 / "
              "gamma), the fraction kept within 0 and 1, on encoded values: the levels of image "
              "editors, -level and +level of ImageMagick.",
    .params = params,
    .state_size = sizeof(struct pp_table),
    .check = check,
    .prepare = prepare,
    .release = pp_table_release,
    .is_identity = pp_table_is_identity,
    .table = pp_table_entries,
    .render = pp_table_render,
};
