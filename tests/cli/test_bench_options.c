#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/options.h"

#define WORDS_MAX 32

/* `words`, blank-separated, as a command line. */
struct line {
    char text[256];
    char *argv[WORDS_MAX + 1];
    struct pp_options options;
    struct pp_error err;
};

static enum pp_status parse(struct line *line, const char *words)
{
    int argc = 0;

    *line = (struct line){0};
    snprintf(line->text, sizeof line->text, "pixpool %s", words);
    for (char *word = strtok(line->text, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
        line->argv[argc++] = word;
    return pp_options_parse(argc, line->argv, &line->options, &line->err);
}

static void assert_refused(const char *words, const char *text)
{
    struct line line;

    assert_int_equal(parse(&line, words), PP_E_USAGE);
    assert_string_equal(line.err.text, text);
}

static void assert_limit(const char *text, double share)
{
    char words[128];
    struct line line;

    snprintf(words, sizeof words, "bench gray in --baseline b --max-slowdown %s", text);
    assert_int_equal(parse(&line, words), PP_OK);
    assert_true(line.options.bench.max_slowdown > share * 0.999999 - 1e-12 &&
                line.options.bench.max_slowdown < share * 1.000001 + 1e-12);
    pp_options_release(&line.options);
}

static void bench_needs_no_output_and_has_the_documented_defaults(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse(&line, "bench gray in -r -q 80"), PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_BENCH);
    assert_string_equal(line.options.batch.filters, "gray");
    assert_string_equal(line.options.batch.inputs.paths[0], "in");
    assert_int_equal(line.options.batch.inputs.path_count, 1);
    assert_int_equal(line.options.batch.encode.quality, 80);
    assert_int_equal(line.options.bench.repeat, 5);
    assert_null(line.options.bench.json);
    assert_null(line.options.bench.baseline);
    assert_true(line.options.bench.max_slowdown == 0.05);
    pp_options_release(&line.options);
}

static void slowdown_is_percent_or_a_share(void **state)
{
    (void)state;
    assert_limit("5%", 0.05);
    assert_limit("5", 0.05);
    assert_limit("0.05", 0.05);
    assert_limit("0.5%", 0.005);
    assert_limit("1", 0.01);
    assert_limit("0", 0);
    assert_limit("1000%", 10);
    assert_refused("bench gray in --baseline b --max-slowdown 5x",
                   "--max-slowdown: \"5x\": not a share such as 5% or 0.05");
    assert_refused("bench gray in --baseline b --max-slowdown=-5",
                   "--max-slowdown: \"-5\": not a share such as 5% or 0.05");
    assert_refused("bench gray in --baseline b --max-slowdown 1001",
                   "--max-slowdown: 1001 is more than 1000%");
}

static void options_of_the_other_command_are_refused(void **state)
{
    (void)state;
    assert_refused("bench gray in -o out", "--output: not an option of \"pixpool bench\"");
    assert_refused("bench gray in --dry-run", "--dry-run: not an option of \"pixpool bench\"");
    assert_refused("bench gray in --log l", "--log: not an option of \"pixpool bench\"");
    assert_refused("gray in -o out --json j", "--json: only an option of \"pixpool bench\"");
    assert_refused("gray in -o out --repeat 3", "--repeat: only an option of \"pixpool bench\"");
    assert_refused("bench gray in --max-slowdown 5",
                   "--max-slowdown: only together with --baseline");
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    assert_refused("bench", "FILTERS are missing: the first word says what to do, as in \"gray\"");
    assert_refused("bench gray", "INPUT is missing: name files or directories, or --files-from");
}

static void help_of_bench_is_its_own(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse(&line, "bench --help"), PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_BENCH_HELP);
    pp_options_release(&line.options);
    assert_int_equal(parse(&line, "bench gray in -h"), PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_BENCH_HELP);
    pp_options_release(&line.options);
    assert_int_equal(parse(&line, "--help"), PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_HELP);
    pp_options_release(&line.options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bench_needs_no_output_and_has_the_documented_defaults),
        cmocka_unit_test(slowdown_is_percent_or_a_share),
        cmocka_unit_test(options_of_the_other_command_are_refused),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(help_of_bench_is_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
