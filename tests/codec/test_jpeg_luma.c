/* Luma extracted from files that libjpeg makes: all samplings, scans, intervals and sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "support_luma.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct pp_jpeg_luma_settings usual = {.headless = false};

static const jpeg_scan_info separate[] = {
    {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
static const jpeg_scan_info pairs[] = {{1, {1}, 0, 63, 0, 0}, {2, {0, 2}, 0, 63, 0, 0}};
static const jpeg_scan_info progressive[] = {{3, {0, 1, 2}, 0, 0, 0, 1}, {1, {0}, 1, 5, 0, 2},
                                             {1, {2}, 1, 63, 0, 1},      {1, {1}, 1, 63, 0, 1},
                                             {1, {0}, 6, 63, 0, 2},      {1, {0}, 1, 63, 2, 1},
                                             {3, {0, 1, 2}, 0, 0, 1, 0}, {1, {2}, 1, 63, 1, 0},
                                             {1, {1}, 1, 63, 1, 0},      {1, {0}, 1, 63, 1, 0}};
static const jpeg_scan_info luma_first[] = {
    {1, {0}, 0, 0, 0, 2},    {1, {0}, 0, 0, 2, 1},  {1, {0}, 0, 0, 1, 0}, {1, {0}, 1, 63, 0, 0},
    {2, {1, 2}, 0, 0, 0, 0}, {1, {1}, 1, 63, 0, 0}, {1, {2}, 1, 63, 0, 0}};

/* Fails unless what was extracted is one component whose coefficients and samples are those of the
 * source, without anything that libjpeg would warn of. */
static void check_same(const struct luma_file *source, const struct luma_file *output)
{
    assert_string_equal(output->err.text, "");
    assert_int_equal(output->status, PP_OK);
    struct luma_picture expected = luma_decode(source->data, source->size);
    struct luma_picture got = luma_decode(output->data, output->size);
    assert_int_equal(got.components, 1);
    assert_int_equal(got.warnings, 0);
    assert_true(luma_is_same(&expected, &got));
    free(expected.data);
    free(got.data);
    expected = luma_read_coefficients(source->data, source->size);
    got = luma_read_coefficients(output->data, output->size);
    assert_true(luma_is_same(&expected, &got));
    free(expected.data);
    free(got.data);
}

static void check_recipe(const struct luma_recipe *recipe)
{
    struct luma_file source = luma_encode(recipe);
    struct luma_file output = luma_extract_memory(source.data, source.size, &usual);

    check_same(&source, &output);
    free(output.data);
    free(source.data);
}

/* Luma's factors, and chroma's. */
static const struct {
    int h, v, chroma_h, chroma_v;
} samplings[] = {{1, 1, 1, 1}, {2, 1, 1, 1}, {1, 2, 1, 1}, {2, 2, 1, 1}, {4, 1, 1, 1},
                 {1, 4, 1, 1}, {4, 2, 1, 1}, {2, 4, 1, 1}, {3, 1, 1, 1}, {1, 3, 1, 1},
                 {2, 2, 2, 1}, {2, 2, 1, 2}, {2, 1, 2, 1}, {4, 1, 2, 1}};

static void check_samplings(struct luma_recipe recipe)
{
    for (size_t i = 0; i < COUNT(samplings); i++) {
        recipe.h[0] = samplings[i].h;
        recipe.v[0] = samplings[i].v;
        for (int c = 1; c < 3; c++) {
            recipe.h[c] = samplings[i].chroma_h;
            recipe.v[c] = samplings[i].chroma_v;
        }
        check_recipe(&recipe);
    }
}

static void luma_of_every_sampling_and_size_is_that_of_libjpeg(void **state)
{
    static const uint32_t heights[] = {1, 8, 9, 17, 33};

    (void)state;
    for (uint32_t width = 1; width <= 33; width++) {
        for (size_t i = 0; i < COUNT(heights); i++)
            check_samplings((struct luma_recipe){.width = width, .height = heights[i]});
    }
}

