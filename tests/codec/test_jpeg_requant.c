/* Luma's coefficients in other steps: what they become is exact, and can always be coded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "codec/jpeg_luma_requant.h"
#include "support_coefficients.h"
#include "support_luma.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- the rounding --------------------------------------------------------------------------- */

static uint64_t rounded(uint64_t size, unsigned from, unsigned to)
{
    return (2 * size * from + to) / (2 * (uint64_t)to);
}

static void check_sizes(unsigned from, unsigned to, unsigned step)
{
    const uint64_t ratio = pp_luma_ratio(from, to);
    bool same = true;

    for (unsigned size = 0; size <= 1 << 15; size += size < 1023 ? 1 : step)
        same = same && pp_luma_scaled(ratio, size) == rounded(size, from, to);
    assert_true(same);
}

static void every_pair_of_steps_is_rounded_exactly(void **state)
{
    (void)state;
    for (unsigned to = 1; to <= 255; to++) {
        for (unsigned from = 0; from <= 255; from++)
            check_sizes(from, to, 977);
    }
}

static void every_size_is_rounded_exactly_by_every_divisor(void **state)
{
    static const unsigned steps[] = {1, 2, 3, 7, 17, 99, 254, 255, 256, 4095, 32768, 65534, 65535};

    (void)state;
    for (unsigned to = 1; to <= 255; to++) {
        for (size_t i = 0; i < COUNT(steps); i++)
            check_sizes(steps[i], to, 1);
    }
    for (size_t i = 0; i < COUNT(steps); i++) {
        for (size_t k = 0; k < COUNT(steps); k++)
            check_sizes(steps[i], steps[k], 1);
    }
}

/* ---- coefficients --------------------------------------------------------------------------- */

/* The table that libjpeg makes for a quality. */
static struct pp_jpeg_luma_settings settings_for(int quality)
{
    struct pp_jpeg_luma_settings settings = {.headless = false};
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;

    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    cinfo.input_components = 1;
    cinfo.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&cinfo);
    jpeg_set_quality(&cinfo, quality, TRUE);
    memcpy(settings.steps, cinfo.quant_tbl_ptrs[0]->quantval, sizeof(settings.steps));
    jpeg_destroy_compress(&cinfo);
    return settings;
}

static int expected_value(int value, unsigned from, unsigned to)
{
    const uint64_t size = rounded((uint64_t)abs(value), from, to);
    const int most = size < 1023 ? (int)size : 1023;

    return value < 0 ? -most : most;
}

static void check_block(const struct test_plane *source, const struct test_plane *got, uint32_t x,
                        uint32_t y)
{
    for (unsigned k = 0; k < 64; k++)
        assert_int_equal(
            test_coefficient(got, x, y, k),
            expected_value(test_coefficient(source, x, y, k), source->quant[k], got->quant[k]));
}

/* What was made of a file has the steps asked for, and the coefficients nearest to the source's. */
static void check_output(const struct luma_file *source, const struct luma_file *output,
                         const struct pp_jpeg_luma_settings *settings)
{
    assert_string_equal(output->err.text, "");
    struct test_coefficients from =
        test_coefficients_read(&(struct test_file){source->data, source->size});
    struct test_coefficients to =
        test_coefficients_read(&(struct test_file){output->data, output->size});
    assert_int_equal(to.components, 1);
    assert_int_equal(to.width, from.width);
    assert_int_equal(to.height, from.height);
    assert_int_equal(to.restart_interval, 0);
    assert_memory_equal(to.planes[0].quant, settings->steps, sizeof(settings->steps));
    for (uint32_t y = 0; y < to.planes[0].height; y++) {
        for (uint32_t x = 0; x < to.planes[0].width; x++)
            check_block(&from.planes[0], &to.planes[0], x, y);
    }
    test_coefficients_release(&from);
    test_coefficients_release(&to);
    struct luma_picture picture = luma_decode(output->data, output->size);
    assert_non_null(picture.data);
    assert_int_equal(picture.warnings, 0);
    free(picture.data);
}

static void check_file(const struct luma_file *source, int quality)
{
    const struct pp_jpeg_luma_settings settings = settings_for(quality);
    struct luma_file output = luma_extract_memory(source->data, source->size, &settings);

    check_output(source, &output, &settings);
    free(output.data);
}

static void check_recipe(const struct luma_recipe *recipe, int quality)
{
    struct luma_file source = luma_encode(recipe);

    check_file(&source, quality);
    free(source.data);
}

