/*
 * What a PNG says before its first pixels (PNG-3), without libpng: its chunks are passed over but
 * for a few of fixed size, and the profile and the EXIF block as long as they are of a sane one.
 */
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "codec/header.h"
#include "codec/png.h"
#include "image/exif_text.h"
#include "image/icc_name.h"

#define SIGNATURE_BYTES 8
#define KEPT_MAX        ((size_t)1024 * 1024) /* of a chunk that is looked into */
#define PROFILE_MAX     ((size_t)4 * 1024 * 1024)
#define KEYWORD_MAX     79
#define LARGEST_SIZE    0x7FFFFFFFu /* PNG-3, 5.3 */

struct chunk {
    char type[5];
    size_t size;
    uint8_t *data;  /* owned; NULL where it was passed over */
    uint32_t begin; /* the data's first bytes were taken: so many */
    uint8_t first[KEYWORD_MAX + 1];
    uint8_t checksum[4];
};

struct describing {
    struct pp_header header;
    struct pp_info *info;
};

static bool is(const struct chunk *chunk, const char *type)
{
    return memcmp(chunk->type, type, 4) == 0;
}

static enum pp_status corrupt(const char *why, struct pp_error *err)
{
    return pp_error_set(err, PP_E_CORRUPT, "PNG header: %s", why);
}

/* Its first bytes, all of it, or nothing but its size: as much as is looked at. */
static enum pp_status take_data(struct pp_header *header, struct chunk *chunk, struct pp_error *err)
{
    const bool whole = (is(chunk, "iCCP") || is(chunk, "eXIf")) && chunk->size <= KEPT_MAX;
    enum pp_status status;

    if (whole) {
        chunk->data = malloc(chunk->size + 1);
        if (!chunk->data)
            return pp_error_set(err, PP_E_NO_MEMORY, "PNG header: no memory");
        status = pp_header_take(header, chunk->data, chunk->size, err);
        chunk->begin = (uint32_t)chunk->size;
    } else {
        chunk->begin =
            (uint32_t)(chunk->size < sizeof chunk->first ? chunk->size : sizeof chunk->first);
        status = pp_header_take(header, chunk->first, chunk->begin, err);
    }
    if (status == PP_OK)
        status = pp_header_skip(header, chunk->size - chunk->begin, err);
    return status == PP_OK ? pp_header_take(header, chunk->checksum, 4, err) : status;
}

/* *chunk is to be released in every case. A chunk of pixels is not gone into. */
static enum pp_status next_chunk(struct pp_header *header, struct chunk *chunk,
                                 struct pp_error *err)
{
    uint8_t head[8];
    enum pp_status status = pp_header_take(header, head, sizeof head, err);

    *chunk = (struct chunk){0};
    if (status != PP_OK)
        return status;
    chunk->size = pp_header_32(head);
    memcpy(chunk->type, head + 4, 4);
    for (size_t i = 0; i < 4; i++)
        if ((head[4 + i] | 0x20) < 'a' || (head[4 + i] | 0x20) > 'z')
            return corrupt("a chunk whose type is no letters", err);
    if (chunk->size > LARGEST_SIZE)
        return corrupt("a chunk that is too long", err);
    if (is(chunk, "IDAT") || is(chunk, "IEND"))
        return PP_OK;
    return take_data(header, chunk, err);
}

/* PNG-3, table 8: the depths a colour type goes with, as bits of a number. */
static bool is_legal(unsigned type, unsigned depth)
{
    static const uint32_t depths[7] = {
        [0] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16,
        [2] = 1u << 8 | 1u << 16,
        [3] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8,
        [4] = 1u << 8 | 1u << 16,
        [6] = 1u << 8 | 1u << 16,
    };

    return type < 7 && depth <= 16 && (depths[type] >> depth & 1);
}

/* PNG-3, 5.5, of a chunk all of which is in `first`. */
static bool is_sound(const struct chunk *chunk)
{
    uint32_t sum = libdeflate_crc32(0, chunk->type, 4);

    return libdeflate_crc32(sum, chunk->first, chunk->size) == pp_header_32(chunk->checksum);
}

static enum pp_status take_header(struct describing *d, struct pp_error *err)
{
    static const uint8_t channels[7] = {1, 0, 3, 1, 2, 0, 4};
    static const char *const colours[7] = {"gray",       NULL, "RGB", "palette",
                                           "gray+alpha", NULL, "RGBA"};
    struct pp_info *info = d->info;
    struct chunk chunk;
    enum pp_status status = next_chunk(&d->header, &chunk, err);
    const uint8_t *p = chunk.first;

