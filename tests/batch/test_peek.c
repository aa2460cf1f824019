#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "batch/peek.h"

static uint64_t pixels_of(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    const uint64_t pixels = pp_peek_pixels(fd);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
    close(fd);
    return pixels;
}

static uint64_t pixels_in(const void *bytes, size_t size)
{
    const int fd = memfd_create("test", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    const uint64_t pixels = pp_peek_pixels(fd);
    close(fd);
    return pixels;
}

static void pictures_tell_their_pixels(void **state)
{
    (void)state;
    assert_int_equal(pixels_of(PP_TESTDATA "/jpeg/baseline-420-160x120.jpg"), 160 * 120);
    assert_int_equal(pixels_of(PP_TESTDATA "/jpeg/progressive-420-160x120.jpg"), 160 * 120);
    assert_int_equal(pixels_of(PP_TESTDATA "/jpeg/size-17x1.jpg"), 17);
    assert_true(pixels_of(PP_TESTDATA "/jpeg/fill-bytes.jpg") > 0);
}

static void a_png_tells_its_pixels_in_its_first_chunk(void **state)
{
    (void)state;
    static const uint8_t png[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\x01\0\x02\0\0\x03\x04";

    assert_int_equal(pixels_in(png, 24), UINT64_C(0x10002) * 0x304);
    for (size_t size = 0; size < 24; size++)
        assert_int_equal(pixels_in(png, size), 0);
}

static void metadata_before_a_frame_is_jumped(void **state)
{
    (void)state;
    enum { SEGMENTS = 20, LENGTH = 60000 };
    static uint8_t jpeg[2 + SEGMENTS * (LENGTH + 2) + 9] = {0xff, 0xd8};
    static const uint8_t app[] = {0xff, 0xe2, LENGTH >> 8, LENGTH & 0xff};
    static const uint8_t frame[] = {0xff, 0xc2, 0, 17, 8, 0x12, 0x34, 0x43, 0x21};
    size_t at = 2;

    for (int i = 0; i < SEGMENTS; i++, at += LENGTH + 2)
        memcpy(jpeg + at, app, sizeof app);
    memcpy(jpeg + at, frame, sizeof frame);
    assert_int_equal(pixels_in(jpeg, at + 9), UINT64_C(0x1234) * 0x4321);
    assert_int_equal(pixels_in(jpeg, at + 8), 0);
}

/* Lengths of 0 and 1 lead nowhere, fill bytes lead on for ever. */
static void senseless_segments_end_the_search(void **state)
{
    (void)state;
    static uint8_t filled[1 << 20];

    memset(filled, 0xff, sizeof filled);
    filled[1] = 0xd8;
    assert_int_equal(pixels_in(filled, sizeof filled), 0);
    assert_int_equal(pixels_in("\xff\xd8\xff\xe0\0\0\0\0\0\0\0\0\0\0", 14), 0);
    assert_int_equal(pixels_in("\xff\xd8\xff\xda\0\x08\0\0\0\0\0\0\0\0", 14), 0);
}

static void any_bytes_are_survived(void **state)
{
    (void)state;
    static const char *const starts[] = {"\x89PNG\r\n\x1a\n", "\xff\xd8\xff\xe0", ""};
    uint8_t bytes[3000];
    unsigned seed = 7;

    for (int round = 0; round < 3000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
        const char *start = starts[round % 3];
        memcpy(bytes, start, strlen(start));
        (void)pixels_in(bytes, seed % sizeof bytes);
    }
}

static void what_cannot_be_read_at_a_place_has_no_pixels(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(pp_peek_pixels(ends[0]), 0);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(pp_peek_pixels(-1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_tell_their_pixels),
        cmocka_unit_test(a_png_tells_its_pixels_in_its_first_chunk),
        cmocka_unit_test(metadata_before_a_frame_is_jumped),
        cmocka_unit_test(senseless_segments_end_the_search),
        cmocka_unit_test(any_bytes_are_survived),
        cmocka_unit_test(what_cannot_be_read_at_a_place_has_no_pixels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
