/* What transcoding does besides the coefficients: metadata, refusals, broken files, memory. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "support_coefficients.h"
#include "support_transcode.h"

/* Where markers are put in: after SOI and the JFIF header, and after SOI alone. */
#define AFTER_JFIF 20u
#define AFTER_SOI  2u

static const struct pp_transcode gray = {true, {0, 0, 83, 61, PP_MOVE_NONE}},
                                 colour = {false, {0, 0, 83, 61, PP_MOVE_NONE}};

static struct test_file make(uint8_t channels, const struct test_jpeg *how)
{
    struct test_picture picture = test_picture_new(83, 61, channels, 8);
    struct test_file file = test_libjpeg_encode(&picture, how);

    test_picture_release(&picture);
    return file;
}

static void put_marker(struct test_file *file, size_t offset, int marker, const void *payload,
                       size_t size)
{
    uint8_t header[] = {0xFF, (uint8_t)marker, (uint8_t)((size + 2) >> 8), (uint8_t)(size + 2)};
    struct test_file with_payload = test_file_insert(file, offset, payload, size);
    struct test_file whole = test_file_insert(&with_payload, offset, header, sizeof(header));

    test_file_release(&with_payload);
    test_file_release(file);
    *file = whole;
}

static void assert_block(const struct pp_metadata *metadata, enum pp_metadata_kind kind,
                         const char *text)
{
    const struct pp_metadata_block *block = pp_metadata_find(metadata, kind);

    assert_non_null(block);
    assert_int_equal(block->size, strlen(text));
    assert_memory_equal(block->data, text, block->size);
}

/* ---- metadata ------------------------------------------------------------------------------ */

static void coefficients_take_metadata_and_density_along(void **state)
{
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, 2, 2, .restart_rows = 0});

    (void)state;
    file.data[13] = 1; /* JFIF: dots per inch, 300 by 200 */
    memcpy(file.data + 14, "\x01\x2C\x00\xC8", 4);
    put_marker(&file, AFTER_JFIF, 0xFE, "a comment", 9);
    put_marker(&file, AFTER_JFIF, 0xE1, "Exif\0\0II*\0", 10);
    struct test_transcoding made = test_transcode(&file, PP_DECODE_DCT, &gray, NULL);
    assert_string_equal(made.err.text, "");
    struct test_decoding decoding = test_decode(&made.file, NULL);
    const struct pp_metadata *metadata = &decoding.reader->metadata;
    assert_int_equal(metadata->density_unit, 1);
    assert_int_equal(metadata->density_x, 300);
    assert_int_equal(metadata->density_y, 200);
    assert_block(metadata, PP_METADATA_COMMENT, "a comment");
    assert_non_null(pp_metadata_find(metadata, PP_METADATA_EXIF));
    test_decoding_release(&decoding);
    test_file_release(&made.file);
    test_file_release(&file);
}

/* A CMYK picture stays one, and means what it meant; its pixels would become RGB. */
static void cmyk_keeps_its_profile_and_its_sense(void **state)
{
    static const struct test_jpeg kinds[] = {{JCS_CMYK, 80, 1, 1, .no_adobe = true},
                                             {JCS_CMYK, 80, 1, 1, .no_adobe = false},
                                             {JCS_YCCK, 80, 1, 1, .no_adobe = false}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct test_file file = make(4, &kinds[i]);
        put_marker(&file, AFTER_SOI, 0xE2, "ICC_PROFILE\0\1\1ink", 17);
        struct test_transcoding made = test_transcode(&file, PP_DECODE_DCT, &colour, NULL);
        assert_string_equal(made.err.text, "");
        assert_int_equal(made.warnings, 0);
        struct test_coefficients a = test_coefficients_read(&file);
        struct test_coefficients b = test_coefficients_read(&made.file);
        assert_int_equal(a.adobe, b.adobe);
        assert_int_equal(a.color_space, b.color_space);
        test_coefficients_release(&a);
        test_coefficients_release(&b);
        struct test_transcoding again = test_transcode(&made.file, PP_DECODE_DCT, &colour, NULL);
        assert_int_equal(again.file.size, made.file.size);
        assert_non_null(memmem(again.file.data, again.file.size, "ICC_PROFILE\0\1\1ink", 17));
        struct test_decoding decoding = test_decode(&file, NULL);
        assert_string_equal(decoding.reader->warning,
                            "CMYK by a plain formula: its colour profile cannot be used");
        test_decoding_release(&decoding);
        test_file_release(&again.file);
        test_file_release(&made.file);
        test_file_release(&file);
    }
}

