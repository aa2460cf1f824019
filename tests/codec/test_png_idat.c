/* The pixels' chunks: split in any way, damaged, cut, with too much or too little in them, they are
 * taken or refused as libpng does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>

#include "support_png.h"

static const struct test_png_form form = {40, 30, 8, PNG_COLOR_TYPE_RGB};

struct fixture {
    struct test_file raw, stream;
};

static struct fixture make(void)
{
    struct fixture fixture = {.raw = test_png_raw(&form, 5)};

    fixture.stream = test_png_deflate(&fixture.raw);
    return fixture;
}

static void release(struct fixture *fixture)
{
    test_file_release(&fixture->raw);
    test_file_release(&fixture->stream);
}

/* Whether it was decoded; then the pixels are libpng's, and else libpng refuses it as well. */
static bool decodes_as_libpng(const struct test_file *file, size_t number)
{
    struct test_decoding decoding = test_decode(file, NULL);
    struct test_file expected = test_libpng_decode(file);
    bool decoded = decoding.status == PP_OK;

    if (decoded != (expected.data != NULL))
        fail_msg("%zu: %s", number, decoded ? "decoded, not by libpng" : decoding.err.text);
    if (decoded) {
        assert_int_equal(decoding.size, expected.size);
        assert_memory_equal(decoding.pixels, expected.data, expected.size);
    } else {
        assert_int_equal(decoding.status, PP_E_CORRUPT);
    }
    test_file_release(&expected);
    test_decoding_release(&decoding);
    return decoded;
}

static void chunks_may_end_anywhere(void **state)
{
    static const size_t pieces[] = {1, 2, 3, 15, 16, 17, 23, 24, 25, 100, 1000, 0};
    struct fixture fixture = make();

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct test_file file = test_png_file(&form, &fixture.stream, pieces[i]);
        assert_true(decodes_as_libpng(&file, pieces[i]));
        test_file_release(&file);
    }
    release(&fixture);
}

static void empty_chunks_are_passed_over(void **state)
{
    struct fixture fixture = make();
    struct test_file file = test_png_begin(&form, 0, 0);
    size_t half = fixture.stream.size / 2;

    (void)state;
    test_png_add(&file, "IDAT", NULL, 0);
    test_png_add(&file, "IDAT", fixture.stream.data, half);
    test_png_add(&file, "IDAT", NULL, 0);
    test_png_add(&file, "IDAT", NULL, 0);
    test_png_add(&file, "IDAT", fixture.stream.data + half, fixture.stream.size - half);
    test_png_add(&file, "IDAT", NULL, 0);
    test_png_add(&file, "IEND", NULL, 0);
    assert_true(decodes_as_libpng(&file, 0));
    test_file_release(&file);
    release(&fixture);
}

static void another_chunk_between_them_is_refused(void **state)
{
    struct fixture fixture = make();

    (void)state;
    for (size_t at = 0; at <= fixture.stream.size; at += at < 20 ? 1 : 50) {
        struct test_file file = test_png_begin(&form, 0, 0);
        test_png_add(&file, "IDAT", fixture.stream.data, at);
        test_png_add(&file, "tEXt", "a\0b", 3);
        test_png_add(&file, "IDAT", fixture.stream.data + at, fixture.stream.size - at);
        test_png_add(&file, "IEND", NULL, 0);
        assert_int_equal(decodes_as_libpng(&file, at), at == fixture.stream.size);
        test_file_release(&file);
    }
    release(&fixture);
}

/* The number of warnings, the file being sound but for them. */
static uint32_t warnings_of(const struct test_file *file, const char *first)
{
    struct test_decoding decoding = test_decode(file, NULL);

    assert_string_equal(decoding.err.text, "");
    assert_string_equal(decoding.reader->warning, first);
    uint32_t count = decoding.reader->warnings;
    test_decoding_release(&decoding);
    return count;
}

static void bytes_behind_the_stream_are_warned_of(void **state)
{
    struct fixture fixture = make();
    struct test_file longer = test_file_insert(&fixture.stream, fixture.stream.size, "junk", 4);
    struct test_file one = test_png_file(&form, &longer, 0);
    struct test_file two = test_png_file(&form, &longer, fixture.stream.size);

    (void)state;
    assert_true(decodes_as_libpng(&one, 1));
    assert_int_equal(warnings_of(&one, "IDAT: Extra compressed data"), 1);
    assert_true(decodes_as_libpng(&two, 2));
    assert_int_equal(warnings_of(&two, ""), 0);
    test_file_release(&one);
    test_file_release(&two);
    test_file_release(&longer);
    release(&fixture);
}

static void more_rows_than_the_header_says_are_warned_of(void **state)
{
    struct test_png_form tall = form;
    tall.height += 200;
    struct test_file raw = test_png_raw(&tall, 5), stream = test_png_deflate(&raw);

    (void)state;
    for (size_t piece = 0; piece < 300; piece += 37) {
        struct test_file file = test_png_file(&form, &stream, piece);
        assert_true(decodes_as_libpng(&file, piece));
        assert_int_equal(warnings_of(&file, "IDAT: Too much image data"), 1);
        test_file_release(&file);
    }
    test_file_release(&stream);
    test_file_release(&raw);
}