static const struct {
    int h, v, chroma_h, chroma_v;
} samplings[] = {{1, 1, 1, 1}, {2, 1, 1, 1}, {1, 2, 1, 1}, {2, 2, 1, 1}, {4, 1, 1, 1}, {1, 4, 1, 1},
                 {4, 2, 1, 1}, {2, 4, 1, 1}, {3, 1, 1, 1}, {2, 2, 2, 1}, {2, 2, 1, 2}};

static void check_samplings(struct luma_recipe recipe, int quality)
{
    for (size_t i = 0; i < COUNT(samplings); i++) {
        recipe.h[0] = samplings[i].h;
        recipe.v[0] = samplings[i].v;
        for (int c = 1; c < 3; c++) {
            recipe.h[c] = samplings[i].chroma_h;
            recipe.v[c] = samplings[i].chroma_v;
        }
        check_recipe(&recipe, quality);
    }
}

static void every_sampling_size_and_interval_gives_the_nearest_coefficients(void **state)
{
    static const uint32_t sizes[] = {1, 7, 8, 9, 17, 31, 64, 131};
    static const unsigned intervals[] = {0, 1, 3, 8, 1000};

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++)
        check_samplings((struct luma_recipe){.width = sizes[i], .height = 75 - sizes[i] / 2}, 60);
    for (size_t i = 0; i < COUNT(intervals); i++)
        check_samplings(
            (struct luma_recipe){
                .width = 203, .height = 75, .restart_mcus = intervals[i], .optimised = i % 2},
            80);
}

static void every_quality_gives_the_nearest_coefficients(void **state)
{
    static const int sources[] = {1, 30, 75, 100};

    (void)state;
    for (size_t i = 0; i < COUNT(sources); i++) {
        struct luma_recipe recipe = {
            .width = 203, .height = 101, .quality = sources[i], .h = {2}, .v = {2}};
        struct luma_file source = luma_encode(&recipe);
        for (int quality = 1; quality <= 100; quality++)
            check_file(&source, quality);
        free(source.data);
    }
}

static void tables_of_16_bits_are_taken_and_none_are_written(void **state)
{
    (void)state;
    check_samplings(
        (struct luma_recipe){.width = 120, .height = 90, .quality = 1, .extended = true}, 90);
    check_samplings(
        (struct luma_recipe){.width = 120, .height = 90, .quality = 1, .extended = true}, 1);
}

static void large_pictures_and_scans_of_luma_alone_are_like_any_other(void **state)
{
    static const jpeg_scan_info separate[] = {
        {1, {1}, 0, 63, 0, 0}, {1, {0}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    struct luma_recipe recipe = {.width = 1500, .height = 500, .h = {2}, .v = {2}, .quality = 96};

    (void)state;
    check_recipe(&recipe, 70);
    check_recipe(&recipe, 100);
    recipe.scans = separate;
    recipe.scan_count = 3;
    recipe.restart_mcus = 7;
    check_recipe(&recipe, 75);
    check_recipe(&(struct luma_recipe){.width = 301, .height = 77, .gray = true, .restart_mcus = 4},
                 40);
}

/* ---- the limits ----------------------------------------------------------------------------- */

#define SIDE 16u /* blocks */

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

/* Few coefficients, far from each other, or many; the largest there are, or the smallest. */
static void draw_block(int16_t *block, uint32_t *seed)
{
    const uint32_t count = draw(seed, 3) ? draw(seed, 4) : draw(seed, 64);
    const int largest = draw(seed, 2) ? 1023 : 2;

    memset(block, 0, 64 * sizeof(*block));
    block[0] = (int16_t)((int)draw(seed, 2047) - 1023);
    for (uint32_t i = 0; i < count; i++) {
        const int size = draw(seed, 2) ? largest : (int)draw(seed, (uint32_t)largest) + 1;
        block[1 + draw(seed, 63)] = (int16_t)(draw(seed, 2) ? size : -size);
    }
    if (draw(seed, 8) == 0)
        block[63] = 1023;
}

static void fill_blocks(struct jpeg_compress_struct *cinfo, jvirt_barray_ptr array, uint32_t seed)
{
    for (JDIMENSION y = 0; y < SIDE; y++) {
        JBLOCKARRAY row = cinfo->mem->access_virt_barray((j_common_ptr)cinfo, array, y, 1, TRUE);
        for (size_t x = 0; x < SIDE; x++)
            draw_block(row[0][x], &seed);
    }
}

/* libjpeg remarks on tables that baseline does not have. */
static void ignore(j_common_ptr cinfo, int level)
{
    (void)cinfo;
    (void)level;
}

/* A gray file of any coefficients, by one step or by one that grows. */
static struct luma_file file_of_any(uint32_t seed, unsigned step, unsigned growth)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long size = 0;
    jvirt_barray_ptr array;

    cinfo.err = jpeg_std_error(&errors);
    errors.emit_message = ignore;
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &data, &size);
    cinfo.image_width = cinfo.image_height = 8 * SIDE;
    cinfo.input_components = 1;
    cinfo.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&cinfo);
    for (unsigned i = 0; i < 64; i++)
        cinfo.quant_tbl_ptrs[0]->quantval[i] = (UINT16)(step + growth * i);
    cinfo.optimize_coding = seed % 2;
    array = cinfo.mem->request_virt_barray((j_common_ptr)&cinfo, JPOOL_IMAGE, FALSE, SIDE, SIDE, 1);
    jpeg_write_coefficients(&cinfo, &array);
    fill_blocks(&cinfo, array, seed);
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    return (struct luma_file){.data = data, .size = size};
}

