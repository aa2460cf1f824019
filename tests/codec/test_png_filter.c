/* Row filters and reductions: undone by the book they give back the rows; nothing lost is offered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/png_filter.h"
#include "codec/png_filter_part.h"
#include "codec/png_reduce.h"

#define ROWS 6

/* The byte a filter predicts (PNG-3, 9.2), written as there. */
static int predicted(unsigned filter, int a, int b, int c)
{
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);

    switch (filter) {
    case 1:
        return a;
    case 2:
        return b;
    case 3:
        return (a + b) / 2;
    case 4:
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    default:
        return 0;
    }
}

static void assert_undone(const struct pp_png_rows *rows, const uint8_t *filtered)
{
    size_t size = rows->row_bytes, pixel = rows->pixel_bytes;

    for (uint32_t y = 0; y < rows->count; y++, filtered += 1 + size) {
        const uint8_t *above = rows->above + y * size, *here = above + size;
        assert_in_range(filtered[0], 0, 4);
        for (size_t i = 0; i < size; i++) {
            int a = i < pixel ? 0 : here[i - pixel], c = i < pixel ? 0 : above[i - pixel];
            uint8_t value = (uint8_t)(filtered[1 + i] + predicted(filtered[0], a, above[i], c));
            assert_int_equal(value, here[i]);
        }
    }
}

static uint8_t sample(size_t i, unsigned kind, uint32_t *noise)
{
    *noise = *noise * 1664525u + 1013904223u;
    if (kind == 0)
        return (uint8_t)(*noise >> 24);
    return (uint8_t)(kind == 1 ? i * 3 + (*noise >> 30) : (*noise >> 31) * 255);
}

static void every_filter_is_undone_as_the_standard_says(void **state)
{
    static const size_t pixels[] = {1, 2, 3, 4, 6, 8}, widths[] = {1, 2, 7, 33, 200};

    (void)state;
    for (unsigned i = 0; i < 6 * 5 * 7 * 3; i++) {
        size_t pixel = pixels[i % 6], size = widths[i / 6 % 5] * pixel;
        uint8_t *bytes = calloc(ROWS + 1, size), *out = malloc(ROWS * (size + 1));
        uint8_t *scratch = malloc(size);
        uint32_t noise = i;
        assert_true(bytes && out && scratch);
        for (size_t k = i % 2 ? 0 : size; k < (ROWS + 1) * size; k++)
            bytes[k] = sample(k, i / 210, &noise);
        struct pp_png_rows rows = {bytes, size, pixel, ROWS};
        pp_png_filter(&rows, (enum pp_png_strategy)(i / 30 % 7), out, scratch);
        assert_undone(&rows, out);
        if (i / 30 % 7 < 5)
            assert_int_equal(out[0], i / 30 % 7);
        free(scratch);
        free(out);
        free(bytes);
    }
}

/* Rows that one filter predicts but for their first pixels. Paeth is left out: what it predicts all
 * along is soon the row above. */
static void the_filter_that_predicts_a_row_is_chosen(void **state)
{
    uint8_t bytes[2 * 400], out[401], scratch[400];
    struct pp_png_rows rows = {bytes, 400, 1, 1};

    (void)state;
    for (unsigned strategy = PP_PNG_LEAST_SUM; strategy <= PP_PNG_LEAST_ENTROPY; strategy++) {
        for (unsigned filter = 1; filter < 4; filter++) {
            uint32_t noise = filter;
            for (size_t i = 0; i < 400; i++)
                bytes[i] = (uint8_t)(sample(i, 0, &noise) / 2 + 60);
            bytes[400] = 99;
            for (size_t i = 1; i < 400; i++)
                bytes[400 + i] =
                    (uint8_t)(predicted(filter, bytes[399 + i], bytes[i], bytes[i - 1]) +
                              (filter == 1 && i % 9 == 0 ? 5 : 0));
            pp_png_filter(&rows, (enum pp_png_strategy)strategy, out, scratch);
            assert_int_equal(out[0], filter);
        }
    }
}

/* By the standard's words and no other: the first of the filters whose bytes, as signed numbers
 * without signs, add up to the least; none at all counts for 5/16. */
