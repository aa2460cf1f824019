/* Gray JPEG from a JPEG's own bits: the same luma, all segments, or a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "support_coefficients.h"
#include "support_transcode.h"

/* Where markers are put in: after SOI and the JFIF header. */
#define AFTER_JFIF 20u

static const struct pp_transcode gray = {true, {0, 0, 83, 61, PP_MOVE_NONE}};
static const struct pp_read_settings trusting = {.luma = true, .rewinds = true};

static struct test_file make(uint8_t channels, const struct test_jpeg *how)
{
    struct test_picture picture = test_picture_new(83, 61, channels, 8);
    struct test_file file = test_libjpeg_encode(&picture, how);

    test_picture_release(&picture);
    return file;
}

static struct test_file make_plain(void)
{
    return make(3, &(struct test_jpeg){JCS_YCbCr, 80, 2, 2, .restart_rows = 0});
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

static struct test_transcoding extract(const struct test_file *file)
{
    return test_transcode_by(file, PP_DECODE_EXTRACT, &gray, NULL, &trusting);
}

/* ---- the picture --------------------------------------------------------------------------- */

static const struct test_jpeg kinds[] = {
    {JCS_YCbCr, 80, 1, 1, .restart_rows = 0},   {JCS_YCbCr, 85, 2, 1, .restart_rows = 1},
    {JCS_YCbCr, 90, 2, 2, .restart_rows = 0},   {JCS_YCbCr, 75, 1, 2, .restart_rows = 2},
    {JCS_YCbCr, 80, 2, 2, .progressive = true}, {JCS_YCbCr, 80, 2, 2, .interleaved_off = true}};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void bits_and_coefficients_lead_to_the_same_luma(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct test_file file = make(3, &kinds[i]);
        struct test_transcoding bits = extract(&file);
        struct test_transcoding plain = test_transcode(&file, PP_DECODE_DCT, &gray, NULL);
        struct test_transcoding both =
            test_transcode_by(&file, PP_DECODE_DCT, &gray, NULL, &trusting);
        assert_string_equal(bits.err.text, "");
        assert_string_equal(both.err.text, "");
        assert_false(bits.gave_up || both.gave_up);
        test_assert_coefficients(&bits.file, &plain.file);
        test_assert_coefficients(&both.file, &plain.file);
        test_file_release(&both.file);
        test_file_release(&plain.file);
        test_file_release(&bits.file);
        test_file_release(&file);
    }
}

static void a_gray_file_is_taken_or_left_to_another_way(void **state)
{
    struct test_file file =
        make(1, &(struct test_jpeg){JCS_GRAYSCALE, 80, 1, 1, .restart_rows = 1});
    struct pp_transcode what = gray;

    (void)state;
    what.luma = false; /* it is gray already */
    struct test_transcoding made =
        test_transcode_by(&file, PP_DECODE_EXTRACT, &what, NULL, &trusting);
    assert_true(made.allowed);
    assert_true(made.status == PP_OK || made.gave_up);
    if (made.status == PP_OK)
        test_assert_coefficients(&made.file, &file);
    test_file_release(&made.file);
    test_file_release(&file);
}

static void luma_in_front_of_coefficients_takes_a_third_of_the_memory(void **state)
{
    struct test_picture picture = test_picture_new(1600, 1600, 3, 8);
    struct test_file file =
        test_libjpeg_encode(&picture, &(struct test_jpeg){JCS_YCbCr, 80, 1, 1, .restart_rows = 0});
    struct pp_transcode what = {true, {0, 0, 1600, 1600, PP_MOVE_TURN_RIGHT}};
    struct test_transcoding plain = test_transcode(&file, PP_DECODE_DCT, &what, NULL);
    struct test_transcoding both = test_transcode_by(&file, PP_DECODE_DCT, &what, NULL, &trusting);
    uint64_t pixels = 1600 * 1600;

    (void)state;
    assert_string_equal(both.err.text, "");
    test_assert_coefficients(&both.file, &plain.file);
    assert_in_range(both.memory, 2 * pixels, 3 * pixels);
    assert_in_range(plain.memory, 6 * pixels, 7 * pixels);
    test_file_release(&both.file);
    test_file_release(&plain.file);
    test_file_release(&file);
    test_picture_release(&picture);
}

