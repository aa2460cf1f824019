/*
 * jpeg/: one file for each thing a valid JPEG may be.
 */
#include <stdio.h>

#include "jpeg_file.h"
#include "metadata.h"
#include "sets.h"

struct variant {
    const char *name;
    struct jpeg_options options;
};

static const struct variant variants[] = {
    {"baseline-444", {0}},
    {"baseline-422", {.h = 2}},
    {"baseline-420", {.h = 2, .v = 2}},
    {"baseline-440", {.v = 2}},
    {"baseline-411", {.h = 4}},
    {"baseline-gray", {.space = JPEG_GRAY}},
    {"gray-sampled-2x2", {.space = JPEG_GRAY, .h = 2, .v = 2}},
    {"progressive-444", {.progressive = 1}},
    {"progressive-422", {.h = 2, .progressive = 1}},
    {"progressive-420", {.h = 2, .v = 2, .progressive = 1}},
    {"progressive-440", {.v = 2, .progressive = 1}},
    {"progressive-gray", {.space = JPEG_GRAY, .progressive = 1}},
    {"restart", {.h = 2, .v = 2, .restart_rows = 1}},
    {"restart-progressive", {.progressive = 1, .restart_rows = 2}},
    {"optimised", {.h = 2, .v = 2, .optimised = 1}},
    {"arithmetic", {.h = 2, .v = 2, .arithmetic = 1}},
    {"arithmetic-progressive", {.arithmetic = 1, .progressive = 1}},
    {"cmyk", {.space = JPEG_CMYK}},
    {"cmyk-progressive", {.space = JPEG_CMYK, .progressive = 1}},
    {"ycck", {.space = JPEG_YCCK}},
    {"ycck-420", {.space = JPEG_YCCK, .h = 2, .v = 2}},
    {"rgb", {.space = JPEG_RGB}},
    {"separate-scans", {.h = 2, .v = 2, .separate_scans = 1}},
    {"separate-scans-restart", {.separate_scans = 1, .restart_rows = 1}},
    {"wide-quantisation", {.quality = 6, .h = 2, .v = 2, .wide_tables = 1}},
    {"quality-100", {.quality = 100}},
    {"quality-5", {.quality = 5, .h = 2, .v = 2}},
};

static void take(struct output *out, const char *name, struct bytes file)
{
    char path[128];
    snprintf(path, sizeof path, "jpeg/%s.jpg", name);
    output_take(out, path, file);
}

static void write_variants(struct output *out, const struct stock *stock)
{
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        take(out, variants[i].name, jpeg_encode(&stock->odd, &variants[i].options));
    struct jpeg_options even = {.h = 2, .v = 2};
    take(out, "baseline-420-160x120", jpeg_encode(&stock->small, &even));
    even.progressive = 1;
    take(out, "progressive-420-160x120", jpeg_encode(&stock->small, &even));
}

static void write_sizes(struct output *out, const struct stock *stock)
{
    static const unsigned sizes[][2] = {{1, 1}, {1, 61}, {97, 1},  {7, 9},
                                        {8, 8}, {17, 1}, {16, 16}, {33, 31}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char name[64];
        struct picture part = picture_crop(&stock->odd, 0, 0, sizes[i]);
        struct jpeg_options options = {.h = 2, .v = 2};
        snprintf(name, sizeof name, "size-%ux%u", sizes[i][0], sizes[i][1]);
        take(out, name, jpeg_encode(&part, &options));
        options.progressive = 1;
        snprintf(name, sizeof name, "size-%ux%u-progressive", sizes[i][0], sizes[i][1]);
        take(out, name, jpeg_encode(&part, &options));
        picture_free(&part);
    }
}

static void write_orientations(struct output *out, const struct stock *stock)
{
    for (int orientation = 1; orientation <= 8; orientation++) {
        char name[64];
        struct picture stored = picture_stored_for(&stock->motif, orientation);
        struct exif exif = {.big_endian = orientation % 2 == 0,
                            .orientation = orientation,
                            .camera = orientation > 4,
                            .width = stored.width,
                            .height = stored.height};
        struct bytes block = exif_build(&exif);
        snprintf(name, sizeof name, "orientation-%d", orientation);
        take(out, name, jpeg_with_exif(&stored, &(struct jpeg_options){.quality = 90}, &block));
        bytes_free(&block);
        picture_free(&stored);
    }
}

static void write_srgb_profiles(struct output *out, const struct stock *stock)
{
    struct bytes rgb = icc_rgb(), gray = icc_gray();
    struct jpeg_options options = {.h = 2, .v = 2};
    take(out, "icc", jpeg_with_icc(&stock->odd, &options, &rgb, 65519));
    take(out, "icc-in-pieces", jpeg_with_icc(&stock->odd, &options, &rgb, 300));
    options = (struct jpeg_options){.space = JPEG_GRAY};
    take(out, "icc-gray", jpeg_with_icc(&stock->odd, &options, &gray, 65519));
    bytes_free(&rgb);
    bytes_free(&gray);
}