static void luma_of_every_quality_is_that_of_libjpeg(void **state)
{
    static const int qualities[] = {1, 10, 50, 75, 95, 100};

    (void)state;
    for (size_t i = 0; i < COUNT(qualities); i++) {
        struct luma_recipe recipe = {.width = 203, .height = 101, .quality = qualities[i]};
        check_samplings(recipe);
        recipe.optimised = true;
        check_samplings(recipe);
        recipe.extended = true; /* 16-bit quantization tables at the lowest quality */
        check_samplings(recipe);
    }
}

static void restart_intervals_are_followed(void **state)
{
    static const unsigned intervals[] = {1, 2, 3, 5, 7, 8, 9, 40, 1000};

    (void)state;
    for (size_t i = 0; i < COUNT(intervals); i++)
        check_samplings((struct luma_recipe){
            .width = 131, .height = 75, .restart_mcus = intervals[i], .optimised = i % 2});
}

static void separate_scans_are_copied(void **state)
{
    struct luma_recipe recipe = {.width = 99, .height = 77, .scans = separate, .scan_count = 3};

    (void)state;
    check_samplings(recipe);
    recipe.restart_mcus = 5;
    check_samplings(recipe);
    recipe.scans = pairs;
    recipe.scan_count = 2;
    check_samplings(recipe);
}

static void progressive_scans_are_copied_and_their_means_put_in_order(void **state)
{
    struct luma_recipe recipe = {.width = 99, .height = 77, .scans = progressive, .scan_count = 10};

    (void)state;
    check_samplings(recipe);
    recipe.restart_mcus = 4;
    check_samplings(recipe);
    recipe.scans = luma_first;
    recipe.scan_count = COUNT(luma_first);
    check_samplings(recipe);
}

static void progressive_sizes_are_right(void **state)
{
    (void)state;
    for (uint32_t width = 1; width <= 33; width += 4) {
        for (uint32_t height = 1; height <= 33; height += 8)
            check_samplings((struct luma_recipe){
                .width = width, .height = height, .scans = progressive, .scan_count = 10});
    }
}

static void a_large_picture_goes_through_many_windows(void **state)
{
    struct luma_recipe recipe = {.width = 2100, .height = 1500, .quality = 96};

    (void)state;
    check_recipe(&recipe);
    recipe.h[0] = recipe.v[0] = 2;
    check_recipe(&recipe);
    recipe.restart_mcus = 2000;
    check_recipe(&recipe);
    recipe.scans = progressive;
    recipe.scan_count = 10;
    check_recipe(&recipe);
}

static void the_widest_picture_is_taken(void **state)
{
    (void)state;
    check_recipe(&(struct luma_recipe){.width = 65500, .height = 40, .h = {2}, .v = {2}});
    check_recipe(&(struct luma_recipe){.width = 65500, .height = 33, .h = {1}, .v = {4}});
    check_recipe(&(struct luma_recipe){.width = 9, .height = 65500, .h = {2}, .v = {2}});
}

/* Where the scan's data begins. */
static size_t find_data(const struct luma_file *file)
{
    for (size_t i = 0; i + 3 < file->size; i++) {
        if (file->data[i] == 0xFF && file->data[i + 1] == 0xDA)
            return i + 2 + file->data[i + 3];
    }
    return file->size;
}

static void gray_data_passes_as_it_is(void **state)
{
    const struct luma_recipe recipe = {
        .width = 150, .height = 90, .gray = true, .restart_mcus = 6, .h = {2}, .v = {2}};
    struct luma_file source = luma_encode(&recipe);
    struct luma_file output = luma_extract_memory(source.data, source.size, &usual);

    (void)state;
    check_same(&source, &output);
    size_t from = find_data(&source), to = find_data(&output);
    assert_int_equal(source.size - from, output.size - to);
    assert_memory_equal(source.data + from, output.data + to, source.size - from);
    free(output.data);
    free(source.data);
}

