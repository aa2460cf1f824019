/* JPEG to JPEG by its coefficients: moved, cut, with and without colour; nothing is lost. */
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

static struct test_file make(uint32_t width, uint32_t height, const struct test_jpeg *how)
{
    uint8_t channels = how->color_space == JCS_GRAYSCALE ? 1 : 3;

    channels = how->color_space == JCS_CMYK || how->color_space == JCS_YCCK ? 4 : channels;
    struct test_picture picture = test_picture_new(width, height, channels, 8);
    struct test_file file = test_libjpeg_encode(&picture, how);
    test_picture_release(&picture);
    return file;
}

static const struct test_jpeg kinds[] = {
    {JCS_YCbCr, 80, 1, 1, .restart_rows = 0},     {JCS_YCbCr, 85, 2, 1, .restart_rows = 1},
    {JCS_YCbCr, 90, 2, 2, .restart_rows = 0},     {JCS_YCbCr, 75, 1, 2, .restart_rows = 0},
    {JCS_YCbCr, 80, 4, 1, .restart_rows = 0},     {JCS_YCbCr, 80, 2, 2, .progressive = true},
    {JCS_YCbCr, 80, 2, 1, .arithmetic = true},    {JCS_YCbCr, 80, 2, 2, .interleaved_off = true},
    {JCS_GRAYSCALE, 80, 1, 1, .restart_rows = 0}, {JCS_GRAYSCALE, 80, 2, 2, .progressive = true},
    {JCS_RGB, 80, 1, 1, .restart_rows = 0},       {JCS_CMYK, 80, 1, 1, .no_adobe = true},
    {JCS_YCCK, 80, 2, 2, .restart_rows = 0},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* ---- every move of every kind -------------------------------------------------------------- */

/* One direction of a window in the blocks of a component. */
struct range {
    uint32_t first, count;
    bool mirrored;
};

static uint32_t at(const struct range *range, uint32_t i)
{
    return range->mirrored ? range->first + range->count - 1 - i : range->first + i;
}

/* The coefficient of the source that coefficient k of the output is, with its sign. */
static int moved(const struct test_plane *plane, const struct range *x, const struct range *y,
                 bool swaps, const uint32_t place[3])
{
    unsigned k = place[2], column = k % 8, row = k / 8;
    uint32_t i = swaps ? at(x, place[1]) : at(x, place[0]);
    uint32_t j = swaps ? at(y, place[0]) : at(y, place[1]);
    unsigned from = swaps ? column * 8 + row : k;
    /* frequencies in the source's directions: a mirrored cosine changes sign when it is odd */
    int sign = (x->mirrored && from % 8 % 2 == 1) != (y->mirrored && from / 8 % 2 == 1) ? -1 : 1;

    return sign * test_coefficient(plane, i, j, from);
}

static void compare_plane(const struct test_plane *in, const struct test_plane *out,
                          const struct pp_placement *what, const uint32_t unit[2])
{
    bool swaps = pp_move_swaps(what->move);
    bool mx = pp_move_mirrors_x(what->move), my = pp_move_mirrors_y(what->move);
    struct range x = {what->x / unit[0], swaps ? out->height : out->width, swaps ? my : mx};
    struct range y = {what->y / unit[1], swaps ? out->width : out->height, swaps ? mx : my};

    if (x.mirrored)
        x.first = (what->x + what->width) / unit[0] - x.count;
    if (y.mirrored)
        y.first = (what->y + what->height) / unit[1] - y.count;
    for (unsigned k = 0; k < 64; k++)
        assert_int_equal(out->quant[k], in->quant[swaps ? k % 8 * 8 + k / 8 : k]);
    for (uint32_t row = 0; row < out->height; row++)
        for (uint32_t column = 0; column < out->width; column++)
            for (unsigned k = 0; k < 64; k++) {
                uint32_t place[3] = {column, row, k};
                assert_int_equal(test_coefficient(out, column, row, k),
                                 moved(in, &x, &y, swaps, place));
            }
}

static void compare(const struct test_file *file, const struct test_file *moved_file,
                    const struct pp_transcode *what)
{
    struct test_coefficients in = test_coefficients_read(file),
                             out = test_coefficients_read(moved_file);
    bool gray = out.components == 1, swaps = pp_move_swaps(what->placement.move);
    uint32_t width = 0, height = 0, h_most = 1, v_most = 1;

    pp_placement_size(&what->placement, &width, &height);
    assert_int_equal(out.width, width);
    assert_int_equal(out.height, height);
    assert_int_equal(out.components, what->luma ? 1 : in.components);
    assert_int_equal(out.color_space, what->luma ? (int)JCS_GRAYSCALE : in.color_space);
    assert_int_equal(out.progressive, in.progressive);
    for (int i = 0; i < in.components; i++) {
        h_most = (uint32_t)in.planes[i].h > h_most ? (uint32_t)in.planes[i].h : h_most;
        v_most = (uint32_t)in.planes[i].v > v_most ? (uint32_t)in.planes[i].v : v_most;
    }
    for (int i = 0; i < out.components; i++) {
        const struct test_plane *from = &in.planes[i], *to = &out.planes[i];
        uint32_t unit[2] = {gray ? 8 : 8 * h_most / (uint32_t)from->h,
                            gray ? 8 : 8 * v_most / (uint32_t)from->v};
        assert_int_equal(to->h, gray ? 1 : swaps ? from->v : from->h);
        assert_int_equal(to->v, gray ? 1 : swaps ? from->h : from->v);
        compare_plane(from, to, &what->placement, unit);
    }
    test_coefficients_release(&in);
    test_coefficients_release(&out);
}

/* The picture is 96 x 64; windows whose edges lie on multiples of 32 where the output begins. */
static void every_move_of_every_kind_keeps_each_coefficient(void **state)
{
    static const struct pp_placement windows[] = {{0, 0, 96, 64, PP_MOVE_NONE},
                                                  {32, 32, 64, 32, PP_MOVE_NONE},
                                                  {32, 0, 32, 32, PP_MOVE_NONE}};

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct test_file file = make(96, 64, &kinds[i]);
        for (int luma = 0; luma <= (kinds[i].color_space == JCS_YCbCr); luma++) {
            for (unsigned k = 0; k < 3 * 8; k++) {
                struct pp_transcode what = {luma, windows[k / 8]};
                what.placement.move = (enum pp_move)(PP_MOVE_NONE + k % 8);
                struct test_transcoding made = test_transcode(&file, PP_DECODE_DCT, &what, NULL);
                assert_string_equal(made.err.text, "");
                assert_int_equal(made.warnings, 0);
                compare(&file, &made.file, &what);
                test_file_release(&made.file);
            }
        }
        test_file_release(&file);
    }
}

