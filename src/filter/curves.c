#include <stdio.h>
#include <string.h>

#include "filter/argument.h"
#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/spline.h"
#include "filter/table.h"

enum { POINTS, RED, GREEN, BLUE, CURVES };

#define STRAIGHT "0/0+255/255"

static const struct pp_param params[] = {
    [POINTS] = {.name = "points",
                .type = PP_PARAM_TEXT,
                .summary = "points IN/OUT of 255 from left to right, with + or blanks between, as "
                           "0/0+64/50+192/210+255/255",
                .default_text = STRAIGHT},
    [RED] = {.name = "red",
             .type = PP_PARAM_TEXT,
             .summary = "points of a curve for red alone, which comes before that for all",
             .default_text = STRAIGHT},
    [GREEN] = {.name = "green",
               .type = PP_PARAM_TEXT,
               .summary = "the same for green",
               .default_text = STRAIGHT},
    [BLUE] = {.name = "blue",
              .type = PP_PARAM_TEXT,
              .summary = "the same for blue",
              .default_text = STRAIGHT},
    {.name = NULL},
};

/* "IN/OUT", `length` bytes of it. */
static bool parse_point(const char *text, size_t length, double point[2])
{
    char copy[48] = "";
    char *slash;

    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    slash = strchr(copy, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return pp_number_parse(copy, &point[0]) && pp_number_parse(slash + 1, &point[1]) &&
           point[0] >= 0 && point[0] <= 255 && point[1] >= 0 && point[1] <= 255;
}

static enum pp_status refuse(const char *param, const char *why, struct pp_error *err)
{
    return pp_error_set(err, PP_E_USAGE, "filter \"curves\": parameter \"%s\": %s", param, why);
}

static enum pp_status add_point(struct pp_spline *spline, const char *param, const char *text,
                                size_t length, struct pp_error *err)
{
    char why[128];
    double point[2];

    if (!parse_point(text, length, point)) {
        snprintf(why, sizeof why, "\"%.*s\" is no point IN/OUT with numbers of 0 to 255",
                 length < 48 ? (int)length : 48, text);
        return refuse(param, why, err);
    }
    if (spline->count == PP_SPLINE_POINTS_MAX)
        return refuse(param, "more than 32 points", err);
    if (spline->count > 0 && point[0] <= spline->x[spline->count - 1]) {
        snprintf(why, sizeof why, "\"%.*s\" is not to the right of the point before it",
                 (int)length, text);
        return refuse(param, why, err);
    }
    spline->x[spline->count] = point[0];
    spline->y[spline->count++] = point[1];
    return PP_OK;
}

static enum pp_status parse_curve(struct pp_spline *spline, const char *param, const char *text,
                                  struct pp_error *err)
{
    static const char between[] = "+ \t\n";
    enum pp_status status = PP_OK;

    spline->count = 0;
    for (text += strspn(text, between); *text && status == PP_OK; text += strspn(text, between)) {
        size_t length = strcspn(text, between);
        status = add_point(spline, param, text, length, err);
        text += length;
    }
    if (status == PP_OK && spline->count < 2)
        status = refuse(param, "a curve has two points at least", err);
    if (status == PP_OK)
        pp_spline_set(spline);
    return status;
}

static enum pp_status parse_curves(struct pp_spline curves[CURVES], const struct pp_value *args,
                                   struct pp_error *err)
{
    enum pp_status status = PP_OK;

    for (unsigned i = 0; i < CURVES && status == PP_OK; i++)
        status =
            parse_curve(&curves[i], params[i].name, args[i].given ? args[i].text : STRAIGHT, err);
    return status;
}

static enum pp_status check(const struct pp_value *args, struct pp_error *err)
{
    struct pp_spline curves[CURVES];

    return parse_curves(curves, args, err);
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    bool apart = in->channels > 2 && (args[RED].given || args[GREEN].given || args[BLUE].given);
    struct pp_spline curves[CURVES];
    uint32_t max = pp_sample_max(in->depth);
    double unit = max / 255; /* of 255: 1 or 257 */
    enum pp_status status = parse_curves(curves, args, err);

    (void)out;
    if (status == PP_OK)
        status = pp_table_init(state, in, apart ? 3 : 1, err);
    for (unsigned which = 0; status == PP_OK && which < (apart ? 3 : 1); which++)
        for (uint32_t i = 0; i <= max; i++) {
            double v = apart ? pp_spline_at(&curves[RED + which], i / unit) : i / unit;
            pp_table_set(state, which, i, pp_spline_at(&curves[POINTS], v) * unit);
        }
    return status;
}

const struct pp_filter pp_filter_curves = {
    .name = "curves",
    .summary = "bend tones along a curve through points",
    .source = "Monotone piecewise cubic interpolation (F. N. Fritsch and R. E. Carlson, SIAM J. "
              "Numer. Anal. 17(2), 1980) with the slopes of Fritsch and Butland (1984), known as "
              "pchip, on encoded values; level before the first point and behind the last. A "
              "channel goes through its own curve, then through that for all; gray through the "
              "latter alone.",
    .example = "curves=0/0+64/50+192/210+255/255",
    .params = params,
    .state_size = sizeof(struct pp_table),
    .check = check,
    .prepare = prepare,
    .release = pp_table_release,
    .is_identity = pp_table_is_identity,
    .table = pp_table_entries,
    .render = pp_table_render,
};
