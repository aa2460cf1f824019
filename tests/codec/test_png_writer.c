/* PNG written: what goes in comes back by libpng, whatever the shape, the level, the threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <png.h>

#include "support.h"

static const struct pp_write_settings plain = {0};

/* Bits of a sample as the file's header says (PNG-3, 11.2.1). */
static unsigned header_depth(const struct test_file *file)
{
    return file->data[24];
}

static void assert_same_file(const struct test_file *file, const struct test_file *expected)
{
    assert_int_equal(file->size, expected->size);
    assert_memory_equal(file->data, expected->data, expected->size);
}

static void assert_pixels(const struct test_file *file, const uint8_t *pixels, size_t size)
{
    struct test_file decoded = test_libpng_decode(file);

    assert_non_null(decoded.data);
    assert_int_equal(decoded.size, size);
    assert_memory_equal(decoded.data, pixels, size);
    test_file_release(&decoded);
}

static void check_round_trip(const struct test_picture *picture,
                             const struct pp_write_settings *settings)
{
    struct test_file file = test_encode(&pp_codec_png, picture, settings);

    assert_int_equal(header_depth(&file), picture->geometry.depth);
    assert_pixels(&file, picture->pixels, picture->size);
    test_file_release(&file);
}

static void every_geometry_comes_back_unchanged(void **state)
{
    static const uint32_t sizes[][2] = {{1, 1},   {1, 40},    {40, 1},     {67, 51},
                                        {7, 999}, {401, 701}, {1, 300000}, {600001, 3}};

    (void)state;
    for (uint8_t channels = 1; channels <= 4; channels++) {
        for (unsigned i = 0; i < 16; i++) {
            struct test_picture picture =
                test_picture_new(sizes[i / 2][0], sizes[i / 2][1], channels, i % 2 ? 16 : 8);
            check_round_trip(&picture, &plain);
            test_picture_release(&picture);
        }
    }
}

/* One picture that is kept whole and one that is not. */
static void every_level_keeps_the_pixels(void **state)
{
    struct test_picture small = test_picture_new(61, 37, 2, 8);
    struct test_picture large = test_picture_new(433, 1300, 1, 8);

    (void)state;
    for (int level = PP_PNG_STORED; level <= 12; level++) {
        struct pp_write_settings settings = {.encode = {.png_level = level}};
        check_round_trip(&small, &settings);
        check_round_trip(&large, &settings);
    }
    test_picture_release(&small);
    test_picture_release(&large);
}

static void a_higher_level_makes_no_larger_file(void **state)
{
    static const int levels[] = {PP_PNG_STORED, 1, 6, 12};
    struct test_picture picture = test_picture_new(500, 400, 3, 8);
    size_t before = SIZE_MAX, first = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct pp_write_settings settings = {.encode = {.png_level = levels[i]}};
        struct test_file file = test_encode(&pp_codec_png, &picture, &settings);
        assert_true(file.size <= before);
        first = i == 0 ? file.size : first;
        before = file.size;
        test_file_release(&file);
    }
    assert_true(before < first);
    test_picture_release(&picture);
}

/* ---- ways to deflate ------------------------------------------------------------------------- */

/* Pieces that are flat and pieces that are not, in a file of several. */
static struct test_picture mixed_picture(void)
{
    struct test_picture picture = test_picture_new(700, 3000, 2, 8);

    memset(picture.pixels + picture.size / 5, 0, picture.size / 4);
    memset(picture.pixels + picture.size / 2, 0xFF, picture.size / 3);
    return picture;
}

static void files_are_the_same_with_any_number_of_threads(void **state)
{
    struct test_picture picture = mixed_picture();

    (void)state;
    for (int level = 1; level <= 9; level += 2) {
        struct pp_write_settings settings = {.encode = {.png_level = level}, .threads_max = 1};
        struct test_file one = test_encode(&pp_codec_png, &picture, &settings);
        struct test_file decoded = test_libpng_decode(&one);
        assert_int_equal(decoded.size, picture.size);
        assert_memory_equal(decoded.data, picture.pixels, picture.size);
        for (settings.threads_max = 2; settings.threads_max <= 5; settings.threads_max++) {
            struct test_file many = test_encode(&pp_codec_png, &picture, &settings);
            assert_int_equal(many.size, one.size);
            assert_memory_equal(many.data, one.data, one.size);
            test_file_release(&many);
        }
        test_file_release(&decoded);
        test_file_release(&one);
    }
    test_picture_release(&picture);
}

