#include "cli/option_parser.h"

#include <stdio.h>
#include <string.h>

#include "cli/nearest.h"
#include "cli/values.h"

#define LONG_CODE 256 /* getopt_long's code of the first option; smaller codes are letters */

/* --json takes a file where speed is measured, and is a switch where pictures or runs are told of.
 */
static bool is_known(const struct pp_option_parser *parser, const struct pp_option *option)
{
    const bool info = parser->command == PP_COMMAND_INFO || parser->command == PP_COMMAND_STATUS;

    return option->group != (info ? PP_GROUP_BENCH : PP_GROUP_INFO);
}

static int argument_of(const struct pp_option *option)
{
    if (!option->argument)
        return no_argument;
    return option->argument[0] == '[' ? optional_argument : required_argument;
}

void pp_option_parser_init(struct pp_option_parser *parser, enum pp_command command)
{
    const struct pp_option *option;
    struct option *added = parser->longs;
    char *letter = parser->letters;

    memset(parser, 0, sizeof *parser);
    parser->command = command;
    *letter++ = ':'; /* a missing value is told apart from an unknown option */
    for (int i = 0; i < PP_OPTIONS_MAX && (option = pp_option_at((size_t)i)); i++) {
        if (!is_known(parser, option))
            continue;
        *added++ = (struct option){
            .name = option->name, .has_arg = argument_of(option), .val = LONG_CODE + i};
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

static const char *name_at(size_t index)
{
    const struct pp_option *option = pp_option_at(index);

    return option ? option->name : NULL;
}

/* "--name" of a long option that is none, or is the beginning of several. */
static enum pp_status refuse_long(const struct pp_option_parser *parser, const char *argument,
                                  struct pp_error *err)
{
    char name[64], found[128] = "";
    size_t length = strcspn(argument + 2, "="), count = 0;
    const char *nearest;

    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1),
             argument + 2);
    for (const struct option *known = parser->longs; known->name; known++) {
        if (strncmp(known->name, name, strlen(name)) != 0)
            continue;
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s--%s", count++ ? ", " : "",
                 known->name);
    }
    if (count > 1)
        return pp_error_set(err, PP_E_USAGE, "--%s: it may be any of %s", name, found);
    nearest = pp_nearest_word(name, name_at);
    if (nearest)
        return pp_error_set(err, PP_E_USAGE, "--%s: unknown option, did you mean --%s", name,
                            nearest);
    return pp_error_set(err, PP_E_USAGE, "--%s: unknown option", name);
}

/* What getopt_long's '?' and ':' mean, with optopt and optind as it left them. */
static enum pp_status refuse(const struct pp_option_parser *parser, int code, char **argv,
                             struct pp_error *err)
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
    return refuse_long(parser, argv[optind - 1], err);
}

enum pp_status pp_option_parser_run(struct pp_option_parser *parser, int argc, char **argv,
                                    struct pp_options *options, struct pp_error *err)
{
    int code;

    optind = 0; /* getopt starts anew */
    opterr = 0;
    while ((code = getopt_long(argc, argv, parser->letters, parser->longs, NULL)) != -1) {
        int index = code == '?' || code == ':' ? -1 : index_of_code(code);
        const struct pp_option *option = index < 0 ? NULL : pp_option_at((size_t)index);

        if (!option)
            return refuse(parser, code, argv, err);
        if (pp_option_store(option, optarg, options, err) != PP_OK)
            return err->status;
        parser->given[index] = true;
        if (option->kind == PP_OPTION_COMMAND)
            return PP_OK;
    }
    return PP_OK;
}

bool pp_option_was_given(const struct pp_option_parser *parser, const char *name)
{
    const struct pp_option *option;

    for (size_t i = 0; (option = pp_option_at(i)); i++)
        if (parser->given[i] && !strcmp(option->name, name))
            return true;
    return false;
}
