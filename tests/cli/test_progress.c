#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/progress.h"

static struct pp_batch_progress halfway(void)
{
    return (struct pp_batch_progress){
        .done = 223,
        .failed = 2,
        .total = 500,
        .total_known = true,
        .cost_done = 4.5,
        .cost_total = 10,
        .pixels = 45200000,
        .seconds = 1.0,
        .seconds_worked = 1.0,
    };
}

static const char *format(const struct pp_batch_progress *progress, unsigned width, bool colour,
                          bool utf8)
{
    static char line[PP_PROGRESS_LINE];
    struct pp_progress_look look = {width, colour, utf8};

    pp_progress_format(progress, &look, line);
    return line;
}

/* Columns: characters of UTF-8, without colours. */
static unsigned columns(const char *line)
{
    unsigned count = 0;

    for (; *line; line++) {
        if (*line == '\033')
            line += strcspn(line, "m");
        else
            count += ((unsigned char)*line & 0xC0) != 0x80;
    }
    return count;
}

static void line_has_the_layout_of_tqdm(void **state)
{
    struct pp_batch_progress p = halfway();

    (void)state;
    assert_string_equal(format(&p, 90, false, false),
                        " 45%|###########              "
                        "| 225/500 [00:01<00:01, 223.0 images/s, 45.2 MP/s, 2 failed]");
    p.failed = 0;
    p.done = 225;
    assert_string_equal(format(&p, 76, false, true),
                        " 45%|█████████▍           "
                        "| 225/500 [00:01<00:01, 225.0 images/s, 45.2 MP/s]");
}

static void without_a_width_there_is_no_bar(void **state)
{
    struct pp_batch_progress p = halfway();

    (void)state;
    assert_string_equal(format(&p, 0, false, false),
                        " 45% 225/500 [00:01<00:01, 223.0 images/s, 45.2 MP/s, 2 failed]");
}

static void rates_and_the_time_left_do_not_count_pauses(void **state)
{
    struct pp_batch_progress p = halfway();

    (void)state;
    p.seconds = 61.0; /* a minute of it paused */
    assert_string_equal(format(&p, 0, false, false),
                        " 45% 225/500 [01:01<00:01, 223.0 images/s, 45.2 MP/s, 2 failed]");
}

static void a_paused_run_says_so_instead_of_the_time_left(void **state)
{
    struct pp_batch_progress p = halfway();

    (void)state;
    p.paused = true;
    assert_string_equal(format(&p, 0, false, false),
                        " 45% 225/500 [00:01<paused, 223.0 images/s, 45.2 MP/s, 2 failed]");
}

static void an_unknown_total_has_a_plus_and_no_percent(void **state)
{
    struct pp_batch_progress p = halfway();

    (void)state;
    p.total_known = false;
    assert_string_equal(format(&p, 100, false, false),
                        "225/500+ [00:01<?, 223.0 images/s, 45.2 MP/s, 2 failed]");
}

static void failures_are_red_where_colours_are_wanted(void **state)
{
    struct pp_batch_progress p = halfway();

    (void)state;
    assert_non_null(strstr(format(&p, 100, true, true), ", \033[31m2 failed\033[0m]"));
    assert_null(strchr(format(&p, 100, false, true), '\033'));
    p.failed = 0;
    assert_null(strchr(format(&p, 100, true, true), '\033'));
}

static void no_width_is_ever_exceeded(void **state)
{
    struct pp_batch_progress p = halfway();

    (void)state;
    for (unsigned unknown = 0; unknown < 2; unknown++) {
        for (unsigned width = 1; width <= 1000; width++) {
            p.total_known = !unknown;
            assert_true(columns(format(&p, width, true, true)) <= width);
            if (!unknown && width >= 69) /* room for a bar: then the line is full */
                assert_int_equal(columns(format(&p, width, true, true)), width);
        }
    }
}

static void narrow_lines_lose_the_least_needed_first(void **state)
{
    struct pp_batch_progress p = halfway();

    (void)state;
    assert_string_equal(format(&p, 66, false, false),
                        " 45% 225/500 [00:01<00:01, 223.0 images/s, 45.2 MP/s, 2 failed]");
    assert_string_equal(format(&p, 60, false, false),
                        " 45% 225/500 [00:01<00:01, 223.0 images/s, 2 failed]");
    assert_string_equal(format(&p, 40, false, false), " 45% 225/500 [00:01<00:01, 2 failed]");
    assert_string_equal(format(&p, 30, false, false), " 45% 225/500 [2 failed]");
    assert_string_equal(format(&p, 15, false, false), " 45% 225/500");
    assert_string_equal(format(&p, 10, false, false), " 45%");
    assert_string_equal(format(&p, 3, false, false), "");
}