static void write_wide_profiles(struct output *out, const struct stock *stock)
{
    struct bytes adobe = icc_adobe_rgb(), p3 = icc_display_p3(), cmyk = icc_cmyk();
    struct jpeg_options options = {.h = 2, .v = 2};
    take(out, "icc-adobe-rgb", jpeg_with_icc(&stock->odd, &options, &adobe, 65519));
    options.progressive = 1;
    take(out, "icc-display-p3", jpeg_with_icc(&stock->odd, &options, &p3, 65519));
    options = (struct jpeg_options){.space = JPEG_CMYK};
    take(out, "cmyk-icc", jpeg_with_icc(&stock->odd, &options, &cmyk, 65519));
    options.space = JPEG_YCCK;
    take(out, "ycck-icc", jpeg_with_icc(&stock->odd, &options, &cmyk, 65519));
    bytes_free(&adobe);
    bytes_free(&p3);
    bytes_free(&cmyk);
}

static void write_metadata(struct output *out, const struct stock *stock)
{
    struct bytes xmp = xmp_packet(), iptc = iptc_block(), first = {0}, second = {0};
    bytes_add_text(&first, "a lake below mountains");
    bytes_add_text(&second, "made by rule, not by light \xe2\x98\x80");
    struct jpeg_segment segments[] = {
        {0xe1, "http://ns.adobe.com/xap/1.0/\0", 29, &xmp},
        {0xed, NULL, 0, &iptc},
        {0xfe, NULL, 0, &first},
        {0xfe, NULL, 0, &second},
    };
    static const char *const names[] = {"xmp", "iptc", "comment"};
    struct jpeg_options options = {.h = 2, .v = 2};
    for (size_t i = 0; i < 3; i++) {
        options.segments = segments + i;
        options.segment_count = i == 2 ? 2 : 1;
        take(out, names[i], jpeg_encode(&stock->odd, &options));
    }
    bytes_free(&xmp);
    bytes_free(&iptc);
    bytes_free(&first);
    bytes_free(&second);
}

static void write_thumbnail(struct output *out, const struct stock *stock)
{
    struct picture small = picture_shrink(&stock->motif, 40, 30);
    struct bytes thumbnail = jpeg_encode(&small, &(struct jpeg_options){.h = 2});
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        struct exif exif = {.big_endian = big_endian,
                            .orientation = 1,
                            .camera = 1,
                            .width = stock->motif.width,
                            .height = stock->motif.height,
                            .thumbnail = &thumbnail};
        struct bytes block = exif_build(&exif);
        take(out, big_endian ? "exif-thumbnail-big-endian" : "exif-thumbnail",
             jpeg_with_exif(&stock->motif, &(struct jpeg_options){.h = 2, .v = 2}, &block));
        bytes_free(&block);
    }
    bytes_free(&thumbnail);
    picture_free(&small);
}

/* A few 0xff before every marker of the header, which T.81, B.1.1.2 allows. */
static struct bytes with_fill_bytes(const struct bytes *file)
{
    struct bytes to = {0};
    size_t at = 0;
    for (unsigned marker = 0xd8; marker != 0xda;) {
        marker = file->data[at + 1];
        size_t end = jpeg_segment_end(file, at);
        if (marker != 0xd8)
            bytes_add_text(&to, "\xff\xff\xff");
        bytes_add(&to, file->data + at, end - at);
        at = end;
    }
    bytes_add(&to, file->data + at, file->size - at - 2);
    bytes_add_text(&to, "\xff\xff\xff\xff\xd9");
    return to;
}

/* Without its Huffman tables, as Motion JPEG cameras write: those of T.81, annex K are meant. */
static struct bytes without_tables(const struct bytes *file)
{
    struct bytes to = bytes_slice(file, 0, file->size);
    for (int i = 0; i < 4; i++) {
        size_t at = jpeg_find(&to, 0xc4, 0);
        struct bytes next = bytes_spliced(&to, at, jpeg_segment_end(&to, at), NULL);
        bytes_free(&to);
        to = next;
    }
    return to;
}

static void write_oddities(struct output *out, const struct stock *stock)
{
    struct bytes file = jpeg_encode(&stock->odd, &(struct jpeg_options){.h = 2, .v = 2});
    struct bytes garbage = bytes_slice(&file, 0, file.size);
    bytes_add_text(&garbage, "\nwhat a careless program left behind the end\n");
    bytes_zeros(&garbage, 500);
    take(out, "trailing-garbage", garbage);
    take(out, "no-end-marker", bytes_slice(&file, 0, file.size - 2));
    take(out, "fill-bytes", with_fill_bytes(&file));
    take(out, "no-huffman-tables", without_tables(&file));
    bytes_free(&file);
}

void write_jpegs(struct output *out, const struct stock *stock)
{
    output_folder(out, "jpeg");
    write_variants(out, stock);
    write_sizes(out, stock);
    write_orientations(out, stock);
    write_srgb_profiles(out, stock);
    write_wide_profiles(out, stock);
    write_metadata(out, stock);
    write_thumbnail(out, stock);
    write_oddities(out, stock);
}
