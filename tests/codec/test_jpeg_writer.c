/* Writing JPEG: the source's tables, sampling and process kept, or what was asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "support.h"

/* The traits of what the settings make of a picture. */
static struct pp_jpeg_traits written(uint8_t channels, const struct pp_write_settings *settings)
{
    struct test_picture picture = test_picture_new(70, 50, channels, 8);
    struct test_file file = test_encode(&pp_codec_jpeg, &picture, settings);
    struct test_decoding decoding = test_decode(&file, NULL);

    assert_string_equal(decoding.err.text, "");
    assert_int_equal(decoding.reader->warnings, 0);
    assert_int_equal(decoding.reader->geometry.channels, channels);
    struct pp_jpeg_traits traits = decoding.reader->jpeg;
    assert_true(traits.valid);
    test_decoding_release(&decoding);
    test_file_release(&file);
    test_picture_release(&picture);
    return traits;
}

/* A source whose three tables differ. */
static struct pp_jpeg_traits source(uint8_t components, uint8_t h, uint8_t v)
{
    struct pp_jpeg_traits traits = {
        .valid = true, .components = components, .h = {h, 1, 1}, .v = {v, 1, 1}};

    for (uint16_t c = 0; c < components; c++) {
        for (uint16_t i = 0; i < 64; i++)
            traits.quant[c][i] = (uint16_t)(1 + c + i);
    }
    return traits;
}

