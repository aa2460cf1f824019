/* EXIF kept true and parts taken out: all of what is meant, nothing else, nothing outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/exif.h"
#include "image/metadata.h"
#include "support_exif.h"

#define ALL_PARTS (PP_EXIF_THUMBNAIL | PP_EXIF_GPS | PP_EXIF_SUBJECT | PP_EXIF_XMP | PP_EXIF_IPTC)

static bool holds(const struct test_exif *exif, const void *bytes, size_t size)
{
    return memmem(exif->data, exif->size, bytes, size) != NULL;
}

static void sizes_are_set_wherever_they_are_told(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct test_exif exif = test_exif_make(big);
        pp_exif_set_size(exif.data, exif.size, 640, 480);
        assert_int_equal(test_exif_get(&exif, exif.first, 0x0100), 640);
        assert_int_equal(test_exif_get(&exif, exif.first, 0x0101), 480);
        assert_int_equal(test_exif_get(&exif, exif.main, 0xA002), 640);
        assert_int_equal(test_exif_get(&exif, exif.main, 0xA003), 480);
        assert_int_equal(test_exif_get(&exif, exif.related, 0x1001), 640);
        assert_int_equal(test_exif_get(&exif, exif.related, 0x1002), 480);
    }
}

static void a_size_too_large_for_a_short_becomes_a_long(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct test_exif exif = test_exif_make(big);
        pp_exif_set_size(exif.data, exif.size, 70000, 1);
        assert_int_equal(test_exif_get(&exif, exif.main, 0xA002), 70000);
        pp_exif_set_size(exif.data, exif.size, 5, 1);
        assert_int_equal(test_exif_get(&exif, exif.main, 0xA002), 5);
    }
}

static void every_orientation_is_read_and_set(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct test_exif exif = test_exif_make(big);
        for (uint8_t orientation = 1; orientation <= 8; orientation++) {
            pp_exif_set_orientation(exif.data, exif.size, orientation);
            assert_int_equal(pp_exif_orientation(exif.data, exif.size), orientation);
        }
    }
}

static void resolutions_change_places(void **state)
{
    struct test_exif exif = test_exif_make(true);
    const uint32_t x = test_exif_get(&exif, exif.first, 0x011A),
                   y = test_exif_get(&exif, exif.first, 0x011B);

    (void)state;
    pp_exif_swap_resolution(exif.data, exif.size);
    assert_int_equal(test_exif_get(&exif, exif.first, 0x011A), y);
    assert_int_equal(test_exif_get(&exif, exif.first, 0x011B), x);
}

static void the_thumbnail_is_cut_off_and_the_rest_stays(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct test_exif exif = test_exif_make(big), before = exif;
        assert_int_equal(pp_exif_remove(exif.data, &exif.size, PP_EXIF_THUMBNAIL), PP_OK);
        assert_int_equal(exif.size, exif.thumbnail);
        assert_memory_equal(exif.data, before.data, exif.thumbnail - 4);
        assert_memory_equal(exif.data + exif.thumbnail - 4, "\0\0\0\0", 4);
    }
}

static void a_thumbnail_in_front_of_other_data_becomes_zeros(void **state)
{
    struct test_exif exif = test_exif_make(false);
    const size_t size = exif.size;

    (void)state;
    /* a value of IFD 0 stands behind it now */
    test_exif_put(&exif, exif.first + 2 + 3 * 12 + 8, 4, (uint32_t)size);
    exif.size += 8;
    memset(exif.data + size, 'v', 8);
    assert_int_equal(pp_exif_remove(exif.data, &exif.size, PP_EXIF_THUMBNAIL), PP_OK);
    assert_int_equal(exif.size, size + 8);
    assert_false(holds(&exif, "TTT", 3));
    assert_memory_equal(exif.data + size, "vvvvvvvv", 8);
}

