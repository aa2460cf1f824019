#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/options.h"

#define ARGUMENTS_MAX 64

/* `words`, blank-separated, as a command line; "_" stands for an empty argument. */
struct line {
    char text[1024];
    char *argv[ARGUMENTS_MAX + 1];
    int argc;
    struct pp_options options;
    struct pp_error err;
};

static enum pp_status parse(struct line *line, const char *words)
{
    *line = (struct line){.argc = 1};
    line->argv[0] = line->text;
    snprintf(line->text, sizeof line->text, "pixpool %s", words);
    for (char *c = strchr(line->text, ' '); c && line->argc < ARGUMENTS_MAX; c = strchr(c, ' ')) {
        *c++ = '\0';
        if (*c)
            line->argv[line->argc++] = c;
    }
    for (int i = 1; i < line->argc; i++)
        if (!strcmp(line->argv[i], "_"))
            line->argv[i][0] = '\0';
    return pp_options_parse(line->argc, line->argv, &line->options, &line->err);
}

static void assert_refused(const char *words, const char *text)
{
    struct line line;

    assert_int_equal(parse(&line, words), PP_E_USAGE);
    assert_string_equal(line.err.text, text);
    assert_null(line.options.chain);
}

static void plain_call_has_the_documented_defaults(void **state)
{
    struct line line;
    const struct pp_batch_settings *batch = &line.options.batch;

    (void)state;
    assert_int_equal(parse(&line, "gray in -o out"), PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_CONVERT);
    assert_string_equal(batch->filters, "gray");
    assert_int_equal(pp_chain_length(batch->chain), 1);
    assert_int_equal(batch->inputs.path_count, 1);
    assert_string_equal(batch->inputs.paths[0], "in");
    assert_null(batch->inputs.include);
    assert_string_equal(batch->outputs.path, "out");
    assert_int_equal(batch->outputs.existing, PP_EXISTING_REPLACE);
    assert_int_equal(batch->encode.quality, 0);
    assert_int_equal(batch->jobs, 0);
    assert_true(batch->timeout > 299.9 && batch->timeout < 300.1);
    assert_int_equal(batch->retries, 1);
    assert_int_equal(batch->max_pixels, 1000000000);
    assert_int_equal(batch->max_scans, 500);
    assert_int_equal(batch->memory, 0);
    assert_true(batch->handle_signals);
    assert_int_equal(line.options.progress, PP_PROGRESS_AUTO);
    pp_options_release(&line.options);
}

static void every_option_reaches_its_setting(void **state)
{
    struct line line;
    const struct pp_batch_settings *batch = &line.options.batch;

    (void)state;
    assert_int_equal(
        parse(&line,
              "gray a b -r --files-from list -0 -o out --prefix p --suffix s -n -f jpg "
              "-q 75 --progressive --subsampling 422 --png-level 12 --path luma -j 1024 -t 256 "
              "--timeout 2.5 --retries 0 --fail-fast --log log --dry-run "
              "--progress=plain -v"),
        PP_OK);
    assert_int_equal(batch->inputs.path_count, 2);
    assert_true(batch->inputs.recursive && batch->inputs.null_separated);
    assert_string_equal(batch->inputs.files_from, "list");
    assert_string_equal(batch->outputs.prefix, "p");
    assert_string_equal(batch->outputs.suffix, "s");
    assert_int_equal(batch->outputs.existing, PP_EXISTING_SKIP);
    assert_int_equal(batch->encode.format, PP_FORMAT_JPEG);
    assert_int_equal(batch->encode.quality, 75);
    assert_true(batch->encode.progressive);
    assert_int_equal(batch->encode.subsampling, PP_SUBSAMPLING_422);
    assert_int_equal(batch->encode.png_level, 12);
    assert_int_equal(batch->path, PP_DECODE_LUMA);
    assert_int_equal(batch->jobs, 1024);
    assert_int_equal(batch->threads, 256);
    assert_true(batch->timeout > 2.49 && batch->timeout < 2.51);
    assert_int_equal(batch->retries, 0);
    assert_true(batch->fail_fast && batch->dry_run);
    assert_string_equal(batch->log_path, "log");
    assert_int_equal(line.options.progress, PP_PROGRESS_PLAIN);
    assert_true(line.options.verbose);
    pp_options_release(&line.options);
}

static void globs_gather_in_their_order(void **state)
{
    struct line line;
    const struct pp_batch_inputs *inputs = &line.options.batch.inputs;

    (void)state;
    assert_int_equal(
        parse(&line, "gray in -o out --include *.a --exclude x --include *.b --exclude=y"), PP_OK);
    assert_int_equal(inputs->include_count, 2);
    assert_string_equal(inputs->include[0], "*.a");
    assert_string_equal(inputs->include[1], "*.b");
    assert_int_equal(inputs->exclude_count, 2);
    assert_string_equal(inputs->exclude[1], "y");
    pp_options_release(&line.options);
}