static void the_sources_tables_and_sampling_are_kept(void **state)
{
    static const uint8_t factors[][2] = {{1, 1}, {2, 1}, {2, 2}, {1, 2}, {4, 1}, {4, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
        struct pp_jpeg_traits in = source(3, factors[i][0], factors[i][1]);
        struct pp_jpeg_traits out = written(3, &(struct pp_write_settings){.jpeg = &in});
        assert_memory_equal(out.quant, in.quant, sizeof(in.quant));
        assert_memory_equal(out.h, in.h, 3);
        assert_memory_equal(out.v, in.v, 3);
        assert_false(out.progressive);
    }
}

static void gray_output_keeps_the_luma_table_and_is_not_subsampled(void **state)
{
    struct pp_jpeg_traits in = source(3, 2, 2);
    struct pp_jpeg_traits out = written(1, &(struct pp_write_settings){.jpeg = &in});

    (void)state;
    assert_int_equal(out.components, 1);
    assert_memory_equal(out.quant[0], in.quant[0], sizeof(in.quant[0]));
    assert_int_equal(out.h[0] * out.v[0], 1);
}

static void colour_from_a_gray_source_uses_its_table_for_all(void **state)
{
    struct pp_jpeg_traits in = source(1, 1, 1);
    struct pp_jpeg_traits out = written(3, &(struct pp_write_settings){.jpeg = &in});

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_memory_equal(out.quant[i], in.quant[0], sizeof(in.quant[0]));
    assert_int_equal(out.h[0] * out.v[0], 4);
}

static void a_progressive_source_stays_progressive_unless_a_quality_is_asked(void **state)
{
    struct pp_jpeg_traits in = source(3, 2, 1);
    struct pp_write_settings settings = {.jpeg = &in};

    (void)state;
    in.progressive = true;
    assert_true(written(3, &settings).progressive);
    settings.encode.quality = 80;
    assert_false(written(3, &settings).progressive);
    settings.encode.progressive = true;
    assert_true(written(1, &settings).progressive);
}

static void a_source_that_is_no_jpeg_gives_quality_90_at_420(void **state)
{
    struct pp_jpeg_traits plain = written(3, &(struct pp_write_settings){0});
    struct pp_jpeg_traits asked =
        written(3, &(struct pp_write_settings){.encode = {.quality = 90}});

    (void)state;
    assert_memory_equal(plain.quant, asked.quant, sizeof(plain.quant));
    assert_int_equal(plain.h[0], 2);
    assert_int_equal(plain.v[0], 2);
    assert_int_equal(plain.quant[0][0], 3); /* libjpeg's 16 at quality 90 */
}

static void the_subsampling_asked_for_wins(void **state)
{
    static const uint8_t factors[][2] = {[PP_SUBSAMPLING_444] = {1, 1},
                                         [PP_SUBSAMPLING_422] = {2, 1},
                                         [PP_SUBSAMPLING_420] = {2, 2},
                                         [PP_SUBSAMPLING_440] = {1, 2}};
    struct pp_jpeg_traits in = source(3, 4, 1);

    (void)state;
    for (unsigned i = PP_SUBSAMPLING_444; i <= PP_SUBSAMPLING_440; i++) {
        struct pp_write_settings settings = {.jpeg = &in,
                                             .encode = {.subsampling = (enum pp_subsampling)i}};
        struct pp_jpeg_traits out = written(3, &settings);
        assert_int_equal(out.h[0], factors[i][0]);
        assert_int_equal(out.v[0], factors[i][1]);
    }
}

static void sampling_that_cannot_be_reproduced_becomes_the_nearest(void **state)
{
    static const struct {
        uint8_t h[3], v[3], expected_h, expected_v;
    } cases[] = {{{2, 2, 2}, {2, 2, 2}, 1, 1}, {{3, 2, 1}, {1, 1, 1}, 1, 1},
                 {{4, 1, 1}, {4, 1, 1}, 2, 2}, {{3, 2, 2}, {4, 1, 1}, 1, 2},
                 {{4, 2, 2}, {2, 2, 2}, 2, 1}, {{0, 0, 0}, {0, 0, 0}, 1, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pp_jpeg_traits in = source(3, 1, 1);
        memcpy(in.h, cases[i].h, 3);
        memcpy(in.v, cases[i].v, 3);
        struct pp_jpeg_traits out = written(3, &(struct pp_write_settings){.jpeg = &in});
        assert_int_equal(out.h[0], cases[i].expected_h);
        assert_int_equal(out.v[0], cases[i].expected_v);
    }
}

static void every_table_a_file_can_hold_can_be_kept(void **state)
{
    static const uint16_t values[] = {1, 255, 256, 4096, 8192, 16384, 32768, 65535};
    struct pp_jpeg_traits in = source(3, 1, 1);

    (void)state;
    for (size_t i = 0; i < 64; i++)
        in.quant[1][i] = values[i % 8];
    struct pp_jpeg_traits out = written(3, &(struct pp_write_settings){.jpeg = &in});
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(out.quant[1][i], in.quant[1][i] < 4096 ? in.quant[1][i] : 4096);
}

static void traits_without_tables_are_no_source(void **state)
{
    struct pp_jpeg_traits in = {.valid = true, .components = 3, .h = {1, 1, 1}, .v = {1, 1, 1}};
    struct pp_jpeg_traits out = written(3, &(struct pp_write_settings){.jpeg = &in});

    (void)state;
    assert_int_equal(out.quant[0][0], 3);
}

/* A picture at the highest quality differs from its source by rounding alone. */
static void pixels_survive_at_the_highest_quality(void **state)
{
    struct test_picture picture = test_picture_new(65, 33, 1, 8);
    struct pp_write_settings settings = {.encode = {.quality = 100}};
    struct test_file file = test_encode(&pp_codec_jpeg, &picture, &settings);
    struct test_decoding decoding = test_decode(&file, NULL);

    (void)state;
    for (size_t i = 0; i < picture.size; i++)
        assert_true(abs((int)decoding.pixels[i] - picture.pixels[i]) <= 2);
    test_decoding_release(&decoding);
    test_file_release(&file);
    test_picture_release(&picture);
}

static void a_picture_too_large_for_the_format_is_refused(void **state)
{
    struct pp_geometry geometry = {65501, 1, 1, 8, 1};
    struct pp_write_settings settings = {0};
    struct pp_writer *writer = NULL;
    struct pp_output out;
    struct pp_error err = {0};

    (void)state;
    pp_output_init_memory(&out);
    assert_int_equal(pp_codec_jpeg.open_writer(&out, &geometry, &settings, &writer, &err),
                     PP_E_LIMIT);
    assert_null(writer);
    assert_non_null(strstr(err.text, "65500"));
    pp_output_release(&out);
}

static void an_output_that_cannot_be_written_ends_with_the_cause(void **state)
{
    struct test_picture picture = test_picture_new(600, 600, 3, 8);
    struct pp_write_settings settings = {.encode = {.quality = 100}};
    struct pp_writer *writer = NULL;
    struct pp_output out;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_output_init_fd(&out, 1000, NULL), PP_OK); /* no such descriptor */
    assert_int_equal(pp_codec_jpeg.open_writer(&out, &picture.geometry, &settings, &writer, &err),
                     PP_OK);
    assert_int_equal(pp_codec_jpeg.write_rows(writer, picture.pixels, 1800, 600, &err), PP_E_WRITE);
    assert_non_null(strstr(err.text, "cannot write"));
    pp_codec_jpeg.close_writer(writer);
    pp_output_release(&out);
    test_picture_release(&picture);
}

static void memory_of_a_progressive_file_holds_all_coefficients(void **state)
{
    struct pp_geometry geometry = {1000, 4000, 1, 8, 1};
    struct pp_write_settings baseline = {0}, progressive = {.encode = {.progressive = true}};

    (void)state;
    assert_true(pp_codec_jpeg.writer_memory(&geometry, &baseline) < 1000000);
    assert_true(pp_codec_jpeg.writer_memory(&geometry, &progressive) >= 8000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sources_tables_and_sampling_are_kept),
        cmocka_unit_test(gray_output_keeps_the_luma_table_and_is_not_subsampled),
        cmocka_unit_test(colour_from_a_gray_source_uses_its_table_for_all),
        cmocka_unit_test(a_progressive_source_stays_progressive_unless_a_quality_is_asked),
        cmocka_unit_test(a_source_that_is_no_jpeg_gives_quality_90_at_420),
        cmocka_unit_test(the_subsampling_asked_for_wins),
        cmocka_unit_test(sampling_that_cannot_be_reproduced_becomes_the_nearest),
        cmocka_unit_test(every_table_a_file_can_hold_can_be_kept),
        cmocka_unit_test(traits_without_tables_are_no_source),
        cmocka_unit_test(pixels_survive_at_the_highest_quality),
        cmocka_unit_test(a_picture_too_large_for_the_format_is_refused),
        cmocka_unit_test(an_output_that_cannot_be_written_ends_with_the_cause),
        cmocka_unit_test(memory_of_a_progressive_file_holds_all_coefficients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
