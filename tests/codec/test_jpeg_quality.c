/* Gray JPEG of another quality from a JPEG's own bits: all but its data is as if it were encoded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "support_transcode.h"

#define WIDTH  83u
#define HEIGHT 61u
/* Where markers are put in: after SOI and the JFIF header. */
#define AFTER_JFIF 20u

static const struct pp_transcode gray = {true, {0, 0, WIDTH, HEIGHT, PP_MOVE_NONE}};
static const struct pp_read_settings trusting = {.luma = true, .rewinds = true};

static struct test_file make(uint8_t channels, const struct test_jpeg *how)
{
    struct test_picture picture = test_picture_new(WIDTH, HEIGHT, channels, 8);
    struct test_file file = test_libjpeg_encode(&picture, how);

    test_picture_release(&picture);
    return file;
}

static void put_marker(struct test_file *file, int marker, const void *payload, size_t size)
{
    uint8_t header[] = {0xFF, (uint8_t)marker, (uint8_t)((size + 2) >> 8), (uint8_t)(size + 2)};
    struct test_file with_payload = test_file_insert(file, AFTER_JFIF, payload, size);
    struct test_file whole = test_file_insert(&with_payload, AFTER_JFIF, header, sizeof(header));

    test_file_release(&with_payload);
    test_file_release(file);
    *file = whole;
}

/* A file with metadata of all kinds, and with what is not kept. */
static struct test_file make_with_metadata(uint8_t channels, const struct test_jpeg *how)
{
    static const char exif[] = "Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\6\0\0\0\0\0\0";
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/\0<x/>";
    struct test_file file = make(channels, how);

    file.data[13] = 1; /* the density, in dots per inch */
    file.data[15] = 72;
    file.data[17] = 144;
    put_marker(&file, 0xE9, "anything", 8);
    put_marker(&file, 0xED, "Photoshop 3.0\0stuff", 19);
    put_marker(&file, 0xFE, "a comment", 9);
    put_marker(&file, 0xE2, "ICC_PROFILE\0\1\1paint", 19);
    put_marker(&file, 0xE1, "http://ns.adobe.com/xmp/extension/", 35);
    put_marker(&file, 0xE1, xmp, sizeof(xmp) - 1);
    put_marker(&file, 0xE1, exif, sizeof(exif) - 1);
    return file;
}

/* The bytes up to the first scan's data. */
static size_t head_size(const struct test_file *file)
{
    size_t at = 2;

    while (at + 4 <= file->size && file->data[at + 1] != 0xDA)
        at += 2u + ((size_t)file->data[at + 2] << 8 | file->data[at + 3]);
    return at + 2u + ((size_t)file->data[at + 2] << 8 | file->data[at + 3]);
}

/* The same by decoding luma and encoding it. */
static struct test_file encode_luma(const struct test_file *file,
                                    const struct pp_encode_settings *encode, uint32_t *warnings)
{
    struct test_decoding decoding =
        test_decode(file, &(struct pp_read_settings){.luma = true, .limits = {100000, 0, 100}});

    assert_int_equal(decoding.status, PP_OK);
    struct test_picture picture = {decoding.reader->geometry, decoding.pixels, decoding.size};
    struct pp_write_settings settings = {
        .encode = *encode, .metadata = &decoding.reader->metadata, .jpeg = &decoding.reader->jpeg};
    struct test_file made = test_encode(&pp_codec_jpeg, &picture, &settings);
    *warnings = decoding.reader->warnings;
    test_decoding_release(&decoding);
    return made;
}

static void check_head(const struct test_file *file, int quality)
{
    const struct pp_encode_settings encode = {.quality = quality};
    uint32_t warnings = 0;
    struct test_file expected = encode_luma(file, &encode, &warnings);
    struct test_transcoding made =
        test_transcode_by(file, PP_DECODE_EXTRACT, &gray, &encode, &trusting);

    assert_string_equal(made.err.text, "");
    assert_int_equal(made.warnings, warnings);
    assert_int_equal(head_size(&made.file), head_size(&expected));
    assert_memory_equal(made.file.data, expected.data, head_size(&expected));
    test_file_release(&made.file);
    test_file_release(&expected);
}