static void remaining_time_follows_cost_not_count(void **state)
{
    struct pp_batch_progress p = {.done = 90,
                                  .total = 100,
                                  .total_known = true,
                                  .cost_done = 1,
                                  .cost_total = 11,
                                  .seconds = 6,
                                  .seconds_worked = 6};

    (void)state;
    assert_non_null(strstr(format(&p, 0, false, false), "  9% 90/100 [00:06<01:00, "));
    p.cost_total = 0; /* nothing predicted: the count serves */
    assert_non_null(strstr(format(&p, 0, false, false), " 90% 90/100 [00:06<00:01, "));
}

static void a_run_at_its_first_moment_has_no_rates(void **state)
{
    struct pp_batch_progress p = {.total = 3, .total_known = true, .cost_total = 3};

    (void)state;
    assert_string_equal(format(&p, 0, false, false), "  0% 0/3 [00:00<?, ? images/s]");
}

static void slow_work_is_told_in_seconds_an_image(void **state)
{
    struct pp_batch_progress p = {.done = 2, .total = 3, .total_known = true, .seconds_worked = 5};

    (void)state;
    assert_non_null(strstr(format(&p, 0, false, false), ", 2.50 s/image"));
}

static void hundred_percent_comes_only_at_the_end(void **state)
{
    struct pp_batch_progress p = {
        .done = 99, .total = 100, .total_known = true, .cost_done = 10, .cost_total = 10};

    (void)state;
    assert_int_equal(pp_progress_percent(&p), 99);
    p.skipped = 1;
    assert_int_equal(pp_progress_percent(&p), 100);
    p.total_known = false;
    assert_int_equal(pp_progress_percent(&p), 99);
}

static void durations_grow_hours(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "00:00"},        {59.9, "00:59"},       {61, "01:01"}, {3600, "1:00:00"},
                 {86399, "23:59:59"}, {360000, "100:00:00"}, {-5, "00:00"}, {1e300, "00:00"}};
    char text[24];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pp_progress_duration(cases[i].seconds, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
}

static void the_bar_is_redrawn_ten_times_a_second_at_most(void **state)
{
    struct pp_progress_pace pace = {0};
    struct pp_batch_progress p = {.total = 100};
    unsigned drawn = 0;

    (void)state;
    for (unsigned ms = 0; ms < 2000; ms++) {
        p.seconds = ms / 1000.0;
        drawn += pp_progress_bar_due(&pace, &p);
    }
    assert_in_range(drawn, 18, 20);
}

static void a_plain_line_comes_every_tenth(void **state)
{
    struct pp_progress_pace pace = {0};
    struct pp_batch_progress p = {.total = 1000, .total_known = true};
    unsigned lines = 0;

    (void)state;
    for (p.done = 0; p.done <= 1000; p.done++)
        lines += pp_progress_line_due(&pace, &p);
    assert_int_equal(lines, 10);
    assert_false(pp_progress_line_due(&pace, &p));
}

static void an_unknown_total_gets_a_plain_line_twice_a_minute(void **state)
{
    struct pp_progress_pace pace = {0};
    struct pp_batch_progress p = {.total = 1000, .done = 500};
    unsigned lines = 0;

    (void)state;
    for (unsigned second = 0; second <= 120; second++) {
        p.seconds = second;
        lines += pp_progress_line_due(&pace, &p);
    }
    assert_int_equal(lines, 4);
}

static void huge_counts_fit_the_buffer(void **state)
{
    struct pp_batch_progress p = {.done = UINT64_MAX / 2,
                                  .failed = UINT64_MAX / 4,
                                  .total = UINT64_MAX,
                                  .total_known = true,
                                  .pixels = UINT64_MAX,
                                  .seconds = 1e-9,
                                  .seconds_worked = 1e-9};

    (void)state;
    assert_true(columns(format(&p, 1000, true, true)) <= 1000);
    assert_true(columns(format(&p, 5000, true, true)) <= 1000);
    assert_true(columns(format(&p, 8, true, true)) <= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_has_the_layout_of_tqdm),
        cmocka_unit_test(without_a_width_there_is_no_bar),
        cmocka_unit_test(rates_and_the_time_left_do_not_count_pauses),
        cmocka_unit_test(a_paused_run_says_so_instead_of_the_time_left),
        cmocka_unit_test(an_unknown_total_has_a_plus_and_no_percent),
        cmocka_unit_test(failures_are_red_where_colours_are_wanted),
        cmocka_unit_test(no_width_is_ever_exceeded),
        cmocka_unit_test(narrow_lines_lose_the_least_needed_first),
        cmocka_unit_test(remaining_time_follows_cost_not_count),
        cmocka_unit_test(a_run_at_its_first_moment_has_no_rates),
        cmocka_unit_test(slow_work_is_told_in_seconds_an_image),
        cmocka_unit_test(hundred_percent_comes_only_at_the_end),
        cmocka_unit_test(durations_grow_hours),
        cmocka_unit_test(the_bar_is_redrawn_ten_times_a_second_at_most),
        cmocka_unit_test(a_plain_line_comes_every_tenth),
        cmocka_unit_test(an_unknown_total_gets_a_plain_line_twice_a_minute),
        cmocka_unit_test(huge_counts_fit_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
