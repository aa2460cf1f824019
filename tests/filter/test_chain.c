#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/argument.h"
#include "filter/filter.h"
#include "filter/suggest.h"

/* Arguments of the last filter in `text`, copied out of its chain. */
static struct pp_value argument(const char *text, size_t index)
{
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};
    struct pp_value value;

    if (pp_chain_parse(text, &chain, &err) != PP_OK)
        fail_msg("%s: %s", text, err.text);
    value = pp_chain_item(chain, pp_chain_length(chain) - 1).args[index];
    pp_chain_free(chain);
    return value;
}

static void assert_refused(const char *text, const char *why)
{
    struct pp_chain *chain = (struct pp_chain *)1;
    struct pp_error err = {0};

    if (pp_chain_parse(text, &chain, &err) != PP_E_USAGE)
        fail_msg("%s: it was taken", text);
    assert_null(chain);
    assert_int_equal(err.status, PP_E_USAGE);
    assert_string_equal(err.text, why);
}

static void chain_lists_its_filters_in_order(void **state)
{
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_chain_parse(" orient , resize = 1600x1600 : fit = inside,gray=rec709,"
                                    "sharpen=0.6\n",
                                    &chain, &err),
                     PP_OK);
    assert_int_equal(pp_chain_length(chain), 4);
    assert_string_equal(pp_filter_name(pp_chain_filter(chain, 0)), "orient");
    assert_string_equal(pp_filter_name(pp_chain_filter(chain, 1)), "resize");
    assert_string_equal(pp_filter_name(pp_chain_filter(chain, 2)), "gray");
    assert_string_equal(pp_filter_name(pp_chain_filter(chain, 3)), "sharpen");
    assert_null(pp_chain_filter(chain, 4));
    pp_chain_free(chain);
    pp_chain_free(NULL);
}

static void arguments_go_by_position_then_by_name(void **state)
{
    (void)state;
    assert_int_equal(argument("resize=80x60:cover:bicubic:1", 1).choice, 2);
    assert_int_equal(argument("resize=80x60:cover:bicubic:1", 2).choice, 2);
    assert_true(argument("resize=80x60:cover:bicubic:1", 3).number == 1);
    assert_int_equal(argument("resize=80x60:kernel=nearest", 2).choice, 0);
    assert_true(argument("sharpen=0.6", 0).number == 0.6);
    assert_true(argument("sharpen=threshold=4:sigma=2", 1).number == 2);
}

static void arguments_left_out_have_their_defaults(void **state)
{
    struct pp_value x = argument("crop=5x5", 1);

    (void)state;
    assert_false(argument("gray", 0).given);
    assert_int_equal(argument("gray", 0).choice, 0);
    assert_true(argument("sharpen", 1).number == 1);
    assert_int_equal(argument("threshold", 0).choice, -1);
    assert_true(argument("threshold", 0).number == 128);
    assert_false(x.given);
    assert_int_equal(x.choice, 0);
}

static void words_stand_beside_numbers(void **state)
{
    (void)state;
    assert_int_equal(argument("threshold=otsu", 0).choice, 0);
    assert_int_equal(argument("threshold=99.5", 0).choice, -1);
    assert_true(argument("threshold=99.5", 0).number == 99.5);
    assert_true(argument("crop=5x5:-3:center", 1).number == -3);
    assert_int_equal(argument("crop=5x5:-3:center", 2).choice, 0);
}

static void sizes_are_pixels_or_percent(void **state)
{
    struct pp_value both = argument("resize=800x600", 0), wide = argument("resize=800x", 0);
    struct pp_value high = argument("resize=x600", 0), part = argument("resize=12.5%", 0);

    (void)state;
    assert_true(both.width == 800 && both.height == 600 && !both.percent);
    assert_true(wide.width == 800 && wide.height == 0);
    assert_true(high.width == 0 && high.height == 600);
    assert_true(part.percent && part.width == 12.5 && part.height == 12.5);
    assert_true(argument("resize=1000000x1", 0).width == 1000000);
}

static void switches_take_words_or_stand_alone(void **state)
{
    (void)state;
    assert_true(argument("resize=8x8:enlarge", 3).number == 1);
    assert_true(argument("resize=8x8:enlarge=yes", 3).number == 1);
    assert_true(argument("resize=8x8:enlarge=no", 3).number == 0);
    assert_true(argument("resize=8x8:fill:nearest:0", 3).number == 0);
    assert_refused("resize=8x8:enlarge=2",
                   "filter \"resize\": parameter \"enlarge\": \"2\" is neither 0 (no) nor 1 (yes)");
}

