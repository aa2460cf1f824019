/* Luma decoded at a fraction by the extractor: the samples that libjpeg makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/jpeg_luma_inverse.h"
#include "support.h"
#include "support_luma.h"

static const unsigned fractions[] = {1, 2, 4};

static uint32_t draw(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

/* ---- files ---------------------------------------------------------------------------------- */

static enum pp_status decode(const struct luma_file *file, unsigned eighths,
                             struct luma_picture *found)
{
    const struct pp_jpeg_luma_settings settings = {.eighths = eighths};
    enum pp_status status;

    *found = luma_rows_memory(file->data, file->size, &settings, &status);
    return status;
}

static void assert_as_libjpeg(const struct luma_file *file)
{
    for (size_t i = 0; i < 3; i++) {
        struct luma_picture found;
        assert_int_equal(decode(file, fractions[i], &found), PP_OK);
        struct luma_picture expected = luma_decode_reduced(file->data, file->size, fractions[i]);
        assert_true(luma_is_same(&found, &expected));
        free(expected.data);
        free(found.data);
    }
}

static void check_recipe(const struct luma_recipe *recipe)
{
    struct luma_file file = luma_encode(recipe);

    assert_as_libjpeg(&file);
    free(file.data);
}

static void every_subsampling_is_decoded_as_by_libjpeg(void **state)
{
    static const int factors[][2] = {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1},
                                     {1, 4}, {4, 2}, {2, 4}, {3, 1}, {3, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
        for (unsigned interval = 0; interval < 8; interval += 7) {
            const struct luma_recipe recipe = {.width = 83 + (uint32_t)i,
                                               .height = 61 + 3 * (uint32_t)i,
                                               .h = {factors[i][0]},
                                               .v = {factors[i][1]},
                                               .restart_mcus = interval,
                                               .optimised = i % 2 == 1};
            check_recipe(&recipe);
        }
    }
}

static void every_small_size_is_decoded_as_by_libjpeg(void **state)
{
    (void)state;
    for (uint32_t width = 1; width < 36; width += 2) {
        for (uint32_t height = 1; height < 36; height += 3) {
            const struct luma_recipe recipe = {
                .width = width, .height = height, .h = {2}, .v = {2}, .gray = width % 4 == 1};
            check_recipe(&recipe);
        }
    }
}

static void every_quality_is_decoded_as_by_libjpeg(void **state)
{
    (void)state;
    for (int quality = 1; quality <= 100; quality += quality < 20 ? 1 : 5) {
        const struct luma_recipe recipe = {.width = 90,
                                           .height = 45,
                                           .quality = quality,
                                           .h = {2},
                                           .optimised = quality % 2 == 1,
                                           .extended = quality < 5};
        check_recipe(&recipe);
    }
}

