#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "batch/encode.h"

static void only_well_formed_utf8_is_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "plain",
                                       "\xc3\xa9",
                                       "\xe2\x82\xac",
                                       "\xf0\x9f\x93\xb7",
                                       "\xed\x9f\xbf",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\xff",         "\xc0\x80",         "\xc3",
                                      "\xe0\x80\xaf", "\xed\xa0\x80",     "\xf4\x90\x80\x80",
                                      "\x80",         "\xf0\x80\x80\x80", "ok\xe2\x82"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(pp_is_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(pp_is_utf8(bad[i], strlen(bad[i])));
}

static void each_stray_byte_is_shown_as_a_replacement_character(void **state)
{
    (void)state;
    const char *bytes = "a\xff\xc3\xa9\xe2z";
    char *shown = pp_encode_lossy(bytes, strlen(bytes));

    assert_string_equal(shown, "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbdz");
    free(shown);
}

/* RFC 4648, section 10. */
static void base64_matches_the_test_vectors_of_its_standard(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char *text = pp_encode_base64(vectors[i][0], strlen(vectors[i][0]));
        assert_string_equal(text, vectors[i][1]);
        free(text);
    }
    char *high = pp_encode_base64("\xff\xfe\xfd", 3);
    assert_string_equal(high, "//79");
    free(high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_well_formed_utf8_is_utf8),
        cmocka_unit_test(each_stray_byte_is_shown_as_a_replacement_character),
        cmocka_unit_test(base64_matches_the_test_vectors_of_its_standard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
