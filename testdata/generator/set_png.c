/*
 * png/: every legal colour type and depth, and what may stand around the pixels.
 */
#include <stdio.h>

#include "metadata.h"
#include "png_file.h"
#include "sets.h"

static void take(struct output *out, const char *name, struct bytes file)
{
    char path[128];
    snprintf(path, sizeof path, "png/%s.png", name);
    output_take(out, path, file);
}

/* The colour types and their depths (PNG-3, table 8). */
static const struct {
    const char *name;
    int type, depths[6], keyable;
} kinds[] = {
    {"gray", PNG_COLOR_TYPE_GRAY, {1, 2, 4, 8, 16, 0}, 1},
    {"rgb", PNG_COLOR_TYPE_RGB, {8, 16, 0}, 1},
    {"palette", PNG_COLOR_TYPE_PALETTE, {1, 2, 4, 8, 0}, 1},
    {"gray-alpha", PNG_COLOR_TYPE_GRAY_ALPHA, {8, 16, 0}, 0},
    {"rgba", PNG_COLOR_TYPE_RGB_ALPHA, {8, 16, 0}, 0},
};

static void write_kinds(struct output *out, const struct stock *stock)
{
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        for (const int *depth = kinds[kind].depths; *depth; depth++) {
            char name[64];
            struct png_options options = {.colour_type = kinds[kind].type, .depth = *depth};
            snprintf(name, sizeof name, "%s-%d", kinds[kind].name, *depth);
            take(out, name, png_encode(&stock->odd, &options));
            options.interlaced = 1;
            snprintf(name, sizeof name, "%s-%d-interlaced", kinds[kind].name, *depth);
            take(out, name, png_encode(&stock->odd, &options));
            if (!kinds[kind].keyable)
                continue;
            options.interlaced = 0;
            options.keyed = 1;
            snprintf(name, sizeof name, "%s-%d-transparent", kinds[kind].name, *depth);
            take(out, name, png_encode(&stock->odd, &options));
        }
    }
}

static void write_filters(struct output *out, const struct stock *stock)
{
    static const struct {
        const char *name;
        int filter;
    } filters[] = {{"none", PNG_FILTER_NONE},   {"sub", PNG_FILTER_SUB},
                   {"up", PNG_FILTER_UP},       {"average", PNG_FILTER_AVG},
                   {"paeth", PNG_FILTER_PAETH}, {"mixed", PNG_ALL_FILTERS}};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        char name[64];
        struct png_options options = {
            .colour_type = PNG_COLOR_TYPE_RGB, .depth = 8, .filters = filters[i].filter};
        snprintf(name, sizeof name, "filter-%s", filters[i].name);
        take(out, name, png_encode(&stock->odd, &options));
    }
}

static void write_sizes(struct output *out, const struct stock *stock)
{
    static const unsigned sizes[][2] = {{1, 1}, {1, 61}, {97, 1}, {2, 2}, {3, 5}, {7, 9}, {9, 4}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char name[64];
        struct picture part = picture_crop(&stock->odd, 0, 0, sizes[i]);
        struct png_options options = {.colour_type = PNG_COLOR_TYPE_RGB, .depth = 8};
        snprintf(name, sizeof name, "size-%ux%u", sizes[i][0], sizes[i][1]);
        take(out, name, png_encode(&part, &options));
        options.interlaced = 1;
        snprintf(name, sizeof name, "size-%ux%u-interlaced", sizes[i][0], sizes[i][1]);
        take(out, name, png_encode(&part, &options));
        options = (struct png_options){.colour_type = PNG_COLOR_TYPE_GRAY, .depth = 1};
        snprintf(name, sizeof name, "size-%ux%u-gray-1", sizes[i][0], sizes[i][1]);
        take(out, name, png_encode(&part, &options));
        picture_free(&part);
    }
}

static void add_gamma(png_structp png, png_infop info)
{
    png_set_gAMA_fixed(png, info, 100000);
    png_set_cHRM_fixed(png, info, 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000);
}

