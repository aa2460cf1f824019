/*
 * photos/: what a camera and a scanner would leave in a folder.
 */
#include "jpeg_file.h"
#include "metadata.h"
#include "png_file.h"
#include "scene.h"
#include "sets.h"

static void write_lake(struct output *out)
{
    struct picture picture = photograph(scene_named("lake"), 3000, 2000);
    struct bytes icc = icc_rgb();
    struct jpeg_options options = {.quality = 91, .h = 2, .v = 2};
    output_take(out, "photos/mountain lake.jpg", jpeg_with_icc(&picture, &options, &icc, 65519));
    bytes_free(&icc);
    picture_free(&picture);
}

static void write_forest(struct output *out)
{
    struct picture picture = photograph(scene_named("forest"), 2400, 1600);
    struct jpeg_options options = {.quality = 90, .h = 2, .v = 2, .progressive = 1};
    output_take(out, "photos/forest.jpg", jpeg_encode(&picture, &options));
    picture_free(&picture);
}

static void write_coast(struct output *out)
{
    struct picture picture = photograph(scene_named("coast"), 2700, 1520);
    struct jpeg_options options = {.quality = 92, .h = 2, .v = 1};
    output_take(out, "photos/travel/k\xc3\xbcste im abendlicht.jpg",
                jpeg_encode(&picture, &options));
    picture_free(&picture);
}

/* Held upright: the file's rows run down the scene's right edge. */
static void write_dunes(struct output *out)
{
    struct picture picture = photograph(scene_named("dunes"), 1700, 2550);
    struct picture stored = picture_stored_for(&picture, 6);
    struct picture small = picture_shrink(&stored, 160, 107);
    struct bytes thumbnail =
        jpeg_encode(&small, &(struct jpeg_options){.quality = 70, .h = 2, .v = 1});
    struct exif exif = {.orientation = 6,
                        .camera = 1,
                        .width = stored.width,
                        .height = stored.height,
                        .thumbnail = &thumbnail};
    struct bytes block = exif_build(&exif);
    struct jpeg_options options = {.quality = 91, .h = 2, .v = 2, .restart_rows = 4};
    output_take(out, "photos/travel/dunes.jpg", jpeg_with_exif(&stored, &options, &block));
    bytes_free(&block);
    bytes_free(&thumbnail);
    picture_free(&small);
    picture_free(&stored);
    picture_free(&picture);
}

static void write_town(struct output *out)
{
    struct picture picture = night_town(2100, 1400);
    struct jpeg_options options = {.quality = 90, .h = 2, .v = 2, .optimised = 1};
    output_take(out, "photos/night/town by the water.JPG", jpeg_encode(&picture, &options));
    picture_free(&picture);
}

static void write_page(struct output *out, const struct stock *stock)
{
    struct picture page = printed_page(1240, 1654, &stock->lake);
    struct png_options options = {.colour_type = PNG_COLOR_TYPE_RGB, .depth = 8};
    output_take(out, "photos/printed page.png", png_encode(&page, &options));
    picture_free(&page);
}

void write_photos(struct output *out, const struct stock *stock)
{
    output_folder(out, "photos");
    output_folder(out, "photos/travel");
    output_folder(out, "photos/night");
    write_lake(out);
    write_forest(out);
    write_coast(out);
    write_dunes(out);
    write_town(out);
    write_page(out, stock);
}