static void everything_in_front_of_the_data_is_as_the_encoder_writes_it(void **state)
{
    static const struct test_jpeg kinds[] = {
        {JCS_YCbCr, 80, 2, 2, .restart_rows = 0},
        {JCS_YCbCr, 90, 1, 1, .restart_rows = 1},
        {JCS_YCbCr, 90, 2, 1, .interleaved_off = true},
    };
    static const int qualities[] = {1, 20, 50, 76, 100};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct test_file file = make_with_metadata(3, &kinds[i]);
        for (size_t k = 0; k < sizeof(qualities) / sizeof(qualities[0]); k++)
            check_head(&file, qualities[k]);
        test_file_release(&file);
    }
    struct test_file plain =
        make(1, &(struct test_jpeg){JCS_GRAYSCALE, 80, 1, 1, .restart_rows = 1});
    check_head(&plain, 60);
    test_file_release(&plain);
}

static void the_size_is_that_of_an_encoders_output(void **state)
{
    const struct pp_encode_settings encode = {.quality = 75};
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 95, 2, 2, .restart_rows = 0});
    uint32_t warnings;
    struct test_file expected = encode_luma(&file, &encode, &warnings);
    struct test_transcoding made =
        test_transcode_by(&file, PP_DECODE_EXTRACT, &gray, &encode, &trusting);

    (void)state;
    assert_in_range(made.file.size, expected.size * 98 / 100, expected.size * 102 / 100);
    test_file_release(&made.file);
    test_file_release(&expected);
    test_file_release(&file);
}

static void another_orientation_is_told_in_the_metadata(void **state)
{
    const struct pp_encode_settings encode = {.quality = 75};
    struct test_file file =
        make_with_metadata(3, &(struct test_jpeg){JCS_YCbCr, 80, 1, 1, .restart_rows = 0});
    struct pp_reader *reader = NULL;
    struct pp_input in;
    struct pp_output out;

    (void)state;
    pp_input_init_memory(&in, file.data, file.size);
    pp_output_init_memory(&out);
    assert_int_equal(pp_codec_jpeg.open_reader(&in, &trusting, &reader, NULL), PP_OK);
    assert_int_equal(reader->geometry.orientation, 6);
    struct pp_geometry upright = reader->geometry;
    upright.orientation = 1;
    pp_metadata_adapt(&reader->metadata, &reader->geometry, &upright);
    struct pp_write_settings settings = {
        .encode = encode, .metadata = &reader->metadata, .jpeg = &reader->jpeg};
    assert_int_equal(
        pp_codec_jpeg.transcode(reader, PP_DECODE_EXTRACT, &gray, &out, &settings, NULL), PP_OK);
    pp_codec_jpeg.close_reader(reader);
    pp_input_release(&in);
    struct test_file made = {out.buffer, out.used};
    struct test_decoding decoding = test_decode(&made, NULL);
    assert_int_equal(decoding.reader->geometry.orientation, 1);
    test_decoding_release(&decoding);
    test_file_release(&made);
    test_file_release(&file);
}

static void a_progressive_file_is_left_to_another_way(void **state)
{
    const struct pp_encode_settings encode = {.quality = 75};
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, 2, 2, .progressive = true});
    struct test_transcoding made =
        test_transcode_by(&file, PP_DECODE_EXTRACT, &gray, &encode, &trusting);

    (void)state;
    assert_false(made.allowed);
    assert_string_equal(made.err.text,
                        "cannot extract luma: a progressive file is to get another quality");
    test_file_release(&file);
}

static void a_truncated_file_is_left_to_another_way(void **state)
{
    const struct pp_encode_settings encode = {.quality = 50};
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, 2, 2, .restart_rows = 1});

    (void)state;
    for (size_t size = file.size / 2; size < file.size; size += 19) {
        struct test_file part = {file.data, size};
        struct test_transcoding made =
            test_transcode_by(&part, PP_DECODE_EXTRACT, &gray, &encode, &trusting);
        assert_int_equal(made.status, PP_E_CORRUPT);
        assert_true(made.gave_up);
    }
    test_file_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_in_front_of_the_data_is_as_the_encoder_writes_it),
        cmocka_unit_test(the_size_is_that_of_an_encoders_output),
        cmocka_unit_test(another_orientation_is_told_in_the_metadata),
        cmocka_unit_test(a_progressive_file_is_left_to_another_way),
        cmocka_unit_test(a_truncated_file_is_left_to_another_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
