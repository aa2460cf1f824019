/* Real files: each is converted or refused with a reason, and what is decoded is right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <png.h>

#include "support.h"

static bool is_format(const struct test_file *file, const struct pp_codec *codec)
{
    return file->data && codec->probe(file->data, file->size);
}

static void decode_or_refuse(const char *path, void *user)
{
    static const struct pp_read_settings settings = {
        .limits = {.max_pixels = 4000000, .max_scans = 200}};
    struct test_file file = test_file_load(path);

    (void)user;
    assert_non_null(file.data);
    struct test_decoding decoding = test_decode(&file, &settings);
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void every_corrupt_file_is_decoded_or_refused_with_a_reason(void **state)
{
    (void)state;
    if (test_corpus_each("corrupt", decode_or_refuse, NULL) == 0)
        skip();
}

static void every_conformance_file_is_decoded_or_refused_with_a_reason(void **state)
{
    (void)state;
    if (test_corpus_each("conformance", decode_or_refuse, NULL) == 0)
        skip();
}

static void check_pngsuite_file(const char *path, void *user)
{
    const char *name = strrchr(path, '/') + 1;
    struct test_file file = test_file_load(path);

    (void)user;
    if (strstr(name, ".png")) {
        struct test_decoding decoding = test_decode(&file, NULL);
        if ((name[0] == 'x') != (decoding.status != PP_OK))
            fail_msg("%s: %s", name, decoding.status == PP_OK ? "decoded" : decoding.err.text);
        test_decoding_release(&decoding);
    }
    test_file_release(&file);
}

static void pngsuite_is_decoded_but_for_its_broken_files(void **state)
{
    (void)state;
    if (test_corpus_each("conformance/PngSuite-full", check_pngsuite_file, NULL) == 0)
        skip();
}

struct sample {
    size_t every; /* compare one file in so many */
    size_t seen, compared;
};

static void compare_png_pixels(const char *path, void *user)
{
    struct sample *sample = user;

    if (sample->seen++ % sample->every != 0)
        return;
    struct test_file file = test_file_load(path);
    struct test_decoding decoding = {0};
    if (is_format(&file, &pp_codec_png))
        decoding = test_decode(&file, NULL);
    if (decoding.reader && decoding.status == PP_OK) {
        struct test_file expected = test_libpng_decode(&file);
        assert_int_equal(decoding.size, expected.size);
        if (memcmp(decoding.pixels, expected.data, expected.size) != 0)
            fail_msg("%s: pixels differ", path);
        test_file_release(&expected);
        sample->compared++;
    }
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void png_pixels_equal_the_low_level_interface_of_libpng(void **state)
{
    struct sample all = {.every = 1}, some = {.every = 20};

    (void)state;
    test_corpus_each("conformance", compare_png_pixels, &all);
    test_corpus_each("icons", compare_png_pixels, &some);
    test_corpus_each("png", compare_png_pixels, &(struct sample){.every = 6});
    if (all.compared == 0)
        skip();
    assert_true(all.compared >= 160);
}

/* The simplified interface of libpng for 8-bit files; its 16-bit samples are linear light. */
static void compare_simplified(const char *path, void *user)
{
    static const png_uint_32 formats[] = {PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB,
                                          PNG_FORMAT_RGBA};
    struct sample *sample = user;
    png_image image = {.version = PNG_IMAGE_VERSION};

    if (sample->seen++ % sample->every != 0)
        return;
    struct test_file file = test_file_load(path);
    struct test_decoding decoding = test_decode(&file, NULL);
    const struct pp_metadata *metadata = decoding.reader ? &decoding.reader->metadata : NULL;
    if (decoding.status == PP_OK && decoding.reader->geometry.depth == 8 && !metadata->has_gamma &&
        png_image_begin_read_from_memory(&image, file.data, file.size)) {
        image.format = formats[decoding.reader->geometry.channels - 1];
        uint8_t *expected = test_malloc(decoding.size);
        assert_int_equal(PNG_IMAGE_SIZE(image), decoding.size);
        assert_int_not_equal(png_image_finish_read(&image, NULL, expected, 0, NULL), 0);
        if (memcmp(decoding.pixels, expected, decoding.size) != 0)
            fail_msg("%s: pixels differ", path);
        test_free(expected);
        sample->compared++;
    }
    png_image_free(&image);
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void png_pixels_equal_the_simplified_interface_of_libpng(void **state)
{
    struct sample suite = {.every = 1}, icons = {.every = 20}, pictures = {.every = 6};

    (void)state;
    test_corpus_each("conformance/PngSuite-full", compare_simplified, &suite);
    test_corpus_each("icons", compare_simplified, &icons);
    test_corpus_each("png", compare_simplified, &pictures);
    if (suite.seen == 0)
        skip();
    assert_true(suite.compared + icons.compared + pictures.compared >= 60);
}

static void compare_luma(const char *path, void *user)
{
    static const struct pp_read_settings settings = {.luma = true,
                                                     .limits = {.max_pixels = 40000000}};
    struct sample *sample = user;

    if (sample->seen++ % sample->every != 0)
        return;
    struct test_file file = test_file_load(path);
    struct test_decoding decoding = {0};
    if (is_format(&file, &pp_codec_jpeg))
        decoding = test_decode(&file, &settings);
    if (decoding.reader && decoding.status == PP_OK && decoding.reader->geometry.channels == 1) {
        struct test_file expected = test_libjpeg_decode(&file, JCS_GRAYSCALE);
        assert_int_equal(decoding.size, expected.size);
        if (memcmp(decoding.pixels, expected.data, expected.size) != 0)
            fail_msg("%s: luma differs", path);
        test_file_release(&expected);
        sample->compared++;
    }
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void jpeg_luma_equals_the_grayscale_output_of_libjpeg(void **state)
{
    struct sample all = {.every = 1}, photos = {.every = 1};

    (void)state;
    test_corpus_each("conformance", compare_luma, &all);
    test_corpus_each("photos", compare_luma, &photos);
    if (all.seen == 0)
        skip();
    print_message("%zu odd files and %zu photos equal libjpeg's gray\n", all.compared,
                  photos.compared);
    assert_true(all.compared >= 80);
    assert_true(photos.compared > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_corrupt_file_is_decoded_or_refused_with_a_reason),
        cmocka_unit_test(every_conformance_file_is_decoded_or_refused_with_a_reason),
        cmocka_unit_test(pngsuite_is_decoded_but_for_its_broken_files),
        cmocka_unit_test(png_pixels_equal_the_low_level_interface_of_libpng),
        cmocka_unit_test(png_pixels_equal_the_simplified_interface_of_libpng),
        cmocka_unit_test(jpeg_luma_equals_the_grayscale_output_of_libjpeg),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