static void nothing_of_the_place_is_left(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct test_exif exif = test_exif_make(big);
        uint8_t latitude[24];
        memcpy(latitude, exif.data + exif.place, sizeof(latitude));
        assert_int_equal(pp_exif_remove(exif.data, &exif.size, PP_EXIF_GPS), PP_OK);
        assert_int_equal(test_exif_get(&exif, exif.first, 0x8825), 0);
        assert_false(holds(&exif, latitude, 4));
        for (size_t i = exif.gps; i < exif.gps + 2 + 2 * 12 + 4; i++)
            assert_int_equal(exif.data[i], 0);
        assert_int_equal(test_exif_get(&exif, exif.first, 0x8769), exif.main);
        assert_int_equal(pp_exif_orientation(exif.data, exif.size), 6);
        assert_true(holds(&exif, "TTT", 3));
        assert_int_equal(test_exif_get(&exif, exif.thumbnail, 0x0202), exif.picture_size);
    }
}

static void a_link_moves_up_with_the_entries(void **state)
{
    struct test_exif exif = test_exif_make(true);
    const size_t link = exif.first + 2 + 6 * 12; /* one entry less */

    (void)state;
    assert_int_equal(pp_exif_remove(exif.data, &exif.size, PP_EXIF_GPS), PP_OK);
    assert_int_equal((size_t)exif.data[link + 2] << 8 | exif.data[link + 3], exif.thumbnail);
    assert_int_equal(pp_exif_remove(exif.data, &exif.size, PP_EXIF_THUMBNAIL), PP_OK);
    assert_false(holds(&exif, "TTT", 3));
}

static void subject_areas_go(void **state)
{
    struct test_exif exif = test_exif_make(false);

    (void)state;
    assert_int_equal(pp_exif_remove(exif.data, &exif.size, PP_EXIF_SUBJECT), PP_OK);
    assert_int_equal(test_exif_get(&exif, exif.main, 0x9214), 0);
    assert_int_equal(test_exif_get(&exif, exif.main, 0xA002), 4000);
    assert_int_equal(test_exif_get(&exif, exif.main, 0xA003), 3000);
}

static void the_smallest_block_says_the_orientation(void **state)
{
    uint8_t exif[PP_EXIF_SMALLEST];

    (void)state;
    for (uint8_t orientation = 1; orientation <= 8; orientation++) {
        pp_exif_make_smallest(exif, orientation);
        assert_true(pp_exif_is_sound(exif, sizeof(exif)));
        assert_int_equal(pp_exif_orientation(exif, sizeof(exif)), orientation);
    }
}

/* ---- what is broken ------------------------------------------------------------------------ */

/* Do everything to an allocation of exactly that size, so that a sanitizer sees a step outside. */
static void change_all(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);
    size_t left = size;

    assert_non_null(exact);
    memcpy(exact, data, size);
    pp_exif_set_orientation(exact, size, 1);
    pp_exif_set_size(exact, size, 70000, 480);
    pp_exif_swap_resolution(exact, size);
    (void)!pp_exif_remove(exact, &left, ALL_PARTS);
    assert_true(left <= size);
    free(exact);
}

static void no_length_leads_outside(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        const struct test_exif exif = test_exif_make(big);
        for (size_t size = 0; size <= exif.size; size++)
            change_all(exif.data, size);
    }
}

static void no_changed_byte_leads_outside(void **state)
{
    static const uint8_t values[] = {0, 1, 7, 0x7F, 0x80, 0xFF};

    (void)state;
    for (int big = 0; big < 2; big++) {
        struct test_exif exif = test_exif_make(big);
        for (size_t at = 0; at < exif.size; at++) {
            const uint8_t was = exif.data[at];
            for (size_t i = 0; i < sizeof(values); i++) {
                exif.data[at] = values[i];
                change_all(exif.data, exif.size);
            }
            exif.data[at] = was;
        }
    }
}

