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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_way_just_over_the_limit_leaves_the_file_to_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
