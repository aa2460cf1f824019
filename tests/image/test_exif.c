/* The orientation tag: found in either byte order, never outside the block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/exif.h"
#include "image/metadata.h"

/* IFD 0 with ImageWidth before Orientation = 6, then the next IFD's offset. */
static const uint8_t intel[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0,    0x00, 0x01, 3,
                                0,   1,   0,  0, 0, 9, 0, 0, 0, 0x12, 0x01, 3,    0,
                                1,   0,   0,  0, 6, 0, 0, 0, 0, 0,    0,    0};
static const uint8_t motorola[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0,
                                   3,   0,   0, 0,  1, 0, 6, 0, 0, 0, 0,    0,    0};

static void orientation_is_found_in_both_byte_orders(void **state)
{
    (void)state;
    assert_int_equal(pp_exif_orientation(intel, sizeof(intel)), 6);
    assert_int_equal(pp_exif_orientation(motorola, sizeof(motorola)), 6);
}

static void a_long_value_is_an_orientation_too(void **state)
{
    uint8_t exif[sizeof(motorola)];

    (void)state;
    memcpy(exif, motorola, sizeof(exif));
    exif[13] = 4;
    exif[19] = 0;
    exif[21] = 8;
    assert_int_equal(pp_exif_orientation(exif, sizeof(exif)), 8);
    pp_exif_set_orientation(exif, sizeof(exif), 3);
    assert_int_equal(exif[21], 3);
}

static void patching_changes_the_value_and_nothing_else(void **state)
{
    uint8_t exif[sizeof(intel)];

    (void)state;
    memcpy(exif, intel, sizeof(exif));
    pp_exif_set_orientation(exif, sizeof(exif), 1);
    assert_int_equal(pp_exif_orientation(exif, sizeof(exif)), 1);
    exif[30] = 6;
    assert_memory_equal(exif, intel, sizeof(exif));
}

static void orientation_of_a_broken_block_is_upright(void **state)
{
    uint8_t exif[sizeof(motorola)];

    (void)state;
    assert_int_equal(pp_exif_orientation(NULL, 0), 1);
    assert_int_equal(pp_exif_orientation((const uint8_t *)"II*", 3), 1);
    memcpy(exif, motorola, sizeof(exif));
    exif[19] = 9;
    assert_int_equal(pp_exif_orientation(exif, sizeof(exif)), 1);
    exif[19] = 6;
    exif[4] = 0xFF; /* the directory is far outside */
    assert_int_equal(pp_exif_orientation(exif, sizeof(exif)), 1);
}

/* Each length gets its own allocation, so that a sanitizer or valgrind sees any step outside. */
static void no_length_makes_the_parser_read_outside(void **state)
{
    (void)state;
    for (size_t size = 0; size <= sizeof(intel); size++) {
        uint8_t *exif = malloc(size + 1);
        assert_non_null(exif);
        memcpy(exif, intel, size);
        uint8_t *exact = realloc(exif, size > 0 ? size : 1);
        pp_exif_set_orientation(exact, size, 2);
        assert_int_equal(pp_exif_orientation(exact, size), size >= 34 ? 2 : 1);
        free(exact);
    }
}

static void only_the_first_directory_is_looked_at(void **state)
{
    /* IFD 0 is empty and points to IFD 1, the thumbnail's, with Orientation = 6. */
    static const uint8_t thumbnail[] = {'M', 'M',  0, 42, 0, 0, 0, 8, 0, 0, 0, 0, 0, 14, 0, 1,
                                        1,   0x12, 0, 3,  0, 0, 0, 1, 0, 6, 0, 0, 0, 0,  0, 0};

    (void)state;
    assert_int_equal(pp_exif_orientation(thumbnail, sizeof(thumbnail)), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orientation_is_found_in_both_byte_orders),
        cmocka_unit_test(a_long_value_is_an_orientation_too),
        cmocka_unit_test(patching_changes_the_value_and_nothing_else),
        cmocka_unit_test(orientation_of_a_broken_block_is_upright),
        cmocka_unit_test(no_length_makes_the_parser_read_outside),
        cmocka_unit_test(only_the_first_directory_is_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
