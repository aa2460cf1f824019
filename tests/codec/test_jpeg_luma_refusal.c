/* What the luma extractor refuses, and what of a file it passes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"
#include "support_luma.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct pp_jpeg_luma_settings plain;

static const struct luma_recipe usual = {.width = 60, .height = 50, .h = {2}, .v = {2}};
static const struct luma_recipe restarting = {
    .width = 60, .height = 50, .h = {2}, .v = {2}, .restart_mcus = 3};

static const jpeg_scan_info unfinished[] = {{3, {0, 1, 2}, 0, 0, 0, 0},
                                            {1, {0}, 1, 63, 0, 1},
                                            {1, {1}, 1, 63, 0, 0},
                                            {1, {2}, 1, 63, 0, 0}};
static const jpeg_scan_info without_ac[] = {{3, {0, 1, 2}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};

static enum pp_status extract(const uint8_t *data, size_t size,
                              const struct pp_jpeg_luma_settings *settings)
{
    struct luma_file output = luma_extract_memory(data, size, settings);

    assert_true((output.status == PP_OK) == (output.err.text[0] == '\0'));
    assert_int_equal(output.status, output.err.status);
    free(output.data);
    return output.status;
}

static void assert_status(const struct luma_recipe *recipe, enum pp_status status)
{
    struct luma_file file = luma_encode(recipe);

    assert_int_equal(extract(file.data, file.size, &plain), status);
    free(file.data);
}

static void pictures_of_other_components_are_unsupported(void **state)
{
    static const struct {
        struct test_jpeg how;
        int channels;
    } kinds[] = {
        {{.color_space = JCS_RGB, .quality = 80}, 3},
        {{.color_space = JCS_RGB, .quality = 80, .no_adobe = true}, 3},
        {{.color_space = JCS_CMYK, .quality = 80}, 4},
        {{.color_space = JCS_YCCK, .quality = 80}, 4},
        {{.color_space = JCS_YCbCr, .quality = 80, .arithmetic = true}, 3},
        {{.color_space = JCS_YCbCr, .quality = 80, .arithmetic = true, .progressive = true}, 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct test_picture picture = test_picture_new(40, 30, (uint8_t)kinds[i].channels, 8);
        struct test_file file = test_libjpeg_encode(&picture, &kinds[i].how);
        assert_int_equal(extract(file.data, file.size, &plain), PP_E_UNSUPPORTED);
        test_file_release(&file);
        test_picture_release(&picture);
    }
}

static void luma_with_less_samples_than_chroma_is_unsupported(void **state)
{
    (void)state;
    assert_status(&(struct luma_recipe){.width = 40, .height = 40, .h = {1, 2, 1}},
                  PP_E_UNSUPPORTED);
    assert_status(&(struct luma_recipe){.width = 40, .height = 40, .h = {2}, .v = {1, 1, 2}},
                  PP_E_UNSUPPORTED);
}

static void unfinished_progressive_pictures_are_unsupported(void **state)
{
    (void)state;
    assert_status(
        &(struct luma_recipe){.width = 40, .height = 40, .scans = unfinished, .scan_count = 4},
        PP_E_UNSUPPORTED);
    assert_status(
        &(struct luma_recipe){.width = 40, .height = 40, .scans = without_ac, .scan_count = 2},
        PP_E_UNSUPPORTED);
}

static void a_file_cut_anywhere_is_corrupt(void **state)
{
    static const struct luma_recipe *const recipes[] = {&usual, &restarting};

    (void)state;
    for (size_t i = 0; i < COUNT(recipes); i++) {
        struct luma_file file = luma_encode(recipes[i]);
        for (size_t size = 0; size < file.size; size++)
            assert_int_equal(extract(file.data, size, &plain), PP_E_CORRUPT);
        assert_int_equal(extract(file.data, file.size, &plain), PP_OK);
        free(file.data);
    }
}

/* Cut the data and end the image there properly. */
static void data_that_ends_early_is_corrupt(void **state)
{
    struct luma_file file = luma_encode(&usual);

    (void)state;
    for (size_t cut = 3; cut < 200; cut++) {
        const size_t size = file.size - cut;
        const uint8_t kept[] = {file.data[size - 2], file.data[size - 1]};
        if (file.data[size - 3] == 0xFF)
            continue;
        file.data[size - 2] = 0xFF;
        file.data[size - 1] = 0xD9;
        assert_int_equal(extract(file.data, size, &plain), PP_E_CORRUPT);
        memcpy(file.data + size - 2, kept, 2);
    }
    free(file.data);
}

