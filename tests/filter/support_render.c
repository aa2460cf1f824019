#include "support_render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define GUARD 0xA5

struct pp_picture pp_picture_new(struct pp_geometry geometry)
{
    struct pp_picture picture = {.geometry = geometry};

    picture.stride = pp_size_aligned(pp_geometry_row_bytes(&geometry) + 1);
    picture.data = aligned_alloc(PP_ALIGNMENT, picture.stride * geometry.height);
    assert_non_null(picture.data);
    memset(picture.data, GUARD, picture.stride * geometry.height);
    return picture;
}

void pp_picture_free(struct pp_picture *picture)
{
    free(picture->data);
    picture->data = NULL;
}

unsigned pp_picture_max(const struct pp_picture *picture)
{
    return picture->geometry.depth == 8 ? 255 : 65535;
}

static uint8_t *sample_at(const struct pp_picture *picture, uint32_t x, uint32_t y,
                          unsigned channel)
{
    const struct pp_geometry *geometry = &picture->geometry;

    assert_true(x < geometry->width && y < geometry->height && channel < geometry->channels);
    return picture->data + y * picture->stride +
           ((size_t)x * geometry->channels + channel) * (geometry->depth / 8u);
}

unsigned pp_picture_get(const struct pp_picture *picture, uint32_t x, uint32_t y, unsigned channel)
{
    const uint8_t *at = sample_at(picture, x, y, channel);
    uint16_t wide;

    if (picture->geometry.depth == 8)
        return *at;
    memcpy(&wide, at, sizeof wide);
    return wide;
}

void pp_picture_set(struct pp_picture *picture, uint32_t x, uint32_t y, unsigned channel,
                    unsigned value)
{
    uint8_t *at = sample_at(picture, x, y, channel);
    uint16_t wide = (uint16_t)value;

    if (picture->geometry.depth == 8)
        *at = (uint8_t)value;
    else
        memcpy(at, &wide, sizeof wide);
}

/* Knuth's MMIX generator; the upper bits are good enough to fill pictures. */
static unsigned next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 40);
}

void pp_picture_fill(struct pp_picture *picture, enum pp_fill fill)
{
    const struct pp_geometry *geometry = &picture->geometry;
    unsigned max = pp_picture_max(picture);
    uint64_t seed = geometry->width * 31 + geometry->height * 7 + geometry->channels;

    for (uint32_t y = 0; y < geometry->height; y++)
        for (uint32_t x = 0; x < geometry->width; x++)
            for (unsigned c = 0; c < geometry->channels; c++) {
                unsigned random = next_random(&seed) & max;
                unsigned value = fill == PP_FILL_ZERO ? 0 : fill == PP_FILL_MAX ? max : random;
                pp_picture_set(picture, x, y, c, value);
            }
}

struct pp_picture pp_picture_random(uint32_t width, uint32_t height, unsigned channels,
                                    unsigned depth)
{
    struct pp_picture picture =
        pp_picture_new((struct pp_geometry){width, height, (uint8_t)channels, (uint8_t)depth, 1});

    pp_picture_fill(&picture, PP_FILL_RANDOM);
    return picture;
}

bool pp_picture_equal(const struct pp_picture *a, const struct pp_picture *b)
{
    size_t bytes = pp_geometry_row_bytes(&a->geometry);

    if (a->geometry.width != b->geometry.width || a->geometry.height != b->geometry.height ||
        a->geometry.channels != b->geometry.channels || a->geometry.depth != b->geometry.depth)
        return false;
    for (uint32_t y = 0; y < a->geometry.height; y++)
        if (memcmp(a->data + y * a->stride, b->data + y * b->stride, bytes) != 0)
            return false;
    return true;
}

static void assert_padding_untouched(const struct pp_band *band, size_t row_bytes)
{
    for (uint32_t y = 0; y < band->count; y++)
        for (size_t i = row_bytes; i < band->stride; i++)
            assert_int_equal(band->rows[y * band->stride + i], GUARD);
}

/* Rows of a picture as a band in a block of its own, without the last row's padding. */
static struct pp_band cut_band(const struct pp_picture *picture, uint32_t first, uint32_t last)
{
    size_t row_bytes = pp_geometry_row_bytes(&picture->geometry);
    struct pp_band band = {.stride = picture->stride, .first = first, .count = last - first};

    assert_true(first < last && last <= picture->geometry.height);
    band.rows = malloc(band.stride * band.count);
    assert_non_null(band.rows);
    memset(band.rows, GUARD, band.stride * band.count);
    for (uint32_t y = first; y < last; y++)
        memcpy(pp_band_row(&band, y), picture->data + y * picture->stride, row_bytes);
    return band;
}

/* One filter at work on one picture. */
struct run {
    const struct pp_filter *filter;
    void *state;
    const struct pp_picture *in;
    struct pp_picture out;
    uint32_t reached; /* the first row the last band needed */
};