/* ---- segments ------------------------------------------------------------------------------ */

static bool holds(const struct test_file *file, const char *text, size_t size)
{
    return memmem(file->data, file->size, text, size) != NULL;
}

static void segments_that_nobody_knows_are_passed_on_by_either_way(void **state)
{
    static const char extended[] = "http://ns.adobe.com/xmp/extension/";
    struct test_file file = make_plain();

    (void)state;
    put_marker(&file, 0xE1, extended, sizeof(extended));
    put_marker(&file, 0xE9, "anything", 8);
    struct test_transcoding bits = extract(&file);
    struct test_transcoding plain = test_transcode(&file, PP_DECODE_DCT, &gray, NULL);
    assert_string_equal(bits.err.text, "");
    assert_int_equal(bits.warnings, 0);
    assert_true(holds(&bits.file, extended, sizeof(extended)));
    assert_true(holds(&bits.file, "anything", 8));
    assert_int_equal(plain.warnings, 0);
    assert_true(holds(&plain.file, extended, sizeof(extended)));
    assert_true(holds(&plain.file, "anything", 8));
    test_file_release(&plain.file);
    test_file_release(&bits.file);
    test_file_release(&file);
}

/* Extract with the reader's metadata, adapted to gray or not, or with none. */
static struct test_file extract_with(const struct test_file *file, bool adapted, bool metadata)
{
    struct pp_reader *reader = NULL;
    struct pp_input in;
    struct pp_output out;
    uint64_t memory = 0;

    pp_input_init_memory(&in, file->data, file->size);
    pp_output_init_memory(&out);
    assert_int_equal(pp_codec_jpeg.open_reader(&in, &trusting, &reader, NULL), PP_OK);
    struct pp_write_settings settings = {.metadata = metadata ? &reader->metadata : NULL,
                                         .jpeg = &reader->jpeg};
    if (adapted)
        pp_metadata_drop(&reader->metadata, PP_METADATA_ICC);
    assert_int_equal(
        pp_codec_jpeg.can_transcode(reader, PP_DECODE_EXTRACT, &gray, &settings, &memory, NULL),
        PP_OK);
    assert_true(memory > 0);
    assert_int_equal(
        pp_codec_jpeg.transcode(reader, PP_DECODE_EXTRACT, &gray, &out, &settings, NULL), PP_OK);
    pp_codec_jpeg.close_reader(reader);
    pp_input_release(&in);
    return (struct test_file){out.buffer, out.used};
}

