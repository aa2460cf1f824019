/* All blocks of a picture made true of a changed one, and parts of them left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <pixpool/metadata.h>

#include "image/metadata.h"
#include "support_exif.h"

static const char xmp[] = "<D tiff:Orientation=\"6\" exif:PixelXDimension='4000' a:b=\"c\" "
                          "xmpNote:HasExtendedXMP='0123' GCamera:MicroVideoOffset='9'>"
                          "<exif:GPSLatitude>1,2N</exif:GPSLatitude>"
                          "<xmp:Thumbnails><rdf:Alt/></xmp:Thumbnails></D>";

static struct pp_metadata_block *last(struct pp_metadata *metadata)
{
    return &metadata->blocks[metadata->count - 1];
}

static void add(struct pp_metadata *metadata, enum pp_metadata_kind kind, const void *data,
                size_t size)
{
    assert_int_equal(pp_metadata_add(metadata, kind, data, size, NULL), PP_OK);
}

static void add_text(struct pp_metadata *metadata, const char *keyword)
{
    add(metadata, PP_METADATA_TEXT, "t", 1);
    snprintf(last(metadata)->keyword, sizeof last(metadata)->keyword, "%s", keyword);
}

/* A part of extended XMP of `total` bytes, `size` of which are in it. */
static void add_more(struct pp_metadata *metadata, uint8_t total, size_t size)
{
    uint8_t part[60] = "0123456789ABCDEF0123456789ABCDEF";

    part[35] = total;
    add(metadata, PP_METADATA_XMP_MORE, part, 40 + size);
}

/* One block of each kind, 4000 x 3000 and on its side. */
static struct pp_metadata everything(void)
{
    const struct test_exif exif = test_exif_make(true);
    struct pp_metadata metadata = {.has_srgb = true, .has_cicp = true, .has_time = true};

    add(&metadata, PP_METADATA_EXIF, exif.data, exif.size);
    add(&metadata, PP_METADATA_ICC, "profile", 7);
    add(&metadata, PP_METADATA_XMP, xmp, sizeof(xmp) - 1);
    add_more(&metadata, 7, 5);
    add_more(&metadata, 7, 2);
    add(&metadata, PP_METADATA_IPTC, "8BIM\4\x0C\0\0\0\0\0\2tt", 14);
    add(&metadata, PP_METADATA_COMMENT, "c", 1);
    add_text(&metadata, "Author");
    add(&metadata, PP_METADATA_SEGMENT, "x\xFF\xD8\xFFx", 5);
    last(&metadata)->marker = 0xE4;
    return metadata;
}

static struct pp_metadata_change gray(void)
{
    return (struct pp_metadata_change){
        .in = {4000, 3000, 3, 8, 6}, .out = {4000, 3000, 1, 8, 6}, .pixels = true, .jpeg = true};
}

static bool tells(const struct pp_metadata *metadata, enum pp_metadata_kind kind, const char *text)
{
    const struct pp_metadata_block *block = pp_metadata_find(metadata, kind);

    return block && memmem(block->data, block->size, text, strlen(text));
}

/* ---- truth --------------------------------------------------------------------------------- */

static void a_picture_left_alone_keeps_all_but_what_points_outside(void **state)
{
    struct pp_metadata metadata = everything();
    struct pp_metadata_change change = gray();
    struct pp_metadata_notes notes = {0};
    const size_t count = metadata.count;

    (void)state;
    change.pixels = false;
    assert_int_equal(pp_metadata_refresh(&metadata, &change, &notes, NULL), PP_OK);
    assert_int_equal(notes.count, 0);
    assert_int_equal(metadata.count, count);
    assert_true(tells(&metadata, PP_METADATA_EXIF, "TTT"));
    assert_true(tells(&metadata, PP_METADATA_XMP, "xmp:Thumbnails"));
    assert_false(tells(&metadata, PP_METADATA_XMP, "MicroVideo"));
    assert_true(metadata.has_time);
    pp_metadata_release(&metadata);
}

static void other_pixels_leave_no_thumbnail_anywhere(void **state)
{
    struct pp_metadata metadata = everything();
    const struct pp_metadata_change change = gray();
    struct pp_metadata_notes notes = {0};

    (void)state;
    assert_int_equal(pp_metadata_refresh(&metadata, &change, &notes, NULL), PP_OK);
    assert_int_equal(notes.count, 0);
    assert_false(tells(&metadata, PP_METADATA_EXIF, "TTT"));
    assert_false(tells(&metadata, PP_METADATA_XMP, "Thumbnails"));
    assert_true(
        tells(&metadata, PP_METADATA_XMP, "tiff:Orientation=\"6\" exif:PixelXDimension='4000"));
    assert_int_equal(pp_metadata_find(&metadata, PP_METADATA_IPTC)->size, 0);
    assert_null(pp_metadata_find(&metadata, PP_METADATA_SEGMENT));
    assert_false(metadata.has_time);
    pp_metadata_release(&metadata);
}

