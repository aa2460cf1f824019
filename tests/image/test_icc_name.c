/* The names of profiles, whole and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "image/icc_name.h"

#define TAG_AT 144 /* behind the header and a table of one tag */

struct profile {
    uint8_t bytes[400];
    size_t size;
};

static void put_32(uint8_t *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> 8 * (3 - i));
}

/* A profile whose one tag is this. */
static struct profile with_tag(const void *tag, size_t size)
{
    struct profile profile = {.size = TAG_AT + size};

    put_32(profile.bytes + 128, 1);
    memcpy(profile.bytes + 132, "desc", 4);
    put_32(profile.bytes + 136, TAG_AT);
    put_32(profile.bytes + 140, (uint32_t)size);
    memcpy(profile.bytes + TAG_AT, tag, size);
    return profile;
}

static void assert_name(const struct profile *profile, const char *expected)
{
    char name[32] = "unset";

    pp_icc_name(profile->bytes, profile->size, name, sizeof name);
    assert_string_equal(name, expected);
}

static const char ascii[] = "desc\0\0\0\0\0\0\0\12sRGB IEC\0\0";
/* Two records, German and English; the second's text has a character beyond 16 bits. */
static const char localized[] = "mluc\0\0\0\0\0\0\0\2\0\0\0\14"
                                "deDE\0\0\0\4\0\0\0\50"
                                "enUS\0\0\0\10\0\0\0\54"
                                "\0a\0\xe4\0b\0\x20\xd8\x3d\xde\0";

static void a_name_in_ascii_is_copied(void **state)
{
    struct profile profile = with_tag(ascii, sizeof ascii - 1);

    (void)state;
    assert_name(&profile, "sRGB IEC");
}

static void english_is_preferred_and_becomes_utf8(void **state)
{
    struct profile profile = with_tag(localized, sizeof localized - 1);

    (void)state;
    assert_name(&profile, "b \xf0\x9f\x98\x80");
    memcpy(profile.bytes + TAG_AT + 28, "fr", 2);
    assert_name(&profile, "a\xc3\xa4");
}

static void a_name_too_long_is_cut_between_characters(void **state)
{
    struct profile profile = with_tag(localized, sizeof localized - 1);
    char name[5];

    (void)state;
    pp_icc_name(profile.bytes, profile.size, name, sizeof name);
    assert_string_equal(name, "b");
}

/* Whatever a byte says, reading stays within the profile: the sanitizers watch. */
static void every_damage_is_survived(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct profile profile =
            kind ? with_tag(ascii, sizeof ascii - 1) : with_tag(localized, sizeof localized - 1);
        for (size_t cut = 0; cut < profile.size; cut++) {
            char name[32];
            pp_icc_name(profile.bytes, cut, name, sizeof name);
        }
        for (size_t at = 128; at < profile.size; at++)
            for (int value = 0; value < 256; value += 15) {
                struct profile damaged = profile;
                char name[32];
                damaged.bytes[at] = (uint8_t)value;
                pp_icc_name(damaged.bytes, damaged.size, name, sizeof name);
                assert_true(strlen(name) < sizeof name);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_in_ascii_is_copied),
        cmocka_unit_test(english_is_preferred_and_becomes_utf8),
        cmocka_unit_test(a_name_too_long_is_cut_between_characters),
        cmocka_unit_test(every_damage_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