static void the_far_edges_may_lie_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct test_file file = make(83, 61, &kinds[i]);
        for (unsigned k = 1; k <= 24; k++) {
            struct pp_transcode what = {kinds[i].color_space == JCS_YCbCr && k % 2 == 0,
                                        {32, 0, 83 - 32, 61, PP_MOVE_NONE}};
            what.placement.width -= k;
            what.placement.height -= k;
            struct test_transcoding made = test_transcode(&file, PP_DECODE_DCT, &what, NULL);
            assert_string_equal(made.err.text, "");
            compare(&file, &made.file, &what);
            test_file_release(&made.file);
            /* and where the output ends, when its beginning is an edge on a boundary */
            what.placement = (struct pp_placement){k, k, 64 - k, 32 - k, PP_MOVE_HALF_TURN};
            made = test_transcode(&file, PP_DECODE_DCT, &what, NULL);
            assert_string_equal(made.err.text, "");
            compare(&file, &made.file, &what);
            test_file_release(&made.file);
        }
        test_file_release(&file);
    }
}

/* ---- pixels -------------------------------------------------------------------------------- */

static uint8_t pixel_from(const struct test_file *pixels, uint32_t stride,
                          const struct pp_placement *what, uint32_t x, uint32_t y)
{
    const uint32_t w = what->width, h = what->height;
    const uint32_t from[8][2] = {{x, y}, {w - 1 - x, y}, {w - 1 - x, h - 1 - y}, {x, h - 1 - y},
                                 {y, x}, {y, h - 1 - x}, {w - 1 - y, h - 1 - x}, {w - 1 - y, x}};
    const uint32_t *place = from[what->move - PP_MOVE_NONE];

    return pixels->data[(size_t)(what->y + place[1]) * stride + what->x + place[0]];
}