static void sizes_and_orientation_follow_the_picture(void **state)
{
    struct pp_metadata metadata = everything();
    struct pp_metadata_change change = gray();
    struct pp_metadata_notes notes = {0};

    (void)state;
    change.out = (struct pp_geometry){30, 40, 3, 8, 1};
    change.swaps = true;
    metadata.density_x = 72;
    metadata.density_y = 36;
    assert_int_equal(pp_metadata_refresh(&metadata, &change, &notes, NULL), PP_OK);
    assert_true(
        tells(&metadata, PP_METADATA_XMP, "tiff:Orientation=\"1\" exif:PixelXDimension='30'"));
    assert_int_equal(metadata.density_x, 36);
    assert_int_equal(metadata.density_y, 72);
    pp_metadata_release(&metadata);
}

static void extended_xmp_is_carried_whole_or_not_at_all(void **state)
{
    struct pp_metadata metadata = everything();
    struct pp_metadata_change change = gray();
    struct pp_metadata_notes notes = {0};

    (void)state;
    assert_int_equal(pp_metadata_refresh(&metadata, &change, &notes, NULL), PP_OK);
    assert_non_null(pp_metadata_find(&metadata, PP_METADATA_XMP_MORE));
    assert_true(tells(&metadata, PP_METADATA_XMP, "HasExtendedXMP"));
    add_more(&metadata, 7, 1);
    assert_int_equal(pp_metadata_refresh(&metadata, &change, &notes, NULL), PP_OK);
    assert_int_equal(notes.count, 1);
    assert_string_equal(notes.first, "incomplete extended XMP is left out");
    assert_null(pp_metadata_find(&metadata, PP_METADATA_XMP_MORE));
    assert_false(tells(&metadata, PP_METADATA_XMP, "HasExtendedXMP"));
    pp_metadata_release(&metadata);
}

static void only_a_jpeg_has_a_place_for_extended_xmp(void **state)
{
    struct pp_metadata metadata = everything();
    struct pp_metadata_change change = gray();
    struct pp_metadata_notes notes = {0};

    (void)state;
    change.jpeg = false;
    assert_int_equal(pp_metadata_refresh(&metadata, &change, &notes, NULL), PP_OK);
    assert_int_equal(notes.count, 1);
    assert_null(pp_metadata_find(&metadata, PP_METADATA_XMP_MORE));
    pp_metadata_release(&metadata);
}

static void broken_blocks_go_with_a_note(void **state)
{
    struct pp_metadata metadata = {0};
    const struct pp_metadata_change change = gray();
    struct pp_metadata_notes notes = {0};

    (void)state;
    add(&metadata, PP_METADATA_EXIF, "nonsense", 8);
    add(&metadata, PP_METADATA_XMP, "<D xmp:Thumbnails=", 18);
    add(&metadata, PP_METADATA_COMMENT, "c", 1);
    assert_int_equal(pp_metadata_refresh(&metadata, &change, &notes, NULL), PP_OK);
    assert_int_equal(notes.count, 2);
    assert_string_equal(notes.first, "broken EXIF block is left out");
    assert_int_equal(metadata.count, 1);
    pp_metadata_release(&metadata);
}

/* ---- stripping ----------------------------------------------------------------------------- */

static struct pp_metadata stripped(unsigned parts, uint8_t orientation)
{
    struct pp_metadata metadata = everything();
    struct pp_metadata_notes notes = {0};

    assert_int_equal(pp_metadata_strip(&metadata, parts, orientation, &notes, NULL), PP_OK);
    return metadata;
}

