/* PNG written in fewer bytes than it came: opaque alpha left out, gray in few bits; never a loss.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>

#include "support.h"

/* Small enough to be kept whole, and too large for it. */
static const uint32_t heights[] = {33, 1500};

static void set_opaque(struct test_picture *picture)
{
    size_t sample = picture->geometry.depth / 8u, pixel = picture->geometry.channels * sample;

    for (size_t i = pixel - sample; i < picture->size; i += pixel)
        memset(picture->pixels + i, 0xFF, sample);
}

/* Gray samples that are exact in so many bits, and in no fewer. */
static void set_gray_bits(struct test_picture *picture, unsigned bits)
{
    unsigned unit = 255u / ((1u << bits) - 1);

    for (size_t i = 0; i < picture->size; i += picture->geometry.channels)
        picture->pixels[i] = (uint8_t)(((unsigned)picture->pixels[i] >> (8 - bits)) * unit);
}

static bool is_small(const struct test_picture *picture)
{
    return picture->geometry.height == heights[0];
}

/* The pixels without their last channel. */
static struct test_file without_alpha(const struct test_picture *picture)
{
    size_t sample = picture->geometry.depth / 8u, from = picture->geometry.channels * sample;
    size_t to = from - sample, count = picture->size / from;
    struct test_file result = {malloc(to * count), to * count};

    assert_non_null(result.data);
    for (size_t i = 0; i < count; i++)
        memcpy(result.data + i * to, picture->pixels + i * from, to);
    return result;
}

static void assert_file(const struct test_file *file, unsigned depth, int type,
                        const uint8_t *pixels, size_t size)
{
    struct test_file decoded = test_libpng_decode(file);

    assert_int_equal(file->data[24], depth); /* PNG-3, 11.2.1 */
    assert_int_equal(file->data[25], type);
    assert_int_equal(decoded.size, size);
    assert_memory_equal(decoded.data, pixels, size);
    test_file_release(&decoded);
}

static void opaque_alpha_is_left_out(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct test_picture picture =
            test_picture_new(301, heights[i & 1], i & 2 ? 4 : 2, i & 4 ? 16 : 8);
        struct pp_write_settings settings = {.guess = {.opaque = !is_small(&picture)}};
        set_opaque(&picture);
        struct test_file file = test_encode(&pp_codec_png, &picture, &settings);
        struct test_file expected = without_alpha(&picture);
        assert_file(&file, i & 4 ? 16 : 8, i & 2 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
                    expected.data, expected.size);
        test_file_release(&expected);
        test_file_release(&file);
        test_picture_release(&picture);
    }
}

static void alpha_is_kept_when_one_pixel_needs_it_or_nobody_knows(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct test_picture picture =
            test_picture_new(301, heights[i & 1], i & 2 ? 4 : 2, i & 4 ? 16 : 8);
        struct pp_write_settings settings = {.guess = {.opaque = is_small(&picture)}};
        set_opaque(&picture);
        if (is_small(&picture)) /* the guess is not needed, and not believed */
            picture.pixels[picture.size - 1] = 0xFE;
        struct test_file file = test_encode(&pp_codec_png, &picture, &settings);
        assert_file(&file, i & 4 ? 16 : 8,
                    i & 2 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_GRAY_ALPHA, picture.pixels,
                    picture.size);
        test_file_release(&file);
        test_picture_release(&picture);
    }
}

static void gray_takes_as_many_bits_as_it_needs(void **state)
{
    static const uint32_t widths[] = {1, 7, 400, 401, 2003};

    (void)state;
    for (unsigned i = 0; i < 5 * 2 * 4; i++) {
        unsigned bits = 1u << i % 4;
        struct test_picture picture = test_picture_new(widths[i / 8], heights[i / 4 % 2], 1, 8);
        struct pp_write_settings settings = {.guess = {.gray_bits = (uint8_t)bits}};
        set_gray_bits(&picture, bits);
        picture.pixels[0] = (uint8_t)(255u / ((1u << bits) - 1)); /* 1 at 8 bits */
        struct test_file file = test_encode(&pp_codec_png, &picture, &settings);
        assert_file(&file, bits, PNG_COLOR_TYPE_GRAY, picture.pixels, picture.size);
        test_file_release(&file);
        test_picture_release(&picture);
    }
}

