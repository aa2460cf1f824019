#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "batch/claims.h"

static void a_name_claimed_twice_tells_who_has_it(void **state)
{
    (void)state;
    struct pp_claims claims;
    const char *first = NULL;

    assert_int_equal(pp_claims_init(&claims, NULL), PP_OK);
    assert_int_equal(pp_claims_add(&claims, "a.jpg", "in/a.png", &first, NULL), PP_OK);
    assert_null(first);
    assert_int_equal(pp_claims_add(&claims, "b.jpg", "in/b.png", &first, NULL), PP_OK);
    assert_null(first);
    assert_int_equal(pp_claims_add(&claims, "a.jpg", "in/a.tif", &first, NULL), PP_OK);
    assert_string_equal(first, "in/a.png");
    assert_true(pp_claims_has(&claims, "b.jpg"));
    assert_false(pp_claims_has(&claims, "b.jp"));
    pp_claims_release(&claims);
}

static void claims_survive_growing(void **state)
{
    (void)state;
    enum { NAMES = 20000 };
    struct pp_claims claims;
    const char *first = NULL;
    char output[32], input[32];

    assert_int_equal(pp_claims_init(&claims, NULL), PP_OK);
    for (int i = 0; i < NAMES; i++) {
        snprintf(output, sizeof output, "%d.jpg", i);
        snprintf(input, sizeof input, "in/%d.png", i);
        assert_int_equal(pp_claims_add(&claims, output, input, &first, NULL), PP_OK);
        assert_null(first);
    }
    for (int i = 0; i < NAMES; i += 7) {
        snprintf(output, sizeof output, "%d.jpg", i);
        snprintf(input, sizeof input, "in/%d.png", i);
        assert_int_equal(pp_claims_add(&claims, output, "other", &first, NULL), PP_OK);
        assert_string_equal(first, input);
    }
    assert_false(pp_claims_has(&claims, "20000.jpg"));
    assert_true(claims.size >= NAMES);
    pp_claims_release(&claims);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_claimed_twice_tells_who_has_it),
        cmocka_unit_test(claims_survive_growing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
