#include "codec/jpeg_dct.h"

#include <string.h>

/* ITU-T T.81, B.2.3: the blocks of an MCU that is interleaved. */
#define MCU_BLOCKS_MAX 10u
#define BLOCK_BYTES    128u

/* Whether there is one component in the output. */
static bool is_gray(const struct pp_jpeg_reader *reader, const struct pp_transcode *what)
{
    return what->luma || reader->base.jpeg.components == 1;
}

static enum pp_status refuse(struct pp_error *err, const char *why)
{
    return pp_error_set(err, PP_E_UNSUPPORTED, "cannot keep the coefficients: %s", why);
}

/* The MCUs that a direction is cut into are whole where the output begins; where it ends the last
 * may be a part of one. */
static enum pp_status check_edge(uint32_t start, uint32_t length, bool mirrored, unsigned unit,
                                 struct pp_error *err)
{
    uint64_t edge = mirrored ? (uint64_t)start + length : start;

    if (edge % unit == 0)
        return PP_OK;
    return pp_error_set(err, PP_E_UNSUPPORTED,
                        "cannot keep the coefficients: the output would begin at an edge %llu "
                        "pixels into the picture, no multiple of %u",
                        (unsigned long long)edge, unit);
}

static enum pp_status check_window(const struct pp_jpeg_reader *reader,
                                   const struct pp_transcode *what, struct pp_error *err)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    const struct pp_placement *at = &what->placement;
    bool gray = is_gray(reader, what), swaps = pp_move_swaps(at->move);
    bool mirrors_x = pp_move_mirrors_x(at->move), mirrors_y = pp_move_mirrors_y(at->move);
    unsigned across = gray ? DCTSIZE : DCTSIZE * (unsigned)cinfo->max_h_samp_factor;
    unsigned down = gray ? DCTSIZE : DCTSIZE * (unsigned)cinfo->max_v_samp_factor;

    if (at->width == 0 || at->height == 0 || at->width > cinfo->image_width ||
        at->height > cinfo->image_height || at->x > cinfo->image_width - at->width ||
        at->y > cinfo->image_height - at->height)
        return pp_error_set(err, PP_E_INTERNAL, "a window that is not within the picture");
    enum pp_status status =
        check_edge(at->x, at->width, swaps ? mirrors_y : mirrors_x, across, err);
    if (status == PP_OK)
        status = check_edge(at->y, at->height, swaps ? mirrors_x : mirrors_y, down, err);
    return status;
}

/* The subsampling asked for must be the one that the colours have, when they are turned. */
static bool has_sampling(const struct pp_jpeg_reader *reader, bool swaps,
                         const struct pp_write_settings *settings)
{
    const struct pp_jpeg_traits *traits = &reader->base.jpeg;
    uint8_t h[4] = {0}, v[4] = {0};

    if (settings->encode.subsampling == PP_SUBSAMPLING_KEEP)
        return true;
    if (traits->components != 3)
        return false;
    pp_jpeg_choose_sampling(settings, 3, h, v);
    return memcmp(h, swaps ? traits->v : traits->h, 3) == 0 &&
           memcmp(v, swaps ? traits->h : traits->v, 3) == 0;
}

static const char *why_not_colour(const struct pp_jpeg_reader *reader, bool swaps,
                                  const struct pp_write_settings *settings)
{
    const struct pp_jpeg_traits *traits = &reader->base.jpeg;
    unsigned blocks = 0;

    for (unsigned i = 0; i < traits->components; i++)
        blocks += (unsigned)traits->h[i] * traits->v[i];
    if (blocks > MCU_BLOCKS_MAX)
        return "its components do not fit into one scan";
    if (!has_sampling(reader, swaps, settings))
        return "another subsampling is asked for";
    return NULL;
}

static const char *why_not_gray(const struct pp_jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;

    if (cinfo->jpeg_color_space != JCS_YCbCr && cinfo->jpeg_color_space != JCS_GRAYSCALE)
        return "its colours are not YCbCr";
    if (cinfo->comp_info[0].h_samp_factor != cinfo->max_h_samp_factor ||
        cinfo->comp_info[0].v_samp_factor != cinfo->max_v_samp_factor)
        return "its luma is not the finest of its components";
    return NULL;
}

enum pp_status pp_jpeg_dct_check(const struct pp_jpeg_reader *reader,
                                 const struct pp_transcode *what,
                                 const struct pp_write_settings *settings, struct pp_error *err)
{
    const char *why = is_gray(reader, what)
                          ? why_not_gray(reader)
                          : why_not_colour(reader, pp_move_swaps(what->placement.move), settings);

    if (!pp_jpeg_keeps_source(settings))
        return refuse(err, "another quality is asked for");
    return why ? refuse(err, why) : check_window(reader, what, err);
}

bool pp_jpeg_dct_extracts(const struct pp_jpeg_reader *reader, const struct pp_transcode *what)
{
    return what->luma && reader->base.jpeg.components > 1 && reader->settings.rewinds &&
           !pp_jpeg_why_not_extract(reader);
}

/* The coefficients; and of each component of the output a row of MCUs of moved blocks. */
uint64_t pp_jpeg_dct_memory(const struct pp_jpeg_reader *reader, const struct pp_transcode *what)
{
    const struct pp_jpeg_traits *traits = &reader->base.jpeg;
    uint32_t width = reader->cinfo.image_width, height = reader->cinfo.image_height;
    struct pp_jpeg_layout layout = {
        .width = width, .height = height, .components = traits->components, .coefficients = true};
    uint64_t longest = width > height ? width : height, bytes = 0;

    memcpy(layout.h, traits->h, sizeof(layout.h));
    memcpy(layout.v, traits->v, sizeof(layout.v));
    if (pp_jpeg_dct_extracts(reader, what)) {
        layout.components = layout.h[0] = layout.v[0] = 1;
        bytes += pp_jpeg_luma_memory(width, traits->v[0]);
    }
    for (unsigned i = 0; i < layout.components; i++)
        bytes += (longest / DCTSIZE + 1) * BLOCK_BYTES * layout.h[i] * layout.v[i];
    return bytes + pp_jpeg_memory(&layout);
}