static void opaque_gray_takes_few_bits_too(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct test_picture picture = test_picture_new(901, heights[i], 2, 8);
        struct pp_write_settings settings = {.guess = {.opaque = true, .gray_bits = 2}};
        set_opaque(&picture);
        set_gray_bits(&picture, 2);
        struct test_file file = test_encode(&pp_codec_png, &picture, &settings);
        struct test_file expected = without_alpha(&picture);
        assert_file(&file, 2, PNG_COLOR_TYPE_GRAY, expected.data, expected.size);
        test_file_release(&expected);
        test_file_release(&file);
        test_picture_release(&picture);
    }
}

/* A guess about bits says nothing of samples that are not gray of 8 bits. */
static void a_guess_that_does_not_apply_is_passed_over(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct test_picture picture =
            test_picture_new(301, heights[1], (uint8_t)(1 + i % 4), i >= 4 ? 16 : 8);
        uint8_t bits = i == 0 ? 8 : 1;
        struct pp_write_settings settings = {.guess = {.opaque = i % 2 == 0, .gray_bits = bits}};
        struct test_file file = test_encode(&pp_codec_png, &picture, &settings);
        struct test_file decoded = test_libpng_decode(&file);
        assert_int_equal(decoded.size, picture.size);
        assert_memory_equal(decoded.data, picture.pixels, picture.size);
        test_file_release(&decoded);
        test_file_release(&file);
        test_picture_release(&picture);
    }
}

struct wrong_guess {
    const struct test_picture *picture;
    struct pp_write_guess guess;
    uint32_t row;
    struct pp_team team;
};

static void find_it_wrong(void *user)
{
    struct wrong_guess *wrong = user;
    const struct test_picture *picture = wrong->picture;
    const uint32_t wrong_row = wrong->row;
    struct pp_write_settings settings = {
        .guess = wrong->guess, .threads_max = pp_team_size(&wrong->team), .team = &wrong->team};
    size_t row = pp_geometry_row_bytes(&picture->geometry);
    struct pp_writer *writer = NULL;
    struct pp_output out;
    struct pp_error err = {0};

    pp_output_init_memory(&out);
    assert_int_equal(pp_codec_png.open_writer(&out, &picture->geometry, &settings, &writer, &err),
                     PP_OK);
    assert_int_equal(pp_codec_png.write_rows(writer, picture->pixels, row, wrong_row, &err), PP_OK);
    assert_false(writer->guess_failed);
    enum pp_status status =
        pp_codec_png.write_rows(writer, picture->pixels + wrong_row * row, row, 1, &err);
    assert_int_not_equal(status, PP_OK);
    assert_true(writer->guess_failed);
    assert_int_equal(err.status, status);
    pp_codec_png.close_writer(writer);
    pp_output_release(&out);
}

static void check_wrong_guess(const struct test_picture *picture, struct pp_write_guess guess,
                              uint32_t wrong_row)
{
    struct wrong_guess wrong = {.picture = picture, .guess = guess, .row = wrong_row};

    pp_team_init(&wrong.team);
    pp_team_lead(&wrong.team, 1 + wrong_row % 3, find_it_wrong, &wrong);
    pp_team_release(&wrong.team);
}

static void a_wrong_guess_is_told_at_the_first_pixel_that_shows_it(void **state)
{
    static const uint32_t wrong[] = {0, 1, 700, 1499};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct test_picture picture = test_picture_new(997, heights[1], 2, 8);
        struct pp_write_guess opaque = {.opaque = true}, both = {.opaque = true, .gray_bits = 4};
        set_opaque(&picture);
        set_gray_bits(&picture, 4);
        picture.pixels[(wrong[i] + 1) * (size_t)997 * 2 - 2] = 16; /* no multiple of 17 */
        check_wrong_guess(&picture, both, wrong[i]);
        picture.pixels[(wrong[i] + 1) * (size_t)997 * 2 - 1] = 254;
        check_wrong_guess(&picture, opaque, wrong[i]);
        test_picture_release(&picture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opaque_alpha_is_left_out),
        cmocka_unit_test(alpha_is_kept_when_one_pixel_needs_it_or_nobody_knows),
        cmocka_unit_test(gray_takes_as_many_bits_as_it_needs),
        cmocka_unit_test(opaque_gray_takes_few_bits_too),
        cmocka_unit_test(a_guess_that_does_not_apply_is_passed_over),
        cmocka_unit_test(a_wrong_guess_is_told_at_the_first_pixel_that_shows_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
