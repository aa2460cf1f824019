#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/path.h"
#include "batch/match.h"
#include "batch/names.h"

struct name_case {
    const char *relative, *prefix, *suffix;
    enum pp_format format;
    const char *expected;
};

static void output_names_follow_the_inputs_and_the_options(void **state)
{
    (void)state;
    static const struct name_case cases[] = {
        {"a.jpg", NULL, NULL, PP_FORMAT_KEEP, "a.jpg"},
        {"2024/may/a.JPG", NULL, NULL, PP_FORMAT_KEEP, "2024/may/a.JPG"},
        {"a.JPEG", NULL, NULL, PP_FORMAT_JPEG, "a.JPEG"},
        {"a.png", NULL, NULL, PP_FORMAT_JPEG, "a.jpg"},
        {"d.ir/a", NULL, NULL, PP_FORMAT_PNG, "d.ir/a.png"},
        {"d.ir/a", NULL, "_g", PP_FORMAT_KEEP, "d.ir/a_g"},
        {"x/a.b.png", "g_", "-1", PP_FORMAT_KEEP, "x/g_a.b-1.png"},
        {".hidden", "p", "s", PP_FORMAT_KEEP, "p.hiddens"},
        {"%s:[1]@\xff\n.png", NULL, "%d", PP_FORMAT_KEEP, "%s:[1]@\xff\n%d.png"},
    };
    struct pp_text name = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pp_batch_outputs outputs = {.prefix = cases[i].prefix, .suffix = cases[i].suffix};
        assert_int_equal(pp_output_name(cases[i].relative, &outputs, cases[i].format, &name, NULL),
                         PP_OK);
        assert_string_equal(name.bytes, cases[i].expected);
    }
    pp_text_release(&name);
}

static void without_globs_known_extensions_of_any_case_match(void **state)
{
    (void)state;
    struct pp_batch_inputs inputs = {0};

    assert_true(pp_match_file(&inputs, "a.jpg"));
    assert_true(pp_match_file(&inputs, "sub/a.JpEg"));
    assert_true(pp_match_file(&inputs, ".a.PNG"));
    assert_false(pp_match_file(&inputs, "jpg"));
    assert_false(pp_match_file(&inputs, "a.jpg.txt"));
    assert_false(pp_match_file(&inputs, "a.png/readme"));
}

static void exclusion_is_stronger_than_inclusion(void **state)
{
    (void)state;
    const char *include[] = {"*.dat", "raw/*"}, *exclude[] = {"b*", "raw/old/*"};
    struct pp_batch_inputs inputs = {
        .include = include, .include_count = 2, .exclude = exclude, .exclude_count = 2};

    assert_true(pp_match_file(&inputs, "deep/down/a.dat"));
    assert_false(pp_match_file(&inputs, "deep/down/b.dat"));
    assert_false(pp_match_file(&inputs, "a.jpg"));
    assert_true(pp_match_file(&inputs, "raw/a.jpg"));
    assert_false(pp_match_file(&inputs, "raw/sub/a.jpg"));
    assert_false(pp_match_file(&inputs, "raw/old/a.dat"));
    assert_false(pp_match_directory(&inputs, "backup"));
    assert_true(pp_match_directory(&inputs, "raw"));
}

static void stems_and_extensions_split_at_the_last_dot_only(void **state)
{
    (void)state;
    assert_int_equal(pp_path_stem_length("a.b.c"), 3);
    assert_int_equal(pp_path_stem_length(".profile"), 8);
    assert_int_equal(pp_path_stem_length("plain"), 5);
    assert_string_equal(pp_path_extension("a.b.c"), "c");
    assert_string_equal(pp_path_extension("a."), "");
    assert_string_equal(pp_path_extension(".profile"), "");
    assert_string_equal(pp_path_last("x/y/z"), "z");
    assert_string_equal(pp_path_last("x/"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_names_follow_the_inputs_and_the_options),
        cmocka_unit_test(without_globs_known_extensions_of_any_case_match),
        cmocka_unit_test(exclusion_is_stronger_than_inclusion),
        cmocka_unit_test(stems_and_extensions_split_at_the_last_dot_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
