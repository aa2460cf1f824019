#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/nearest.h"
#include "cli/values.h"

#define OPTIONS_MAX 64
#define LONG_CODE   256 /* getopt_long's code of the first option; smaller codes are letters */

/* The table in getopt's terms, and what was met. */
struct parser {
    struct option longs[OPTIONS_MAX + 1];
    char letters[2 * OPTIONS_MAX + 2];
    bool given[OPTIONS_MAX];
};

static int argument_of(const struct pp_option *option)
{
    if (!option->argument)
        return no_argument;
    return option->argument[0] == '[' ? optional_argument : required_argument;
}

static void parser_init(struct parser *parser)
{
    const struct pp_option *option;
    char *letter = parser->letters;

    memset(parser, 0, sizeof *parser);
    *letter++ = ':'; /* a missing value is told apart from an unknown option */
    for (int i = 0; i < OPTIONS_MAX && (option = pp_option_at((size_t)i)); i++) {
        parser->longs[i].name = option->name;
        parser->longs[i].has_arg = argument_of(option);
        parser->longs[i].val = LONG_CODE + i;
        if (!option->letter)
            continue;
        *letter++ = option->letter;
        if (option->argument)
            *letter++ = ':';
    }
}

/* The index in the table of what getopt_long returned, -1 when it is none. */
static int index_of_code(int code)
{
    const struct pp_option *option;

    if (code >= LONG_CODE)
        return code - LONG_CODE;
    for (int i = 0; (option = pp_option_at((size_t)i)); i++)
        if (option->letter && option->letter == code)
            return i;
    return -1;
}

static const char *option_name_at(size_t index)
{
    const struct pp_option *option = pp_option_at(index);

    return option ? option->name : NULL;
}

/* "--name" of a long option that is none, or is the beginning of several. */
static enum pp_status refuse_long(const char *argument, struct pp_error *err)
{
    char name[64], found[128] = "";
    size_t length = strcspn(argument + 2, "="), count = 0;
    const char *nearest;

    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1),
             argument + 2);
    for (size_t i = 0; option_name_at(i); i++) {
        if (strncmp(option_name_at(i), name, strlen(name)) != 0)
            continue;
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s--%s", count++ ? ", " : "",
                 option_name_at(i));
    }
    if (count > 1)
        return pp_error_set(err, PP_E_USAGE, "--%s: it may be any of %s", name, found);
    nearest = pp_nearest_word(name, option_name_at);
    if (nearest)
        return pp_error_set(err, PP_E_USAGE, "--%s: unknown option, did you mean --%s", name,
                            nearest);
    return pp_error_set(err, PP_E_USAGE, "--%s: unknown option", name);
}

/* What getopt_long's '?' and ':' mean, with optopt and optind as it left them. */
static enum pp_status refuse(int code, char **argv, struct pp_error *err)
{
    int index = optopt ? index_of_code(optopt) : -1;
    const struct pp_option *option = index < 0 ? NULL : pp_option_at((size_t)index);

    if (option && code == ':')
        return pp_error_set(err, PP_E_USAGE, "--%s: its value is missing: %s", option->name,
                            option->argument);
    if (option)
        return pp_error_set(err, PP_E_USAGE, "--%s: takes no value", option->name);
    if (optopt)
        return pp_error_set(err, PP_E_USAGE, "-%c: unknown option", optopt);
    return refuse_long(argv[optind - 1], err);
}

/* All options, up to the first that is a command. */
static enum pp_status parse_options(struct parser *parser, int argc, char **argv,
                                    struct pp_options *options, struct pp_error *err)
{
    int code;

    optind = 0; /* getopt starts anew */
    opterr = 0;
    while ((code = getopt_long(argc, argv, parser->letters, parser->longs, NULL)) != -1) {
        int index = code == '?' || code == ':' ? -1 : index_of_code(code);
        const struct pp_option *option = index < 0 ? NULL : pp_option_at((size_t)index);

        if (!option)
            return refuse(code, argv, err);
        if (pp_option_store(option, optarg, options, err) != PP_OK)
            return err->status;
        parser->given[index] = true;
        if (option->kind == PP_OPTION_COMMAND)
            return PP_OK;
    }
    return PP_OK;
}

static bool was_given(const struct parser *parser, const char *name)
{
    for (size_t i = 0; option_name_at(i); i++)
        if (!strcmp(option_name_at(i), name))
            return parser->given[i];
    return false;
}

/* Options that contradict each other. */
static enum pp_status check_together(const struct parser *parser, struct pp_error *err)
{
    static const char *const exclusive[][2] = {
        {"no-clobber", "update"},      {"quiet", "verbose"},
        {"in-place", "output"},        {"in-place", "no-clobber"},
        {"in-place", "update"},        {"in-place", "prefix"},
        {"in-place", "suffix"},        {"strip", "keep"},
        {"resume", "retry-failed"},    {"resume-failed", "retry-failed"},
        {"manifest", "dry-run"},       {"manifest", "no-clobber"},
        {"manifest", "update"},        {"manifest", "resume"},
        {"manifest", "resume-failed"}, {"manifest", "retry-failed"},
        {"check", "dry-run"},          {"check", "no-clobber"},
        {"check", "update"},           {"check", "resume"},
        {"check", "resume-failed"},    {"check", "retry-failed"},
    };