    if (status == PP_OK && (!is(&chunk, "IHDR") || chunk.size != 13))
        status = corrupt("it does not begin with a header", err);
    if (status == PP_OK && !is_sound(&chunk))
        status = corrupt("its checksum is wrong", err);
    if (status == PP_OK && (!is_legal(p[9], p[8]) || p[12] > 1))
        status = corrupt("an unknown kind of picture", err);
    if (status == PP_OK) {
        info->width = pp_header_32(p);
        info->height = pp_header_32(p + 4);
        info->depth = p[8];
        info->channels = channels[p[9]];
        info->colour = colours[p[9]];
        info->progressive = p[12] == 1;
        if (info->width - 1 >= LARGEST_SIZE || info->height - 1 >= LARGEST_SIZE)
            status = corrupt("its width or height cannot be", err);
    }
    free(chunk.data);
    return status;
}

/* The size of what inflates is not known: twice as much room until it is enough. */
static void name_profile(struct pp_info *info, const uint8_t *packed, size_t size)
{
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
    size_t room = 4096, got = 0;

    while (inflater && result == LIBDEFLATE_INSUFFICIENT_SPACE && room <= PROFILE_MAX) {
        uint8_t *profile = malloc(room);

        if (!profile)
            break;
        result = libdeflate_zlib_decompress(inflater, packed, size, profile, room, &got);
        if (result == LIBDEFLATE_SUCCESS)
            pp_icc_name(profile, got, info->profile, sizeof info->profile);
        free(profile);
        room *= 2;
    }
    libdeflate_free_decompressor(inflater);
}

/* PNG-3, 11.3.2.3: a name, a method, which is 0, and the profile deflated. The name is of little
 * use: most programs write "ICC profile" or "icc" there. */
static void take_profile(struct pp_info *info, const struct chunk *chunk)
{
    const uint8_t *end = chunk->data ? memchr(chunk->data, '\0', chunk->size) : NULL;

    info->has_profile = true;
    if (end && chunk->data + chunk->size - end > 2 && end[1] == 0)
        name_profile(info, end + 2, (size_t)(chunk->data + chunk->size - end) - 2);
}

static void take_exif(struct pp_info *info, const struct chunk *chunk)
{
    if (!chunk->data)
        return;
    info->orientation = pp_exif_orientation(chunk->data, chunk->size);
    pp_exif_text(chunk->data, chunk->size, PP_EXIF_MODEL, info->camera, sizeof info->camera);
}

static void take_density(struct pp_info *info, const struct chunk *chunk)
{
    if (chunk->size != 9)
        return;
    info->density_x = pp_header_32(chunk->first);
    info->density_y = pp_header_32(chunk->first + 4);
    info->density_unit = chunk->first[8] == 1 ? 2 : 0;
}

/* What says how to show the pixels is no metadata of a kind that could be left out. */
static bool is_rendering(const struct chunk *chunk)
{
    static const char *const types[] = {"PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "cICP", "mDCV",
                                        "cLLI", "sBIT", "bKGD", "hIST", "tIME", "sPLT", "pHYs"};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (is(chunk, types[i]))
            return true;
    return false;
}

static void take_chunk(struct pp_info *info, const struct chunk *chunk)
{
    static const char xmp[] = "XML:com.adobe.xmp";
    enum pp_info_kind kind = PP_INFO_OTHER;

    if (is(chunk, "pHYs"))
        take_density(info, chunk);
    if (is_rendering(chunk))
        return;
    if (is(chunk, "iCCP")) {
        kind = PP_INFO_ICC;
        take_profile(info, chunk);
    } else if (is(chunk, "eXIf")) {
        kind = PP_INFO_EXIF;
        take_exif(info, chunk);
    } else if (is(chunk, "iTXt") && chunk->begin >= sizeof xmp &&
               memcmp(chunk->first, xmp, sizeof xmp) == 0) {
        kind = PP_INFO_XMP;
    } else if (is(chunk, "tEXt") || is(chunk, "zTXt") || is(chunk, "iTXt")) {
        kind = PP_INFO_TEXT;
    }
    info->metadata[kind] += chunk->size;
}

enum pp_status pp_png_describe(struct pp_input *in, struct pp_info *info, struct pp_error *err)
{
    struct describing d = {.header = {.in = in, .name = "PNG"}, .info = info};
    struct chunk chunk = {0};
    enum pp_status status = pp_header_skip(&d.header, SIGNATURE_BYTES, err);

    if (status == PP_OK)
        status = take_header(&d, err);
    while (status == PP_OK && !is(&chunk, "IDAT")) {
        status = next_chunk(&d.header, &chunk, err);
        if (status == PP_OK && is(&chunk, "IEND"))
            status = corrupt("it ends without pixels", err);
        if (status == PP_OK && !is(&chunk, "IDAT"))
            take_chunk(info, &chunk);
        free(chunk.data);
    }
    return status;
}