static void render_band(struct run *run, uint32_t first, uint32_t last)
{
    size_t row_bytes = pp_geometry_row_bytes(&run->out.geometry);
    uint32_t in_first = first, in_last = last;
    struct pp_band in, out = cut_band(&run->out, first, last);
    size_t wanted =
        run->filter->scratch_size ? run->filter->scratch_size(run->state, last - first) : 0;
    void *scratch = wanted ? aligned_alloc(PP_ALIGNMENT, pp_size_aligned(wanted)) : NULL;

    if (run->filter->rows_needed)
        run->filter->rows_needed(run->state, first, last, &in_first, &in_last);
    assert_true(in_first >= run->reached);
    run->reached = in_first;
    in = cut_band(run->in, in_first, in_last);
    if (scratch)
        memset(scratch, GUARD, wanted);
    run->filter->render(run->state, &in, &out, scratch);
    assert_padding_untouched(&out, row_bytes);
    for (uint32_t y = first; y < last; y++)
        memcpy(run->out.data + y * run->out.stride, pp_band_row(&out, y), row_bytes);
    free(scratch);
    free(in.rows);
    free(out.rows);
}

static void observe_all(const struct run *run)
{
    for (uint32_t y = 0; y < run->in->geometry.height; y++) {
        struct pp_band band = cut_band(run->in, y, y + 1);
        run->filter->observe(run->state, &band);
        free(band.rows);
    }
    run->filter->conclude(run->state);
}

/* The filter's state for pictures like `in`; *out becomes the output's geometry. */
static void *prepare(struct pp_chain_item link, const struct pp_picture *in,
                     struct pp_geometry *out)
{
    void *state = calloc(1, link.filter->state_size);
    struct pp_error err = {0};

    assert_non_null(state);
    *out = in->geometry;
    if (link.filter->prepare(state, link.args, &in->geometry, out, &err) != PP_OK)
        fail_msg("%s", err.text);
    return state;
}

static void release(struct pp_chain_item link, void *state)
{
    if (link.filter->release)
        link.filter->release(state);
    free(state);
}

bool pp_link_is_identity(struct pp_chain_item link, const struct pp_picture *in)
{
    struct pp_geometry geometry;
    void *state = prepare(link, in, &geometry);
    bool identity = link.filter->is_identity && link.filter->is_identity(state);

    release(link, state);
    return identity;
}

struct pp_picture pp_render_link(struct pp_chain_item link, const struct pp_picture *in,
                                 uint32_t band)
{
    struct run run = {.filter = link.filter, .in = in};
    struct pp_geometry geometry;

    run.state = prepare(link, in, &geometry);
    if (link.filter->observe && (!link.filter->observes || link.filter->observes(link.args)))
        observe_all(&run);
    if (link.filter->settle) {
        struct pp_placement found;
        link.filter->place(run.state, &found);
        link.filter->settle(run.state, &found, &geometry);
    }
    run.out = pp_picture_new(geometry);
    for (uint32_t y = 0; y < geometry.height;) {
        uint32_t left = geometry.height - y, rows = band && band < left ? band : left;
        render_band(&run, y, y + rows);
        y += rows;
    }
    release(link, run.state);
    return run.out;
}

void pp_chain_give(struct pp_chain *chain, const struct pp_raster *picture)
{
    /* Transparent, in between and opaque, in every row. */
    static const _Alignas(PP_ALIGNMENT) uint8_t rows[4][PP_ALIGNMENT] = {
        {250, 10, 30, 0, 1, 2, 3, 255, 200, 0, 90, 128, 0, 0, 0, 7, 255, 255, 255, 254},
        {50, 210, 30, 255, 81, 2, 3, 25, 20, 0, 190, 0, 0, 0, 0, 255, 255, 255, 255, 4},
        {9, 8, 7, 100, 1, 255, 3, 5, 0, 0, 90, 255, 0, 50, 0, 200, 255, 0, 255, 0},
        {77, 77, 77, 77, 1, 2, 255, 255, 200, 100, 0, 1, 255, 0, 0, 90, 2, 2, 2, 25},
    };
    static const struct pp_raster small = {
        .geometry = {5, 4, 4, 8, 1}, .stride = sizeof rows[0], .rows = &rows[0][0]};

    for (size_t i = 0; i < pp_chain_length(chain); i++) {
        const struct pp_param *params = pp_filter_params(pp_chain_filter(chain, i));
        for (size_t j = 0; params[j].name; j++)
            if (params[j].type == PP_PARAM_PICTURE)
                pp_chain_set_picture(chain, i, j, picture ? picture : &small);
    }
}

struct pp_picture pp_render_text(const char *text, const struct pp_picture *in)
{
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};
    struct pp_picture now = pp_picture_new(in->geometry);

    if (pp_chain_parse(text, &chain, &err) != PP_OK)
        fail_msg("%s", err.text);
    pp_chain_give(chain, NULL);
    for (uint32_t y = 0; y < in->geometry.height; y++)
        memcpy(now.data + y * now.stride, in->data + y * in->stride,
               pp_geometry_row_bytes(&in->geometry));
    for (size_t i = 0; i < pp_chain_length(chain); i++) {
        struct pp_picture next = pp_render_link(pp_chain_item(chain, i), &now, 0);
        pp_picture_free(&now);
        now = next;
    }
    pp_chain_free(chain);
    return now;
}
