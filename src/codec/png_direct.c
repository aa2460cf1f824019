#include "codec/png_direct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "codec/png_ahead.h"
#include "codec/png_expand.h"
#include "codec/png_idat.h"
#include "codec/png_inflate.h"
#include "codec/png_unfilter.h"

struct pp_png_direct {
    struct pp_png_idat idat;
    size_t row_bytes; /* in the file, without the filter's type */
    unsigned pixel;   /* distance of like bytes */
    uint32_t rows_left;
    uint8_t *rows;  /* owned; holds the next two */
    uint8_t *above; /* the last row as it is in the file; zeros before the first */
    uint8_t *row;   /* the one at hand, where it is to be expanded */
    struct pp_png_expand expand;
    struct pp_inflate inflate;
    struct pp_png_ahead ahead;
};

static enum pp_status allocate(struct pp_png_direct *direct, uint64_t raw_bytes,
                               const struct pp_png_direct_source *from, struct pp_error *err)
{
    const struct pp_inflate_source source = {pp_png_idat_next, &direct->idat};
    size_t row = pp_size_aligned(direct->row_bytes);
    void *rows = NULL;

    enum pp_status status =
        pp_memory_new(&rows, direct->expand.plain ? 1 : 2, row, "rows of a PNG", err);
    if (status != PP_OK)
        return status;
    direct->rows = direct->above = rows;
    direct->row = direct->above + row;
    memset(direct->above, 0, direct->row_bytes);
    status = pp_inflate_init(&direct->inflate, &source, raw_bytes, direct->row_bytes + 1, err);
    if (status != PP_OK)
        return status;
    return pp_png_ahead_init(&direct->ahead, from->team, from->threads_max, &direct->inflate,
                             direct->row_bytes + 1, direct->rows_left, err);
}

enum pp_status pp_png_direct_open(struct pp_png_direct **result, const png_struct *png,
                                  png_info *info, const struct pp_png_direct_source *source,
                                  struct pp_error *err)
{
    uint32_t height = png_get_image_height(png, info);
    size_t row_bytes = png_get_rowbytes(png, info);
    uint64_t raw_bytes = (uint64_t)height * (row_bytes + UINT64_C(1));

    *result = NULL;
    enum pp_status status = pp_input_peek(source->in, 1, err);
    if (status != PP_OK)
        return status;
    struct pp_png_direct *direct = malloc(sizeof(*direct));
    if (!direct)
        return pp_error_set(err, PP_E_NO_MEMORY, "PNG reader: no memory");
    direct->rows = NULL;
    direct->inflate.window = NULL;
    direct->ahead = (struct pp_png_ahead){0};
    direct->row_bytes = row_bytes;
    direct->pixel = (unsigned)(png_get_channels(png, info) * png_get_bit_depth(png, info) + 7) / 8;
    direct->rows_left = height;
    bool possible = pp_png_expand_init(&direct->expand, png, info);
    if (possible)
        status = allocate(direct, raw_bytes, source, err);
    if (status == PP_OK && possible) {
        const struct pp_input *in = source->in;
        pp_png_idat_init(&direct->idat, source->in, source->size);
        /* Only then do the pieces' ends matter: see pp_inflate_reaches(). */
        direct->idat.by_portion = in->size > 0 && (in->data[0] >> 4) + 8 < 15; /* RFC 1950, 2.2 */
        *result = direct;
    } else {
        pp_png_direct_close(direct);
    }
    return status;
}

void pp_png_direct_close(struct pp_png_direct *direct)
{
    if (!direct)
        return;
    pp_png_ahead_release(&direct->ahead);
    pp_inflate_release(&direct->inflate);
    free(direct->rows);
    free(direct);
}

/* ---- the end of the stream ---------------------------------------------------------------------
 */

/* The portion of data that the last byte consumed is from. */
static uint64_t portion(const struct pp_png_direct *direct)
{
    return pp_png_idat_portion(&direct->idat,
                               (size_t)(direct->inflate.in_end - direct->inflate.in));
}

/*
 * libpng reads the end of the stream with other eyes than the rows. In the portion of data that the
 * last row's last byte is from, zlib goes on as far as no more bytes come out, and a fault there is
 * that row's. Then libpng has a look at one portion more, or at all that follow when more bytes
 * come out: a fault there is a warning, since it cannot hurt the picture.
 */
static enum pp_status end_stream(struct pp_png_direct *direct, bool *looked, struct pp_error *err)
{
    struct pp_inflate *inflate = &direct->inflate;
    uint64_t last = portion(direct), expected = inflate->expected;
    struct pp_error found = {0};

    enum pp_status status = pp_inflate_rest(inflate, expected, &found);
    uint64_t later = portion(direct) - last;
    bool more = pp_inflate_total(inflate) > expected;
    *looked = later < 2;
    if (more && *looked && status == PP_OK)
        status = pp_inflate_rest(inflate, UINT64_MAX, &found);
    bool forgiven = inflate->fault ? more || later > 0 : inflate->starved && !more && later > 0;
    if (status == PP_OK || forgiven)
        return PP_OK;
    return pp_error_set(err, status, "%s", found.text);
}

