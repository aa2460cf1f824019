/*
 * What a conversion may use: a way that would take too much is not taken where another serves, and
 * what is refused says which limit it was and which option moves it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "support_picture.h"

static struct encoded large_jpeg(void)
{
    struct picture picture = picture_new(896, 704, 3, 8);
    struct encoded jpeg = picture_encode(&picture, PP_FORMAT_JPEG);

    picture_free(&picture);
    return jpeg;
}

/* The path taken, and in *memory what it said to need. */
static char *path_within(const struct encoded *in, uint64_t limit, uint64_t *memory)
{
    const struct pp_convert_settings settings = {.limits = {.max_memory = limit}};
    struct pp_convert_report report;
    struct encoded out = convert("gray,rotate=90", in, &settings, &report);

    free(out.bytes);
    *memory = report.memory;
    return strdup(report.path);
}

static void a_way_just_over_the_limit_leaves_the_file_to_another(void **state)
{
    struct encoded in = large_jpeg();
    uint64_t dct = 0, memory = 0;

    (void)state;
    char *path = path_within(&in, 0, &dct);
    assert_string_equal(path, "dct");
    free(path);
    path = path_within(&in, dct, &memory);
    assert_string_equal(path, "dct");
    assert_int_equal(memory, dct);
    free(path);
    path = path_within(&in, dct - 1, &memory);
    assert_string_equal(path, "luma");
    assert_true(memory < dct);
    free(path);
    free(in.bytes);
}

/* What `filters` is told to need beyond what `others` is. */
static int64_t difference(const char *filters, const char *others)
{
    struct picture picture = picture_new(1600, 1200, 1, 8);
    struct encoded in = picture_encode(&picture, PP_FORMAT_PNG);
    const struct pp_convert_settings settings = {0};
    struct pp_convert_report reports[2];
    struct encoded outs[] = {convert(filters, &in, &settings, &reports[0]),
                             convert(others, &in, &settings, &reports[1])};

    picture_free(&picture);
    free(in.bytes);
    free(outs[0].bytes);
    free(outs[1].bytes);
    return (int64_t)reports[0].memory - (int64_t)reports[1].memory;
}

/* Dithered pictures are kept, at four bits a pixel in place of one. */
static void what_a_filter_keeps_of_the_picture_is_counted(void **state)
{
    (void)state;
    assert_int_equal(difference("dither=4", "dither=1"), 1600 * 1200 * 3 / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_way_just_over_the_limit_leaves_the_file_to_another),
        cmocka_unit_test(what_a_filter_keeps_of_the_picture_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
