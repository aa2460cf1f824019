#include "codec/png_direct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
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
};

/*
 * Whether two bytes begin a zlib stream that this code takes on: a sound header, and a window that
 * any match may reach all of. With a smaller window than the data, what zlib lets pass depends on
 * how it is called; that is left to the one who calls it.
 */
static bool is_usual_stream(const uint8_t *head, uint64_t raw_bytes)
{
    unsigned window_log = (head[0] >> 4) + 8u; /* RFC 1950, 2.2 */

    return (head[0] & 15) == 8 && window_log <= 15 && (head[0] * 256 + head[1]) % 31 == 0 &&
           (head[1] & 0x20) == 0 && (window_log == 15 || raw_bytes <= UINT64_C(1) << window_log);
}

static enum pp_status allocate(struct pp_png_direct *direct, uint64_t raw_bytes,
                               struct pp_error *err)
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
    return pp_inflate_init(&direct->inflate, &source, raw_bytes, direct->row_bytes + 1, err);
}

enum pp_status pp_png_direct_open(struct pp_png_direct **result, const png_struct *png,
                                  png_info *info, struct pp_input *in, uint32_t size,
                                  struct pp_error *err)
{
    uint32_t height = png_get_image_height(png, info);
    size_t row_bytes = png_get_rowbytes(png, info);
    uint64_t raw_bytes = (uint64_t)height * (row_bytes + UINT64_C(1));

    *result = NULL;
    enum pp_status status = pp_input_peek(in, 2, err);
    if (status != PP_OK || size < 2 || in->size < 2 || !is_usual_stream(in->data, raw_bytes))
        return status;
    struct pp_png_direct *direct = malloc(sizeof(*direct));
    if (!direct)
        return pp_error_set(err, PP_E_NO_MEMORY, "PNG reader: no memory");
    direct->rows = NULL;
    direct->inflate.window = NULL;
    direct->row_bytes = row_bytes;
    direct->pixel = (unsigned)(png_get_channels(png, info) * png_get_bit_depth(png, info) + 7) / 8;
    direct->rows_left = height;
    bool possible = pp_png_expand_init(&direct->expand, png, info);
    if (possible)
        status = allocate(direct, raw_bytes, err);
    if (status == PP_OK && possible) {
        pp_png_idat_init(&direct->idat, in, size);
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
 * that row's. What comes later cannot hurt the picture: a fault is a warning, and so are more
 * bytes.
 */
static enum pp_status end_stream(struct pp_png_direct *direct, bool *more, struct pp_error *err)
{
    struct pp_inflate *inflate = &direct->inflate;
    uint64_t last = portion(direct);
    bool forgiven = false;
    struct pp_error found = {0};
    enum pp_status status = PP_OK;

    *more = pp_inflate_total(inflate) > inflate->expected;
    if (!*more) {
        status = pp_inflate_rest(inflate, true, &found);
        *more = status == PP_OK && inflate->stage != PP_INFLATE_END;
        forgiven = (inflate->fault || inflate->starved) && portion(direct) != last;
    }
    if (*more) {
        status = pp_inflate_rest(inflate, false, &found);
        forgiven = inflate->fault != NULL;
    }
    if (status == PP_OK || forgiven)
        return PP_OK;
    return pp_error_set(err, status, "%s", found.text);
}

/* In libpng's words. */
static void warn(const struct pp_png_direct *direct, bool more, const struct pp_warnings *warnings)
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
    if (more)
        pp_warnings_add(warnings, "IDAT: Too much image data");
}

static enum pp_status finish(struct pp_png_direct *direct, const struct pp_warnings *warnings,
                             struct pp_error *err)
{
    bool more = false;
    enum pp_status status = end_stream(direct, &more, err);

    if (status != PP_OK)
        return status;
    warn(direct, more, warnings);
    return pp_png_idat_finish(&direct->idat, err);
}

/* ---- rows --------------------------------------------------------------------------------------
 */

/* The next row in the file's own form, to `out`. */
static enum pp_status next_row(struct pp_png_direct *direct, const uint8_t *above, uint8_t *out,
                               struct pp_error *err)
{
    const uint8_t *in = NULL;

    enum pp_status status = pp_inflate_take(&direct->inflate, direct->row_bytes + 1, &in, err);
    if (status != PP_OK)
        return status;
    if (in[0] > PP_PNG_FILTER_PAETH)
        return pp_error_set(err, PP_E_CORRUPT, "cannot decode: bad adaptive filter value");
    const struct pp_png_row row = {in + 1, above, out, direct->row_bytes, direct->pixel};
    pp_png_unfilter(in[0], &row);
    direct->rows_left--;
    return PP_OK;
}

/* Rows that are right as they are go straight to the caller, who may then change them: the last
 * one is kept for what follows. */
static enum pp_status plain_rows(struct pp_png_direct *direct, uint8_t *rows, size_t stride,
                                 uint32_t count, struct pp_error *err)
{
    const uint8_t *above = direct->above;
    enum pp_status status = PP_OK;

    for (uint32_t i = 0; status == PP_OK && i < count; i++) {
        uint8_t *row = rows + i * stride;
        status = next_row(direct, above, row, err);
        above = row;
    }
    if (status == PP_OK && count > 0 && direct->rows_left > 0)
        memcpy(direct->above, above, direct->row_bytes);
    return status;
}

static enum pp_status expanded_rows(struct pp_png_direct *direct, uint8_t *rows, size_t stride,
                                    uint32_t count, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    for (uint32_t i = 0; status == PP_OK && i < count; i++) {
        status = next_row(direct, direct->above, direct->row, err);
        if (status == PP_OK)
            pp_png_expand_row(&direct->expand, direct->row, rows + i * stride);
        uint8_t *above = direct->row;
        direct->row = direct->above;
        direct->above = above;
    }
    return status;
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
