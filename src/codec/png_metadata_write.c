#include "codec/png.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/* Texts above it are compressed: PNG-3, 11.3.3.3, advises 1024 bytes. */
#define COMPRESS_ABOVE 1024u

static void warn(const png_struct *png, const char *text)
{
    const struct pp_png_guard *guard = png_get_error_ptr(png);

    pp_warnings_add(&guard->warnings, text);
}

/* The kind of text chunk for a block of that length. */
static int text_kind(bool latin1, size_t size)
{
    if (latin1)
        return size > COMPRESS_ABOVE ? PNG_TEXT_COMPRESSION_zTXt : PNG_TEXT_COMPRESSION_NONE;
    return size > COMPRESS_ABOVE ? PNG_ITXT_COMPRESSION_zTXt : PNG_ITXT_COMPRESSION_NONE;
}

static const char *block_keyword(const struct pp_metadata_block *block)
{
    if (block->kind == PP_METADATA_XMP)
        return "XML:com.adobe.xmp";
    return block->kind == PP_METADATA_COMMENT ? "Comment" : block->keyword;
}

/* Hand `text`, a copy of the block's that ends with a NUL, to libpng, which copies it again. */
static void set_text(png_struct *png, png_info *info, const struct pp_metadata_block *block,
                     int kind, char *text)
{
    const char *keyword = block_keyword(block);
    char key[80] = "", empty[] = "";
    char *language = block->language ? block->language : empty;
    png_text entry = {.compression = kind, .key = key, .text = text, .lang = language};

    memcpy(key, keyword, strlen(keyword) + 1);
    entry.lang_key = block->language ? language + strlen(language) + 1 : empty;
    png_set_text(png, info, &entry, 1);
}

/* Trailing NULs are no part of a text; one inside would cut it. */
static bool text_length(const struct pp_metadata_block *block, size_t *length)
{
    size_t size = block->size;

    while (size > 0 && block->data[size - 1] == 0)
        size--;
    *length = size;
    return size == 0 || !memchr(block->data, 0, size);
}

static int block_kind(const struct pp_metadata_block *block, size_t length)
{
    if (block->kind == PP_METADATA_XMP)
        return PNG_ITXT_COMPRESSION_NONE; /* so that other programs find it (XMP part 3, 1.1.5) */
    if (block->kind == PP_METADATA_TEXT)
        return text_kind(block->latin1, length);
    bool international =
        !pp_png_is_ascii(block->data, length) && pp_is_utf8((const char *)block->data, length);
    return text_kind(!international, length);
}

static enum pp_status add_text(png_struct *png, png_info *info,
                               const struct pp_metadata_block *block, struct pp_error *err)
{
    struct pp_png_guard *guard = png_get_error_ptr(png);
    const char *keyword = block_keyword(block);
    size_t length;

    if (!text_length(block, &length) || !pp_png_is_keyword(keyword)) {
        warn(png, "text that PNG forbids is left out");
        return PP_OK;
    }
    free(guard->scratch);
    guard->scratch = NULL;
    enum pp_status status = pp_memory_new(&guard->scratch, length + 1, 1, "PNG text", err);
    if (status != PP_OK)
        return status;
    char *text = guard->scratch;
    memcpy(text, block->data, length);
    text[length] = '\0';
    set_text(png, info, block, block_kind(block, length), text);
    return PP_OK;
}

static void add_exif(png_struct *png, png_info *info, const struct pp_metadata_block *block)
{
    bool tiff = block->size >= 4 &&
                (memcmp(block->data, "II*\0", 4) == 0 || memcmp(block->data, "MM\0*", 4) == 0);

    if (tiff && block->size <= PNG_UINT_31_MAX)
        png_set_eXIf_1(png, info, (png_uint_32)block->size, block->data);
    else
        warn(png, "broken EXIF block is left out");
}

static void add_profile(png_struct *png, png_info *info, const struct pp_metadata_block *block)
{
    if (block->size <= PNG_UINT_31_MAX)
        png_set_iCCP(png, info, "icc", PNG_COMPRESSION_TYPE_BASE, block->data,
                     (png_uint_32)block->size);
    else
        warn(png, "colour profile too large for PNG is left out");
}