/* More data than the extractor has at hand, and more blocks than it takes at once. */
static void large_pictures_are_decoded_as_by_libjpeg(void **state)
{
    const struct luma_recipe recipes[] = {
        {.width = 2301, .height = 210, .quality = 98},
        {.width = 2301, .height = 210, .quality = 20, .h = {2}, .v = {2}},
        {.width = 1999, .height = 133, .quality = 95, .h = {4}, .v = {2}, .restart_mcus = 100},
        {.width = 70, .height = 3000, .quality = 90, .h = {1}, .v = {2}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++)
        check_recipe(&recipes[i]);
}

static void scans_of_one_component_each_are_decoded_as_by_libjpeg(void **state)
{
    static const jpeg_scan_info scans[] = {
        {1, {2}, 0, 63, 0, 0}, {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}};
    const struct luma_recipe recipe = {
        .width = 83, .height = 61, .h = {2}, .v = {2}, .scans = scans, .scan_count = 3};

    (void)state;
    check_recipe(&recipe);
}

/* Steps that samples cannot have come by, so that sums leave the range. */
static void samples_beyond_the_range_are_cut_as_by_libjpeg(void **state)
{
    const struct luma_recipe recipe = {.width = 200, .height = 100, .quality = 60};

    (void)state;
    for (unsigned times = 2; times <= 3; times++) {
        struct luma_file file = luma_encode(&recipe);
        for (size_t i = 0; file.data[i + 1] != 0xDA; i++) {
            for (size_t k = 5; file.data[i] == 0xFF && file.data[i + 1] == 0xDB && k < 69; k++) {
                const unsigned step = file.data[i + k] * times;
                file.data[i + k] = (uint8_t)(step < 255 ? step : 255);
            }
        }
        assert_as_libjpeg(&file);
        free(file.data);
    }
}

static void coefficients_that_no_picture_has_are_left_to_libjpeg(void **state)
{
    const struct luma_recipe recipe = {.width = 50, .height = 40, .quality = 100};
    struct luma_file file = luma_encode(&recipe);

    (void)state;
    for (size_t i = 0; file.data[i + 1] != 0xDA; i++) {
        if (file.data[i] == 0xFF && file.data[i + 1] == 0xDB)
            memset(file.data + i + 5, 255, 64);
    }
    for (size_t i = 0; i < 3; i++) {
        struct luma_picture found;
        assert_int_equal(decode(&file, fractions[i], &found), PP_E_UNSUPPORTED);
        assert_null(found.data);
    }
    free(file.data);
}

static void progressive_files_are_left_to_libjpeg(void **state)
{
    static const jpeg_scan_info scans[] = {
        {3, {0, 1, 2}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}, {1, {1}, 1, 63, 0, 0}};
    const struct luma_recipe recipe = {
        .width = 83, .height = 61, .h = {2}, .v = {2}, .scans = scans, .scan_count = 3};
    struct luma_file file = luma_encode(&recipe);
    struct luma_picture found;

    (void)state;
    assert_int_equal(decode(&file, 4, &found), PP_E_UNSUPPORTED);
    free(file.data);
}

static void files_that_end_early_are_refused_wherever_they_end(void **state)
{
    const struct luma_recipe recipe = {.width = 83, .height = 61, .h = {2}, .v = {2}};
    struct luma_file file = luma_encode(&recipe);

    (void)state;
    for (size_t size = 0; size < file.size; size += 1 + size % 5) {
        struct luma_file part = {.data = file.data, .size = size};
        struct luma_picture found;
        assert_int_equal(decode(&part, fractions[size % 3], &found), PP_E_CORRUPT);
    }
    free(file.data);
}

/* ---- kernels -------------------------------------------------------------------------------- */

#define COUNT 9

/* Blocks of every kind: few coefficients, many, at the limit and, where asked for, beyond it. */
static void fill(int16_t *blocks, const struct pp_luma_steps *steps, uint32_t *random, bool beyond)
{
    memset(blocks, 0, pp_luma_block_at(COUNT + 1) * sizeof(*blocks));
    for (unsigned i = 0; i < COUNT + 1; i++) {
        int16_t *block = blocks + pp_luma_block_at(i);
        const unsigned count = draw(random) % 80;
        const bool large = draw(random) % 3 == 0;
        for (unsigned k = 0; k < count; k++) {
            const unsigned at = draw(random) % 8 * PP_LUMA_BLOCK_ROW + draw(random) % 8;
            const int most = large || draw(random) % 8 == 0 ? steps->largest[at] : 5;
            block[at] = (int16_t)((int)(draw(random) % (2 * (unsigned)most + 1)) - most);
        }
    }
    if (beyond) {
        const unsigned at = draw(random) % 8 * PP_LUMA_BLOCK_ROW + draw(random) % 8;
        const int value = steps->largest[at] + 1;
        blocks[pp_luma_block_at(draw(random) % COUNT) + at] =
            (int16_t)(draw(random) % 2 ? value : -value);
    }
}

static void compare(pp_luma_inverse *expected, pp_luma_inverse *found,
                    const struct pp_luma_steps *steps, const int16_t *blocks, unsigned side,
                    bool sound)
{
    uint8_t a[4][48], b[4][48];

    memset(a, 1, sizeof(a));
    memset(b, 1, sizeof(b));
    assert_int_equal(expected(steps, blocks, COUNT, (struct pp_luma_samples){a[0], 48}), sound);
    assert_int_equal(found(steps, blocks, COUNT, (struct pp_luma_samples){b[0], 48}), sound);
    for (unsigned y = 0; y < 4; y++)
        assert_memory_equal(a[y], b[y], COUNT * side);
}

static void every_kernel_makes_the_same_samples(void **state)
{
    const struct pp_luma_inverses *portable = pp_luma_inverses_portable(),
                                  *avx2 = pp_luma_inverses_avx2();
    _Alignas(32) int16_t blocks[64 * (COUNT + 1)];
    struct pp_luma_steps steps;
    uint32_t random = 1;

    (void)state;
    if (!avx2)
        skip();
    for (unsigned round = 0; round < 3000; round++) {
        uint16_t numbers[64];
        for (unsigned i = 0; i < 64; i++)
            numbers[i] = (uint16_t)(1 + draw(&random) % (round % 4 == 0 ? 255 : 20));
        pp_luma_steps_set(&steps, numbers);
        const bool beyond = round % 5 == 0;
        fill(blocks, &steps, &random, beyond);
        compare(portable->four, avx2->four, &steps, blocks, 4, !beyond);
        compare(portable->two, avx2->two, &steps, blocks, 2, !beyond);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subsampling_is_decoded_as_by_libjpeg),
        cmocka_unit_test(every_small_size_is_decoded_as_by_libjpeg),
        cmocka_unit_test(every_quality_is_decoded_as_by_libjpeg),
        cmocka_unit_test(large_pictures_are_decoded_as_by_libjpeg),
        cmocka_unit_test(scans_of_one_component_each_are_decoded_as_by_libjpeg),
        cmocka_unit_test(samples_beyond_the_range_are_cut_as_by_libjpeg),
        cmocka_unit_test(coefficients_that_no_picture_has_are_left_to_libjpeg),
        cmocka_unit_test(progressive_files_are_left_to_libjpeg),
        cmocka_unit_test(files_that_end_early_are_refused_wherever_they_end),
        cmocka_unit_test(every_kernel_makes_the_same_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
