/* Row filters undone: every kind, size of a pixel and width against the standard's own words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/png_unfilter.h"

#define WIDTH_MAX 70
#define BYTES     (WIDTH_MAX * 8)
#define GUARD     0xA5

static const unsigned pixels[] = {1, 2, 3, 4, 6, 8};

/* PNG-3, 9.4. */
static int paeth(int a, int b, int c)
{
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);

    if (pa <= pb && pa <= pc)
        return a;
    return pb <= pc ? b : c;
}

/* PNG-3, table 9.1. */
static void reference(unsigned filter, const struct pp_png_row *row, uint8_t *out)
{
    for (size_t i = 0; i < row->size; i++) {
        bool first = i < row->pixel;
        int a = first ? 0 : out[i - row->pixel], b = row->above[i];
        int c = first ? 0 : row->above[i - row->pixel];
        const int guess[] = {0, a, b, (a + b) / 2, paeth(a, b, c)};
        out[i] = (uint8_t)(row->in[i] + guess[filter]);
    }
}

/* A block of its own size, so that reading beyond it is found by those who look for that. */
static uint8_t *make(size_t size, uint32_t *seed)
{
    uint8_t *bytes = malloc(size);

    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        *seed = *seed * 1664525 + 1013904223; /* Numerical Recipes, 7.1 */
        bytes[i] = (uint8_t)(*seed & 0x10000 ? *seed >> 24 : *seed >> 30);
    }
    return bytes;
}

static void check(unsigned filter, const struct pp_png_row *row, const uint8_t *out)
{
    uint8_t expected[BYTES];

    reference(filter, row, expected);
    if (memcmp(out, expected, row->size) != 0)
        fail_msg("filter %u, pixels of %u bytes, %zu bytes", filter, row->pixel, row->size);
}

static void try_one(unsigned pixel, size_t width, uint32_t *seed)
{
    size_t size = pixel * width;
    uint8_t *in = make(size, seed), *above = make(size, seed), *out = make(size + 1, seed);
    struct pp_png_row row = {in, above, out, size, pixel};

    out[size] = GUARD;
    for (unsigned filter = 0; filter <= PP_PNG_FILTER_PAETH; filter++) {
        pp_png_unfilter(filter, &row);
        check(filter, &row, out);
        assert_int_equal(out[size], GUARD);
    }
    free(in);
    free(above);
    free(out);
}

static void every_filter_is_undone_for_every_pixel_and_width(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(pixels) / sizeof(pixels[0]); i++) {
        for (size_t width = 1; width <= WIDTH_MAX; width++) {
            for (int again = 0; again < 4; again++)
                try_one(pixels[i], width, &seed);
        }
    }
}

static void try_two(unsigned pixel, size_t width, uint32_t *seed)
{
    size_t size = pixel * width;
    uint8_t *in = make(size, seed), *in_2 = make(size, seed), *above = make(size, seed);
    uint8_t *out = make(size + 1, seed), *out_2 = make(size + 1, seed);
    struct pp_png_row first = {in, above, out, size, pixel},
                      second = {in_2, out, out_2, size, pixel};

    out[size] = out_2[size] = GUARD;
    pp_png_undo_paeth_twice(&first, &second);
    check(PP_PNG_FILTER_PAETH, &first, out);
    check(PP_PNG_FILTER_PAETH, &second, out_2);
    assert_int_equal(out[size], GUARD);
    assert_int_equal(out_2[size], GUARD);
    free(in);
    free(in_2);
    free(above);
    free(out);
    free(out_2);
}

static void two_rows_of_paeth_at_once_are_as_one_after_the_other(void **state)
{
    uint32_t seed = 2;

    (void)state;
    for (unsigned pixel = 1; pixel <= 4; pixel++) {
        for (size_t width = 1; width <= WIDTH_MAX; width++) {
            for (int again = 0; again < 4; again++)
                try_two(pixel, width, &seed);
        }
    }
}

/* All a, b and c: the corner and what is above it in the row before, the left one first. */
static void the_predictor_is_the_standards_for_all_neighbours(void **state)
{
    uint8_t in[256 * 2], above[256 * 2], out[256 * 2];
    struct pp_png_row row = {in, above, out, sizeof(in), 1};

    (void)state;
    for (int a = 0; a < 256; a++) {
        for (int c = 0; c < 256; c += 3) {
            for (int b = 0; b < 256; b++) {
                above[2 * b] = (uint8_t)c;
                above[2 * b + 1] = (uint8_t)b;
                in[2 * b] = 0;
                in[2 * b + 1] = 0;
            }
            /* Have the left pixel be a: filter it so that it comes out as that. */
            for (int i = 0, left = 0, corner = 0; i < 512; i += 2) {
                in[i] = (uint8_t)(a - paeth(left, above[i], corner));
                left = paeth(a, above[i + 1], above[i]);
                corner = above[i + 1];
            }
            pp_png_undo_paeth(&row);
            for (int b = 0; b < 256; b++)
                assert_int_equal(out[2 * b + 1], paeth(a, b, c));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter_is_undone_for_every_pixel_and_width),
        cmocka_unit_test(two_rows_of_paeth_at_once_are_as_one_after_the_other),
        cmocka_unit_test(the_predictor_is_the_standards_for_all_neighbours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