static void unknown_names_are_refused_with_the_nearest_one(void **state)
{
    (void)state;
    assert_refused("gary", "filter \"gary\": unknown, did you mean \"gray\"");
    assert_refused("gray,resise=5x5", "filter \"resise\": unknown, did you mean \"resize\"");
    assert_refused("frobnicate", "filter \"frobnicate\": unknown");
    assert_refused("blur=sgima=3",
                   "filter \"blur\": parameter \"sgima\": unknown, did you mean \"sigma\"");
    assert_refused("flip=a=3", "filter \"flip\": parameter \"a\": unknown");
    assert_refused("gray=rec610", "filter \"gray\": parameter \"mode\": \"rec610\" is none of "
                                  "rec601, rec709, linear, average, lightness, red, green, blue or "
                                  "weights, did you mean \"rec601\"");
    assert_refused("threshold=otzu", "filter \"threshold\": parameter \"level\": \"otzu\" is "
                                     "neither a number nor otsu, did you mean \"otsu\"");
}

static void values_out_of_range_are_refused_with_the_range(void **state)
{
    (void)state;
    assert_refused("blur=900", "filter \"blur\": parameter \"sigma\": 900 is outside 0.1 to 250");
    assert_refused("blur=0", "filter \"blur\": parameter \"sigma\": 0 is outside 0.1 to 250");
    assert_refused("sepia=-0.1", "filter \"sepia\": parameter \"amount\": -0.1 is outside 0 to 1");
    assert_refused("resize=0x5",
                   "filter \"resize\": parameter \"size\": 0x5 is outside 1 to 1000000");
    assert_refused("resize=1000001x",
                   "filter \"resize\": parameter \"size\": 1000001x is outside 1 to 1000000");
    assert_refused("resize=0.05%",
                   "filter \"resize\": parameter \"size\": 0.05% is outside 0.1% to 10000%");
    assert_refused("crop=5x5:2000000",
                   "filter \"crop\": parameter \"x\": 2000000 is outside -1000000 to 1000000");
}

static void words_that_are_no_values_are_refused(void **state)
{
    static const char *const sizes[] = {"800", "x", "800y600", "8x6x4", "-8x6", "8.5x6", "1e3x6"};
    static const char *const numbers[] = {"", "inf", "nan", "0x10", "1e2", "1,5", "--1", ".", "-"};
    double number;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char text[64], why[160];
        snprintf(text, sizeof text, "resize=%s", sizes[i]);
        snprintf(why, sizeof why,
                 "filter \"resize\": parameter \"size\": \"%s\" is no size (WxH, Wx, xH or P%%)",
                 sizes[i]);
        assert_refused(text, why);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_false(pp_number_parse(numbers[i], &number));
    assert_refused("blur=wide", "filter \"blur\": parameter \"sigma\": \"wide\" is no number");
    assert_refused("resize=a%", "filter \"resize\": parameter \"size\": \"a%\" is no percentage");
    assert_refused("crop=5x5:1.5", "filter \"crop\": parameter \"x\": \"1.5\" is no whole number");
    assert_refused("blur=sigma=", "filter \"blur\": parameter \"sigma\": its value is empty");
}

static void numbers_are_read_to_the_last_bit(void **state)
{
    static const char *const texts[] = {
        "0.1", "-2.5", "+7", "003.25", ".5", "5.", "0.30000000000000004", "123456.789"};
    double number;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_true(pp_number_parse(texts[i], &number));
        assert_true(fabs(number - strtod(texts[i], NULL)) <= 1e-15);
    }
    assert_true(pp_number_parse("0.1", &number));
    assert_true(number == 0.1);
    assert_true(pp_number_parse("99999999999999999999999", &number));
    assert_true(number > 9e22);
}

static void misplaced_arguments_are_refused(void **state)
{
    (void)state;
    assert_refused("", "filter chain: it is empty");
    assert_refused(" \t", "filter chain: it is empty");
    assert_refused("gray,", "filter chain: a filter's name is missing");
    assert_refused(",gray", "filter chain: a filter's name is missing");
    assert_refused("=3", "filter chain: a filter's name is missing");
    assert_refused("gray=", "filter \"gray\": an argument is empty");
    assert_refused("sharpen=1::2", "filter \"sharpen\": an argument is empty");
    assert_refused("flip=3", "filter \"flip\": argument \"3\": it takes none");
    assert_refused("blur=2:1:3", "filter \"blur\": argument \"3\": it takes at most 2");
    assert_refused("sharpen=sigma=2:1",
                   "filter \"sharpen\": argument \"1\" follows a named one, name it too");
    assert_refused("blur=2:sigma=3", "filter \"blur\": parameter \"sigma\" is given twice");
    assert_refused("blur", "filter \"blur\": parameter \"sigma\" is missing: standard deviation of "
                           "the Gaussian in pixels");
}