static void last_of_two_values_counts(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse(&line, "-q 5 -q keep -f png -f jpeg gray in -o a -o b"), PP_OK);
    assert_int_equal(line.options.batch.encode.quality, 0);
    assert_int_equal(line.options.batch.encode.format, PP_FORMAT_JPEG);
    assert_string_equal(line.options.batch.outputs.path, "b");
    pp_options_release(&line.options);
}

static void double_dash_ends_the_options(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse(&line, "gray -o out -- -r --help"), PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_CONVERT);
    assert_false(line.options.batch.inputs.recursive);
    assert_int_equal(line.options.batch.inputs.path_count, 2);
    assert_string_equal(line.options.batch.inputs.paths[0], "-r");
    pp_options_release(&line.options);
}

static void a_list_of_files_stands_for_inputs(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse(&line, "gray --files-from - -o out"), PP_OK);
    assert_int_equal(line.options.batch.inputs.path_count, 0);
    pp_options_release(&line.options);
}

static void amounts_take_their_units(void **state)
{
    static const struct {
        const char *words;
        uint64_t pixels, memory;
    } cases[] = {
        {"--max-pixels 500000000", 500000000, 0},
        {"--max-pixels 100mp", 100000000, 0},
        {"--max-pixels 1.5gp", 1500000000, 0},
        {"--max-pixels 1.5G", 1500000000, 0},
        {"--max-pixels 20k", 20000, 0},
        {"--max-pixels 7P", 7, 0},
        {"--max-pixels 0", 0, 0},
        {"--memory 800M", 1000000000, UINT64_C(800) << 20},
        {"--memory 2GiB", 1000000000, UINT64_C(2) << 30},
        {"--memory 2gb", 1000000000, 2000000000},
        {"--memory 1.5k", 1000000000, 1536},
        {"--memory 4096B", 1000000000, 4096},
        {"--memory 0", 1000000000, 0},
        {"--memory 1T", 1000000000, UINT64_C(1) << 40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct line line;
        char words[128];

        snprintf(words, sizeof words, "gray in -o out %s", cases[i].words);
        assert_int_equal(parse(&line, words), PP_OK);
        assert_int_equal(line.options.batch.max_pixels, cases[i].pixels);
        assert_int_equal(line.options.batch.memory, cases[i].memory);
        pp_options_release(&line.options);
    }
}

static void a_bad_value_is_named_with_what_would_do(void **state)
{
    static const char *const cases[][2] = {
        {"--jobs 100000", "--jobs: 100000 is outside 1 to 1024"},
        {"-j 0", "--jobs: 0 is outside 1 to 1024"},
        {"-j -3", "--jobs: -3 is outside 1 to 1024"},
        {"-j 99999999999999999999", "--jobs: 99999999999999999999 is outside 1 to 1024"},
        {"-j 0x10", "--jobs: \"0x10\": not a whole number from 1 to 1024"},
        {"-j _", "--jobs: \"\": not a whole number from 1 to 1024"},
        {"-t 257", "--threads: 257 is outside 1 to 256"},
        {"--retries 11", "--retries: 11 is outside 0 to 10"},
        {"--png-level 13", "--png-level: 13 is outside 0 to 12"},
        {"-q 101", "--quality: 101 is outside 1 to 100"},
        {"-q good", "--quality: \"good\": not keep or a whole number from 1 to 100"},
        {"--format gif", "--format: \"gif\": not one of keep, jpeg, png"},
        {"--subsampling 411", "--subsampling: \"411\": not one of keep, 444, 422, 420, 440"},
        {"--progress fast", "--progress: \"fast\": not one of auto, bar, plain, none"},
        {"--timeout -1", "--timeout: -1 is outside 0 to 1000000"},
        {"--timeout inf", "--timeout: \"inf\": not a number of seconds"},
        {"--timeout 1e3", "--timeout: \"1e3\": not a number of seconds"},
        {"--max-pixels 5x",
         "--max-pixels: \"5x\": not a number of pixels such as 500000000, 100mp or 1.5gp"},
        {"--max-pixels 0.1", "--max-pixels: 0.1 is less than one pixel"},
        {"--memory lots", "--memory: \"lots\": not a number of bytes such as 800M, 2GiB or 1.5GB"},
        {"--memory 5ib", "--memory: \"5ib\": not a number of bytes such as 800M, 2GiB or 1.5GB"},
        {"--memory 99999999999G", "--memory: 99999999999G is too large"},
        {"--prefix a/b", "--prefix: \"a/b\": a slash cannot be part of a name"},
        {"--suffix /", "--suffix: \"/\": a slash cannot be part of a name"},
        {"-o _", "--output: its value is empty"},
        {"--include _", "--include: its value is empty"},
        {"--log", "--log: its value is missing: FILE"},
        {"-o", "--output: its value is missing: OUTPUT"},
        {"--quiet=yes", "--quiet: takes no value"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i][0], cases[i][1]);
}

static void an_unknown_option_names_the_nearest(void **state)
{
    (void)state;
    assert_refused("gray --recusrive", "--recusrive: unknown option, did you mean --recursive");
    assert_refused("gray --qality=5", "--qality: unknown option, did you mean --quality");
    assert_refused("gray --frobnicate", "--frobnicate: unknown option");
    assert_refused("gray --pro", "--pro: it may be any of --progressive, --progress, --profile");
    assert_refused("gray -rZ", "-Z: unknown option");
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    assert_refused("gray in -o out -n -u", "--no-clobber and --update exclude each other");
    assert_refused("gray in -o out --quiet -v", "--quiet and --verbose exclude each other");
    assert_refused("gray in -o out -0", "--null: only together with --files-from");
    assert_refused("filters -r", "--recursive: not an option of \"pixpool filters\"");
    assert_refused("filters a b", "\"b\": \"pixpool filters\" takes one name at most");
}

static void a_pictures_name_as_output_is_one_files(void **state)
{
    struct line line;

    (void)state;
    assert_refused("gray a b -o o.jpg",
                   "--output: o.jpg names a picture, but there are several inputs");
    assert_refused("gray / -o x/o.PNG",
                   "--output: x/o.PNG names a picture, but the input is a directory");
    assert_refused("gray a --files-from l -o o.jpeg",
                   "--output: o.jpeg names a picture, but --files-from may list several inputs");
    assert_refused("gray --files-from l -o o.jpeg",
                   "--output: o.jpeg names a picture, but --files-from may list several inputs");
    assert_refused("gray a -o o.jpg --prefix p",
                   "--prefix: --output o.jpg is the whole name already");
    assert_refused("gray a -o o.jpg --suffix s",
                   "--suffix: --output o.jpg is the whole name already");
    assert_int_equal(parse(&line, "gray a b -o o.jpg/ --prefix p"), PP_OK);
    pp_options_release(&line.options);
    assert_int_equal(parse(&line, "gray a -o o.jpg"), PP_OK);
    pp_options_release(&line.options);
    assert_int_equal(parse(&line, "gray a b -o o.gif --suffix s"), PP_OK);
    pp_options_release(&line.options);
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    assert_refused("-r", "FILTERS are missing: the first word says what to do, as in \"gray\"");
    assert_refused("/ -o out", "FILTERS are missing: \"/\" is a file or directory, not a filter");
    assert_refused("gray -o out", "INPUT is missing: name files or directories, or --files-from");
    assert_refused("gray in", "-o OUTPUT is missing: say where to write (or --in-place)");
}

static void an_error_of_the_chain_is_passed_on(void **state)
{
    struct pp_chain *chain;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_chain_parse("grya", &chain, &err), PP_E_USAGE);
    assert_refused("grya in -o out", err.text);
}