static unsigned first_of_the_least(const struct pp_png_rows *rows)
{
    const uint8_t *above = rows->above, *here = above + rows->row_bytes;
    uint64_t least = UINT64_MAX;
    unsigned best = 0;

    for (unsigned filter = 0; filter < 5; filter++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < rows->row_bytes; i++) {
            bool first = i < rows->pixel_bytes;
            int a = first ? 0 : here[i - rows->pixel_bytes];
            int c = first ? 0 : above[i - rows->pixel_bytes];
            uint8_t byte = (uint8_t)(here[i] - predicted(filter, a, above[i], c));
            sum += byte < 128 ? byte : 256u - byte;
        }
        sum *= filter == 0 ? 5 : 16;
        best = sum < least ? filter : best;
        least = sum < least ? sum : least;
    }
    return best;
}

/* Rows that differ little from the one above or to the left, so that filters come near each other,
 * are equal, and are best in turn. */
static uint8_t *new_rows(size_t size, unsigned count, uint32_t seed)
{
    uint8_t *bytes = malloc((count + 1) * size);
    uint32_t noise = seed;

    assert_non_null(bytes);
    memset(bytes, 0, size);
    for (size_t i = size; i < (count + 1) * size; i++) {
        noise = noise * 1664525u + 1013904223u;
        bool changes = noise >> 22 < 1u << (seed % 10);
        bytes[i] = changes ? (uint8_t)(noise >> 9) : bytes[i - (i / size % 2 ? size : 1)];
    }
    return bytes;
}

static void the_first_filter_of_the_least_sum_is_chosen(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 600; round++) {
        size_t pixel = 1 + round % 8, size = pixel * (1 + round * 7 % 300);
        uint8_t *bytes = new_rows(size, ROWS, round), *out = malloc(ROWS * (size + 1));
        uint8_t *scratch = malloc(size);
        struct pp_png_rows rows = {bytes, size, pixel, ROWS};
        assert_true(out && scratch);
        pp_png_filter(&rows, PP_PNG_LEAST_SUM, out, scratch);
        assert_undone(&rows, out);
        for (unsigned y = 0; y < ROWS; y++, rows.above += size)
            assert_int_equal(out[y * (size + 1)], first_of_the_least(&rows));
        free(scratch);
        free(out);
        free(bytes);
    }
}

/* The second row is best as its difference from the first; the third costs by that filter what it
 * costs by the one to the left, all of it in the first bytes. */
static void of_equal_filters_the_first_is_chosen_whatever_the_last_row_had(void **state)
{
    uint8_t bytes[3 * 600], out[2 * 601], scratch[600];
    struct pp_png_rows rows = {bytes, 600, 1, 2};

    (void)state;
    memset(bytes, 100, sizeof(bytes));
    for (size_t i = 0; i < 100; i++)
        bytes[i] = bytes[600 + i] = i % 2 ? 101 : 99;
    bytes[5]++;
    pp_png_filter(&rows, PP_PNG_LEAST_SUM, out, scratch);
    assert_int_equal(out[0], PP_PNG_UP);
    assert_int_equal(out[601], PP_PNG_SUB);
}

static void assert_same_part(const struct pp_png_unfiltered *row, unsigned filter, size_t from,
                             size_t to)
{
    uint8_t expected[400], found[400];

    memset(expected, 0xEE, sizeof(expected));
    memset(found, 0xEE, sizeof(found));
    uint64_t sum = pp_png_part_portable()(row, filter, from, to, expected);
    assert_int_equal(pp_png_part_avx2()(row, filter, from, to, found), sum);
    assert_memory_equal(found, expected, sizeof(found));
}

/* `from` and `to` anywhere; the bytes before `from` are filtered already. */
static void every_kernel_makes_the_same_bytes_and_sums(void **state)
{
    uint8_t bytes[800];
    uint32_t noise = 1;

    (void)state;
    if (!pp_png_part_avx2())
        skip();
    for (unsigned round = 0; round < 20000; round++) {
        for (size_t i = 0; round % 50 == 0 && i < sizeof(bytes); i++)
            bytes[i] = sample(i, round / 50 % 3, &noise);
        noise = noise * 1664525u + 1013904223u;
        size_t pixel = 1 + round % 8, from = pixel + (noise >> 8) % 40;
        size_t to = from + 1 + (noise >> 16) % 120;
        struct pp_png_unfiltered row = {bytes, bytes + 400, 400, pixel};
        unsigned filter = round / 8 % 5;
        if (from == pixel || filter == PP_PNG_NONE || to - from >= 32)
            assert_same_part(&row, filter, from, to);
    }
}