static size_t find_marker(const struct luma_file *file, unsigned marker)
{
    for (size_t i = 2; i + 1 < file->size; i++) {
        if (file->data[i] == 0xFF && file->data[i + 1] == marker)
            return i;
    }
    fail_msg("no marker %x", marker);
    return 0;
}

/* What becomes of a file with bytes put in before a marker. */
static enum pp_status with(const struct luma_recipe *recipe, unsigned marker, const char *bytes,
                           size_t size)
{
    struct luma_file file = luma_encode(recipe);
    const struct test_file whole = {file.data, file.size};
    struct test_file changed = test_file_insert(&whole, find_marker(&file, marker), bytes, size);
    enum pp_status status = extract(changed.data, changed.size, &plain);

    test_file_release(&changed);
    free(file.data);
    return status;
}

static void what_stands_where_nothing_may_is_corrupt(void **state)
{
    (void)state;
    assert_int_equal(with(&usual, 0xDB, "\0", 1), PP_E_CORRUPT);       /* between segments */
    assert_int_equal(with(&usual, 0xD9, "\x55", 1), PP_E_CORRUPT);     /* behind the data */
    assert_int_equal(with(&usual, 0xD9, "\xFF\0", 2), PP_E_CORRUPT);   /* the same, stuffed */
    assert_int_equal(with(&usual, 0xD9, "\xFF\xD0", 2), PP_E_CORRUPT); /* a restart marker */
    assert_int_equal(with(&restarting, 0xD1, "\xFF\xD2", 2), PP_E_CORRUPT);
    assert_int_equal(with(&restarting, 0xD1, "\x55", 1), PP_E_CORRUPT);
    assert_int_equal(with(&usual, 0xDB, "\xFF\xD8", 2), PP_E_CORRUPT); /* a second start */
    assert_int_equal(with(&usual, 0xD9, "\xFF\xDC\0\4\0\x10", 6), PP_E_UNSUPPORTED); /* DNL */
}

static void fill_bytes_before_markers_are_taken(void **state)
{
    (void)state;
    assert_int_equal(with(&usual, 0xDB, "\xFF\xFF\xFF", 3), PP_OK);
    assert_int_equal(with(&usual, 0xD9, "\xFF\xFF", 2), PP_OK);
    assert_int_equal(with(&restarting, 0xD3, "\xFF", 1), PP_OK);
}

static void a_restart_marker_of_the_wrong_number_is_corrupt(void **state)
{
    struct luma_file file = luma_encode(&restarting);

    (void)state;
    file.data[find_marker(&file, 0xD2) + 1] = 0xD3;
    assert_int_equal(extract(file.data, file.size, &plain), PP_E_CORRUPT);
    free(file.data);
}

static void bytes_behind_the_end_are_ignored(void **state)
{
    struct luma_file file = luma_encode(&usual);
    const struct test_file whole = {file.data, file.size};
    struct test_file longer = test_file_insert(&whole, file.size, "\xFF\xD8garbage", 9);

    (void)state;
    assert_int_equal(extract(longer.data, longer.size, &plain), PP_OK);
    test_file_release(&longer);
    free(file.data);
}