static void commands_end_the_parsing(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse(&line, "gray -h --nonsense"), PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_HELP);
    pp_options_release(&line.options);
    assert_int_equal(parse(&line, "-V"), PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_VERSION);
    pp_options_release(&line.options);
    assert_int_equal(parse(&line, "filters blur"), PP_OK);
    assert_int_equal(line.options.command, PP_COMMAND_FILTERS);
    assert_string_equal(line.options.filter_name, "blur");
    pp_options_release(&line.options);
}

/* No command knows options of both these groups. */
static bool meet_in_no_command(const struct pp_option *a, const struct pp_option *b)
{
    return (a->group == PP_GROUP_INFO && b->group == PP_GROUP_BENCH) ||
           (a->group == PP_GROUP_BENCH && b->group == PP_GROUP_INFO);
}

static void no_command_has_a_name_or_letter_twice(void **state)
{
    const struct pp_option *a, *b;

    (void)state;
    for (size_t i = 0; (a = pp_option_at(i)); i++) {
        assert_true(*a->summary && a->summary[strlen(a->summary) - 1] != '.');
        for (size_t j = 0; j < i; j++) {
            b = pp_option_at(j);
            if (meet_in_no_command(a, b))
                continue;
            assert_string_not_equal(a->name, b->name);
            assert_true(!a->letter || a->letter != b->letter);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_call_has_the_documented_defaults),
        cmocka_unit_test(every_option_reaches_its_setting),
        cmocka_unit_test(globs_gather_in_their_order),
        cmocka_unit_test(last_of_two_values_counts),
        cmocka_unit_test(double_dash_ends_the_options),
        cmocka_unit_test(a_list_of_files_stands_for_inputs),
        cmocka_unit_test(amounts_take_their_units),
        cmocka_unit_test(a_bad_value_is_named_with_what_would_do),
        cmocka_unit_test(an_unknown_option_names_the_nearest),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(a_pictures_name_as_output_is_one_files),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(an_error_of_the_chain_is_passed_on),
        cmocka_unit_test(commands_end_the_parsing),
        cmocka_unit_test(no_command_has_a_name_or_letter_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
