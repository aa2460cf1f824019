/*
 * What a JPEG says before its first scan (ITU-T T.81, annex B), without libjpeg: a few markers,
 * each at most 64 KiB long. What is malformed in metadata is passed over; a frame header must be
 * right.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/header.h"
#include "codec/jpeg.h"
#include "codec/jpeg_frame_words.h"
#include "codec/jpeg_icc.h"
#include "codec/jpeg_markers.h"
#include "codec/jpeg_quality.h"
#include "image/exif_text.h"
#include "image/icc_name.h"

#define SOI   0xD8
#define EOI   0xD9
#define SOS   0xDA
#define DQT   0xDB
#define APP0  0xE0
#define APP1  0xE1
#define APP2  0xE2
#define APP13 0xED
#define APP14 0xEE
#define APP15 0xEF
#define COM   0xFE

struct describing {
    struct pp_header header;
    struct pp_info *info;
    struct pp_jpeg_sampling sampling;
    uint8_t tables[4];     /* of each component: which quantisation table */
    uint16_t steps[4][64]; /* the tables, zigzag */
    bool has_table[4], has_frame, jfif, exif_seen;
    int transform; /* Adobe's, -1 without */
    struct pp_jpeg_icc icc;
    size_t size; /* of the payload */
    uint8_t payload[PP_JPEG_PAYLOAD_MAX];
};

