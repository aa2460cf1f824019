#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/option_parser.h"
#include "cli/preset_apply.h"

/* Options that contradict each other. */
static const char *const exclusive[][2] = {
    {"no-clobber", "update"},   {"quiet", "verbose"},          {"in-place", "output"},
    {"in-place", "no-clobber"}, {"in-place", "update"},        {"in-place", "prefix"},
    {"in-place", "suffix"},     {"resume", "retry-failed"},    {"resume-failed", "retry-failed"},
    {"manifest", "dry-run"},    {"manifest", "no-clobber"},    {"manifest", "update"},
    {"manifest", "resume"},     {"manifest", "resume-failed"}, {"manifest", "retry-failed"},
    {"check", "dry-run"},       {"check", "no-clobber"},       {"check", "update"},
    {"check", "resume"},        {"check", "resume-failed"},    {"check", "retry-failed"},
    {"strip", "keep"},
};

static bool are_contrary(const char *one, const char *other)
{
    for (size_t i = 0; i < sizeof exclusive / sizeof *exclusive; i++)
        for (size_t side = 0; side < 2; side++)
            if (!strcmp(exclusive[i][side], one) && !strcmp(exclusive[i][1 - side], other))
                return true;
    return false;
}

static enum pp_status check_together(const struct pp_option_parser *parser, struct pp_error *err)
{
    for (size_t i = 0; i < sizeof exclusive / sizeof *exclusive; i++)
        if (pp_option_was_given(parser, exclusive[i][0]) &&
            pp_option_was_given(parser, exclusive[i][1]))
            return pp_error_set(err, PP_E_USAGE, "--%s and --%s exclude each other",
                                exclusive[i][0], exclusive[i][1]);
    if (pp_option_was_given(parser, "null") && !pp_option_was_given(parser, "files-from"))
        return pp_error_set(err, PP_E_USAGE, "--null: only together with --files-from");
    if (pp_option_was_given(parser, "max-slowdown") && !pp_option_was_given(parser, "baseline"))
        return pp_error_set(err, PP_E_USAGE, "--max-slowdown: only together with --baseline");
    return PP_OK;
}

/* Refuse options, but for those that serve, after the word `command`. */
static enum pp_status refuse_options(const struct pp_option_parser *parser, const char *command,
                                     bool (*serves)(const struct pp_option *option),
                                     struct pp_error *err)
{
    const struct pp_option *option;

    for (size_t i = 0; (option = pp_option_at(i)); i++)
        if (parser->given[i] && !(serves && serves(option)))
            return pp_error_set(err, PP_E_USAGE, "--%s: not an option of \"pixpool %s\"",
                                option->name, command);
    return PP_OK;
}

/* `pixpool filters [NAME]` */
static enum pp_status parse_filters_command(const struct pp_option_parser *parser, char **operands,
                                            int count, struct pp_options *options,
                                            struct pp_error *err)
{
    if (refuse_options(parser, "filters", NULL, err) != PP_OK)
        return err->status;
    if (count > 2)
        return pp_error_set(err, PP_E_USAGE, "\"%s\": \"pixpool filters\" takes one name at most",
                            operands[2]);
    options->command = PP_COMMAND_FILTERS;
    options->filter_name = operands[1]; /* argv ends with NULL */
    return PP_OK;
}

/* `pixpool presets` */
static enum pp_status parse_presets_command(const struct pp_option_parser *parser, char **operands,
                                            int count, struct pp_options *options,
                                            struct pp_error *err)
{
    options->command = PP_COMMAND_PRESETS;
    if (count > 1)
        return pp_error_set(err, PP_E_USAGE, "\"%s\": \"pixpool presets\" takes no word more",
                            operands[1]);
    return refuse_options(parser, "presets", NULL, err);
}

static void take_inputs(char **operands, int count, struct pp_options *options)
{
    struct pp_batch_inputs *inputs = &options->batch.inputs;

    inputs->paths = (const char *const *)operands;
    inputs->path_count = (size_t)count;
    inputs->include = options->include.count ? options->include.texts : NULL;
    inputs->include_count = options->include.count;
    inputs->exclude = options->exclude.count ? options->exclude.texts : NULL;
    inputs->exclude_count = options->exclude.count;
}

/* `pixpool info FILE...` */
static enum pp_status parse_info_command(const struct pp_option_parser *parser, char **operands,
                                         int count, struct pp_options *options,
                                         struct pp_error *err)
{
    if (parser->command != PP_COMMAND_INFO)
        return pp_error_set(err, PP_E_USAGE, "\"info\": it must be the first word");
    if (refuse_options(parser, "info", pp_option_serves_info, err) != PP_OK)
        return err->status;
    if (count < 2)
        return pp_error_set(err, PP_E_USAGE, "FILE is missing: name files or directories");
    options->command = PP_COMMAND_INFO;
    take_inputs(operands + 1, count - 1, options);
    return PP_OK;
}

static enum pp_status parse_chain(const char *text, struct pp_options *options,
                                  struct pp_error *err)
{
    struct pp_chain_place place;
    enum pp_status status = pp_chain_parse_at(text, &options->chain, &place, err);

