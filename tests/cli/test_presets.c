/* Presets: what a file of them may hold, and how they meet the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/presets.h"

static char folder[] = "/tmp/pixpool-presets-XXXXXX";

static enum pp_status parse(struct pp_presets *presets, const char *text, struct pp_error *err)
{
    return pp_presets_parse(presets, strdup("file"), strdup(text), err);
}

static void assert_bad(const char *text, const char *why)
{
    struct pp_presets presets;
    struct pp_error err = {0};

    assert_int_equal(parse(&presets, text, &err), PP_E_USAGE);
    assert_string_equal(err.text, why);
    assert_null(presets.items);
}

static void sections_comments_and_blanks_are_understood(void **state)
{
    struct pp_presets presets;
    struct pp_error err = {0};
    const struct pp_preset *web;

    (void)state;
    assert_int_equal(parse(&presets,
                           "# comment\n; another\n\n [ web ] \r\n filters = gray,blur=2 \n"
                           "quality=82\nprogressive\n[none]",
                           &err),
                     PP_OK);
    assert_int_equal(presets.count, 2);
    web = pp_presets_find(&presets, "web");
    assert_non_null(web);
    assert_int_equal(web->count, 3);
    assert_string_equal(presets.settings[0].value, "gray,blur=2");
    assert_int_equal(presets.settings[0].line, 5);
    assert_null(presets.settings[2].value);
    assert_int_equal(pp_presets_find(&presets, "none")->count, 0);
    assert_null(pp_presets_find(&presets, "wob"));
    pp_presets_release(&presets);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    assert_bad("quality = 3", "file:1: a setting before the first [NAME]");
    assert_bad("\n[web", "file:2: a preset's name: the ] is missing");
    assert_bad("[ ]", "file:1: a preset's name: it is empty");
    assert_bad("[a]\n[b]\n[a]", "file:3: [a]: it is in line 1 already");
    assert_bad("[a]\nquality=1\nquality=2", "file:3: quality: it is in line 2 already");
    assert_bad("[a]\nqualty=1", "file:2: \"qualty\": no option of a preset, did you mean "
                                "\"quality\"");
    assert_bad("[a]\nversion", "file:2: \"version\": no option of a preset");
    assert_bad("[a]\npreset = b", "file:2: \"preset\": no option of a preset, did you mean "
                                  "\"prefix\"");
}

static void built_in_presets_are_sound(void **state)
{
    struct pp_presets presets;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_presets_read_built_in(&presets, &err), PP_OK);
    assert_true(presets.count >= 3);
    for (size_t i = 0; i < presets.count; i++) {
        char *argv[] = {"pixpool", "--preset", NULL, "in", "-o", "out", NULL};
        struct pp_options options;

        argv[2] = strdup(presets.items[i].name);
        if (pp_options_parse(6, argv, &options, &err) != PP_OK)
            fail_msg("%s: %s", presets.items[i].name, err.text);
        assert_true(pp_chain_length(options.chain) > 0);
        free(argv[2]);
        pp_options_release(&options);
    }
    pp_presets_release(&presets);
}

/* A command line with this file of presets. */
struct line {
    char text[400];
    char *argv[20];
    int argc;
    struct pp_options options;
    struct pp_error err;
};

static enum pp_status parse_line(struct line *line, const char *file, const char *words)
{
    char path[128];
    FILE *out;