/* A tile of noise, that every other way would have to spell out again and again. */
static void a_pattern_makes_a_small_file(void **state)
{
    struct test_picture picture = test_picture_new(1000, 1000, 1, 8);

    (void)state;
    for (size_t i = 0; i < picture.size; i++) {
        uint32_t place = (uint32_t)(i % 1000 % 50 + i / 1000 % 10 * 50);
        picture.pixels[i] = (uint8_t)((place * 1664525u + 1013904223u) >> 16);
    }
    for (int level = 1; level <= 12; level++) {
        struct pp_write_settings settings = {.encode = {.png_level = level}};
        struct test_file file = test_encode(&pp_codec_png, &picture, &settings);
        assert_in_range(file.size, 1, picture.size / 20);
        test_file_release(&file);
    }
    test_picture_release(&picture);
}

/* ---- threads -------------------------------------------------------------------------------- */

static void the_bytes_do_not_depend_on_the_number_of_threads(void **state)
{
    static const unsigned threads[] = {1, 2, 3, 8};
    struct test_picture picture = test_picture_new(1024, 1300, 3, 8);
    struct test_file expected = test_encode(&pp_codec_png, &picture, &plain);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct pp_write_settings settings = {.threads_max = threads[i]};
        struct test_file file = test_encode(&pp_codec_png, &picture, &settings);
        assert_same_file(&file, &expected);
        test_file_release(&file);
    }
    test_file_release(&expected);
    test_picture_release(&picture);
}

/* Rows of a picture, written while a team is led. */
struct stretch {
    struct pp_writer *writer;
    const struct test_picture *picture;
    uint32_t first, count;
};

static void write_stretch(void *user)
{
    const struct stretch *stretch = user;
    const struct test_picture *picture = stretch->picture;
    size_t row = pp_geometry_row_bytes(&picture->geometry);

    for (uint32_t y = stretch->first; y < stretch->first + stretch->count; y++)
        assert_int_equal(
            pp_codec_png.write_rows(stretch->writer, picture->pixels + y * row, row, 1, NULL),
            PP_OK);
}

static void a_team_may_change_between_pieces(void **state)
{
    struct test_picture picture = test_picture_new(1024, 3000, 3, 8);
    struct pp_write_settings settings = {.encode = {.png_level = 1}};
    struct test_file expected = test_encode(&pp_codec_png, &picture, &settings);

    (void)state;
    for (unsigned threads = 1; threads <= 8; threads++) {
        struct pp_writer *writer = NULL;
        struct pp_output out;
        struct pp_team team;
        settings.threads_max = threads;
        settings.team = &team;
        pp_team_init(&team);
        pp_output_init_memory(&out);
        assert_int_equal(
            pp_codec_png.open_writer(&out, &picture.geometry, &settings, &writer, NULL), PP_OK);
        pp_team_lead(&team, threads, write_stretch, &(struct stretch){writer, &picture, 0, 700});
        write_stretch(&(struct stretch){writer, &picture, 700, 500});
        pp_team_lead(&team, threads - 1, write_stretch,
                     &(struct stretch){writer, &picture, 1200, 1800});
        assert_int_equal(pp_codec_png.finish_writer(writer, NULL), PP_OK);
        pp_codec_png.close_writer(writer);
        pp_team_release(&team);
        struct test_file file = {out.buffer, out.used};
        assert_same_file(&file, &expected);
        test_file_release(&file);
    }
    test_file_release(&expected);
    test_picture_release(&picture);
}

/* ---- memory --------------------------------------------------------------------------------- */

static void a_large_picture_is_written_in_little_memory(void **state)
{
    struct pp_geometry gray = {10000, 10000, 1, 8, 1}, rgba = {10000, 10000, 4, 16, 1};

    (void)state;
    assert_true(pp_codec_png.writer_memory(&gray, &plain) < 4 << 20);
    assert_true(pp_codec_png.writer_memory(&rgba, &plain) < 4 << 20);
    for (unsigned threads = 2; threads <= 8; threads++) {
        struct pp_write_settings settings = {.threads_max = threads};
        assert_true(pp_codec_png.writer_memory(&gray, &settings) < (uint64_t)(threads + 2) * 4
                                                                       << 20);
    }
}

static void a_side_too_long_for_the_format_is_refused(void **state)
{
    struct pp_geometry wide = {UINT32_MAX, 1, 1, 8, 1};
    struct pp_writer *writer = NULL;
    struct pp_output out;
    struct pp_error err = {0};

    (void)state;
    pp_output_init_memory(&out);
    assert_int_equal(pp_codec_png.open_writer(&out, &wide, &plain, &writer, &err), PP_E_LIMIT);
    assert_null(writer);
    pp_output_release(&out);
}