/* The inverse DCT of libjpeg rounds a mirrored block's samples a little otherwise. */
static void decoded_luma_is_the_moved_luma_of_the_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        struct test_file file = make(83, 61, &kinds[i]);
        struct test_file source = test_libjpeg_decode(&file, JCS_GRAYSCALE);
        for (enum pp_move move = PP_MOVE_NONE; move <= PP_MOVE_TURN_LEFT; move++) {
            struct pp_transcode what = {kinds[i].color_space == JCS_YCbCr, {8, 16, 72, 40, move}};
            struct test_transcoding made = test_transcode(&file, PP_DECODE_DCT, &what, NULL);
            struct test_file out = test_libjpeg_decode(&made.file, JCS_GRAYSCALE);
            uint32_t width = 0, height = 0;
            assert_string_equal(made.err.text, "");
            pp_placement_size(&what.placement, &width, &height);
            assert_int_equal(out.size, (size_t)width * height);
            for (uint32_t p = 0; p < width * height; p++)
                assert_in_range(1 + out.data[p] -
                                    pixel_from(&source, 83, &what.placement, p % width, p / width),
                                0, 2);
            test_file_release(&out);
            test_file_release(&made.file);
        }
        test_file_release(&source);
        test_file_release(&file);
    }
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void assert_refused(const struct test_file *file, const struct pp_transcode *what,
                           const struct pp_encode_settings *encode, const char *text)
{
    struct test_transcoding made = test_transcode(file, PP_DECODE_DCT, what, encode);

    assert_int_equal(made.status, PP_E_UNSUPPORTED);
    if (!strstr(made.err.text, text))
        fail_msg("%s", made.err.text);
    test_file_release(&made.file);
}

static void edges_within_a_block_are_refused_with_their_place(void **state)
{
    struct test_file file = make(83, 61, &kinds[2]);
    struct pp_transcode what = {false, {8, 0, 64, 32, PP_MOVE_NONE}};

    (void)state;
    assert_refused(&file, &what, NULL, "8 pixels into the picture, no multiple of 16");
    what.luma = true; /* eight will do for luma */
    struct test_transcoding made = test_transcode(&file, PP_DECODE_DCT, &what, NULL);
    assert_string_equal(made.err.text, "");
    test_file_release(&made.file);
    what.placement.x = 7;
    assert_refused(&file, &what, NULL, "7 pixels into the picture, no multiple of 8");
    what.placement = (struct pp_placement){0, 0, 83, 61, PP_MOVE_FLOP};
    assert_refused(&file, &what, NULL, "83 pixels into the picture, no multiple of 8");
    what.placement.move = PP_MOVE_FLIP;
    assert_refused(&file, &what, NULL, "61 pixels into the picture, no multiple of 8");
    what.placement.move = PP_MOVE_TURN_RIGHT; /* its columns are rows from the bottom */
    assert_refused(&file, &what, NULL, "61 pixels into the picture, no multiple of 8");
    what.placement.move = PP_MOVE_TURN_LEFT;
    assert_refused(&file, &what, NULL, "83 pixels into the picture, no multiple of 8");
    what.placement.move = PP_MOVE_TRANSPOSE;
    made = test_transcode(&file, PP_DECODE_DCT, &what, NULL);
    assert_string_equal(made.err.text, "");
    test_file_release(&made.file);
    test_file_release(&file);
}

static void what_needs_pixels_is_refused(void **state)
{
    struct test_file colour = make(32, 32, &kinds[2]), rgb = make(32, 32, &kinds[10]);
    struct pp_transcode keep = {false, {0, 0, 32, 32, PP_MOVE_NONE}}, gray = keep;
    struct pp_encode_settings quality = {.quality = 80}, full = {.subsampling = PP_SUBSAMPLING_444},
                              half = {.subsampling = PP_SUBSAMPLING_420};

    (void)state;
    gray.luma = true;
    assert_refused(&colour, &keep, &quality, "another quality is asked for");
    assert_refused(&colour, &keep, &full, "another subsampling is asked for");
    assert_refused(&rgb, &gray, NULL, "its colours are not YCbCr");
    struct test_transcoding made = test_transcode(&colour, PP_DECODE_DCT, &keep, &half);
    assert_string_equal(made.err.text, "");
    test_file_release(&made.file);
    made = test_transcode(&colour, PP_DECODE_DCT, &gray, &full);
    assert_string_equal(made.err.text, "");
    test_file_release(&made.file);
    test_file_release(&colour);
    test_file_release(&rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_move_of_every_kind_keeps_each_coefficient),
        cmocka_unit_test(the_far_edges_may_lie_anywhere),
        cmocka_unit_test(decoded_luma_is_the_moved_luma_of_the_source),
        cmocka_unit_test(edges_within_a_block_are_refused_with_their_place),
        cmocka_unit_test(what_needs_pixels_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