static void values_at_the_limits_and_far_apart_stay_valid(void **state)
{
    static const struct {
        unsigned step, growth;
    } tables[] = {{1, 0}, {2, 0}, {1, 4}, {255, 0}, {3, 1000}, {65535, 0}};

    (void)state;
    for (uint32_t seed = 0; seed < 12; seed++) {
        for (size_t i = 0; i < COUNT(tables); i++) {
            struct luma_file source = file_of_any(seed, tables[i].step, tables[i].growth);
            check_file(&source, 1 + (int)(seed * 9) % 100);
            check_file(&source, 100);
            free(source.data);
        }
    }
}

/* ---- what is not requantised ---------------------------------------------------------------- */

static void the_same_table_has_the_bits_copied(void **state)
{
    const struct pp_jpeg_luma_settings settings = settings_for(85), plain = {.headless = false};
    struct luma_file source =
        luma_encode(&(struct luma_recipe){.width = 90, .height = 70, .optimised = true});
    struct luma_file expected = luma_extract_memory(source.data, source.size, &plain);
    struct luma_file output = luma_extract_memory(source.data, source.size, &settings);

    (void)state;
    assert_int_equal(output.size, expected.size);
    assert_memory_equal(output.data, expected.data, expected.size);
    free(expected.data);
    free(output.data);
    free(source.data);
}

static void a_progressive_picture_is_refused(void **state)
{
    static const jpeg_scan_info scans[] = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};
    const struct pp_jpeg_luma_settings settings = settings_for(50);
    struct luma_file source = luma_encode(&(struct luma_recipe){
        .width = 40, .height = 30, .gray = true, .scans = scans, .scan_count = 2});
    struct luma_file output = luma_extract_memory(source.data, source.size, &settings);

    (void)state;
    assert_int_equal(output.status, PP_E_UNSUPPORTED);
    free(output.data);
    free(source.data);
}

static void without_a_head_the_output_begins_with_the_table(void **state)
{
    struct pp_jpeg_luma_settings settings = settings_for(50);
    struct luma_file source = luma_encode(&(struct luma_recipe){.width = 40, .height = 30});
    struct luma_file whole = luma_extract_memory(source.data, source.size, &settings);

    (void)state;
    settings.headless = true;
    struct luma_file output = luma_extract_memory(source.data, source.size, &settings);
    assert_int_equal(output.data[0], 0xFF);
    assert_int_equal(output.data[1], 0xDB);
    assert_true(output.size < whole.size);
    assert_memory_equal(output.data, whole.data + whole.size - output.size, output.size);
    free(output.data);
    free(whole.data);
    free(source.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_steps_is_rounded_exactly),
        cmocka_unit_test(every_size_is_rounded_exactly_by_every_divisor),
        cmocka_unit_test(every_sampling_size_and_interval_gives_the_nearest_coefficients),
        cmocka_unit_test(every_quality_gives_the_nearest_coefficients),
        cmocka_unit_test(tables_of_16_bits_are_taken_and_none_are_written),
        cmocka_unit_test(large_pictures_and_scans_of_luma_alone_are_like_any_other),
        cmocka_unit_test(values_at_the_limits_and_far_apart_stay_valid),
        cmocka_unit_test(the_same_table_has_the_bits_copied),
        cmocka_unit_test(a_progressive_picture_is_refused),
        cmocka_unit_test(without_a_head_the_output_begins_with_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
