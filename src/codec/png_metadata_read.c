#include "codec/png.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char xmp_keyword[] = "XML:com.adobe.xmp";

/* The tag, a NUL, the keyword in that language, a NUL. */
static enum pp_status add_language(struct pp_metadata_block *block, const png_text *text,
                                   struct pp_error *err)
{
    const char *tag = text->lang ? text->lang : "", *key = text->lang_key ? text->lang_key : "";
    const size_t tag_size = strlen(tag) + 1, key_size = strlen(key) + 1;

    if (!*tag && !*key)
        return PP_OK;
    block->language = malloc(tag_size + key_size);
    if (!block->language)
        return pp_error_set(err, PP_E_NO_MEMORY, "PNG text: no memory");
    memcpy(block->language, tag, tag_size);
    memcpy(block->language + tag_size, key, key_size);
    return PP_OK;
}

static enum pp_status add_text(struct pp_metadata *metadata, const png_text *text,
                               struct pp_error *err)
{
    bool international = text->compression >= PNG_ITXT_COMPRESSION_NONE;
    size_t size = international ? text->itxt_length : text->text_length;
    bool xmp = international && strcmp(text->key, xmp_keyword) == 0;

    enum pp_status status =
        pp_metadata_add(metadata, xmp ? PP_METADATA_XMP : PP_METADATA_TEXT, text->text, size, err);
    if (status != PP_OK || xmp)
        return status;
    struct pp_metadata_block *block = &metadata->blocks[metadata->count - 1];
    snprintf(block->keyword, sizeof(block->keyword), "%s", text->key);
    block->latin1 = !international;
    return international ? add_language(block, text, err) : PP_OK;
}

static enum pp_status add_texts(const png_struct *png, png_info *info, struct pp_metadata *metadata,
                                struct pp_error *err)
{
    png_text *texts = NULL;
    int count = 0;
    enum pp_status status = PP_OK;

    png_get_text(png, info, &texts, &count);
    for (int i = 0; status == PP_OK && i < count; i++)
        status = add_text(metadata, &texts[i], err);
    return status;
}

static enum pp_status add_profile(const png_struct *png, png_info *info,
                                  struct pp_metadata *metadata, struct pp_error *err)
{
    char *name = NULL;
    int compression = 0;
    png_byte *profile = NULL;
    png_uint_32 size = 0;

    if (!png_get_iCCP(png, info, &name, &compression, &profile, &size) || size == 0)
        return PP_OK;
    return pp_metadata_add(metadata, PP_METADATA_ICC, profile, size, err);
}

static enum pp_status add_exif(const png_struct *png, png_info *info, struct pp_metadata *metadata,
                               struct pp_error *err)
{
    png_byte *exif = NULL;
    png_uint_32 size = 0;

    if (!png_get_eXIf_1(png, info, &size, &exif) || size == 0)
        return PP_OK;
    return pp_metadata_add(metadata, PP_METADATA_EXIF, exif, size, err);
}

static void take_density(const png_struct *png, const png_info *info, struct pp_metadata *metadata)
{
    png_uint_32 x = 0, y = 0;
    int unit = PNG_RESOLUTION_UNKNOWN;

    if (!png_get_pHYs(png, info, &x, &y, &unit))
        return;
    metadata->density_x = x;
    metadata->density_y = y;
    metadata->density_unit = unit == PNG_RESOLUTION_METER ? 2 : 0;
}

/* PNG-3, 11.3.2.6; libpng before 1.6.45 knows nothing of it. */
static void take_cicp(const png_struct *png, png_info *info, struct pp_metadata *metadata)
{
    png_unknown_chunk *chunks = NULL;
    int count = png_get_unknown_chunks(png, info, &chunks);

    for (int i = 0; i < count; i++) {
        if (memcmp(chunks[i].name, "cICP", 5) != 0 || chunks[i].size != sizeof metadata->cicp)
            continue;
        memcpy(metadata->cicp, chunks[i].data, sizeof metadata->cicp);
        metadata->has_cicp = true;
        return;
    }
}

static void take_colour(const png_struct *png, png_info *info, struct pp_metadata *metadata)
{
    png_fixed_point gamma = 0, c[8] = {0};
    int intent = 0;

    metadata->has_gamma = png_get_gAMA_fixed(png, info, &gamma) != 0 && gamma > 0;
    metadata->gamma = metadata->has_gamma ? (uint32_t)gamma : 0;
    metadata->has_srgb = png_get_sRGB(png, info, &intent) != 0;
    metadata->srgb_intent = (uint8_t)intent;
    metadata->has_chromaticities =
        png_get_cHRM_fixed(png, info, &c[0], &c[1], &c[2], &c[3], &c[4], &c[5], &c[6], &c[7]) != 0;
    for (size_t i = 0; i < 8; i++)
        metadata->chromaticities[i] = c[i] > 0 ? (uint32_t)c[i] : 0;
}

static void take_time(const png_struct *png, png_info *info, struct pp_metadata *metadata)
{
    png_time *time = NULL;

    metadata->has_time = png_get_tIME(png, info, &time) != 0 && time;
    if (!metadata->has_time)
        return;
    const uint8_t bytes[] = {(uint8_t)(time->year >> 8),
                             (uint8_t)time->year,
                             time->month,
                             time->day,
                             time->hour,
                             time->minute,
                             time->second};
    memcpy(metadata->time, bytes, sizeof(bytes));
}

enum pp_status pp_png_read_metadata(png_struct *png, png_info *info, struct pp_metadata *metadata,
                                    struct pp_error *err)
{
    enum pp_status status = add_exif(png, info, metadata, err);

    if (status == PP_OK)
        status = add_profile(png, info, metadata, err);
    if (status == PP_OK)
        status = add_texts(png, info, metadata, err);
    take_density(png, info, metadata);
    take_colour(png, info, metadata);
    take_cicp(png, info, metadata);
    take_time(png, info, metadata);
    png_free_data(png, info, PNG_FREE_TEXT | PNG_FREE_ICCP | PNG_FREE_EXIF, -1);
    return status;
}