static void the_process_is_the_sources_unless_progressive_is_asked_for(void **state)
{
    static const struct pp_encode_settings progressive = {.progressive = true};
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, 2, 2, .restart_rows = 3});

    (void)state;
    for (int asked = 0; asked < 2; asked++) {
        struct test_transcoding made =
            test_transcode(&file, PP_DECODE_DCT, &colour, asked ? &progressive : NULL);
        assert_string_equal(made.err.text, "");
        struct test_coefficients out = test_coefficients_read(&made.file);
        assert_int_equal(out.progressive, asked);
        assert_int_equal(out.restart_interval, 0);
        test_assert_coefficients(&made.file, &file);
        test_coefficients_release(&out);
        test_file_release(&made.file);
    }
    test_file_release(&file);
}

/* ---- broken files -------------------------------------------------------------------------- */

static void a_truncated_file_is_refused_and_left_to_another_way(void **state)
{
    static const struct test_jpeg kinds[] = {{JCS_YCbCr, 80, 2, 2, .restart_rows = 1},
                                             {JCS_YCbCr, 80, 2, 1, .progressive = true},
                                             {JCS_YCbCr, 80, 2, 2, .interleaved_off = true},
                                             {JCS_YCbCr, 80, 2, 2, .arithmetic = true}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct test_file file = make(3, &kinds[i]);
        for (size_t size = file.size * 3 / 4; size < file.size - 3; size += 17) {
            struct test_file part = {file.data, size};
            struct test_transcoding made = test_transcode(&part, PP_DECODE_DCT, &gray, NULL);
            assert_int_equal(made.status, PP_E_CORRUPT);
            assert_non_null(strstr(made.err.text, "file ends early"));
            assert_true(made.gave_up);
        }
        test_file_release(&file);
    }
}

static void a_missing_end_mark_is_a_warning(void **state)
{
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, 2, 2, .restart_rows = 0});
    struct test_file part = {file.data, file.size - 2};
    struct test_transcoding made = test_transcode(&part, PP_DECODE_DCT, &colour, NULL);

    (void)state;
    assert_string_equal(made.err.text, "");
    assert_int_equal(made.warnings, 1);
    test_assert_coefficients(&made.file, &file);
    test_file_release(&made.file);
    test_file_release(&file);
}

static void too_many_scans_are_refused(void **state)
{
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, .progressive = true});
    struct pp_read_settings few = {.limits = {.max_scans = 9}};
    struct test_transcoding made = test_transcode_by(&file, PP_DECODE_DCT, &colour, NULL, &few);

    (void)state;
    assert_int_equal(made.status, PP_E_LIMIT);
    test_file_release(&file);
}

static struct test_file damage(const struct test_file *file, unsigned round, uint32_t *random)
{
    struct test_file damaged = test_file_insert(file, 0, "", 0);
    size_t most = round % 2 ? damaged.size : 700; /* anywhere, or in the headers */

    for (unsigned k = 0; k < 1 + round % 3; k++) {
        *random = *random * 1664525 + 1013904223;
        damaged.data[(*random >> 8) % most] = (uint8_t)(*random >> 3);
    }
    return damaged;
}