static void each_part_goes_alone(void **state)
{
    static const struct {
        unsigned part;
        enum pp_metadata_kind kinds[2];
    } cases[] = {
        {PP_STRIP_EXIF, {PP_METADATA_EXIF, PP_METADATA_EXIF}},
        {PP_STRIP_ICC, {PP_METADATA_ICC, PP_METADATA_ICC}},
        {PP_STRIP_XMP, {PP_METADATA_XMP, PP_METADATA_XMP_MORE}},
        {PP_STRIP_IPTC, {PP_METADATA_IPTC, PP_METADATA_IPTC}},
        {PP_STRIP_COMMENTS, {PP_METADATA_COMMENT, PP_METADATA_TEXT}},
        {PP_STRIP_OTHER, {PP_METADATA_SEGMENT, PP_METADATA_SEGMENT}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pp_metadata metadata = stripped(cases[i].part, 1);
        for (int kind = PP_METADATA_EXIF; kind <= PP_METADATA_SEGMENT; kind++) {
            bool goes = kind == (int)cases[i].kinds[0] || kind == (int)cases[i].kinds[1];
            if (goes == (pp_metadata_find(&metadata, (enum pp_metadata_kind)kind) != NULL))
                fail_msg("case %zu, kind %d", i, kind);
        }
        pp_metadata_release(&metadata);
    }
}

static void nothing_is_left_of_all_but_the_orientation(void **state)
{
    struct pp_metadata upright = stripped(PP_STRIP_ALL, 1);

    (void)state;
    assert_int_equal(upright.count, 0);
    assert_false(upright.has_srgb || upright.has_cicp || upright.has_time);
    pp_metadata_release(&upright);
    for (uint8_t orientation = 2; orientation <= 8; orientation++) {
        struct pp_metadata metadata = stripped(PP_STRIP_ALL, orientation);
        assert_int_equal(metadata.count, 1);
        assert_int_equal(metadata.blocks[0].size, 26);
        assert_int_equal(pp_exif_orientation(metadata.blocks[0].data, 26), orientation);
        pp_metadata_release(&metadata);
    }
}

static void places_go_and_the_rest_stays(void **state)
{
    struct pp_metadata metadata = stripped(PP_STRIP_GPS, 6);

    (void)state;
    assert_false(tells(&metadata, PP_METADATA_EXIF, "\xBE\xEF"));
    assert_true(tells(&metadata, PP_METADATA_EXIF, "TTT"));
    assert_false(tells(&metadata, PP_METADATA_XMP, "GPS"));
    assert_false(tells(&metadata, PP_METADATA_XMP, "1,2N"));
    assert_true(tells(&metadata, PP_METADATA_XMP, "a:b=\"c\""));
    assert_null(pp_metadata_find(&metadata, PP_METADATA_XMP_MORE));
    assert_null(pp_metadata_find(&metadata, PP_METADATA_SEGMENT));
    assert_non_null(pp_metadata_find(&metadata, PP_METADATA_ICC));
    assert_non_null(pp_metadata_find(&metadata, PP_METADATA_TEXT));
    pp_metadata_release(&metadata);
}

static void texts_that_hold_other_kinds_go_with_these(void **state)
{
    static const struct {
        const char *keyword;
        unsigned part;
        bool goes;
    } cases[] = {
        {"Raw profile type exif", PP_STRIP_EXIF, true},
        {"Raw profile type APP1", PP_STRIP_GPS, true},
        {"Raw profile type xmp", PP_STRIP_XMP, true},
        {"Raw profile type iptc", PP_STRIP_IPTC, true},
        {"Raw profile type icc", PP_STRIP_ICC, true},
        {"exif:GPSLatitude", PP_STRIP_GPS, true},
        {"exif:Model", PP_STRIP_EXIF, true},
        {"exif:Model", PP_STRIP_GPS, false},
        {"Author", PP_STRIP_EXIF, false},
        {"Author", PP_STRIP_GPS, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pp_metadata metadata = {0};
        struct pp_metadata_notes notes = {0};
        add_text(&metadata, cases[i].keyword);
        assert_int_equal(pp_metadata_strip(&metadata, cases[i].part, 1, &notes, NULL), PP_OK);
        assert_int_equal(metadata.count, !cases[i].goes);
        pp_metadata_release(&metadata);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_left_alone_keeps_all_but_what_points_outside),
        cmocka_unit_test(other_pixels_leave_no_thumbnail_anywhere),
        cmocka_unit_test(sizes_and_orientation_follow_the_picture),
        cmocka_unit_test(extended_xmp_is_carried_whole_or_not_at_all),
        cmocka_unit_test(only_a_jpeg_has_a_place_for_extended_xmp),
        cmocka_unit_test(broken_blocks_go_with_a_note),
        cmocka_unit_test(each_part_goes_alone),
        cmocka_unit_test(nothing_is_left_of_all_but_the_orientation),
        cmocka_unit_test(places_go_and_the_rest_stays),
        cmocka_unit_test(texts_that_hold_other_kinds_go_with_these),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