/* A frame of any process; these are not: DHT, JPG, DAC (table B.1). */
static bool is_frame(int marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* SOF2, 6, 10, 14. */
static bool is_progressive(int marker)
{
    return (marker & 3) == 2;
}

static bool stands_alone(int marker)
{
    return marker == 0x01 || (marker >= 0xD0 && marker <= SOI);
}

/* The next marker that has a payload, or EOI; what stands between markers is passed over, as
 * libjpeg does. */
static enum pp_status next_marker(struct describing *d, int *marker, struct pp_error *err)
{
    enum pp_status status;
    uint8_t byte = 0;

    do {
        do
            status = pp_header_take(&d->header, &byte, 1, err);
        while (status == PP_OK && byte != 0xFF);
        while (status == PP_OK && byte == 0xFF)
            status = pp_header_take(&d->header, &byte, 1, err);
    } while (status == PP_OK && (byte == 0 || stands_alone(byte)));
    *marker = byte;
    return status;
}

static enum pp_status take_payload(struct describing *d, struct pp_error *err)
{
    uint8_t length[2];
    enum pp_status status = pp_header_take(&d->header, length, 2, err);

    if (status != PP_OK)
        return status;
    if (pp_header_16(length) < 2)
        return pp_error_set(err, PP_E_CORRUPT, "JPEG header: a marker without a length");
    d->size = pp_header_16(length) - 2;
    return pp_header_take(&d->header, d->payload, d->size, err);
}

static enum pp_status take_frame(struct describing *d, int marker, struct pp_error *err)
{
    const uint8_t *p = d->payload;
    struct pp_info *info = d->info;

    if (d->has_frame)
        return pp_error_set(err, PP_E_CORRUPT, "JPEG header: more than one frame");
    if (d->size < 6 || p[5] == 0 || d->size != 6 + 3u * p[5])
        return pp_error_set(err, PP_E_CORRUPT, "JPEG header: a frame of a wrong length");
    info->depth = p[0];
    info->height = pp_header_16(p + 1);
    info->width = pp_header_16(p + 3);
    info->channels = p[5];
    info->progressive = is_progressive(marker);
    if (info->width == 0 || info->height == 0 || info->depth < 2 || info->depth > 16)
        return pp_error_set(err, PP_E_CORRUPT, "JPEG header: %u x %u samples of %u bits",
                            info->width, info->height, info->depth);
    d->has_frame = true;
    d->sampling.count = p[5];
    for (unsigned i = 0; i < p[5] && i < 4; i++) {
        const uint8_t *component = p + 6 + 3 * (size_t)i;

        d->sampling.ids[i] = component[0];
        d->sampling.h[i] = component[1] >> 4;
        d->sampling.v[i] = component[1] & 15;
        d->tables[i] = component[2] & 3;
    }
    return PP_OK;
}

static void take_tables(struct describing *d)
{
    for (size_t at = 0; at < d->size;) {
        const uint8_t head = d->payload[at++];
        const size_t width = head >> 4 ? 2 : 1;
        const unsigned number = head & 15;

        if (number > 3 || d->size - at < 64 * width)
            return;
        for (size_t i = 0; i < 64; i++, at += width)
            d->steps[number][i] =
                (uint16_t)(width == 2 ? pp_header_16(d->payload + at) : d->payload[at]);
        d->has_table[number] = true;
    }
}

/* Whether the payload begins with the text and its NUL. */
static bool begins_with(const struct describing *d, const char *text, size_t size)
{
    return d->size >= size && memcmp(d->payload, text, size) == 0;
}

static void count(struct describing *d, enum pp_info_kind kind, size_t wrapping)
{
    d->info->metadata[kind] += d->size - wrapping;
}

/* JFIF 1.02: unit 0 is an aspect ratio, 1 dots per inch, 2 dots per cm. */
static void take_jfif(struct describing *d)
{
    const uint8_t *p = d->payload;
    struct pp_info *info = d->info;

    if (!begins_with(d, "JFIF", 5) || d->size < 12) {
        count(d, PP_INFO_OTHER, 0);
        return;
    }
    d->jfif = true;
    if (p[7] > 2)
        return;
    info->density_unit = p[7];
    info->density_x = pp_header_16(p + 8) * (p[7] == 2 ? 100 : 1);
    info->density_y = pp_header_16(p + 10) * (p[7] == 2 ? 100 : 1);
}

static void take_exif(struct describing *d)
{
    const uint8_t *exif = d->payload + 6;

    count(d, PP_INFO_EXIF, 6);
    if (d->exif_seen)
        return;
    d->exif_seen = true;
    d->info->orientation = pp_exif_orientation(exif, d->size - 6);
    pp_exif_text(exif, d->size - 6, PP_EXIF_MODEL, d->info->camera, sizeof d->info->camera);
}

static void take_app1(struct describing *d)
{
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/";
    static const char more_xmp[] = "http://ns.adobe.com/xmp/extension/";

    if (begins_with(d, "Exif\0", 6))
        take_exif(d);
    else if (begins_with(d, xmp, sizeof xmp))
        count(d, PP_INFO_XMP, sizeof xmp);
    else if (begins_with(d, more_xmp, sizeof more_xmp))
        count(d, PP_INFO_XMP, sizeof more_xmp);
    else
        count(d, PP_INFO_OTHER, 0);
}

static enum pp_status take_app2(struct describing *d, struct pp_error *err)
{
    if (begins_with(d, PP_JPEG_ICC_SIGNATURE, sizeof PP_JPEG_ICC_SIGNATURE) &&
        d->size >= PP_JPEG_ICC_HEADER) {
        count(d, PP_INFO_ICC, PP_JPEG_ICC_HEADER);
        d->info->has_profile = true;
        return pp_jpeg_icc_take(&d->icc, d->payload, d->size, err);
    }
    if (begins_with(d, "MPF", 4))
        count(d, PP_INFO_MPF, 4);
    else
        count(d, PP_INFO_OTHER, 0);
    return PP_OK;
}

/* Adobe, technical note 5116: the transform is the last of 12 bytes. */
static void take_app14(struct describing *d)
{
    if (d->size >= 12 && memcmp(d->payload, "Adobe", 5) == 0)
        d->transform = d->payload[11];
    else
        count(d, PP_INFO_OTHER, 0);
}

static enum pp_status take_marker(struct describing *d, int marker, struct pp_error *err)
{
    static const char photoshop[] = "Photoshop 3.0";

    if (is_frame(marker))
        return take_frame(d, marker, err);
    if (marker == APP2)
        return take_app2(d, err);
    if (marker == DQT)
        take_tables(d);
    else if (marker == APP0)
        take_jfif(d);
    else if (marker == APP1)
        take_app1(d);
    else if (marker == APP13 && begins_with(d, photoshop, sizeof photoshop))
        count(d, PP_INFO_IPTC, sizeof photoshop);
    else if (marker == APP14)
        take_app14(d);
    else if (marker == COM)
        count(d, PP_INFO_COMMENT, 0);
    else if (marker > APP0 && marker <= APP15)
        count(d, PP_INFO_OTHER, 0);
    return PP_OK;
}

static enum pp_status name_profile(struct describing *d, struct pp_error *err)
{
    struct pp_metadata metadata = {0};
    bool complete = false;
    enum pp_status status = pp_jpeg_icc_finish(&d->icc, &metadata, &complete, err);

    if (status == PP_OK && complete)
        pp_icc_name(metadata.blocks[0].data, metadata.blocks[0].size, d->info->profile,
                    sizeof d->info->profile);
    pp_metadata_release(&metadata);
    return status;
}

static enum pp_status conclude(struct describing *d, struct pp_error *err)
{
    struct pp_info *info = d->info;
    const uint8_t *tables = d->tables;

    if (!d->has_frame)
        return pp_error_set(err, PP_E_CORRUPT, "JPEG header: there is no frame");
    info->colour = pp_jpeg_colour(&d->sampling, d->jfif, d->transform);
    pp_jpeg_subsampling(&d->sampling, info->subsampling, sizeof info->subsampling);
    if (d->has_table[tables[0]]) {
        /* colours that are no differences share luma's table */
        bool has_chroma =
            d->sampling.count >= 3 && tables[1] != tables[0] && d->has_table[tables[1]];

        info->quality = pp_jpeg_quality(
            d->steps[tables[0]], has_chroma ? d->steps[tables[1]] : NULL, &info->quality_is_exact);
    }
    return d->icc.seen ? name_profile(d, err) : PP_OK;
}

enum pp_status pp_jpeg_describe(struct pp_input *in, struct pp_info *info, struct pp_error *err)
{
    struct describing *d = calloc(1, sizeof *d);
    enum pp_status status = PP_OK;
    int marker = 0;

    if (!d)
        return pp_error_set(err, PP_E_NO_MEMORY, "JPEG header: no memory");
    d->header = (struct pp_header){.in = in, .name = "JPEG"};
    d->info = info;
    d->transform = -1;
    while (status == PP_OK && marker != SOS && marker != EOI) {
        status = next_marker(d, &marker, err);
        if (status == PP_OK && marker != EOI && marker != SOS)
            status = take_payload(d, err);
        if (status == PP_OK)
            status = take_marker(d, marker, err);
    }
    if (status == PP_OK && marker == EOI)
        status = pp_error_set(err, PP_E_CORRUPT, "JPEG header: the picture ends without a scan");
    if (status == PP_OK)
        status = conclude(d, err);
    pp_jpeg_icc_release(&d->icc);
    free(d);
    return status;
}
