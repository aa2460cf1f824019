#include <math.h>

#include "filter/filter.h"
#include "filter/gravity.h"
#include "filter/registry.h"
#include "filter/samples.h"

enum { SIZE, X, Y, GRAVITY };

static const char *const words[] = {"center", NULL};

static const struct pp_param params[] = {
    [SIZE] = {.name = "size",
              .type = PP_PARAM_SIZE,
              .summary = "what to keep, pixels or percent; a side left out is the picture's",
              .min = 1,
              .max = 1000000,
              .required = true},
    [X] = {.name = "x",
           .type = PP_PARAM_INTEGER,
           .summary = "pixels from the picture's left edge to the window's",
           .min = -1000000,
           .max = 1000000,
           .choices = words,
           .default_text = "center"},
    [Y] = {.name = "y",
           .type = PP_PARAM_INTEGER,
           .summary = "pixels from the picture's top edge to the window's",
           .min = -1000000,
           .max = 1000000,
           .choices = words,
           .default_text = "center"},
    [GRAVITY] = {.name = "gravity",
                 .type = PP_PARAM_CHOICE,
                 .summary = "where the window lies in the picture unless x or y says so",
                 .choices = pp_gravity_words,
                 .default_text = "center"},
    {.name = NULL},
};

struct crop {
    bool whole; /* the window is all of the picture */
    struct pp_placement window;
    size_t offset, bytes; /* of the window within an input row, and of its width */
};

/* One direction: the window as asked for, and what of it is picture. */
struct span {
    int64_t start, length;
    uint32_t first, count; /* count 0: nothing */
};

/* One direction of what was asked for. */
struct request {
    const struct pp_value *size, *start;
    double length;
    int64_t (*place)(int gravity, int64_t room);
    int gravity;
};

static struct span clipped(uint32_t side, const struct request *request)
{
    const struct pp_value *size = request->size, *start = request->start;
    const double length = request->length;
    int gravity = start->given ? PP_GRAVITY_CENTER : request->gravity;
    struct span span = {.length = length > 0 ? (int64_t)length : (int64_t)side};
    int64_t first, last;

    if (size->percent) {
        span.length = llround(side * length / 100);
        span.length = span.length < 1 ? 1 : span.length;
    }
    span.start = start->choice >= 0 ? request->place(gravity, (int64_t)side - span.length)
                                    : (int64_t)start->number;
    first = span.start < 0 ? 0 : span.start;
    last = span.start + span.length < side ? span.start + span.length : side;
    span.first = (uint32_t)first;
    span.count = last > first ? (uint32_t)(last - first) : 0;
    return span;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct crop *crop = state;
    const int gravity = args[GRAVITY].choice;
    const struct request across = {&args[SIZE], &args[X], args[SIZE].width, pp_gravity_x, gravity};
    const struct request down = {&args[SIZE], &args[Y], args[SIZE].height, pp_gravity_y, gravity};
    struct span x = clipped(in->width, &across), y = clipped(in->height, &down);
    size_t pixel = in->channels * in->depth / 8u;

    if (x.count == 0 || y.count == 0)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"crop\": %lldx%lld at %lld,%lld lies outside the %ux%u "
                            "picture",
                            (long long)x.length, (long long)y.length, (long long)x.start,
                            (long long)y.start, in->width, in->height);
    crop->whole = x.count == in->width && y.count == in->height;
    crop->window = (struct pp_placement){x.first, y.first, x.count, y.count, PP_MOVE_NONE};
    crop->offset = x.first * pixel;
    crop->bytes = x.count * pixel;
    out->width = x.count;
    out->height = y.count;
    return PP_OK;
}

static void place(const void *state, struct pp_placement *placement)
{
    *placement = ((const struct crop *)state)->window;
}

static bool is_identity(const void *state)
{
    return ((const struct crop *)state)->whole;
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    const struct crop *crop = state;

    *in_first = first + crop->window.y;
    *in_last = last + crop->window.y;
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct crop *crop = state;

    (void)scratch;
    for (uint32_t y = out->first; y < out->first + out->count; y++)
        memcpy(pp_band_row(out, y), pp_band_row(in, y + crop->window.y) + crop->offset,
               crop->bytes);
}

const struct pp_filter pp_filter_crop = {
    .name = "crop",
    .summary = "keep a window of the picture",
    .source = "The window is clipped to the picture; centred it lies at (side - length) / 2, "
              "rounded towards the top left; percentages round to the nearest pixel.",
    .params = params,
    .state_size = sizeof(struct crop),
    .moves_pixels = true,
    .prepare = prepare,
    .place = place,
    .is_identity = is_identity,
    .rows_needed = rows_needed,
    .render = render,
};