    for (size_t i = 0; i < sizeof exclusive / sizeof *exclusive; i++)
        if (was_given(parser, exclusive[i][0]) && was_given(parser, exclusive[i][1]))
            return pp_error_set(err, PP_E_USAGE, "--%s and --%s exclude each other",
                                exclusive[i][0], exclusive[i][1]);
    if (was_given(parser, "null") && !was_given(parser, "files-from"))
        return pp_error_set(err, PP_E_USAGE, "--null: only together with --files-from");
    if (was_given(parser, "max-slowdown") && !was_given(parser, "baseline"))
        return pp_error_set(err, PP_E_USAGE, "--max-slowdown: only together with --baseline");
    return PP_OK;
}

/* `pixpool filters [NAME]` */
static enum pp_status parse_filters_command(const struct parser *parser, char **operands, int count,
                                            struct pp_options *options, struct pp_error *err)
{
    for (size_t i = 0; option_name_at(i); i++)
        if (parser->given[i])
            return pp_error_set(err, PP_E_USAGE, "--%s: not an option of \"pixpool filters\"",
                                option_name_at(i));
    if (count > 2)
        return pp_error_set(err, PP_E_USAGE, "\"%s\": \"pixpool filters\" takes one name at most",
                            operands[2]);
    options->command = PP_COMMAND_FILTERS;
    options->filter_name = operands[1]; /* argv ends with NULL */
    return PP_OK;
}

static enum pp_status parse_chain(const char *text, struct pp_options *options,
                                  struct pp_error *err)
{
    enum pp_status status = pp_chain_parse(text, &options->chain, err);

    if (status == PP_E_USAGE && *text && access(text, F_OK) == 0) {
        *err = (struct pp_error){0}; /* a file is no misspelt filter */
        return pp_error_set(
            err, status, "FILTERS are missing: \"%s\" is a file or directory, not a filter", text);
    }
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

/* FILTERS INPUT... */
static enum pp_status parse_task(char **operands, int count, struct pp_options *options,
                                 struct pp_error *err)
{
    struct pp_batch_inputs *inputs = &options->batch.inputs;

    if (count == 0)
        return pp_error_set(err, PP_E_USAGE,
                            "FILTERS are missing: the first word says what to do, as in \"gray\"");
    if (parse_chain(operands[0], options, err) != PP_OK)
        return err->status;
    if (count == 1 && !inputs->files_from)
        return pp_error_set(err, PP_E_USAGE,
                            "INPUT is missing: name files or directories, or --files-from");
    inputs->paths = (const char *const *)(operands + 1);
    inputs->path_count = (size_t)count - 1;
    inputs->include = options->include.count ? options->include.texts : NULL;
    inputs->include_count = options->include.count;
    inputs->exclude = options->exclude.count ? options->exclude.texts : NULL;
    inputs->exclude_count = options->exclude.count;
    return PP_OK;
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
static enum pp_status parse_convert_command(const struct parser *parser, char **operands, int count,
                                            struct pp_options *options, struct pp_error *err)
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
static enum pp_status parse_bench_command(const struct parser *parser, char **operands, int count,
                                          struct pp_options *options, struct pp_error *err)
{
    const struct pp_option *option;

    for (size_t i = 0; (option = pp_option_at(i)); i++)
        if (parser->given[i] && !pp_option_serves_bench(option))
            return pp_error_set(err, PP_E_USAGE, "--%s: not an option of \"pixpool bench\"",
                                option->name);
    options->command = PP_COMMAND_BENCH;
    return parse_task(operands + 1, count - 1, options, err);
}

/* What the operands ask for, with the options met. */
static enum pp_status parse_command(const struct parser *parser, char **operands, int count,
                                    struct pp_options *options, struct pp_error *err)
{
    if (count && !strcmp(operands[0], "filters"))
        return parse_filters_command(parser, operands, count, options, err);
    if (check_together(parser, err) != PP_OK)
        return err->status;
    if (count && !strcmp(operands[0], "bench"))
        return parse_bench_command(parser, operands, count, options, err);
    return parse_convert_command(parser, operands, count, options, err);
}

static enum pp_status options_init(struct pp_options *options, int argc, struct pp_error *err)
{
    *options = (struct pp_options){.batch = {.timeout = 300,
                                             .retries = 1,
                                             .max_pixels = 1000000000,
                                             .max_scans = 500,
                                             .handle_signals = true},
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
    struct parser parser;
    struct pp_error found = {0};
    bool is_bench = argc > 1 && !strcmp(argv[1], "bench"); /* before its elements are reordered */

    parser_init(&parser);
    if (options_init(options, argc, &found) != PP_OK ||
        parse_options(&parser, argc, argv, options, &found) != PP_OK)
        goto failed;
    if (options->command == PP_COMMAND_HELP && is_bench)
        options->command = PP_COMMAND_BENCH_HELP;
    if (options->command != PP_COMMAND_CONVERT)
        return PP_OK;
    if (parse_command(&parser, argv + optind, argc - optind, options, &found) == PP_OK)
        return PP_OK;

failed:
    pp_options_release(options);
    return pp_error_set(err, found.status, "%s", found.text);
}

void pp_options_release(struct pp_options *options)
{
    pp_chain_free(options->chain);
    free(options->include.texts);
    free(options->exclude.texts);
    *options = (struct pp_options){0};
}
