/* The memory a codec announces covers what it comes to hold, and is not many times as much. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "support.h"

/* Bytes allocated now. */
static uint64_t held(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* A sanitizer's allocator, and valgrind's, do not tell. */
static void skip_unless_told(void)
{
    void *probe = test_malloc(1000);
    bool told = held() > 0;

    test_free(probe);
    if (!told)
        skip();
}

static void check_announced(uint64_t announced, uint64_t peak)
{
    assert_true(peak <= announced);
    assert_true(announced <= 2 * peak + 600000);
}

static void note_peak(uint64_t *peak, uint64_t before)
{
    uint64_t now = held() - before;

    *peak = now > *peak ? now : *peak;
}

/* At no less than `width`; 0: as it is. */
static void check_reading_at(const struct test_file *file, uint32_t width,
                             struct pp_read_settings settings)
{
    struct pp_input in;
    const struct pp_codec *codec = NULL;
    struct pp_reader *reader = NULL;
    uint64_t before = held(), peak = 0;
    uint8_t row[8 * 1024];

    pp_input_init_memory(&in, file->data, file->size);
    assert_int_equal(pp_codec_sniff(&in, &codec, NULL), PP_OK);
    assert_int_equal(codec->open_reader(&in, &settings, &reader, NULL), PP_OK);
    if (width > 0)
        codec->reduce(reader, width, 1);
    uint64_t announced = reader->memory;
    assert_int_equal(codec->start(reader, NULL), PP_OK);
    note_peak(&peak, before);
    for (uint32_t y = 0; y < reader->geometry.height; y++) {
        assert_int_equal(codec->read_rows(reader, row, sizeof(row), 1, NULL), PP_OK);
        note_peak(&peak, before);
    }
    codec->close_reader(reader);
    check_announced(announced, peak);
}

static void check_reading(const struct test_file *file)
{
    check_reading_at(file, 0, (struct pp_read_settings){0});
}

static struct test_file check_writing(const struct pp_codec *codec,
                                      const struct test_picture *picture,
                                      const struct pp_write_settings *settings)
{
    struct pp_writer *writer = NULL;
    struct pp_output out;
    uint64_t before = held(), peak = 0;
    uint64_t announced = codec->writer_memory(&picture->geometry, settings);
    size_t row = pp_geometry_row_bytes(&picture->geometry);

    pp_output_init_memory(&out);
    assert_int_equal(codec->open_writer(&out, &picture->geometry, settings, &writer, NULL), PP_OK);
    for (uint32_t y = 0; y < picture->geometry.height; y++) {
        assert_int_equal(codec->write_rows(writer, picture->pixels + y * row, row, 1, NULL), PP_OK);
        note_peak(&peak, before + out.room);
    }
    assert_int_equal(codec->finish_writer(writer, NULL), PP_OK);
    note_peak(&peak, before + out.room);
    codec->close_writer(writer);
    check_announced(announced, peak);
    return (struct test_file){out.buffer, out.used};
}

static void jpeg_announces_what_it_holds(void **state)
{
    (void)state;
    skip_unless_told();
    for (unsigned i = 0; i < 16; i++) {
        struct test_picture picture = test_picture_new(1023, 517, i & 8 ? 1 : 3, 8);
        struct pp_write_settings settings = {
            .encode = {.quality = 90,
                       .subsampling = (enum pp_subsampling)(1 + i % 4),
                       .progressive = i & 4}};
        struct test_file file = check_writing(&pp_codec_jpeg, &picture, &settings);
        check_reading(&file);
        test_file_release(&file);
        test_picture_release(&picture);
    }
}

static void jpeg_of_four_components_announces_what_it_holds(void **state)
{
    (void)state;
    skip_unless_told();
    struct test_picture picture = test_picture_new(1023, 517, 4, 8);
    for (int progressive = 0; progressive < 2; progressive++) {
        struct test_jpeg how = {JCS_YCCK, 80, 2, 2, .progressive = progressive};
        struct test_file file = test_libjpeg_encode(&picture, &how);
        check_reading(&file);
        test_file_release(&file);
    }
    test_picture_release(&picture);
}

static void jpeg_reduced_by_the_extractor_announces_what_it_holds(void **state)
{
    const struct pp_read_settings trusting = {.luma = true, .rewinds = true};

    (void)state;
    skip_unless_told();
    struct test_picture picture = test_picture_new(4001, 100, 3, 8);
    for (int v = 1; v <= 4; v *= 2) {
        struct test_jpeg how = {JCS_YCbCr, 80, 2, v, .no_adobe = false};
        struct test_file file = test_libjpeg_encode(&picture, &how);
        for (uint32_t width = 500; width < 4000; width *= 2)
            check_reading_at(&file, width, trusting);
        test_file_release(&file);
    }
    test_picture_release(&picture);
}

static void png_announces_what_it_holds(void **state)
{
    (void)state;
    skip_unless_told();
    for (uint8_t channels = 1; channels <= 4; channels++) {
        static const int levels[] = {12, 10, 1, 0};
        struct test_picture picture = test_picture_new(1023, 217, channels, 16);
        struct pp_write_settings settings = {.encode = {.png_level = levels[channels - 1]}};
        struct test_file file = check_writing(&pp_codec_png, &picture, &settings);
        check_reading(&file);
        test_file_release(&file);
        test_picture_release(&picture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_announces_what_it_holds),
        cmocka_unit_test(jpeg_of_four_components_announces_what_it_holds),
        cmocka_unit_test(jpeg_reduced_by_the_extractor_announces_what_it_holds),
        cmocka_unit_test(png_announces_what_it_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