static void add_srgb(png_structp png, png_infop info)
{
    png_set_sRGB_gAMA_and_cHRM(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
}

static void add_density(png_structp png, png_infop info)
{
    png_set_pHYs(png, info, 11811, 11811, PNG_RESOLUTION_METER); /* 300 dpi */
}

static void add_profile(png_structp png, png_infop info)
{
    int gray = !(png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR);
    struct bytes icc = gray ? icc_gray() : icc_rgb();
    png_set_iCCP(png, info, "working space", PNG_COMPRESSION_TYPE_BASE, icc.data,
                 (png_uint_32)icc.size);
    bytes_free(&icc);
}

static void add_adobe_rgb(png_structp png, png_infop info)
{
    struct bytes icc = icc_adobe_rgb();
    png_set_iCCP(png, info, "working space", PNG_COMPRESSION_TYPE_BASE, icc.data,
                 (png_uint_32)icc.size);
    bytes_free(&icc);
}

static void add_texts(png_structp png, png_infop info)
{
    static char long_text[] = "A lake below mountains, a lake below mountains, and again a lake "
                              "below mountains, so that there is something to compress.";
    png_text texts[] = {
        {.compression = PNG_TEXT_COMPRESSION_NONE, .key = "Title", .text = "Still water"},
        {.compression = PNG_TEXT_COMPRESSION_NONE, .key = "Author", .text = "Z\xfcrcher"},
        {.compression = PNG_TEXT_COMPRESSION_zTXt, .key = "Description", .text = long_text},
        {.compression = PNG_ITXT_COMPRESSION_NONE,
         .key = "Title",
         .text = "\xe6\xb9\x96",
         .lang = "ja",
         .lang_key = "Title"},
        {.compression = PNG_ITXT_COMPRESSION_zTXt,
         .key = "Comment",
         .text = long_text,
         .lang = "en",
         .lang_key = "Comment"},
    };
    png_set_text(png, info, texts, 5);
}

static void add_xmp(png_structp png, png_infop info)
{
    struct bytes xmp = xmp_packet();
    bytes_add8(&xmp, 0);
    png_text text = {.compression = PNG_ITXT_COMPRESSION_NONE,
                     .key = "XML:com.adobe.xmp",
                     .text = (char *)xmp.data,
                     .lang = "",
                     .lang_key = ""};
    png_set_text(png, info, &text, 1);
    bytes_free(&xmp);
}

static void add_others(png_structp png, png_infop info)
{
    png_color_8 bits = {.red = 5, .green = 6, .blue = 5};
    png_set_sBIT(png, info, &bits);
    png_color_16 back = {.red = 20, .green = 40, .blue = 80};
    png_set_bKGD(png, info, &back);
    png_time time = {2024, 5, 17, 6, 41, 9};
    png_set_tIME(png, info, &time);
    png_set_oFFs(png, info, -3, 12, PNG_OFFSET_PIXEL);
}

static void write_carriers(struct output *out, const struct stock *stock)
{
    static const struct {
        const char *name;
        void (*decorate)(png_structp png, png_infop info);
        int type;
    } carriers[] = {
        {"gamma-chromaticities", add_gamma, PNG_COLOR_TYPE_RGB},
        {"srgb", add_srgb, PNG_COLOR_TYPE_RGB},
        {"density", add_density, PNG_COLOR_TYPE_RGB},
        {"icc", add_profile, PNG_COLOR_TYPE_RGB},
        {"icc-gray", add_profile, PNG_COLOR_TYPE_GRAY},
        {"texts", add_texts, PNG_COLOR_TYPE_RGB},
        {"xmp", add_xmp, PNG_COLOR_TYPE_RGB},
        {"other-chunks", add_others, PNG_COLOR_TYPE_RGB},
    };
    for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++) {
        struct png_options options = {
            .colour_type = carriers[i].type, .depth = 8, .decorate = carriers[i].decorate};
        take(out, carriers[i].name, png_encode(&stock->odd, &options));
    }
}

static void write_wide_colours(struct output *out, const struct stock *stock)
{
    struct png_options options = {
        .colour_type = PNG_COLOR_TYPE_RGB, .depth = 16, .decorate = add_adobe_rgb};
    take(out, "icc-adobe-rgb-16", png_encode(&stock->odd, &options));
    options = (struct png_options){.colour_type = PNG_COLOR_TYPE_RGB, .depth = 8};
    struct bytes file = png_encode(&stock->odd, &options), code = {0};
    bytes_add32(&code, 0x0c0d0001); /* P3 primaries, sRGB's curve, RGB, full range (H.273) */
    take(out, "cicp-display-p3", png_with_chunk(&file, "cICP", &code));
    bytes_free(&file);
    bytes_free(&code);
}

static void write_orientation(struct output *out, const struct stock *stock)
{
    struct picture stored = picture_stored_for(&stock->motif, 6);
    struct exif exif = {.orientation = 6, .camera = 1, .width = 120, .height = 160};
    struct bytes block = exif_build(&exif);
    struct png_options options = {.colour_type = PNG_COLOR_TYPE_RGB, .depth = 8};
    struct bytes file = png_encode(&stored, &options);
    take(out, "exif-orientation-6", png_with_chunk(&file, "eXIf", &block));
    bytes_free(&file);
    bytes_free(&block);
    picture_free(&stored);
}

static void write_codings(struct output *out, const struct stock *stock)
{
    struct png_options options = {.colour_type = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 8, .opaque = 1};
    take(out, "rgba-8-opaque", png_encode(&stock->odd, &options));
    options.depth = 16;
    take(out, "rgba-16-opaque", png_encode(&stock->odd, &options));
    options = (struct png_options){.colour_type = PNG_COLOR_TYPE_RGB, .depth = 8, .stored = 1};
    take(out, "stored", png_encode(&stock->odd, &options));
    options = (struct png_options){.colour_type = PNG_COLOR_TYPE_GRAY, .depth = 4};
    struct bytes file = png_encode(&stock->odd, &options);
    take(out, "split-1-byte", png_split_data(&file, 1));
    take(out, "split-100-bytes", png_split_data(&file, 100));
    bytes_free(&file);
}

void write_pngs(struct output *out, const struct stock *stock)
{
    output_folder(out, "png");
    write_kinds(out, stock);
    write_filters(out, stock);
    write_sizes(out, stock);
    write_carriers(out, stock);
    write_wide_colours(out, stock);
    write_orientation(out, stock);
    write_codings(out, stock);
}
