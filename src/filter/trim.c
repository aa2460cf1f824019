/*
 * The window is found on a first way through the picture and cut out on a second: no row is kept
 * meanwhile. A row is looked through from either end only as far as it could widen the window.
 */
#include <math.h>
#include <stdlib.h>

#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

enum { TOLERANCE, BACKGROUND };

static const char *const words[] = {"auto", NULL};

static const struct pp_param params[] = {
    [TOLERANCE] = {.name = "tolerance",
                   .type = PP_PARAM_NUMBER,
                   .summary = "how far any sample may be from the background's, percent of the "
                              "largest sample",
                   .min = 0,
                   .max = 100,
                   .fallback = 4,
                   .default_text = "4"},
    [BACKGROUND] = {.name = "background",
                    .type = PP_PARAM_COLOR,
                    .summary = "what is cut off; auto: the top left pixel's colour",
                    .choices = words,
                    .default_text = "auto"},
    {.name = NULL},
};

struct trim {
    struct pp_geometry in;
    struct pp_placement window; /* what is kept; all of the picture until it is settled */
    uint32_t background[4];     /* samples */
    bool known;                 /* background is */
    bool settled;               /* window is */
    uint32_t tolerance;         /* samples */
    /* found so far: [left, right) and [top, bottom) hold all that is not background */
    uint32_t left, right, top, bottom;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct trim *trim = state;

    (void)out;
    (void)err;
    trim->in = *in;
    trim->window = pp_placement_whole(in->width, in->height);
    trim->known = args[BACKGROUND].choice < 0;
    if (trim->known)
        pp_color_samples(&args[BACKGROUND].color, in, trim->background);
    trim->tolerance = (uint32_t)floor(args[TOLERANCE].number / 100 * pp_sample_max(in->depth));
    trim->left = in->width;
    trim->top = in->height;
    return PP_OK;
}

/* ---- the first way through ----------------------------------------------------------------- */

PP_INLINE bool is_far(const struct trim *trim, uint32_t sample, unsigned channel)
{
    const uint32_t other = trim->background[channel];

    return (sample > other ? sample - other : other - sample) > trim->tolerance;
}

/* Whether pixel `x` is none of the background. Where both are transparent there is no colour. */
PP_INLINE bool stands_out(const struct trim *trim, const uint8_t *row, size_t x, unsigned channels,
                          unsigned depth)
{
    bool far = false;

    for (unsigned c = 0; c < channels; c++)
        far |= is_far(trim, pp_sample(row, x * channels + c, depth), c);
    if (far && channels % 2 == 0 && trim->background[channels - 1] == 0)
        return pp_sample(row, x * channels + channels - 1, depth) != 0;
    return far;
}

/* Columns of a row. */
struct stretch {
    uint32_t first, last;
};

/* The first column of the stretch that stands out, or the last that does with `back`; its end when
 * there is none. */
PP_INLINE uint32_t search(const struct trim *trim, const uint8_t *row, struct stretch stretch,
                          bool back, unsigned layout)
{
    const unsigned channels = layout / 100, depth = layout % 100;
    const uint32_t count = stretch.last - stretch.first;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t x = back ? stretch.last - 1 - i : stretch.first + i;
        if (stands_out(trim, row, x, channels, depth))
            return x;
    }
    return stretch.last;
}

PP_HOT static uint32_t search_any(const struct trim *trim, const uint8_t *row,
                                  struct stretch stretch, bool back)
{
    switch (100 * trim->in.channels + trim->in.depth) {
    case 108:
        return search(trim, row, stretch, back, 108);
    case 208:
        return search(trim, row, stretch, back, 208);
    case 308:
        return search(trim, row, stretch, back, 308);
    case 408:
        return search(trim, row, stretch, back, 408);
    case 116:
        return search(trim, row, stretch, back, 116);
    case 216:
        return search(trim, row, stretch, back, 216);
    case 316:
        return search(trim, row, stretch, back, 316);
    default:
        return search(trim, row, stretch, back, 416);
    }
}

static void observe_row(struct trim *trim, const uint8_t *row, uint32_t y)
{
    const uint32_t width = trim->in.width;
    uint32_t first = search_any(trim, row, (struct stretch){0, width}, false), last;

    if (first == width)
        return;
    trim->top = y < trim->top ? y : trim->top;
    trim->bottom = y + 1;
    trim->left = first < trim->left ? first : trim->left;
    last = trim->right > first ? trim->right : first;
    last = search_any(trim, row, (struct stretch){last, width}, true);
    if (last < width)
        trim->right = last + 1;
}

static void observe(void *state, const struct pp_band *in)
{
    struct trim *trim = state;
    const uint8_t *corner = pp_band_row(in, in->first);

    for (unsigned c = 0; !trim->known && c < trim->in.channels; c++)
        trim->background[c] = pp_sample(corner, c, trim->in.depth);
    trim->known = true;
    for (uint32_t y = in->first; y < in->first + in->count; y++)
        observe_row(trim, pp_band_row(in, y), y);
}

/* A picture that is all background stays as it is. */
static void conclude(void *state)
{
    struct trim *trim = state;

    if (trim->top < trim->bottom)
        trim->window = (struct pp_placement){trim->left, trim->top, trim->right - trim->left,
                                             trim->bottom - trim->top, PP_MOVE_NONE};
}

/* ---- the second ---------------------------------------------------------------------------- */

static void settle(void *state, const struct pp_placement *found, struct pp_geometry *out)
{
    struct trim *trim = state;

    trim->window = *found;
    trim->settled = true;
    out->width = found->width;
    out->height = found->height;
}

static void place(const void *state, struct pp_placement *placement)
{
    *placement = ((const struct trim *)state)->window;
}

static bool is_identity(const void *state)
{
    const struct trim *trim = state;

    return trim->settled && trim->window.width == trim->in.width &&
           trim->window.height == trim->in.height;
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    const struct trim *trim = state;

    *in_first = first + trim->window.y;
    *in_last = last + trim->window.y;
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct trim *trim = state;
    const size_t pixel = trim->in.channels * trim->in.depth / 8u;

    (void)scratch;
    for (uint32_t y = out->first; y < out->first + out->count; y++)
        memcpy(pp_band_row(out, y), pp_band_row(in, y + trim->window.y) + trim->window.x * pixel,
               trim->window.width * pixel);
}

const struct pp_filter pp_filter_trim = {
    .name = "trim",
    .summary = "cut off edges of one colour",
    .source =
        "The smallest window outside of which every sample, alpha too, is within the "
        "tolerance of the background's (ImageMagick's -trim with -fuzz, but by sample instead "
        "of distance); pixels that are transparent as the background is have no colour. A "
        "picture that is all background stays as it is.",
    .params = params,
    .state_size = sizeof(struct trim),
    .moves_pixels = true,
    .prepare = prepare,
    .settle = settle,
    .place = place,
    .is_identity = is_identity,
    .rows_needed = rows_needed,
    .observe = observe,
    .conclude = conclude,
    .render = render,
};