    if (status == PP_E_USAGE && *text && access(text, F_OK) == 0) {
        *err = (struct pp_error){0}; /* a file is no misspelt filter */
        return pp_error_set(
            err, status, "FILTERS are missing: \"%s\" is a file or directory, not a filter", text);
    }
    if (status == PP_E_USAGE)
        pp_excerpt_make(&options->wrong, text, place);
    options->batch.chain = options->chain;
    options->batch.filters = text;
    return status;
}

static bool is_directory(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

/* A picture's name as OUTPUT is one file's, not that of a directory to be made. */
static enum pp_status check_output(const struct pp_batch_settings *batch, struct pp_error *err)
{
    const struct pp_batch_inputs *inputs = &batch->inputs;
    const char *path = batch->outputs.path, *why = NULL;

    if (path[strlen(path) - 1] == '/' || pp_format_from_name(path) == PP_FORMAT_KEEP ||
        is_directory(path))
        return PP_OK;
    if (inputs->path_count > 1)
        why = "there are several inputs";
    else if (inputs->files_from)
        why = "--files-from may list several inputs";
    else if (is_directory(inputs->paths[0]))
        why = "the input is a directory";
    if (why)
        return pp_error_set(err, PP_E_USAGE, "--output: %s names a picture, but %s", path, why);
    if (batch->outputs.prefix || batch->outputs.suffix)
        return pp_error_set(err, PP_E_USAGE, "--%s: --output %s is the whole name already",
                            batch->outputs.prefix ? "prefix" : "suffix", path);
    return PP_OK;
}

static enum pp_status load_profile(struct pp_options *options, struct pp_error *err)
{
    struct pp_color_settings *color = &options->batch.color;
    struct pp_error problem = {0};

    if (!options->profile)
        return PP_OK;
    enum pp_status status = pp_color_profile_load(options->profile, &options->profile_data,
                                                  &color->profile_size, &problem);
    color->profile = options->profile_data;
    return status == PP_OK ? PP_OK : pp_error_set(err, status, "--profile: %s", problem.text);
}

/* The filters that the preset has; the operands are inputs then. */
static enum pp_status take_preset_chain(char **operands, int count, struct pp_options *options,
                                        struct pp_error *err)
{
    const struct pp_preset_setting *filters = options->preset_filters;
    struct pp_chain *chain = NULL;
    struct pp_error why = {0};
    enum pp_status status = parse_chain(filters->value ? filters->value : "", options, &why);

    if (status == PP_E_USAGE)
        return pp_presets_refuse(&options->presets, filters->line, why.text, err);
    if (status != PP_OK)
        return pp_error_set(err, status, "%s", why.text);
    if (count && access(operands[0], F_OK) != 0 &&
        pp_chain_parse(operands[0], &chain, &why) == PP_OK)
        status = pp_error_set(err, PP_E_USAGE,
                              "\"%s\": --preset %s has filters of its own, leave FILTERS out",
                              operands[0], options->preset);
    pp_chain_free(chain);
    return status;
}

/* [FILTERS] INPUT... */
static enum pp_status parse_task(char **operands, int count, struct pp_options *options,
                                 struct pp_error *err)
{
    const int first = options->preset_filters ? 0 : 1;

    if (count < first)
        return pp_error_set(err, PP_E_USAGE,
                            "FILTERS are missing: the first word says what to do, as in \"gray\"");
    if ((options->preset_filters ? take_preset_chain(operands, count, options, err)
                                 : parse_chain(operands[0], options, err)) != PP_OK)
        return err->status;
    if (count == first && !options->batch.inputs.files_from)
        return pp_error_set(err, PP_E_USAGE,
                            "INPUT is missing: name files or directories, or --files-from");
    take_inputs(operands + first, count - first, options);
    return load_profile(options, err);
}

/* A name tells the format, and stays what it is; and no directory is there for a journal. */
static enum pp_status check_in_place(const struct pp_options *options, struct pp_error *err)
{
    if (options->batch.encode.format != PP_FORMAT_KEEP)
        return pp_error_set(err, PP_E_USAGE, "--format: with --in-place files keep their format");
    if (options->batch.resume != PP_RESUME_NO && !options->batch.journal_path)
        return pp_error_set(err, PP_E_USAGE, "--in-place: to resume, --journal must name a file");
    return PP_OK;
}

/* `pixpool FILTERS INPUT... -o OUTPUT` */
static enum pp_status parse_convert_command(const struct pp_option_parser *parser, char **operands,
                                            int count, struct pp_options *options,
                                            struct pp_error *err)
{
    const struct pp_option *option;

    for (size_t i = 0; (option = pp_option_at(i)); i++)
        if (parser->given[i] && option->group == PP_GROUP_BENCH)
            return pp_error_set(err, PP_E_USAGE, "--%s: only an option of \"pixpool bench\"",
                                option->name);
    if (parse_task(operands, count, options, err) != PP_OK)
        return err->status;
    if (options->batch.outputs.in_place)
        return check_in_place(options, err);
    if (!options->batch.outputs.path)
        return pp_error_set(err, PP_E_USAGE,
                            "-o OUTPUT is missing: say where to write (or --in-place)");
    return check_output(&options->batch, err);
}

/* `pixpool bench FILTERS INPUT...` */
static enum pp_status parse_bench_command(const struct pp_option_parser *parser, char **operands,
                                          int count, struct pp_options *options,
                                          struct pp_error *err)
{
    if (refuse_options(parser, "bench", pp_option_serves_bench, err) != PP_OK)
        return err->status;
    options->command = PP_COMMAND_BENCH;
    return parse_task(operands + 1, count - 1, options, err);
}

/* `pixpool status [RUN]` and the like. */
static enum pp_status parse_control_command(const struct pp_option_parser *parser, char **operands,
                                            struct pp_options *options, struct pp_error *err)
{
    const bool status = pp_control_command(operands[0]) == PP_COMMAND_STATUS;

    if (parser->command != PP_COMMAND_STATUS)
        return pp_error_set(err, PP_E_USAGE, "\"%s\": it must be the first word", operands[0]);
    if (refuse_options(parser, operands[0],
                       status ? pp_option_serves_status : pp_option_serves_control, err) != PP_OK)
        return err->status;
    return pp_control_parse(operands, options, err);
}

/* What the operands ask for, with the options met. */
static enum pp_status parse_command(struct pp_option_parser *parser, char **operands, int count,
                                    struct pp_options *options, struct pp_error *err)
{
    const char *word = count ? operands[0] : "";

    if (!strcmp(word, "filters"))
        return parse_filters_command(parser, operands, count, options, err);
    if (!strcmp(word, "presets"))
        return parse_presets_command(parser, operands, count, options, err);
    if (!strcmp(word, "info"))
        return parse_info_command(parser, operands, count, options, err);
    if (pp_control_command(word) != PP_COMMAND_CONVERT)
        return parse_control_command(parser, operands, options, err);
    if (!strcmp(word, "bench"))
        parser->command = PP_COMMAND_BENCH;
    if (options->preset && pp_preset_apply(parser, options, are_contrary, err) != PP_OK)
        return err->status;
    if (check_together(parser, err) != PP_OK)
        return err->status;
    if (parser->command == PP_COMMAND_BENCH)
        return parse_bench_command(parser, operands, count, options, err);
    return parse_convert_command(parser, operands, count, options, err);
}

/* The command as far as the first word says it, before argv's elements are reordered. */
static enum pp_command first_word(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "info"))
        return PP_COMMAND_INFO;
    if (argc > 1 && pp_control_command(argv[1]) != PP_COMMAND_CONVERT)
        return PP_COMMAND_STATUS;
    return argc > 1 && !strcmp(argv[1], "bench") ? PP_COMMAND_BENCH : PP_COMMAND_CONVERT;
}

