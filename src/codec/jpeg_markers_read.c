#include "codec/jpeg_markers.h"

#include <stdlib.h>
#include <string.h>

#define APP1  (JPEG_APP0 + 1)
#define APP2  (JPEG_APP0 + 2)
#define APP13 (JPEG_APP0 + 13)
#define APP14 (JPEG_APP0 + 14)

/* What makes a marker a block of metadata. Signatures with their NULs; they are stripped. */
static const struct signature {
    int marker;
    enum pp_metadata_kind kind;
    const char *text;
    size_t size;
} signatures[] = {
    {APP1, PP_METADATA_EXIF, "Exif\0", 6},
    {APP1, PP_METADATA_XMP, "http://ns.adobe.com/xap/1.0/", 29},
    {APP13, PP_METADATA_IPTC, "Photoshop 3.0", 14},
    {APP1, PP_METADATA_XMP_MORE, "http://ns.adobe.com/xmp/extension/", 35},
    {JPEG_COM, PP_METADATA_COMMENT, "", 0},
};
/* Segments that say where in the file further pictures are, which are not passed on (CIPA
 * DC-007, 5.1). */
static const char pictures[] = "MPF";

static struct pp_jpeg_guard *guard_of(j_decompress_ptr cinfo)
{
    return (struct pp_jpeg_guard *)cinfo->err;
}

static void warn(j_decompress_ptr cinfo, const char *text)
{
    pp_warnings_add(&guard_of(cinfo)->warnings, text);
}

/* Up to `size` bytes of the marker; false when the input ends before. */
static bool take_bytes(j_decompress_ptr cinfo, uint8_t *to, size_t size)
{
    struct jpeg_source_mgr *source = cinfo->src;

    while (size > 0) {
        if (source->bytes_in_buffer == 0)
            source->fill_input_buffer(cinfo);
        if (guard_of(cinfo)->ended)
            return false;
        size_t part = size < source->bytes_in_buffer ? size : source->bytes_in_buffer;
        memcpy(to, source->next_input_byte, part);
        source->next_input_byte += part;
        source->bytes_in_buffer -= part;
        to += part;
        size -= part;
    }
    return true;
}

static void keep_block(j_decompress_ptr cinfo, const struct signature *signature, size_t size)
{
    struct pp_jpeg_markers *markers = cinfo->client_data;
    struct pp_jpeg_guard *guard = guard_of(cinfo);
    size_t cost = size - signature->size + sizeof(struct pp_metadata_block);

    if (signature->kind == PP_METADATA_EXIF &&
        pp_metadata_find(markers->metadata, PP_METADATA_EXIF)) {
        warn(cinfo, "more than one EXIF block: the first is kept");
        return;
    }
    if (cost > PP_JPEG_METADATA_MAX - markers->used) {
        warn(cinfo, "too much metadata: the rest is left out");
        return;
    }
    markers->used += cost;
    enum pp_status status =
        pp_metadata_add(markers->metadata, signature->kind, markers->payload + signature->size,
                        size - signature->size, guard->err);
    if (status != PP_OK)
        pp_jpeg_escape(guard, status);
    if (signature->kind == PP_METADATA_SEGMENT)
        markers->metadata->blocks[markers->metadata->count - 1].marker =
            (uint8_t)cinfo->unread_marker;
}

static void keep_profile_chunk(j_decompress_ptr cinfo, size_t size)
{
    struct pp_jpeg_markers *markers = cinfo->client_data;
    struct pp_jpeg_guard *guard = guard_of(cinfo);

    enum pp_status status = pp_jpeg_icc_take(&markers->icc, markers->payload, size, guard->err);
    if (status != PP_OK)
        pp_jpeg_escape(guard, status);
}

