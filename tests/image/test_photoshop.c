/* Photoshop's image resources: those named go, the others move up, broken ones stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/photoshop.h"

/* IPTC data of odd length, a thumbnail with a name, resolution. */
#define IPTC      "8BIM\4\4\0\0\0\0\0\3abc\0"
#define THUMBNAIL "8BIM\4\x0C\3pic\0\0\0\2tt"
#define DENSITY   "8BIM\3\xED\0\0\0\0\0\4\0\x48\0\x48"
#define WHOLE     IPTC THUMBNAIL DENSITY

static void assert_left(const char *block, size_t size, unsigned parts, const char *expected,
                        size_t expected_size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    assert_non_null(copy);
    memcpy(copy, block, size);
    assert_int_equal(pp_photoshop_remove(copy, size, parts), expected_size);
    assert_memory_equal(copy, expected, expected_size);
    free(copy);
}

static void the_thumbnail_goes_and_the_rest_moves_up(void **state)
{
    (void)state;
    assert_left(WHOLE, sizeof(WHOLE) - 1, PP_PHOTOSHOP_THUMBNAIL, IPTC DENSITY,
                sizeof(IPTC DENSITY) - 1);
}

static void what_is_not_named_stays(void **state)
{
    (void)state;
    assert_left(WHOLE, sizeof(WHOLE) - 1, 0, WHOLE, sizeof(WHOLE) - 1);
    assert_left(WHOLE, sizeof(WHOLE) - 1, PP_PHOTOSHOP_EXIF | PP_PHOTOSHOP_XMP, WHOLE,
                sizeof(WHOLE) - 1);
}

static void behind_what_is_no_resource_all_stays(void **state)
{
    static const char odd[] = IPTC "odd" THUMBNAIL;

    (void)state;
    assert_left(odd, sizeof(odd) - 1, PP_PHOTOSHOP_THUMBNAIL, odd, sizeof(odd) - 1);
}

static void no_length_leads_outside(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(WHOLE); size++) {
        uint8_t *copy = malloc(size > 0 ? size : 1);
        assert_non_null(copy);
        memcpy(copy, WHOLE, size);
        assert_true(pp_photoshop_remove(copy, size, PP_PHOTOSHOP_THUMBNAIL) <= size);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thumbnail_goes_and_the_rest_moves_up),
        cmocka_unit_test(what_is_not_named_stays),
        cmocka_unit_test(behind_what_is_no_resource_all_stays),
        cmocka_unit_test(no_length_leads_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