    snprintf(path, sizeof path, "%s/pixpool", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/pixpool/presets", folder);
    out = fopen(path, "w");
    assert_non_null(out);
    fputs(file, out);
    fclose(out);
    *line = (struct line){.argc = 0};
    snprintf(line->text, sizeof line->text, "pixpool %s", words);
    for (char *word = strtok(line->text, " "); word; word = strtok(NULL, " "))
        line->argv[line->argc++] = word;
    return pp_options_parse(line->argc, line->argv, &line->options, &line->err);
}

static void assert_line_refused(const char *file, const char *words, const char *why)
{
    struct line line;
    char expected[400];

    assert_int_equal(parse_line(&line, file, words), PP_E_USAGE);
    snprintf(expected, sizeof expected, why, folder);
    assert_string_equal(line.err.text, expected);
}

static void a_preset_gives_filters_and_options(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse_line(&line,
                                "[mine]\nfilters = invert,flip\nquality = 71\npreserve = yes\n"
                                "progressive = no\nexclude = *.tmp\nexclude = *.old\n",
                                "--preset mine in -o out --exclude x"),
                     PP_OK);
    assert_int_equal(pp_chain_length(line.options.batch.chain), 2);
    assert_string_equal(line.options.batch.filters, "invert,flip");
    assert_int_equal(line.options.batch.encode.quality, 71);
    assert_true(line.options.batch.outputs.preserve);
    assert_false(line.options.batch.encode.progressive);
    assert_int_equal(line.options.batch.inputs.path_count, 1);
    assert_int_equal(line.options.batch.inputs.exclude_count, 1);
    pp_options_release(&line.options);
    assert_int_equal(parse_line(&line, "[mine]\nexclude = *.tmp\nexclude = *.old\n",
                                "gray in -o out --preset mine"),
                     PP_OK);
    assert_int_equal(line.options.batch.inputs.exclude_count, 2);
    assert_string_equal(line.options.batch.inputs.exclude[1], "*.old");
    assert_string_equal(line.options.batch.filters, "gray");
    pp_options_release(&line.options);
}

static void the_command_line_wins(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse_line(&line, "[mine]\nquality = 71\nno-clobber\nverbose\n",
                                "gray in -o out --preset mine -q 5 -u --quiet"),
                     PP_OK);
    assert_int_equal(line.options.batch.encode.quality, 5);
    assert_int_equal(line.options.batch.outputs.existing, PP_EXISTING_UPDATE);
    assert_true(line.options.quiet && !line.options.verbose);
    pp_options_release(&line.options);
}

static void a_file_goes_before_what_is_built_in(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse_line(&line, "[web]\nfilters = flop\n", "--preset web in -o out"), PP_OK);
    assert_string_equal(line.options.batch.filters, "flop");
    pp_options_release(&line.options);
}

static void a_benchmark_takes_what_concerns_it(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(
        parse_line(&line, "[m]\nfilters = flop\nquality = 3\nsync = each\n", "bench --preset m in"),
        PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_BENCH);
    assert_int_equal(line.options.batch.encode.quality, 3);
    assert_int_equal(line.options.batch.sync, PP_SYNC_BATCH);
    assert_int_equal(line.options.batch.inputs.path_count, 1);
    pp_options_release(&line.options);
}

static void wrong_values_are_told_with_their_line(void **state)
{
    (void)state;
    assert_line_refused("[m]\nquality = 300\n", "gray in -o out --preset m",
                        "%s/pixpool/presets:2: --quality: 300 is outside 1 to 100");
    assert_line_refused("[m]\nquality\n", "gray in -o out --preset m",
                        "%s/pixpool/presets:2: quality: its value is missing: keep|1-100");
    assert_line_refused("[m]\nprogressive = maybe\n", "gray in -o out --preset m",
                        "%s/pixpool/presets:2: progressive: \"maybe\": neither yes nor no");
    assert_line_refused("[m]\n\nfilters = grya\n", "in -o out --preset m",
                        "%s/pixpool/presets:3: filter \"grya\": unknown, did you mean \"gray\"");
    assert_line_refused("[m]\nfilters =\n", "in -o out --preset m",
                        "%s/pixpool/presets:2: filter chain: it is empty");
    assert_line_refused("[m]\nfilters = gray\n", "flip in -o out --preset m",
                        "\"flip\": --preset m has filters of its own, leave FILTERS out");
    assert_line_refused("", "in -o out --preset thmub",
                        "--preset: \"thmub\": unknown, did you mean \"thumb\"; \"pixpool presets\" "
                        "lists them");
    assert_line_refused("[m]\nno-clobber\nupdate\n", "gray in -o out --preset m",
                        "--no-clobber and --update exclude each other");
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) && setenv("XDG_CONFIG_HOME", folder, 1) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "%s/pixpool/presets", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/pixpool", folder);
    rmdir(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_comments_and_blanks_are_understood),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(built_in_presets_are_sound),
        cmocka_unit_test(a_preset_gives_filters_and_options),
        cmocka_unit_test(the_command_line_wins),
        cmocka_unit_test(a_file_goes_before_what_is_built_in),
        cmocka_unit_test(a_benchmark_takes_what_concerns_it),
        cmocka_unit_test(wrong_values_are_told_with_their_line),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