static void limits_are_kept(void **state)
{
    const struct pp_jpeg_luma_settings pixels = {.limits = {.max_pixels = 60 * 50 - 1}};
    const struct pp_jpeg_luma_settings enough = {.limits = {.max_pixels = 60 * 50, .max_scans = 1}};
    const struct pp_jpeg_luma_settings scans = {.limits = {.max_scans = 2}};
    static const jpeg_scan_info separate[] = {
        {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    const struct luma_recipe several = {
        .width = 30, .height = 30, .scans = separate, .scan_count = 3};
    struct luma_file one = luma_encode(&usual), three = luma_encode(&several);

    (void)state;
    assert_int_equal(extract(one.data, one.size, &pixels), PP_E_LIMIT);
    assert_int_equal(extract(one.data, one.size, &enough), PP_OK);
    assert_int_equal(extract(three.data, three.size, &scans), PP_E_LIMIT);
    free(one.data);
    free(three.data);
}

/* ---- segments ------------------------------------------------------------------------------- */

static const char exif[] = "\xFF\xE1\0\x0A"
                           "Exif\0\0xy";
static const char profile[] = "\xFF\xE2\0\x12"
                              "ICC_PROFILE\0\1\1ab";
static const char index_of_pictures[] = "\xFF\xE2\0\x08"
                                        "MPF\0zz";
static const char adobe[] = "\xFF\xEE\0\x0E"
                            "Adobe\0\x64\0\0\0\0\1";
static const char comment[] = "\xFF\xFE\0\x07"
                              "hello";

/* An extraction of the usual picture with these segments in front of its tables. */
static struct luma_file extract_segments(const struct pp_jpeg_luma_settings *settings)
{
    static const struct {
        const char *bytes;
        size_t size;
    } segments[] = {{comment, sizeof(comment) - 1},
                    {adobe, sizeof(adobe) - 1},
                    {index_of_pictures, sizeof(index_of_pictures) - 1},
                    {profile, sizeof(profile) - 1},
                    {exif, sizeof(exif) - 1}};
    struct luma_file file = luma_encode(&usual);
    struct test_file changed = {file.data, file.size};
    const size_t at = find_marker(&file, 0xDB);

    for (size_t i = 0; i < COUNT(segments); i++) {
        struct test_file next = test_file_insert(&changed, at, segments[i].bytes, segments[i].size);
        test_file_release(&changed);
        changed = next;
    }
    struct luma_file output = luma_extract_memory(changed.data, changed.size, settings);
    assert_string_equal(output.err.text, "");
    test_file_release(&changed);
    return output;
}

/* Where it stands; 0 when it is missing. */
static size_t find(const struct luma_file *file, const char *bytes, size_t size)
{
    const uint8_t *found = memmem(file->data, file->size, bytes, size);

    return found ? (size_t)(found - file->data) : 0;
}

static void of_all_segments_jfif_alone_is_kept(void **state)
{
    struct luma_file output = extract_segments(&plain);

    (void)state;
    assert_int_equal(find(&output, "\xFF\xE0\0\x10JFIF", 8), 2);
    assert_int_equal(find(&output, "Exif", 4), 0);
    assert_int_equal(find(&output, "Adobe", 5), 0);
    assert_int_equal(find(&output, "MPF", 3), 0);
    assert_int_equal(find(&output, "ICC_PROFILE", 11), 0);
    assert_int_equal(find(&output, "hello", 5), 0);
    free(output.data);
}

/* ---- damage --------------------------------------------------------------------------------- */

static void damaged_files_are_refused_or_equal_libjpegs_gray(void **state)
{
    static const struct luma_recipe *const recipes[] = {&usual, &restarting};
    uint32_t random = 1;
    unsigned extracted = 0;

    (void)state;
    for (unsigned i = 0; i < 4000; i++) {
        struct luma_file file = luma_encode(recipes[i % COUNT(recipes)]);
        random = random * 1664525u + 1013904223u;
        file.data[(random >> 4) % file.size] ^= (uint8_t)(1u << (random & 7));
        struct luma_file output = luma_extract_memory(file.data, file.size, &plain);
        if (output.status == PP_OK) {
            struct luma_picture expected = luma_decode(file.data, file.size);
            struct luma_picture got = luma_decode(output.data, output.size);
            assert_int_equal(expected.warnings, 0);
            assert_int_equal(got.warnings, 0);
            assert_true(luma_is_same(&expected, &got));
            free(expected.data);
            free(got.data);
            extracted++;
        }
        free(output.data);
        free(file.data);
    }
    assert_true(extracted > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_of_other_components_are_unsupported),
        cmocka_unit_test(luma_with_less_samples_than_chroma_is_unsupported),
        cmocka_unit_test(unfinished_progressive_pictures_are_unsupported),
        cmocka_unit_test(a_file_cut_anywhere_is_corrupt),
        cmocka_unit_test(data_that_ends_early_is_corrupt),
        cmocka_unit_test(what_stands_where_nothing_may_is_corrupt),
        cmocka_unit_test(fill_bytes_before_markers_are_taken),
        cmocka_unit_test(a_restart_marker_of_the_wrong_number_is_corrupt),
        cmocka_unit_test(bytes_behind_the_end_are_ignored),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(of_all_segments_jfif_alone_is_kept),
        cmocka_unit_test(damaged_files_are_refused_or_equal_libjpegs_gray),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