static void random_bytes_lead_nowhere(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct test_exif exif = test_exif_make(round % 2);
        for (int i = 0; i < 6; i++) {
            random = random * 1664525 + 1013904223;
            exif.data[4 + (random >> 8) % (exif.size - 4)] = (uint8_t)(random >> 24);
        }
        change_all(exif.data, exif.size);
    }
}

static void directories_in_a_circle_come_to_an_end(void **state)
{
    struct test_exif exif = test_exif_make(true);
    const size_t link = exif.first + 2 + 7 * 12;

    (void)state;
    test_exif_put(&exif, link, 4, (uint32_t)exif.first);
    test_exif_put(&exif, exif.first + 2 + 5 * 12 + 8, 4, (uint32_t)exif.first);
    test_exif_put(&exif, exif.first + 2 + 6 * 12 + 8, 4, (uint32_t)exif.first);
    change_all(exif.data, exif.size);
    assert_int_equal(pp_exif_remove(exif.data, &exif.size, ALL_PARTS), PP_OK);
    assert_int_equal(pp_exif_orientation(exif.data, exif.size), 6);
}

/* 5000 entries that each claim the whole block, and as many GPS directories. */
static void a_block_made_to_waste_time_is_refused(void **state)
{
    static const unsigned tags[] = {0x9999, 0x8825};
    const size_t count = 5000, size = 8 + 2 + count * 12 + 4;

    (void)state;
    for (size_t which = 0; which < 2; which++) {
        uint8_t *exif = calloc(1, size);
        size_t left = size;
        assert_non_null(exif);
        memcpy(exif, "MM\0*\0\0\0\10", 8);
        exif[8] = (uint8_t)(count >> 8);
        exif[9] = (uint8_t)count;
        for (uint8_t *entry = exif + 10; entry < exif + size - 4; entry += 12) {
            const uint8_t bytes[] = {(uint8_t)(tags[which] >> 8), (uint8_t)tags[which], 0, 7, 0, 0,
                                     (uint8_t)((size - 8) >> 8),  (uint8_t)(size - 8),  0, 0, 0, 8};
            memcpy(entry, bytes, sizeof(bytes));
        }
        assert_int_equal(pp_exif_remove(exif, &left, ALL_PARTS), PP_E_CORRUPT);
        free(exif);
    }
}

static void what_is_no_tiff_is_not_sound(void **state)
{
    (void)state;
    assert_false(pp_exif_is_sound(NULL, 0));
    assert_false(pp_exif_is_sound((const uint8_t *)"MM\0*\0\0\0\10", 8));
    assert_false(pp_exif_is_sound((const uint8_t *)"MM\0+\0\0\0\10\0\0", 10));
    assert_false(pp_exif_is_sound((const uint8_t *)"MM\0*\0\0\1\0\0\0", 10));
    assert_true(pp_exif_is_sound((const uint8_t *)"MM\0*\0\0\0\10\0\0", 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_set_wherever_they_are_told),
        cmocka_unit_test(a_size_too_large_for_a_short_becomes_a_long),
        cmocka_unit_test(every_orientation_is_read_and_set),
        cmocka_unit_test(resolutions_change_places),
        cmocka_unit_test(the_thumbnail_is_cut_off_and_the_rest_stays),
        cmocka_unit_test(a_thumbnail_in_front_of_other_data_becomes_zeros),
        cmocka_unit_test(nothing_of_the_place_is_left),
        cmocka_unit_test(a_link_moves_up_with_the_entries),
        cmocka_unit_test(subject_areas_go),
        cmocka_unit_test(the_smallest_block_says_the_orientation),
        cmocka_unit_test(no_length_leads_outside),
        cmocka_unit_test(no_changed_byte_leads_outside),
        cmocka_unit_test(random_bytes_lead_nowhere),
        cmocka_unit_test(directories_in_a_circle_come_to_an_end),
        cmocka_unit_test(a_block_made_to_waste_time_is_refused),
        cmocka_unit_test(what_is_no_tiff_is_not_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