/* Damaged data may decode to coefficients that there are no codes for. */
static void what_is_made_of_a_damaged_file_can_be_read(void **state)
{
    static const struct test_jpeg kinds[] = {{JCS_YCbCr, 80, 2, 2, .progressive = true},
                                             {JCS_YCbCr, 100, 2, 2, .restart_rows = 0}};
    struct test_file files[] = {make(3, &kinds[0]), make(3, &kinds[1])};
    uint32_t random = 1;
    unsigned done = 0;

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        struct test_file damaged = damage(&files[i / 2 % 2], i, &random);
        struct pp_transcode what = {i % 8 < 4, {0, 0, 80, 48, PP_MOVE_NONE}};
        what.placement.move = (enum pp_move)(PP_MOVE_NONE + i % 8);
        struct pp_read_settings read = {.limits = {.max_pixels = 100000, .max_scans = 50}};
        struct test_transcoding made =
            test_transcode_by(&damaged, PP_DECODE_DCT, &what, NULL, &read);
        if (made.status == PP_OK) {
            struct test_decoding decoding = test_decode(&made.file, NULL);
            assert_string_equal(decoding.err.text, "");
            test_decoding_release(&decoding);
            done++;
        }
        test_file_release(&made.file);
        test_file_release(&damaged);
    }
    assert_in_range(done, 300, 2700);
    test_file_release(&files[0]);
    test_file_release(&files[1]);
}

/* ---- memory -------------------------------------------------------------------------------- */

/* The allocators of sanitizers and of valgrind do not; they hold much more. */
static bool tells_memory(void)
{
    void *probe = malloc(1000);
    bool tells = mallinfo2().uordblks > 0;

    free(probe);
    return tells;
}

static void check_peak(const struct test_file *file, const struct pp_transcode *what)
{
    struct rusage before, after;

    getrusage(RUSAGE_SELF, &before);
    struct test_transcoding made = test_transcode(file, PP_DECODE_DCT, what, NULL);
    getrusage(RUSAGE_SELF, &after);
    uint64_t peak = (uint64_t)(after.ru_maxrss - before.ru_maxrss) * 1024;
    bool right = made.status == PP_OK && peak <= made.memory + made.file.size * 2 + 500000 &&
                 made.memory <= peak + 1000000;
    if (!right)
        print_message("%s: announced %llu, came to %llu\n", made.err.text,
                      (unsigned long long)made.memory, (unsigned long long)peak);
    _exit(right ? 0 : 1);
}

/* In a process of its own, whose peak is known to the kernel. */
static void coefficients_are_held_once_and_announced(void **state)
{
    static const enum pp_move moves[] = {PP_MOVE_NONE, PP_MOVE_HALF_TURN, PP_MOVE_TURN_LEFT};
    struct test_picture picture = test_picture_new(1600, 1600, 3, 8);
    struct test_file file = test_libjpeg_encode(
        &picture, &(struct test_jpeg){JCS_YCbCr, 80, 2, 2, .progressive = true});
    int status = 0;

    (void)state;
    test_picture_release(&picture);
    if (!tells_memory()) {
        test_file_release(&file);
        skip();
    }
    for (size_t i = 0; i < 3; i++) {
        struct pp_transcode what = {false, {0, 0, 1600, 1600, moves[i]}};
        pid_t child = fork();
        if (child == 0)
            check_peak(&file, &what);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    test_file_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coefficients_take_metadata_and_density_along),
        cmocka_unit_test(cmyk_keeps_its_profile_and_its_sense),
        cmocka_unit_test(the_process_is_the_sources_unless_progressive_is_asked_for),
        cmocka_unit_test(a_truncated_file_is_refused_and_left_to_another_way),
        cmocka_unit_test(a_missing_end_mark_is_a_warning),
        cmocka_unit_test(too_many_scans_are_refused),
        cmocka_unit_test(what_is_made_of_a_damaged_file_can_be_read),
        cmocka_unit_test(coefficients_are_held_once_and_announced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
