/*
 * cli/option_parser.h - getopt_long() led by the table of options. One thread: getopt has globals.
 */
#ifndef PP_CLI_OPTION_PARSER_H
#define PP_CLI_OPTION_PARSER_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include <pixpool/error.h>

#include "cli/options.h"

#define PP_OPTIONS_MAX 80

/* The table in getopt's terms, and what was met. */
struct pp_option_parser {
    enum pp_command command; /* whose options are known */
    struct option longs[PP_OPTIONS_MAX + 1];
    char letters[2 * PP_OPTIONS_MAX + 2];
    bool given[PP_OPTIONS_MAX]; /* by the index in the table */
};

void pp_option_parser_init(struct pp_option_parser *parser, enum pp_command command);

/* All options, up to the first that is a command; argv from `optind` on is what is left. Errors:
 * PP_E_USAGE. */
enum pp_status pp_option_parser_run(struct pp_option_parser *parser, int argc, char **argv,
                                    struct pp_options *options, struct pp_error *err) PP_MUST_CHECK;

/* Whether the option of that name was met. */
bool pp_option_was_given(const struct pp_option_parser *parser, const char *name);

#endif