static void quotes_and_backslashes_protect_what_they_stand_around(void **state)
{
    (void)state;
    assert_true(argument("blur='2.5'", 0).number == 2.5);
    assert_true(argument("'blur'=\\2\\.5", 0).number == 2.5);
    assert_true(argument("sharpen='0.6':'sigma'='2'", 1).number == 2);
    assert_refused("'gray,flip'", "filter \"gray,flip\": unknown");
    assert_refused("gray\\,flip", "filter \"gray,flip\": unknown");
    assert_refused("blur='2:3'", "filter \"blur\": parameter \"sigma\": \"2:3\" is no number");
    assert_refused("blur=sigma\\=3",
                   "filter \"blur\": parameter \"sigma\": \"sigma=3\" is no number");
    assert_refused("blur=' 2 '", "filter \"blur\": parameter \"sigma\": \" 2 \" is no number");
    assert_refused("blur= 2\\  ", "filter \"blur\": parameter \"sigma\": \"2 \" is no number");
    assert_refused("blur='it'\\''s'",
                   "filter \"blur\": parameter \"sigma\": \"it's\" is no number");
    assert_refused("blur=sigma=''", "filter \"blur\": parameter \"sigma\": its value is empty");
    assert_refused("blur='2", "filter chain: a quote is not closed");
    assert_refused("blur=2\\", "filter chain: nothing follows the backslash");
}

static void refusals_say_where(void **state)
{
    static const struct {
        const char *text;
        size_t begin, end;
    } cases[] = {
        {"gray, gary ,flip", 6, 10},  {"gray,blur= 900", 11, 14},
        {"blur=sgima=3", 5, 10},      {"blur=sigma=x", 11, 12},
        {"blur=2:3", 7, 8},           {"blur=2:sigma=3", 13, 14},
        {"sharpen=1::2", 10, 10},     {"gray,", 5, 5},
        {"flip , blur ,gray", 7, 11}, {"flip,gray=rec709:r=1,flop", 5, 20},
        {"blur='2\\'x", 5, 10},       {"gray,blur='2", 10, 12},
        {"blur=2\\", 6, 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pp_chain *chain = NULL;
        struct pp_chain_place place = {99, 99};
        struct pp_error err = {0};

        assert_int_equal(pp_chain_parse_at(cases[i].text, &chain, &place, &err), PP_E_USAGE);
        if (place.begin != cases[i].begin || place.end != cases[i].end)
            fail_msg("%s: %zu to %zu", cases[i].text, place.begin, place.end);
    }
}

static void weights_that_cannot_be_scaled_are_refused(void **state)
{
    (void)state;
    assert_refused("gray=weights:0:0:0", "filter \"gray\": weights 0, 0 and 0 do not add up to "
                                         "something above 0");
    assert_refused("gray=weights:1:-2:0.5", "filter \"gray\": weights 1, -2 and 0.5 do not add up "
                                            "to something above 0");
    assert_refused("gray=rec709:r=1",
                   "filter \"gray\": r, g and b are for mode \"weights\", not \"rec709\"");
}

static void long_words_are_cut_in_errors(void **state)
{
    char text[600];
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(pp_chain_parse(text, &chain, &err), PP_E_USAGE);
    assert_true(strlen(err.text) < 80);
    memcpy(text, "blur=", 5);
    err = (struct pp_error){0};
    assert_int_equal(pp_chain_parse(text, &chain, &err), PP_E_USAGE);
    assert_true(strlen(err.text) < 120);
}

static void edit_distance_counts_each_kind_of_slip_once(void **state)
{
    (void)state;
    assert_int_equal(pp_edit_distance("gray", "gray"), 0);
    assert_int_equal(pp_edit_distance("gary", "gray"), 1);
    assert_int_equal(pp_edit_distance("gry", "gray"), 1);
    assert_int_equal(pp_edit_distance("graay", "gray"), 1);
    assert_int_equal(pp_edit_distance("grey", "gray"), 1);
    assert_int_equal(pp_edit_distance("", "gray"), 4);
    assert_int_equal(pp_edit_distance("kitten", "sitting"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_lists_its_filters_in_order),
        cmocka_unit_test(arguments_go_by_position_then_by_name),
        cmocka_unit_test(arguments_left_out_have_their_defaults),
        cmocka_unit_test(words_stand_beside_numbers),
        cmocka_unit_test(sizes_are_pixels_or_percent),
        cmocka_unit_test(switches_take_words_or_stand_alone),
        cmocka_unit_test(unknown_names_are_refused_with_the_nearest_one),
        cmocka_unit_test(values_out_of_range_are_refused_with_the_range),
        cmocka_unit_test(words_that_are_no_values_are_refused),
        cmocka_unit_test(numbers_are_read_to_the_last_bit),
        cmocka_unit_test(misplaced_arguments_are_refused),
        cmocka_unit_test(quotes_and_backslashes_protect_what_they_stand_around),
        cmocka_unit_test(refusals_say_where),
        cmocka_unit_test(weights_that_cannot_be_scaled_are_refused),
        cmocka_unit_test(long_words_are_cut_in_errors),
        cmocka_unit_test(edit_distance_counts_each_kind_of_slip_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