static void fewer_rows_than_the_header_says_are_refused(void **state)
{
    struct fixture fixture = make();

    (void)state;
    for (uint32_t rows = 1; rows < 4; rows++) {
        struct test_png_form tall = form;
        tall.height += rows;
        struct test_file file = test_png_file(&tall, &fixture.stream, 0);
        assert_false(decodes_as_libpng(&file, rows));
        test_file_release(&file);
    }
    release(&fixture);
}

#if defined(__SANITIZE_ADDRESS__)
#define MIDDLE_STEP 101 /* every call takes twenty times as long */
#else
#define MIDDLE_STEP 13
#endif

/* Places to damage: every byte of the first and the last 40, steps between them. */
static size_t next_place(size_t at, size_t size)
{
    bool at_an_end = at < 40 || at + 40 >= size;
    size_t step = size - at > 40 + MIDDLE_STEP ? MIDDLE_STEP : size - at - 40;

    return at + (at_an_end ? 1 : step);
}

/* The stream cut, the chunks around it sound. */
static void a_cut_stream_has_libpngs_verdict_wherever_it_is_cut(void **state)
{
    struct fixture fixture = make();
    size_t whole = fixture.stream.size;

    (void)state;
    for (size_t size = 0; size < whole; size = next_place(size, whole)) {
        struct test_file cut = {fixture.stream.data, size};
        for (size_t piece = 0; piece < 3; piece++) {
            struct test_file file = test_png_file(&form, &cut, piece);
            decodes_as_libpng(&file, size);
            test_file_release(&file);
        }
    }
    release(&fixture);
}

/* Bits of the stream flipped, the chunks around it sound. */
static void a_damaged_stream_has_libpngs_verdict_wherever_it_is(void **state)
{
    struct fixture fixture = make();
    size_t whole = fixture.stream.size, decoded = 0, tried = 0;

    (void)state;
    for (size_t at = 0; at < whole; at = next_place(at, whole)) {
        for (unsigned bit = 0; bit < 8; bit++) {
            fixture.stream.data[at] ^= (uint8_t)(1u << bit);
            for (size_t piece = 0; piece < 3; piece++, tried++) {
                struct test_file file = test_png_file(&form, &fixture.stream, piece);
                decoded += decodes_as_libpng(&file, at * 8 + bit);
                test_file_release(&file);
            }
            fixture.stream.data[at] ^= (uint8_t)(1u << bit);
        }
    }
    assert_in_range(decoded, 1, tried - 1000);
    release(&fixture);
}

/* A header that promises a history of fewer bytes than matches reach back. */
static void a_window_too_small_has_libpngs_verdict(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 8; seed++) {
        for (unsigned window = 0; window < 8; window++) {
            struct test_file raw = test_png_raw(&form, seed), stream = test_png_deflate(&raw);
            stream.data[0] = (uint8_t)(window << 4 | 8);
            stream.data[1] = (uint8_t)(31 - stream.data[0] * 256 % 31);
            for (size_t piece = 0; piece < 900; piece += 300) {
                struct test_file file = test_png_file(&form, &stream, piece);
                bool decoded = decodes_as_libpng(&file, window);
                assert_true(decoded || window < 4);
                test_file_release(&file);
            }
            test_file_release(&stream);
            test_file_release(&raw);
        }
    }
}

static void a_wrong_checksum_of_any_chunk_of_pixels_is_refused(void **state)
{
    struct fixture fixture = make();

    (void)state;
    for (size_t which = 0; which < 3; which++) {
        struct test_file file = test_png_begin(&form, 0, 0);
        size_t third = fixture.stream.size / 3;
        for (size_t i = 0; i < 3; i++) {
            test_png_add(&file, "IDAT", fixture.stream.data + i * third,
                         i < 2 ? third : fixture.stream.size - 2 * third);
            file.data[file.size - 1] ^= i == which ? 1 : 0;
        }
        test_png_add(&file, "IEND", NULL, 0);
        assert_false(decodes_as_libpng(&file, which));
        test_file_release(&file);
    }
    release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_may_end_anywhere),
        cmocka_unit_test(empty_chunks_are_passed_over),
        cmocka_unit_test(another_chunk_between_them_is_refused),
        cmocka_unit_test(bytes_behind_the_stream_are_warned_of),
        cmocka_unit_test(more_rows_than_the_header_says_are_warned_of),
        cmocka_unit_test(fewer_rows_than_the_header_says_are_refused),
        cmocka_unit_test(a_cut_stream_has_libpngs_verdict_wherever_it_is_cut),
        cmocka_unit_test(a_damaged_stream_has_libpngs_verdict_wherever_it_is),
        cmocka_unit_test(a_window_too_small_has_libpngs_verdict),
        cmocka_unit_test(a_wrong_checksum_of_any_chunk_of_pixels_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