static enum pp_status add_block(png_struct *png, png_info *info,
                                const struct pp_metadata_block *block, struct pp_error *err)
{
    switch (block->kind) {
    case PP_METADATA_EXIF:
        add_exif(png, info, block);
        return PP_OK;
    case PP_METADATA_ICC:
        add_profile(png, info, block);
        return PP_OK;
    case PP_METADATA_IPTC:
        warn(png, "IPTC block is left out: PNG has no place for it");
        return PP_OK;
    case PP_METADATA_XMP_MORE:
    case PP_METADATA_SEGMENT:
        warn(png, "application segment is left out: PNG has no place for it");
        return PP_OK;
    case PP_METADATA_XMP:
    case PP_METADATA_COMMENT:
    case PP_METADATA_TEXT:
        return add_text(png, info, block, err);
    }
    return PP_OK;
}

static void set_density(png_struct *png, png_info *info, const struct pp_metadata *metadata)
{
    uint64_t x = metadata->density_x, y = metadata->density_y;
    int unit = metadata->density_unit == 0 ? PNG_RESOLUTION_UNKNOWN : PNG_RESOLUTION_METER;

    if (metadata->density_unit == 1) { /* an inch is 0.0254 m */
        x = (x * 10000 + 127) / 254;
        y = (y * 10000 + 127) / 254;
    }
    if (x > 0 && y > 0 && x <= PNG_UINT_31_MAX && y <= PNG_UINT_31_MAX)
        png_set_pHYs(png, info, (png_uint_32)x, (png_uint_32)y, unit);
}

/* libpng's fixed-point numbers are signed. */
static bool is_fixed_point(uint32_t value)
{
    return value <= PNG_UINT_31_MAX;
}

static void set_colour(png_struct *png, png_info *info, const struct pp_metadata *metadata)
{
    bool sound = true;
    png_fixed_point c[8];

    for (size_t i = 0; i < 8; i++) {
        sound = sound && is_fixed_point(metadata->chromaticities[i]);
        c[i] = (png_fixed_point)metadata->chromaticities[i];
    }
    if (metadata->has_gamma && is_fixed_point(metadata->gamma))
        png_set_gAMA_fixed(png, info, (png_fixed_point)metadata->gamma);
    if (metadata->has_chromaticities && sound)
        png_set_cHRM_fixed(png, info, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]);
    if (metadata->has_srgb && !pp_metadata_find(metadata, PP_METADATA_ICC))
        png_set_sRGB(png, info, metadata->srgb_intent);
}

static void set_cicp(png_struct *png, png_info *info, const struct pp_metadata *metadata)
{
    png_unknown_chunk chunk = {.name = "cICP", .size = sizeof metadata->cicp};
    png_byte data[sizeof metadata->cicp];

    memcpy(data, metadata->cicp, sizeof data);
    chunk.data = data; /* libpng copies it */
    chunk.location = PNG_HAVE_IHDR;
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS, chunk.name, 1);
    png_set_unknown_chunks(png, info, &chunk, 1);
}

static void set_time(png_struct *png, png_info *info, const struct pp_metadata *metadata)
{
    const uint8_t *bytes = metadata->time;
    const png_time time = {.year = (png_uint_16)(bytes[0] << 8 | bytes[1]),
                           .month = bytes[2],
                           .day = bytes[3],
                           .hour = bytes[4],
                           .minute = bytes[5],
                           .second = bytes[6]};

    if (metadata->has_time)
        png_set_tIME(png, info, &time);
}

enum pp_status pp_png_write_metadata(png_struct *png, png_info *info,
                                     const struct pp_metadata *metadata, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    set_density(png, info, metadata);
    set_colour(png, info, metadata);
    if (metadata->has_cicp)
        set_cicp(png, info, metadata);
    set_time(png, info, metadata);
    for (size_t i = 0; status == PP_OK && i < metadata->count; i++)
        status = add_block(png, info, &metadata->blocks[i], err);
    return status;
}