static enum pp_status options_init(struct pp_options *options, int argc, struct pp_error *err)
{
    *options = (struct pp_options){.batch = {.timeout = 300,
                                             .retries = 1,
                                             .max_pixels = 1000000000,
                                             .max_scans = 500,
                                             .handle_signals = true,
                                             .control = true},
                                   .bench = {.repeat = 5, .max_slowdown = 0.05}};
    options->include.texts = calloc((size_t)argc + 1, sizeof *options->include.texts);
    options->exclude.texts = calloc((size_t)argc + 1, sizeof *options->exclude.texts);
    if (!options->include.texts || !options->exclude.texts)
        return pp_error_set(err, PP_E_NO_MEMORY, "the command line: out of memory");
    return PP_OK;
}

enum pp_status pp_options_parse(int argc, char **argv, struct pp_options *options,
                                struct pp_error *err)
{
    struct pp_option_parser parser;
    struct pp_excerpt wrong;
    struct pp_error found = {0};
    const enum pp_command first = first_word(argc, argv);

    pp_option_parser_init(&parser, first == PP_COMMAND_BENCH ? PP_COMMAND_CONVERT : first);
    if (options_init(options, argc, &found) != PP_OK ||
        pp_option_parser_run(&parser, argc, argv, options, &found) != PP_OK)
        goto failed;
    if (options->command == PP_COMMAND_HELP && first == PP_COMMAND_BENCH)
        options->command = PP_COMMAND_BENCH_HELP;
    if (options->command == PP_COMMAND_HELP && first == PP_COMMAND_INFO)
        options->command = PP_COMMAND_INFO_HELP;
    if (options->command == PP_COMMAND_HELP && first == PP_COMMAND_STATUS)
        options->command = PP_COMMAND_CONTROL_HELP;
    if (options->command != PP_COMMAND_CONVERT)
        return PP_OK;
    if (parse_command(&parser, argv + optind, argc - optind, options, &found) == PP_OK)
        return PP_OK;

failed:
    wrong = options->wrong;
    pp_options_release(options);
    options->wrong = wrong;
    return pp_error_set(err, found.status, "%s", found.text);
}

void pp_options_release(struct pp_options *options)
{
    pp_chain_free(options->chain);
    free(options->profile_data);
    free(options->include.texts);
    free(options->exclude.texts);
    pp_presets_release(&options->presets);
    *options = (struct pp_options){0};
}