/* ---- errors --------------------------------------------------------------------------------- */

/* Writing to a file that must not grow beyond `limit` bytes, to the end or the first error. */
struct limited {
    const struct test_picture *picture;
    rlim_t limit;
    struct pp_write_settings settings;
    enum pp_status status;
    struct pp_error *err;
};

static void write_limited(void *user)
{
    struct limited *limited = user;
    const struct test_picture *picture = limited->picture;
    struct pp_error *err = limited->err;
    struct rlimit before, now;
    struct pp_writer *writer = NULL;
    struct pp_output out;
    int fd = memfd_create("limited", MFD_CLOEXEC);
    size_t row = pp_geometry_row_bytes(&picture->geometry);

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    now = (struct rlimit){limited->limit, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
    assert_int_equal(pp_output_init_fd(&out, fd, NULL), PP_OK);
    enum pp_status status =
        pp_codec_png.open_writer(&out, &picture->geometry, &limited->settings, &writer, err);
    for (uint32_t y = 0; status == PP_OK && y < picture->geometry.height; y += 100)
        status = pp_codec_png.write_rows(writer, picture->pixels + y * row, row, 100, err);
    if (status == PP_OK)
        status = pp_codec_png.finish_writer(writer, err);
    if (status == PP_OK)
        status = pp_output_flush(&out, err);
    pp_codec_png.close_writer(writer);
    pp_output_release(&out);
    close(fd);
    setrlimit(RLIMIT_FSIZE, &before);
    limited->status = status;
}

static enum pp_status write_up_to(const struct test_picture *picture, rlim_t limit,
                                  unsigned threads, struct pp_error *err)
{
    struct pp_team team;
    struct limited limited = {.picture = picture,
                              .limit = limit,
                              .settings = {.threads_max = threads, .team = &team},
                              .err = err};

    pp_team_init(&team);
    pp_team_lead(&team, threads, write_limited, &limited);
    pp_team_release(&team);
    return limited.status;
}

static void an_output_that_cannot_be_written_ends_with_the_cause_wherever(void **state)
{
    struct test_picture picture = test_picture_new(500, 2000, 3, 8);
    struct test_file whole = test_encode(&pp_codec_png, &picture, &plain);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);

    (void)state;
    for (size_t limit = 0; limit <= whole.size; limit += PP_STREAM_BUFFER / 2) {
        unsigned threads = 1 + (unsigned)(limit >> 15) % 3;
        struct pp_error err = {0};
        assert_int_equal(write_up_to(&picture, limit, threads, &err), PP_E_WRITE);
        assert_non_null(strstr(err.text, "cannot write"));
    }
    struct pp_error err = {0};
    assert_int_equal(write_up_to(&picture, whole.size, 1, &err), PP_OK);
    signal(SIGXFSZ, handler);
    test_file_release(&whole);
    test_picture_release(&picture);
}

static void rows_too_many_or_missing_are_refused(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        struct test_picture picture = test_picture_new(1000, i % 2 ? 1200 : 50, 1, 8);
        uint32_t height = picture.geometry.height;
        struct pp_writer *writer = NULL;
        struct pp_output out;
        pp_output_init_memory(&out);
        assert_int_equal(pp_codec_png.open_writer(&out, &picture.geometry, &plain, &writer, NULL),
                         PP_OK);
        uint32_t count = i < 2 ? height : height - 1;
        assert_int_equal(pp_codec_png.write_rows(writer, picture.pixels, 1000, count, NULL), PP_OK);
        enum pp_status status = i < 2
                                    ? pp_codec_png.write_rows(writer, picture.pixels, 1000, 1, NULL)
                                    : pp_codec_png.finish_writer(writer, NULL);
        assert_int_equal(status, PP_E_INTERNAL);
        pp_codec_png.close_writer(writer);
        pp_output_release(&out);
        test_picture_release(&picture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_geometry_comes_back_unchanged),
        cmocka_unit_test(every_level_keeps_the_pixels),
        cmocka_unit_test(a_higher_level_makes_no_larger_file),
        cmocka_unit_test(files_are_the_same_with_any_number_of_threads),
        cmocka_unit_test(a_pattern_makes_a_small_file),
        cmocka_unit_test(the_bytes_do_not_depend_on_the_number_of_threads),
        cmocka_unit_test(a_team_may_change_between_pieces),
        cmocka_unit_test(a_large_picture_is_written_in_little_memory),
        cmocka_unit_test(a_side_too_long_for_the_format_is_refused),
        cmocka_unit_test(an_output_that_cannot_be_written_ends_with_the_cause_wherever),
        cmocka_unit_test(rows_too_many_or_missing_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
