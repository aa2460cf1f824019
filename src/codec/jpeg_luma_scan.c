#include "codec/jpeg_luma_frame.h"
#include "codec/jpeg_luma_walk.h"

/* ---- colours -------------------------------------------------------------------------------- */

/* As libjpeg's default_decompress_parms() tells what three components are. Where it takes a guess
 * with a warning this does not. */
static enum pp_status check_color(const struct pp_luma_frame *frame, struct pp_error *err)
{
    const struct pp_luma_component *one = frame->components;

    if (frame->count == 1 || frame->has_jfif)
        return PP_OK;
    if (frame->has_adobe && frame->adobe_transform == 1)
        return PP_OK;
    if (frame->has_adobe)
        return pp_luma_unsupported(err, "not a picture of luma and chroma");
    if (one[0].id == 'R' && one[1].id == 'G' && one[2].id == 'B')
        return pp_luma_unsupported(err, "not a picture of luma and chroma");
    return PP_OK;
}

/* ---- progression ---------------------------------------------------------------------------- */

/* ITU-T T.81, G.1.1.1: DC and AC apart, one component in an AC scan, one bit at a time once the
 * first ones are there. */
static bool is_step(const struct pp_luma_scan *scan)
{
    if (scan->first == 0 ? scan->last != 0 : scan->last < scan->first || scan->last > 63)
        return false;
    if (scan->first > 0 && scan->count > 1)
        return false;
    return scan->low <= 13 && (scan->high == 0 || scan->low + 1 == scan->high);
}

/* Each coefficient's bits come once, in their order, its DC first. */
static bool follows(struct pp_luma_component *component, const struct pp_luma_scan *scan)
{
    if (scan->first > 0 && component->missing[0] < 0)
        return false;
    for (unsigned i = scan->first; i <= scan->last; i++) {
        const bool begun = component->missing[i] >= 0;
        if (scan->high != (begun ? component->missing[i] : 0) || (scan->high == 0 && begun))
            return false;
        component->missing[i] = (int8_t)scan->low;
    }
    return true;
}

static enum pp_status check_progression(struct pp_luma_frame *frame,
                                        const struct pp_luma_scan *scan, struct pp_error *err)
{
    if (!is_step(scan))
        return pp_luma_corrupt(err, "an invalid scan of a progressive picture");
    for (unsigned i = 0; i < scan->count; i++) {
        if (!follows(&frame->components[scan->component[i]], scan))
            return pp_luma_corrupt(err, "a progressive picture's scans do not follow each other");
    }
    return PP_OK;
}

static enum pp_status check_sequence(const struct pp_luma_frame *frame,
                                     const struct pp_luma_scan *scan, struct pp_error *err)
{
    if (scan->first != 0 || scan->last != 63 || scan->high != 0 || scan->low != 0)
        return pp_luma_corrupt(err, "a scan of a part of the coefficients");
    for (unsigned i = 0; i < scan->count; i++) {
        if (frame->components[scan->component[i]].scanned)
            return pp_luma_unsupported(err, "two scans of one component");
    }
    return PP_OK;
}

/* ---- SOS ------------------------------------------------------------------------------------ */

static bool has_tables(const struct pp_luma_frame *frame, const struct pp_luma_scan *scan)
{
    const bool progressive = pp_luma_is_progressive(frame);
    bool all = true;

    for (unsigned i = 0; i < scan->count; i++) {
        const struct pp_luma_component *component = &frame->components[scan->component[i]];
        all = all && component->quant < PP_LUMA_TABLES && frame->quants[component->quant].size;
        if (!progressive || (scan->first == 0 && scan->high == 0))
            all = all && scan->dc[i] < PP_LUMA_TABLES && frame->dc[scan->dc[i]].defined;
        if (!progressive || scan->first > 0)
            all = all && scan->ac[i] < PP_LUMA_TABLES && frame->ac[scan->ac[i]].defined;
    }
    return all;
}

static bool find_component(const struct pp_luma_frame *frame, unsigned id, uint8_t *number)
{
    for (unsigned i = 0; i < frame->count; i++) {
        *number = (uint8_t)i;
        if (frame->components[i].id == id)
            return true;
    }
    return false;
}

/* The scan's components in the frame's order, and few enough blocks for an MCU (B.2.3). */
static enum pp_status read_components(const struct pp_luma_frame *frame, const uint8_t *data,
                                      struct pp_luma_scan *scan, struct pp_error *err)
{
    unsigned blocks = 0;

    for (unsigned i = 0; i < scan->count; i++, data += 2) {
        if (!find_component(frame, data[0], &scan->component[i]))
            return pp_luma_corrupt(err, "a scan names a component that does not exist");
        if (i > 0 && scan->component[i] <= scan->component[i - 1])
            return pp_luma_unsupported(err, "a scan's components are out of order");
        scan->dc[i] = data[1] >> 4;
        scan->ac[i] = data[1] & 15;
        const struct pp_luma_component *component = &frame->components[scan->component[i]];
        blocks += (unsigned)component->h * component->v;
    }
    if (scan->count > 1 && blocks > PP_LUMA_MCU_BLOCKS)
        return pp_luma_corrupt(err, "sampling factors too large for an interleaved scan");
    return PP_OK;
}

static enum pp_status read_header(const struct pp_luma_frame *frame, const uint8_t *data,
                                  size_t size, struct pp_luma_scan *scan, struct pp_error *err)
{
    if (!frame->marker)
        return pp_luma_corrupt(err, "a scan before the frame header");
    if (size < 1 || data[0] < 1 || data[0] > frame->count || size != 4 + (size_t)data[0] * 2)
        return pp_luma_corrupt(err, "a scan header of the wrong length");
    *scan = (struct pp_luma_scan){.count = data[0],
                                  .first = data[size - 3],
                                  .last = data[size - 2],
                                  .high = data[size - 1] >> 4,
                                  .low = data[size - 1] & 15};
    return read_components(frame, data + 1, scan, err);
}

enum pp_status pp_luma_read_scan(struct pp_luma_frame *frame, const uint8_t *data, size_t size,
                                 struct pp_luma_scan *scan, struct pp_error *err)
{
    enum pp_status status = read_header(frame, data, size, scan, err);

    if (status == PP_OK)
        status = check_color(frame, err);
    if (status == PP_OK)
        status = pp_luma_is_progressive(frame) ? check_progression(frame, scan, err)
                                               : check_sequence(frame, scan, err);
    if (status != PP_OK)
        return status;
    if (!has_tables(frame, scan))
        return pp_luma_corrupt(err, "a table is missing");
    for (unsigned i = 0; i < scan->count; i++)
        frame->components[scan->component[i]].scanned = true;
    return PP_OK;
}
