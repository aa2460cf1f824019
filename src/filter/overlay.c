#include <math.h>

#include "base/memory.h"
#include "filter/composite.h"
#include "filter/filter.h"
#include "filter/fit.h"
#include "filter/registry.h"
#include "filter/rescale.h"
#include "filter/samples.h"

enum { FILE_NAME, GRAVITY, X, Y, OPACITY, SCALE, TILE };

/* Row by row, so that a place's index says where it is: % 3 across, / 3 down. */
static const char *const places[] = {"northwest", "north",     "northeast", "west",      "center",
                                     "east",      "southwest", "south",     "southeast", NULL};

static const struct pp_param params[] = {
    [FILE_NAME] = {.name = "file",
                   .type = PP_PARAM_PICTURE,
                   .summary = "the picture to lay over, as a viewer shows it",
                   .required = true},
    [GRAVITY] = {.name = "gravity",
                 .type = PP_PARAM_CHOICE,
                 .summary = "the corner or edge it lies at",
                 .choices = places,
                 .default_text = "northwest"},
    [X] = {.name = "x",
           .type = PP_PARAM_INTEGER,
           .summary = "pixels inwards from the left or right edge; to the right from the middle",
           .min = -1000000,
           .max = 1000000,
           .fallback = 0,
           .default_text = "0"},
    [Y] = {.name = "y",
           .type = PP_PARAM_INTEGER,
           .summary = "pixels inwards from the top or bottom edge; down from the middle",
           .min = -1000000,
           .max = 1000000,
           .fallback = 0,
           .default_text = "0"},
    [OPACITY] = {.name = "opacity",
                 .type = PP_PARAM_NUMBER,
                 .summary = "what its alpha is multiplied by",
                 .min = 0,
                 .max = 1,
                 .fallback = 1,
                 .default_text = "1"},
    [SCALE] = {.name = "scale",
               .type = PP_PARAM_SIZE,
               .summary = "its size in pixels, its shape kept, or its width in percent of the "
                          "picture's",
               .min = 1,
               .max = 1000000,
               .default_text = "as it is"},
    [TILE] = {.name = "tile",
              .type = PP_PARAM_SWITCH,
              .summary = "whether it is repeated all over the picture from its place on",
              .fallback = 0,
              .default_text = "0"},
    {.name = NULL},
};

struct overlay {
    struct pp_geometry picture;
    const struct pp_raster *source;
    struct pp_geometry stamp; /* what is laid over: the source, resized */
    int64_t x, y;             /* of its top left corner, in the picture */
    bool tiled, rescaled, invisible;
    size_t stamp_stride; /* of its rows in scratch memory, once rescaled */
    struct pp_composite composite;
    struct pp_rescale rescale; /* owned */
};

/* A place at the near end, in the middle or at the far end of a side. */
static int64_t start_of(unsigned place, uint32_t side, uint32_t length, double offset)
{
    const int64_t room = (int64_t)side - length, inwards = (int64_t)offset;

    if (place == 1)
        return room / 2 + inwards;
    return place == 0 ? inwards : room - inwards;
}

static bool misses(int64_t start, uint32_t length, uint32_t side)
{
    return start >= side || start + length <= 0;
}

/* The stamp's size, and how the source is brought to it. */
static enum pp_status prepare_stamp(struct overlay *overlay, const struct pp_value *scale,
                                    const char *name, struct pp_error *err)
{
    const struct pp_geometry *source = &overlay->source->geometry;
    struct pp_value size = *scale;
    struct pp_axis axes[2];

    overlay->stamp = *source;
    if (!scale->given)
        return PP_OK;
    if (scale->percent)
        size = (struct pp_value){
            .width = fmax(1, floor(overlay->picture.width * scale->width / 100 + 0.5))};
    const struct pp_fit_request request = {&size, PP_FIT_INSIDE, true};
    if (pp_fit(&request, source, axes, NULL) != PP_OK)
        return pp_error_set(err, PP_E_LIMIT,
                            "filter \"overlay\": resized to its scale, \"%.48s\" would have more "
                            "than 1,000,000 pixels a side",
                            name);
    overlay->stamp.width = axes[0].out;
    overlay->stamp.height = axes[1].out;
    overlay->rescaled = axes[0].out != source->width || axes[1].out != source->height;
    if (!overlay->rescaled)
        return PP_OK;
    overlay->stamp_stride = pp_size_aligned(pp_geometry_row_bytes(&overlay->stamp));
    return pp_rescale_init(&overlay->rescale, source, &overlay->stamp, axes, PP_KERNEL_LANCZOS3,
                           err);
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct overlay *overlay = state;
    const unsigned place = (unsigned)args[GRAVITY].choice;

    (void)out;
    overlay->picture = *in;
    overlay->source = args[FILE_NAME].picture;
    if (!overlay->source)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"overlay\": \"%.48s\" was not loaded: pp_chain_load() does",
                            args[FILE_NAME].text);
    enum pp_status status = prepare_stamp(overlay, &args[SCALE], args[FILE_NAME].text, err);
    if (status != PP_OK)
        return status;
    overlay->x = start_of(place % 3, in->width, overlay->stamp.width, args[X].number);
    overlay->y = start_of(place / 3, in->height, overlay->stamp.height, args[Y].number);
    overlay->tiled = args[TILE].number != 0;
    overlay->invisible = args[OPACITY].number == 0;
    if (!overlay->tiled)
        overlay->invisible |= misses(overlay->x, overlay->stamp.width, in->width) ||
                              misses(overlay->y, overlay->stamp.height, in->height);
    pp_composite_init(&overlay->composite, &overlay->stamp, in, args[OPACITY].number);
    return PP_OK;
}

