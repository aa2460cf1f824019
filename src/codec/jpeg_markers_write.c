#include "codec/jpeg_markers.h"

#include <string.h>

/* Adobe, XMP specification part 3, 1.1.3. */
#define XMP_MAX 65502u

static const struct layout {
    enum pp_metadata_kind kind;
    int marker;
    const char *signature;
    size_t signature_size;
    size_t max; /* bytes of the block */
    const char *complaint;
} layouts[] = {
    {PP_METADATA_EXIF, JPEG_APP0 + 1, "Exif\0", 6, PP_JPEG_PAYLOAD_MAX - 6,
     "EXIF block too large for JPEG is left out"},
    {PP_METADATA_XMP, JPEG_APP0 + 1, "http://ns.adobe.com/xap/1.0/", 29, XMP_MAX,
     "XMP packet too large for JPEG is left out"},
    {PP_METADATA_XMP_MORE, JPEG_APP0 + 1, "http://ns.adobe.com/xmp/extension/", 35,
     PP_JPEG_PAYLOAD_MAX - 35, "extended XMP too large for JPEG is left out"},
    {PP_METADATA_ICC, JPEG_APP0 + 2, PP_JPEG_ICC_SIGNATURE, PP_JPEG_ICC_HEADER,
     (size_t)PP_JPEG_ICC_CHUNKS *(PP_JPEG_PAYLOAD_MAX - PP_JPEG_ICC_HEADER),
     "colour profile too large for JPEG is left out"},
    {PP_METADATA_IPTC, JPEG_APP0 + 13, "Photoshop 3.0", 14, PP_JPEG_PAYLOAD_MAX - 14,
     "IPTC block too large for JPEG is left out"},
    {PP_METADATA_SEGMENT, 0, "", 0, PP_JPEG_PAYLOAD_MAX, "segment too large for JPEG is left out"},
    {PP_METADATA_COMMENT, JPEG_COM, "", 0, PP_JPEG_PAYLOAD_MAX,
     "comment too large for JPEG is left out"},
    {PP_METADATA_TEXT, JPEG_COM, "", 0, PP_JPEG_PAYLOAD_MAX,
     "text too large for a JPEG comment is left out"},
};

/* What jpeg_write_m_byte() does, all at once. */
static void write_bytes(j_compress_ptr cinfo, const void *data, size_t size)
{
    struct jpeg_destination_mgr *to = cinfo->dest;
    const uint8_t *bytes = data;

    while (size > 0) {
        const size_t part = size < to->free_in_buffer ? size : to->free_in_buffer;
        memcpy(to->next_output_byte, bytes, part);
        to->next_output_byte += part;
        to->free_in_buffer -= part;
        bytes += part;
        size -= part;
        if (to->free_in_buffer == 0)
            to->empty_output_buffer(cinfo);
    }
}

static void write_plain(j_compress_ptr cinfo, const struct layout *layout,
                        const struct pp_metadata_block *block)
{
    size_t size = layout->signature_size + block->size;
    int marker = block->kind == PP_METADATA_SEGMENT ? block->marker : layout->marker;

    jpeg_write_m_header(cinfo, marker, (unsigned)size);
    write_bytes(cinfo, layout->signature, layout->signature_size);
    write_bytes(cinfo, block->data, block->size);
}

static void write_profile(j_compress_ptr cinfo, const struct layout *layout,
                          const struct pp_metadata_block *block)
{
    size_t most = PP_JPEG_PAYLOAD_MAX - PP_JPEG_ICC_HEADER;
    size_t total = (block->size + most - 1) / most;

    for (size_t i = 0; i < total; i++) {
        size_t size = block->size - i * most < most ? block->size - i * most : most;
        jpeg_write_m_header(cinfo, layout->marker, (unsigned)(PP_JPEG_ICC_HEADER + size));
        write_bytes(cinfo, layout->signature, layout->signature_size - 2);
        jpeg_write_m_byte(cinfo, (int)i + 1);
        jpeg_write_m_byte(cinfo, (int)total);
        write_bytes(cinfo, block->data + i * most, size);
    }
}

/* "keyword: text"; no keyword is written where it says no more than the marker does. */
static size_t text_prefix(const struct pp_metadata_block *block)
{
    return strcmp(block->keyword, "Comment") == 0 ? 0 : strlen(block->keyword) + 2;
}

static void write_text(j_compress_ptr cinfo, const struct layout *layout,
                       const struct pp_metadata_block *block)
{
    size_t prefix = text_prefix(block);

    jpeg_write_m_header(cinfo, layout->marker, (unsigned)(prefix + block->size));
    if (prefix > 0) {
        write_bytes(cinfo, block->keyword, prefix - 2);
        write_bytes(cinfo, ": ", 2);
    }
    write_bytes(cinfo, block->data, block->size);
}

static void write_block(j_compress_ptr cinfo, const struct layout *layout,
                        const struct pp_metadata_block *block)
{
    size_t prefix = block->kind == PP_METADATA_TEXT ? text_prefix(block) : 0;

    if (block->size > layout->max - prefix)
        pp_warnings_add(&((struct pp_jpeg_guard *)cinfo->err)->warnings, layout->complaint);
    else if (block->kind == PP_METADATA_ICC)
        write_profile(cinfo, layout, block);
    else if (block->kind == PP_METADATA_TEXT)
        write_text(cinfo, layout, block);
    else
        write_plain(cinfo, layout, block);
}

void pp_jpeg_markers_write(j_compress_ptr cinfo, const struct pp_metadata *metadata)
{
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        for (size_t k = 0; k < metadata->count; k++) {
            if (metadata->blocks[k].kind == layouts[i].kind)
                write_block(cinfo, &layouts[i], &metadata->blocks[k]);
        }
    }
}

/* A density per metre as JFIF's 16 bits per cm, or per inch where that is not a whole number. */
static void from_metres(uint32_t x, uint32_t y, j_compress_ptr cinfo)
{
    bool whole = x % 100 == 0 && y % 100 == 0;
    uint64_t scale = whole ? 100 : 10000, factor = whole ? 1 : 254;
    uint64_t x_density = (x * factor + scale / 2) / scale;
    uint64_t y_density = (y * factor + scale / 2) / scale;

    if (x_density == 0 || y_density == 0 || x_density > UINT16_MAX || y_density > UINT16_MAX)
        return;
    cinfo->density_unit = whole ? 2 : 1;
    cinfo->X_density = (UINT16)x_density;
    cinfo->Y_density = (UINT16)y_density;
}

void pp_jpeg_markers_set_density(j_compress_ptr cinfo, const struct pp_metadata *metadata)
{
    uint32_t x = metadata->density_x, y = metadata->density_y;

    if (metadata->density_unit == 2) {
        from_metres(x, y, cinfo);
    } else if (x > 0 && y > 0 && x <= UINT16_MAX && y <= UINT16_MAX) {
        cinfo->density_unit = metadata->density_unit;
        cinfo->X_density = (UINT16)x;
        cinfo->Y_density = (UINT16)y;
    }
}
