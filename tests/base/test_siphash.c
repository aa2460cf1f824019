#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/siphash.h"

static const uint8_t key[PP_SIPHASH_KEY] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void assert_hash(size_t size, const uint8_t expected[16])
{
    static const uint8_t bytes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    struct pp_siphash hash = pp_siphash(key, bytes, size);

    for (int i = 0; i < 8; i++) {
        assert_int_equal(hash.low >> (8 * i) & 0xff, expected[i]);
        assert_int_equal(hash.high >> (8 * i) & 0xff, expected[8 + i]);
    }
}

/* The first two of the test vectors that the authors publish with their reference. */
static void hashes_are_those_of_the_authors_vectors(void **state)
{
    (void)state;
    static const uint8_t none[] = {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6,
                                   0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93};
    static const uint8_t one[] = {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44,
                                  0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45};

    assert_hash(0, none);
    assert_hash(1, one);
}

static void every_byte_and_the_key_count(void **state)
{
    (void)state;
    uint8_t bytes[24] = {0}, other[PP_SIPHASH_KEY] = {0};
    struct pp_siphash first = pp_siphash(key, bytes, sizeof bytes);

    assert_int_not_equal(pp_siphash(other, bytes, sizeof bytes).low, first.low);
    assert_int_not_equal(pp_siphash(key, bytes, sizeof bytes - 1).low, first.low);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = 1;
        struct pp_siphash hash = pp_siphash(key, bytes, sizeof bytes);
        assert_int_not_equal(hash.low, first.low);
        assert_int_not_equal(hash.high, first.high);
        bytes[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_of_the_authors_vectors),
        cmocka_unit_test(every_byte_and_the_key_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