static void the_profile_goes_where_the_metadata_has_none(void **state)
{
    struct test_file file = make_plain();

    (void)state;
    put_marker(&file, 0xE2, "ICC_PROFILE\0\1\1paint", 19);
    put_marker(&file, 0xFE, "a comment", 9);
    struct test_file kept = extract_with(&file, false, true),
                     adapted = extract_with(&file, true, true),
                     bare = extract_with(&file, false, false);
    assert_true(holds(&kept, "paint", 5));
    assert_true(holds(&kept, "a comment", 9));
    assert_false(holds(&adapted, "paint", 5));
    assert_true(holds(&adapted, "a comment", 9));
    assert_false(holds(&bare, "paint", 5));
    assert_false(holds(&bare, "a comment", 9));
    test_file_release(&bare);
    test_file_release(&adapted);
    test_file_release(&kept);
    test_file_release(&file);
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void assert_refused(const struct test_file *file, const struct pp_transcode *what,
                           const struct pp_encode_settings *encode,
                           const struct pp_read_settings *read, const char *text)
{
    struct test_transcoding made = test_transcode_by(file, PP_DECODE_EXTRACT, what, encode, read);

    assert_int_equal(made.status, PP_E_UNSUPPORTED);
    assert_false(made.allowed);
    assert_string_equal(made.err.text, text);
}

static void what_is_asked_of_it_beyond_luma_is_refused(void **state)
{
    static const struct pp_encode_settings both = {.quality = 75, .progressive = true},
                                           progressive = {.progressive = true};
    static const struct pp_read_settings once = {.luma = true};
    struct test_file file = make_plain();
    struct pp_transcode what = gray;

    (void)state;
    what.luma = false;
    assert_refused(&file, &what, NULL, &trusting,
                   "cannot extract luma: its colours are to be kept");
    what.luma = true;
    what.placement.width = 80;
    assert_refused(&file, &what, NULL, &trusting,
                   "cannot extract luma: the picture is to be turned or cut");
    what.placement = (struct pp_placement){0, 0, 83, 61, PP_MOVE_FLOP};
    assert_refused(&file, &what, NULL, &trusting,
                   "cannot extract luma: the picture is to be turned or cut");
    assert_refused(&file, &gray, &both, &trusting,
                   "cannot extract luma: it is to become progressive");
    assert_refused(&file, &gray, &progressive, &trusting,
                   "cannot extract luma: it is to become progressive");
    assert_refused(&file, &gray, NULL, &once,
                   "cannot extract luma: the input can be read only once");
    test_file_release(&file);
}

static void a_file_without_such_luma_is_refused(void **state)
{
    struct test_file arithmetic = make(3, &(struct test_jpeg){JCS_YCbCr, 80, .arithmetic = true});
    struct test_file rgb = make(3, &(struct test_jpeg){JCS_RGB, 80, .restart_rows = 0});
    struct test_file coarse = make_plain();

    (void)state;
    for (size_t i = 0; i + 15 < coarse.size; i++) {
        if (coarse.data[i] == 0xFF && coarse.data[i + 1] == 0xC0) {
            coarse.data[i + 11] = 0x11; /* the first component's factors, then the second's */
            coarse.data[i + 14] = 0x22;
            break;
        }
    }
    assert_refused(&arithmetic, &gray, NULL, &trusting,
                   "cannot extract luma: the file is arithmetic-coded");
    assert_refused(&rgb, &gray, NULL, &trusting, "cannot extract luma: its colours are not YCbCr");
    assert_refused(&coarse, &gray, NULL, &trusting,
                   "cannot extract luma: its luma is not the finest of its components");
    test_file_release(&coarse);
    test_file_release(&rgb);
    test_file_release(&arithmetic);
}

static void a_truncated_file_is_left_to_another_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct test_file file = make(3, &kinds[i]);
        for (size_t size = file.size / 2; size < file.size; size += 19) {
            struct test_file part = {file.data, size};
            struct test_transcoding made = extract(&part);
            assert_int_equal(made.status, PP_E_CORRUPT);
            assert_true(made.gave_up);
            made = test_transcode_by(&part, PP_DECODE_DCT, &gray, NULL, &trusting);
            assert_int_equal(made.status, PP_E_CORRUPT);
            assert_true(made.gave_up);
        }
        test_file_release(&file);
    }
}

static void a_full_sink_is_no_fault_of_the_picture(void **state)
{
    struct test_file file = make_plain();
    struct pp_reader *reader = NULL;
    struct pp_input in;
    struct pp_output out;

    (void)state;
    pp_input_init_memory(&in, file.data, file.size);
    assert_int_equal(pp_output_init_fd(&out, 999999, NULL), PP_OK); /* none such */
    out.room = 100;
    assert_int_equal(pp_codec_jpeg.open_reader(&in, &trusting, &reader, NULL), PP_OK);
    struct pp_write_settings settings = {.metadata = &reader->metadata, .jpeg = &reader->jpeg};
    assert_int_equal(
        pp_codec_jpeg.transcode(reader, PP_DECODE_EXTRACT, &gray, &out, &settings, NULL),
        PP_E_WRITE);
    assert_false(reader->gave_up);
    pp_codec_jpeg.close_reader(reader);
    pp_output_release(&out);
    pp_input_release(&in);
    test_file_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_and_coefficients_lead_to_the_same_luma),
        cmocka_unit_test(a_gray_file_is_taken_or_left_to_another_way),
        cmocka_unit_test(luma_in_front_of_coefficients_takes_a_third_of_the_memory),
        cmocka_unit_test(segments_that_nobody_knows_are_passed_on_by_either_way),
        cmocka_unit_test(the_profile_goes_where_the_metadata_has_none),
        cmocka_unit_test(what_is_asked_of_it_beyond_luma_is_refused),
        cmocka_unit_test(a_file_without_such_luma_is_refused),
        cmocka_unit_test(a_truncated_file_is_left_to_another_way),
        cmocka_unit_test(a_full_sink_is_no_fault_of_the_picture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
