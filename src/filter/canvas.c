#include "filter/canvas.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "filter/samples.h"

#define SIDE_MAX 1000000 /* pixels, unless the picture has more */

static int64_t wanted(uint32_t side, const struct pp_value *size, double length)
{
    int64_t pixels = length > 0 ? (int64_t)length : (int64_t)side;

    if (size->percent)
        pixels = llround(side * length / 100);
    return pixels < 1 ? 1 : pixels;
}

void pp_canvas_size(const struct pp_value *size, const struct pp_geometry *in,
                    struct pp_canvas_request *request)
{
    request->width = wanted(in->width, size, size->width);
    request->height = wanted(in->height, size, size->height);
}

static bool is_too_long(int64_t length, uint32_t side)
{
    return length > SIDE_MAX && length > side;
}

/* Whether the picture leaves nothing of the canvas uncovered. */
static bool is_covered(const struct pp_canvas *canvas)
{
    return canvas->x <= 0 && canvas->x + canvas->in.width >= canvas->out.width && canvas->y <= 0 &&
           canvas->y + canvas->in.height >= canvas->out.height;
}

static enum pp_status make_blank(struct pp_canvas *canvas, const struct pp_color *background,
                                 struct pp_error *err)
{
    const struct pp_geometry *out = &canvas->out;
    uint32_t samples[4] = {0};
    void *blank = NULL;
    enum pp_status status =
        pp_memory_new(&blank, 1, pp_geometry_row_bytes(out), "a row of background", err);

    canvas->blank = blank;
    if (status != PP_OK)
        return status;
    pp_color_samples(background, out, samples);
    for (size_t x = 0; x < out->width; x++)
        for (unsigned c = 0; c < out->channels; c++)
            pp_sample_set(canvas->blank, x * out->channels + c, out->depth, samples[c]);
    return PP_OK;
}

enum pp_status pp_canvas_init(struct pp_canvas *canvas, const struct pp_geometry *in,
                              const struct pp_canvas_request *request, struct pp_geometry *out,
                              struct pp_error *err)
{
    if (is_too_long(request->width, in->width) || is_too_long(request->height, in->height))
        return pp_error_set(err, PP_E_LIMIT,
                            "filter \"%s\": %ux%u would become %lldx%lld, a side may grow to %d "
                            "at most",
                            request->filter, in->width, in->height, (long long)request->width,
                            (long long)request->height, SIDE_MAX);
    *canvas = (struct pp_canvas){.in = *in, .x = request->x, .y = request->y};
    out->width = (uint32_t)request->width;
    out->height = (uint32_t)request->height;
    canvas->out = *out;
    if (is_covered(canvas))
        return PP_OK;
    if (request->background->alpha != UINT16_MAX && !pp_geometry_has_alpha(in))
        out->channels++;
    canvas->out = *out;
    return make_blank(canvas, request->background, err);
}

void pp_canvas_release(void *state)
{
    struct pp_canvas *canvas = state;

    free(canvas->blank);
    canvas->blank = NULL;
}

bool pp_canvas_is_identity(const void *state)
{
    const struct pp_canvas *canvas = state;

    return canvas->in.width == canvas->out.width && canvas->in.height == canvas->out.height &&
           canvas->x == 0 && canvas->y == 0;
}

static int64_t within(int64_t v, int64_t least, int64_t most)
{
    return v < least ? least : v > most ? most : v;
}

/* Never none: rows of background are said to need the row next to them. */
void pp_canvas_rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                           uint32_t *in_last)
{
    const struct pp_canvas *canvas = state;
    const int64_t height = canvas->in.height;

    *in_first = (uint32_t)within(first - canvas->y, 0, height - 1);
    *in_last = (uint32_t)within(last - canvas->y, *in_first + INT64_C(1), height);
}

PP_INLINE void add_alpha(uint8_t *restrict out, const uint8_t *restrict in, size_t width,
                         unsigned channels, unsigned depth)
{
    for (size_t x = 0; x < width; x++) {
        for (unsigned c = 0; c < channels; c++)
            pp_sample_set(out, x * (channels + 1) + c, depth,
                          pp_sample(in, x * channels + c, depth));
        pp_sample_set(out, x * (channels + 1) + channels, depth, pp_sample_max(depth));
    }
}

/* `width` pixels of picture. */
PP_HOT static void copy_pixels(const struct pp_canvas *canvas, uint8_t *restrict out,
                               const uint8_t *restrict in, size_t width)
{
    const bool eight = canvas->in.depth == 8;

    if (canvas->in.channels == canvas->out.channels)
        memcpy(out, in, width * canvas->in.channels * canvas->in.depth / 8);
    else if (canvas->in.channels == 1)
        eight ? add_alpha(out, in, width, 1, 8) : add_alpha(out, in, width, 1, 16);
    else
        eight ? add_alpha(out, in, width, 3, 8) : add_alpha(out, in, width, 3, 16);
}

static void lay_row(const struct pp_canvas *canvas, const uint8_t *in, uint8_t *out)
{
    const size_t from = canvas->in.channels * canvas->in.depth / 8u;
    const size_t to = canvas->out.channels * canvas->out.depth / 8u;
    const size_t width = canvas->out.width;
    const size_t left = canvas->x > 0 ? (size_t)canvas->x : 0;
    const size_t skipped = canvas->x < 0 ? (size_t)-canvas->x : 0;
    size_t count = canvas->in.width - skipped;

    count = count < width - left ? count : width - left;
    if (left > 0)
        memcpy(out, canvas->blank, left * to);
    copy_pixels(canvas, out + left * to, in + skipped * from, count);
    if (left + count < width)
        memcpy(out + (left + count) * to, canvas->blank, (width - left - count) * to);
}

void pp_canvas_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                      void *scratch)
{
    const struct pp_canvas *canvas = state;
    const size_t bytes = pp_geometry_row_bytes(&canvas->out);

    (void)scratch;
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        int64_t from = y - canvas->y;

        if (from < 0 || from >= canvas->in.height)
            memcpy(pp_band_row(out, y), canvas->blank, bytes);
        else
            lay_row(canvas, pp_band_row(in, (uint32_t)from), pp_band_row(out, y));
    }
}