static void release(void *state)
{
    pp_rescale_release(&((struct overlay *)state)->rescale);
}

static bool is_identity(const void *state)
{
    return ((const struct overlay *)state)->invisible;
}

/* The same rows; but whole bands, so that resized rows have their input in common. */
static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    (void)state;
    *in_first = first;
    *in_last = last;
}

/* In this order: the stamp's rows of a band, what resizing wants, what compositing wants. */
struct workshop {
    size_t rows, rescaling, compositing; /* bytes */
};

static struct workshop workshop_for(const struct overlay *overlay, uint32_t rows)
{
    struct workshop shop = {.compositing = pp_composite_scratch(&overlay->composite)};

    if (!overlay->rescaled)
        return shop;
    rows = rows < overlay->stamp.height ? rows : overlay->stamp.height;
    shop.rows = rows * overlay->stamp_stride;
    shop.rescaling = pp_size_aligned(pp_rescale_scratch(&overlay->rescale));
    return shop;
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    struct workshop shop = workshop_for(state, rows);

    return shop.rows + shop.rescaling + shop.compositing;
}

/* Rows [first, first + count) of the stamp. */
static struct pp_band stamp_rows(const struct overlay *overlay, uint32_t first, uint32_t count,
                                 const struct workshop *shop, uint8_t *scratch)
{
    const struct pp_raster *source = overlay->source;
    const struct pp_band all = {.rows = (uint8_t *)(uintptr_t)source->rows,
                                .stride = source->stride,
                                .count = source->geometry.height};
    const struct pp_band rows = {
        .rows = scratch, .stride = overlay->stamp_stride, .first = first, .count = count};

    if (!overlay->rescaled)
        return all;
    pp_rescale_rows(&overlay->rescale, &all, &rows, scratch + shop->rows);
    return rows;
}

/* The stamp's row, as adapted in `scratch`, over one of the picture at `x`; what sticks out is left
 * away. */
static void lay(const struct overlay *overlay, const void *scratch, uint8_t *row, int64_t x)
{
    const struct pp_composite *composite = &overlay->composite;
    const int64_t end = x + overlay->stamp.width, width = overlay->picture.width;
    const size_t skipped = x < 0 ? (size_t)-x : 0, at = x < 0 ? 0 : (size_t)x;
    const size_t last = (size_t)(end < width ? end : width);

    pp_composite_lay(composite, scratch, skipped,
                     row + at * composite->under_channels * composite->under_depth / 8, last - at);
}

/* a - b floor(a / b) */
static int64_t remainder_of(int64_t a, int64_t b)
{
    return (a % b + b) % b;
}

static void lay_across(const struct overlay *overlay, const uint8_t *stamp, uint8_t *row,
                       void *scratch)
{
    const int64_t length = overlay->stamp.width;
    int64_t x = overlay->x;

    pp_composite_adapt(&overlay->composite, stamp, scratch);
    if (!overlay->tiled) {
        lay(overlay, scratch, row, x);
        return;
    }
    x = remainder_of(x, length);
    for (x -= x > 0 ? length : 0; x < overlay->picture.width; x += length)
        lay(overlay, scratch, row, x);
}

/* Rows [first, last) of the picture, which the stamp's from `from` on lie over. */
static void lay_rows(const struct overlay *overlay, const struct pp_band *out, uint32_t first,
                     uint32_t last, uint32_t from, uint8_t *scratch)
{
    const struct workshop shop = workshop_for(overlay, last - first);
    const struct pp_band stamp = stamp_rows(overlay, from, last - first, &shop, scratch);

    for (uint32_t y = first; y < last; y++)
        lay_across(overlay, pp_band_row(&stamp, from + y - first), pp_band_row(out, y),
                   scratch + shop.rows + shop.rescaling);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct overlay *overlay = state;
    const int64_t height = overlay->stamp.height, end = (int64_t)out->first + out->count;
    int64_t top = overlay->y;

    pp_copy_rows(in, out, pp_geometry_row_bytes(&overlay->picture));
    if (overlay->tiled)
        top = out->first - remainder_of(out->first - top, height);
    do {
        const int64_t first = top > out->first ? top : out->first;
        const int64_t last = top + height < end ? top + height : end;
        if (first < last && !overlay->invisible)
            lay_rows(overlay, out, (uint32_t)first, (uint32_t)last, (uint32_t)(first - top),
                     scratch);
        top += height;
    } while (overlay->tiled && top < end);
}

const struct pp_filter pp_filter_overlay = {
    .name = "overlay",
    .summary = "lay another picture over it, as a watermark",
    .source = "T. Porter and T. Duff 1984, \"over\", on straight alpha and encoded values: alpha = "
              "a + b (1 - a), colour = (c_a a + c_b b (1 - a)) / alpha, a times the opacity; what "
              "sticks out is cut off. A gray picture stays gray: it gets rec.601 luma. Resized as "
              "by resize with lanczos3. Where it lies is as ImageMagick's -gravity and -geometry, "
              "from the top left as ffmpeg's overlay.",
    .params = params,
    .state_size = sizeof(struct overlay),
    .prepare = prepare,
    .release = release,
    .is_identity = is_identity,
    .rows_needed = rows_needed,
    .scratch_size = scratch_size,
    .render = render,
};
