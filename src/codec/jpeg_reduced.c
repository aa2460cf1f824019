#include "codec/jpeg_reader.h"

#include <string.h>

/* Of several scans the first one's header does not tell yet by which tables luma is coded, and all
 * of them would have to be held or read before. */
bool pp_jpeg_can_reduce(struct pp_jpeg_reader *reader)
{
    const bool gray = reader->cinfo.jpeg_color_space == JCS_GRAYSCALE;

    return (gray || reader->base.luma) && reader->settings.rewinds &&
           !jpeg_has_multiple_scans(&reader->cinfo) && !pp_jpeg_why_not_extract(reader);
}

static enum pp_status open_luma(struct pp_jpeg_reader *reader, struct pp_error *err)
{
    const struct pp_jpeg_luma_settings settings = {.eighths = reader->eighths,
                                                   .limits = reader->settings.limits};
    uint32_t width, height;

    enum pp_status status = pp_input_rewind(reader->in, err);
    if (status == PP_OK)
        status = pp_jpeg_luma_open(reader->in, &settings, &reader->reduced.luma, err);
    if (status != PP_OK)
        return status;
    pp_jpeg_luma_sides(reader->reduced.luma, &width, &height);
    if (width == reader->cinfo.image_width && height == reader->cinfo.image_height)
        return PP_OK;
    return pp_error_set(err, PP_E_CORRUPT, "cannot extract luma: it became another picture");
}

enum pp_status pp_jpeg_reduced_start(struct pp_jpeg_reader *reader, struct pp_error *err)
{
    reader->warned = reader->base.warnings;
    return pp_jpeg_settle(reader, open_luma(reader, err), err);
}

/* Have rows at hand. */
static enum pp_status next_rows(struct pp_jpeg_reduced *reduced, struct pp_error *err)
{
    if (reduced->taken < reduced->rows.count)
        return PP_OK;
    reduced->taken = 0;
    enum pp_status status = pp_jpeg_luma_rows(reduced->luma, &reduced->rows, err);
    if (status == PP_OK && reduced->rows.count == 0)
        status =
            pp_error_set(err, PP_E_CORRUPT, "cannot extract luma: it ends before the picture does");
    return status;
}

enum pp_status pp_jpeg_reduced_read(struct pp_jpeg_reader *reader, uint8_t *place, size_t stride,
                                    uint32_t count, struct pp_error *err)
{
    struct pp_jpeg_reduced *reduced = &reader->reduced;
    const size_t row = pp_geometry_row_bytes(&reader->base.geometry);
    enum pp_status status = PP_OK;

    for (; status == PP_OK && count > 0; count--) {
        status = next_rows(reduced, err);
        if (status != PP_OK)
            break;
        memcpy(place, reduced->rows.first + reduced->taken++ * reduced->rows.stride, row);
        place += stride;
    }
    return pp_jpeg_settle(reader, status, err);
}

enum pp_status pp_jpeg_reduced_finish(struct pp_jpeg_reader *reader, struct pp_error *err)
{
    struct pp_jpeg_reduced *reduced = &reader->reduced;

    enum pp_status status = pp_jpeg_luma_rows(reduced->luma, &reduced->rows, err);
    if (status == PP_OK && reduced->rows.count > 0)
        status = pp_error_set(err, PP_E_INTERNAL, "more rows than the picture has");
    return pp_jpeg_settle(reader, status, err);
}