static void gray_samples_tell_how_few_bits_they_need(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        uint8_t row[4] = {0, 9, 255, 9}, two[4] = {255, 9, (uint8_t)value, 9};
        unsigned expected = value % 255 == 0 ? 1 : value % 85 == 0 ? 2 : value % 17 == 0 ? 4 : 8;
        struct pp_geometry gray = {4, 1, 1, 8, 1}, with_alpha = {2, 1, 2, 8, 1};
        row[1] = row[3] = (uint8_t)value;
        assert_int_equal(pp_png_row_gray_bits(&gray, row), expected);
        assert_int_equal(pp_png_row_gray_bits(&with_alpha, two), expected);
    }
}

static void one_pixel_not_quite_opaque_is_seen_anywhere(void **state)
{
    uint8_t row[33 * 8];

    (void)state;
    for (uint8_t channels = 1; channels <= 4; channels++) {
        for (uint8_t depth = 8; depth <= 16; depth = (uint8_t)(depth + 8)) {
            struct pp_geometry geometry = {33, 1, channels, depth, 1};
            size_t pixel = (size_t)channels * depth / 8, alpha = channels % 2 ? pixel : depth / 8u;
            memset(row, 0xFF, sizeof(row));
            for (size_t i = 0; i < 33 * pixel; i++) {
                bool is_alpha = channels % 2 == 0 && i % pixel >= pixel - alpha;
                row[i] = 0xFE;
                assert_int_equal(pp_png_row_is_opaque(&geometry, row), !is_alpha);
                row[i] = 0xFF;
            }
        }
    }
}

static void samples_are_packed_as_the_standard_orders_them(void **state)
{
    static const uint8_t gray[10] = {0, 255, 255, 0, 0, 255, 0, 255, 255, 255};
    static const uint8_t alpha[6] = {0, 255, 0x22, 255, 255, 255},
                         rgba[8] = {1, 2, 3, 255, 5, 6, 7, 255};
    static const uint16_t wide[4] = {0x0102, 0xFFFF, 0x0304, 0xFFFF};
    uint8_t out[8] = {0};

    (void)state;
    pp_png_pack_row(&(struct pp_geometry){10, 1, 1, 8, 1}, &(struct pp_png_form){false, 1}, gray,
                    out);
    assert_memory_equal(out, "\x65\xC0", 2);
    pp_png_pack_row(&(struct pp_geometry){5, 1, 1, 8, 1}, &(struct pp_png_form){false, 2}, gray,
                    out);
    assert_memory_equal(out, "\x3C\x00", 2);
    pp_png_pack_row(&(struct pp_geometry){3, 1, 2, 8, 1}, &(struct pp_png_form){true, 4}, alpha,
                    out);
    assert_memory_equal(out, "\x02\xF0", 2);
    pp_png_pack_row(&(struct pp_geometry){2, 1, 4, 8, 1}, &(struct pp_png_form){true, 0}, rgba,
                    out);
    assert_memory_equal(out, "\x01\x02\x03\x05\x06\x07", 6);
    pp_png_pack_row(&(struct pp_geometry){2, 1, 2, 16, 1}, &(struct pp_png_form){true, 0},
                    (const uint8_t *)wide, out);
    assert_memory_equal(out, "\x01\x02\x03\x04", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter_is_undone_as_the_standard_says),
        cmocka_unit_test(the_filter_that_predicts_a_row_is_chosen),
        cmocka_unit_test(the_first_filter_of_the_least_sum_is_chosen),
        cmocka_unit_test(of_equal_filters_the_first_is_chosen_whatever_the_last_row_had),
        cmocka_unit_test(every_kernel_makes_the_same_bytes_and_sums),
        cmocka_unit_test(gray_samples_tell_how_few_bits_they_need),
        cmocka_unit_test(one_pixel_not_quite_opaque_is_seen_anywhere),
        cmocka_unit_test(samples_are_packed_as_the_standard_orders_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