static void sort_payload(j_decompress_ptr cinfo, size_t size)
{
    static const struct signature other = {0, PP_METADATA_SEGMENT, "", 0};
    struct pp_jpeg_markers *markers = cinfo->client_data;
    int marker = cinfo->unread_marker;

    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        const struct signature *signature = &signatures[i];
        if (signature->marker == marker && size >= signature->size &&
            memcmp(markers->payload, signature->text, signature->size) == 0) {
            keep_block(cinfo, signature, size);
            return;
        }
    }
    if (marker == APP2 && size >= PP_JPEG_ICC_HEADER &&
        memcmp(markers->payload, PP_JPEG_ICC_SIGNATURE, sizeof(PP_JPEG_ICC_SIGNATURE)) == 0)
        keep_profile_chunk(cinfo, size);
    else if (marker != APP2 || size < sizeof(pictures) ||
             memcmp(markers->payload, pictures, sizeof(pictures)) != 0)
        keep_block(cinfo, &other, size);
}

/* A jpeg_marker_parser_method. The source never suspends, so it always consumes the marker; when
 * the input ends within, libjpeg meets the end-of-image mark next. */
static boolean read_marker(j_decompress_ptr cinfo)
{
    const struct pp_jpeg_markers *markers = cinfo->client_data;
    uint8_t length_bytes[2];

    if (!take_bytes(cinfo, length_bytes, 2))
        return TRUE;
    size_t size = (size_t)length_bytes[0] << 8 | length_bytes[1];
    if (size < 2)
        return TRUE;
    size -= 2;
    if (!markers->payload)
        cinfo->src->skip_input_data(cinfo, (long)size);
    else if (take_bytes(cinfo, markers->payload, size))
        sort_payload(cinfo, size);
    return TRUE;
}

enum pp_status pp_jpeg_markers_begin(struct pp_jpeg_markers *markers, j_decompress_ptr cinfo,
                                     struct pp_metadata *metadata, struct pp_error *err)
{
    markers->metadata = metadata;
    markers->payload = malloc(PP_JPEG_PAYLOAD_MAX);
    if (!markers->payload)
        return pp_error_set(err, PP_E_NO_MEMORY, "JPEG markers: no memory");
    cinfo->client_data = markers;
    for (int marker = APP1; marker <= JPEG_APP0 + 15; marker++) {
        if (marker != APP14) /* Adobe's word on the colours is libjpeg's to read */
            jpeg_set_marker_processor(cinfo, marker, read_marker);
    }
    jpeg_set_marker_processor(cinfo, JPEG_COM, read_marker);
    return PP_OK;
}

/* JFIF 1.02: unit 0 is an aspect ratio, 1 dots per inch, 2 dots per cm. */
static void take_density(const struct jpeg_decompress_struct *cinfo, struct pp_metadata *metadata)
{
    uint32_t scale = cinfo->density_unit == 2 ? 100 : 1;

    if (!cinfo->saw_JFIF_marker || cinfo->density_unit > 2)
        return;
    metadata->density_x = cinfo->X_density * scale;
    metadata->density_y = cinfo->Y_density * scale;
    metadata->density_unit = cinfo->density_unit;
}

enum pp_status pp_jpeg_markers_end(struct pp_jpeg_markers *markers, j_decompress_ptr cinfo,
                                   struct pp_error *err)
{
    bool is_cmyk = cinfo->num_components == 4;
    struct pp_metadata *profile_home = is_cmyk ? &markers->cmyk : markers->metadata;
    enum pp_status status = PP_OK;
    bool complete = true;

    take_density(cinfo, markers->metadata);
    if (markers->icc.seen)
        status = pp_jpeg_icc_finish(&markers->icc, profile_home, &complete, err);
    if (!complete)
        warn(cinfo, "incomplete colour profile is left out");
    pp_jpeg_markers_release(markers);
    return status;
}

void pp_jpeg_markers_release(struct pp_jpeg_markers *markers)
{
    free(markers->payload);
    markers->payload = NULL;
    pp_jpeg_icc_release(&markers->icc);
}
