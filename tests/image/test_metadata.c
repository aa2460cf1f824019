/* Blocks are kept in order and dropped by kind; adapting keeps them true of the new picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image/metadata.h"

static void add(struct pp_metadata *metadata, enum pp_metadata_kind kind, const char *text)
{
    assert_int_equal(pp_metadata_add(metadata, kind, text, strlen(text), NULL), PP_OK);
}

/* The header of a profile of that colour space, which is all that adapting looks at. */
static void add_profile(struct pp_metadata *metadata, const char *space)
{
    uint8_t profile[128] = {0};

    memcpy(profile + 16, space, 4);
    memcpy(profile + 36, "acsp", 4);
    assert_int_equal(pp_metadata_add(metadata, PP_METADATA_ICC, profile, sizeof(profile), NULL),
                     PP_OK);
}

static void blocks_are_copied_and_kept_in_order(void **state)
{
    struct pp_metadata metadata = {0};
    char text[] = "0";

    (void)state;
    for (int i = 0; i < 9; i++, text[0]++)
        add(&metadata, PP_METADATA_COMMENT, text);
    assert_int_equal(metadata.count, 9);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(metadata.blocks[i].data[0], '0' + (int)i);
    pp_metadata_release(&metadata);
    assert_int_equal(metadata.count, 0);
    pp_metadata_release(&metadata);
}

static void dropping_a_kind_leaves_the_others_and_room_for_more(void **state)
{
    struct pp_metadata metadata = {0};

    (void)state;
    for (int i = 0; i < 5; i++) {
        add(&metadata, PP_METADATA_COMMENT, "c");
        add(&metadata, PP_METADATA_XMP, "x");
    }
    pp_metadata_drop(&metadata, PP_METADATA_COMMENT);
    assert_null(pp_metadata_find(&metadata, PP_METADATA_COMMENT));
    assert_int_equal(metadata.count, 5);
    for (int i = 0; i < 12; i++)
        add(&metadata, PP_METADATA_EXIF, "e");
    assert_int_equal(metadata.count, 17);
    assert_memory_equal(pp_metadata_find(&metadata, PP_METADATA_EXIF)->data, "e", 1);
    pp_metadata_release(&metadata);
}

static void an_empty_block_is_a_block(void **state)
{
    struct pp_metadata metadata = {0};

    (void)state;
    assert_int_equal(pp_metadata_add(&metadata, PP_METADATA_COMMENT, NULL, 0, NULL), PP_OK);
    assert_int_equal(metadata.blocks[0].size, 0);
    pp_metadata_release(&metadata);
}

static void a_profile_of_another_kind_of_picture_goes(void **state)
{
    static const struct {
        const char *space;
        uint8_t channels;
        bool stays;
    } cases[] = {{"RGB ", 3, true}, {"RGB ", 4, true},  {"RGB ", 1, false}, {"RGB ", 2, false},
                 {"GRAY", 1, true}, {"GRAY", 3, false}, {"CMYK", 3, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pp_metadata metadata = {0};
        struct pp_geometry geometry = {1, 1, cases[i].channels, 8, 1};
        add_profile(&metadata, cases[i].space);
        pp_metadata_adapt(&metadata, &geometry, &geometry);
        assert_int_equal(metadata.count, cases[i].stays);
        pp_metadata_release(&metadata);
    }
}

static void a_broken_profile_is_left_alone(void **state)
{
    struct pp_metadata metadata = {0};
    struct pp_geometry gray = {1, 1, 1, 8, 1};

    (void)state;
    add(&metadata, PP_METADATA_ICC, "short");
    pp_metadata_adapt(&metadata, &gray, &gray);
    assert_int_equal(metadata.count, 1);
    pp_metadata_release(&metadata);
}

static void a_turned_picture_gets_the_new_orientation(void **state)
{
    static const uint8_t exif[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                                   3,   0,   0, 0,  1, 0, 6, 0, 0, 0, 0, 0,    0};
    struct pp_metadata metadata = {0};
    struct pp_geometry in = {4, 3, 3, 8, 6}, out = {3, 4, 3, 8, 1};

    (void)state;
    assert_int_equal(pp_metadata_add(&metadata, PP_METADATA_EXIF, exif, sizeof(exif), NULL), PP_OK);
    pp_metadata_adapt(&metadata, &in, &in);
    assert_int_equal(pp_exif_orientation(metadata.blocks[0].data, sizeof(exif)), 6);
    pp_metadata_adapt(&metadata, &in, &out);
    assert_int_equal(pp_exif_orientation(metadata.blocks[0].data, sizeof(exif)), 1);
    pp_metadata_release(&metadata);
}

static void gray_loses_srgb_and_chromaticities_but_not_gamma(void **state)
{
    struct pp_metadata metadata = {.has_gamma = true, .has_srgb = true, .has_chromaticities = true};
    struct pp_geometry rgb = {1, 1, 3, 8, 1}, gray = {1, 1, 1, 8, 1};

    (void)state;
    pp_metadata_adapt(&metadata, &rgb, &rgb);
    assert_true(metadata.has_srgb && metadata.has_chromaticities);
    pp_metadata_adapt(&metadata, &rgb, &gray);
    assert_false(metadata.has_srgb || metadata.has_chromaticities);
    assert_true(metadata.has_gamma);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_copied_and_kept_in_order),
        cmocka_unit_test(dropping_a_kind_leaves_the_others_and_room_for_more),
        cmocka_unit_test(an_empty_block_is_a_block),
        cmocka_unit_test(a_profile_of_another_kind_of_picture_goes),
        cmocka_unit_test(a_broken_profile_is_left_alone),
        cmocka_unit_test(a_turned_picture_gets_the_new_orientation),
        cmocka_unit_test(gray_loses_srgb_and_chromaticities_but_not_gamma),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