/* In libpng's words. */
static void warn(const struct pp_png_direct *direct, const struct pp_warnings *warnings)
{
    const struct pp_inflate *inflate = &direct->inflate;
    char text[PP_WARNING_TEXT];

    if (inflate->fault) {
        snprintf(text, sizeof(text), "IDAT: %s", inflate->fault);
        pp_warnings_add(warnings, text);
        return;
    }
    if (inflate->in != inflate->in_end || direct->idat.left > 0)
        pp_warnings_add(warnings, "IDAT: Extra compressed data");
    if (pp_inflate_total(inflate) > inflate->expected)
        pp_warnings_add(warnings, "IDAT: Too much image data");
}

static enum pp_status finish(struct pp_png_direct *direct, const struct pp_warnings *warnings,
                             struct pp_error *err)
{
    bool looked = false;
    enum pp_status status = end_stream(direct, &looked, err);

    if (status != PP_OK)
        return status;
    if (looked)
        warn(direct, warnings);
    return pp_png_idat_finish(&direct->idat, err);
}

/* ---- rows --------------------------------------------------------------------------------------
 */

/* The next row as it is in the file is taken; *filter says how it is to be undone. */
static enum pp_status take_row(struct pp_png_direct *direct, struct pp_png_row *row,
                               enum pp_png_filter *filter, struct pp_error *err)
{
    const uint8_t *in = NULL;

    enum pp_status status = pp_png_ahead_take(&direct->ahead, &in, err);
    if (status != PP_OK)
        return status;
    if (in[0] > PP_PNG_FILTER_PAETH)
        return pp_error_set(err, PP_E_CORRUPT, "cannot decode: bad adaptive filter value");
    *filter = in[0];
    row->in = in + 1;
    row->size = direct->row_bytes;
    row->pixel = direct->pixel;
    direct->rows_left--;
    return PP_OK;
}

/* Whether the row behind the one just taken is there and filtered by Paeth. */
static bool paeth_follows(const struct pp_png_direct *direct)
{
    const uint8_t *next = pp_png_ahead_peek(&direct->ahead);

    return next && next[0] == PP_PNG_FILTER_PAETH;
}

/* Rows that are right as they are go straight to the caller, who may then change them: the last
 * one is kept for what follows. */
static enum pp_status plain_rows(struct pp_png_direct *direct, uint8_t *rows, size_t stride,
                                 uint32_t count, struct pp_error *err)
{
    struct pp_png_row row = {.above = direct->above};
    enum pp_png_filter filter = PP_PNG_FILTER_NONE;

    for (uint32_t i = 0; i < count; i++, row.above = row.out) {
        row.out = rows + i * stride;
        enum pp_status status = take_row(direct, &row, &filter, err);
        if (status == PP_OK && filter == PP_PNG_FILTER_PAETH && i + 1 < count &&
            direct->pixel <= 4 && paeth_follows(direct)) {
            struct pp_png_row first = row;
            row.above = row.out;
            row.out = rows + ++i * stride;
            status = take_row(direct, &row, &filter, err);
            if (status == PP_OK)
                pp_png_undo_paeth_twice(&first, &row);
        } else if (status == PP_OK) {
            pp_png_unfilter(filter, &row);
        }
        if (status != PP_OK)
            return status;
    }
    if (count > 0 && direct->rows_left > 0)
        memcpy(direct->above, row.above, direct->row_bytes);
    return PP_OK;
}

static enum pp_status expanded_rows(struct pp_png_direct *direct, uint8_t *rows, size_t stride,
                                    uint32_t count, struct pp_error *err)
{
    enum pp_png_filter filter = PP_PNG_FILTER_NONE;

    for (uint32_t i = 0; i < count; i++) {
        struct pp_png_row row = {.above = direct->above, .out = direct->row};
        enum pp_status status = take_row(direct, &row, &filter, err);
        if (status != PP_OK)
            return status;
        pp_png_unfilter(filter, &row);
        pp_png_expand_row(&direct->expand, row.out, rows + i * stride);
        direct->row = direct->above;
        direct->above = row.out;
    }
    return PP_OK;
}

enum pp_status pp_png_direct_rows(struct pp_png_direct *direct, uint8_t *rows, size_t stride,
                                  uint32_t count, const struct pp_warnings *warnings,
                                  struct pp_error *err)
{
    enum pp_status status = direct->expand.plain ? plain_rows(direct, rows, stride, count, err)
                                                 : expanded_rows(direct, rows, stride, count, err);

    if (status == PP_OK && direct->rows_left == 0 && count > 0)
        status = finish(direct, warnings, err);
    return status;
}