/* ---- input in small portions ---------------------------------------------------------------- */

struct feed {
    const struct luma_file *file;
    size_t portion;
    int fd;
};

/* In packet mode each write is one read, however much was asked for. */
static void *write_portions(void *argument)
{
    const struct feed *feed = argument;

    for (size_t at = 0; at < feed->file->size; at += feed->portion) {
        size_t left = feed->file->size - at;
        size_t size = left < feed->portion ? left : feed->portion;
        if (write(feed->fd, feed->file->data + at, size) != (ssize_t)size)
            break;
    }
    close(feed->fd);
    return NULL;
}

static struct luma_file extract_portions(const struct luma_file *file, size_t portion)
{
    struct pp_input in;
    struct pp_error err = {0};
    pthread_t writer;
    int ends[2];

    assert_int_equal(pipe2(ends, O_DIRECT), 0);
    struct feed feed = {file, portion, ends[1]};
    assert_int_equal(pthread_create(&writer, NULL, write_portions, &feed), 0);
    assert_int_equal(pp_input_init_fd(&in, ends[0], &err), PP_OK);
    struct luma_file output = luma_extract(&in, &usual);
    pthread_join(writer, NULL);
    pp_input_release(&in);
    close(ends[0]);
    return output;
}

static void any_portions_of_input_give_the_same_bytes(void **state)
{
    static const struct luma_recipe recipes[] = {
        {.width = 90, .height = 70, .h = {2}, .v = {2}, .quality = 98},
        {.width = 90, .height = 70, .h = {2}, .v = {2}, .restart_mcus = 2},
        {.width = 90, .height = 70, .h = {2}, .scans = progressive, .scan_count = 10},
        {.width = 90, .height = 70, .gray = true, .restart_mcus = 2},
    };
    static const size_t portions[] = {1, 2, 3, 7, 61, 4096};

    (void)state;
    for (size_t i = 0; i < COUNT(recipes); i++) {
        struct luma_file source = luma_encode(&recipes[i]);
        struct luma_file whole = luma_extract_memory(source.data, source.size, &usual);
        for (size_t j = 0; j < COUNT(portions); j++) {
            struct luma_file output = extract_portions(&source, portions[j]);
            assert_string_equal(output.err.text, "");
            assert_int_equal(output.size, whole.size);
            assert_memory_equal(output.data, whole.data, whole.size);
            free(output.data);
        }
        free(whole.data);
        free(source.data);
    }
}

static void nothing_is_held_beyond_what_was_told(void **state)
{
    (void)state;
    /* A window, a piece of output and tables, whatever the size; rows only where several wait. */
    assert_true(pp_jpeg_luma_memory(8, 1) < 1024 * 1024);
    assert_int_equal(pp_jpeg_luma_memory(8, 1), pp_jpeg_luma_memory(65500, 1));
    assert_true(pp_jpeg_luma_memory(65500, 2) < 3 * 1024 * 1024);
    assert_true(pp_jpeg_luma_memory(65500, 4) < 7 * 1024 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(luma_of_every_sampling_and_size_is_that_of_libjpeg),
        cmocka_unit_test(luma_of_every_quality_is_that_of_libjpeg),
        cmocka_unit_test(restart_intervals_are_followed),
        cmocka_unit_test(separate_scans_are_copied),
        cmocka_unit_test(progressive_scans_are_copied_and_their_means_put_in_order),
        cmocka_unit_test(progressive_sizes_are_right),
        cmocka_unit_test(a_large_picture_goes_through_many_windows),
        cmocka_unit_test(the_widest_picture_is_taken),
        cmocka_unit_test(gray_data_passes_as_it_is),
        cmocka_unit_test(any_portions_of_input_give_the_same_bytes),
        cmocka_unit_test(nothing_is_held_beyond_what_was_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
