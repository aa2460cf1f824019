/*
 * cli/help.h - the program's texts about itself. All go to `out`, which the caller checks.
 */
#ifndef PP_CLI_HELP_H
#define PP_CLI_HELP_H

#include <stddef.h>
#include <stdio.h>

/* An example for --help and the manual page. */
struct pp_example {
    const char *command, *text;
};

/* NULL past the last. */
const struct pp_example *pp_example_at(size_t index);

/* A few lines on how to call it. */
void pp_help_usage(FILE *out);
/* --help, in lines of at most `width` columns. */
void pp_help_print(FILE *out, unsigned width);
/* `pixpool bench --help`, the same way. */
void pp_help_print_bench(FILE *out, unsigned width);
/* The same in paragraphs for the manual page; the last is NULL. */
const char *const *pp_help_bench_text(void);
/* `pixpool info --help`, and its paragraphs. */
void pp_help_print_info(FILE *out, unsigned width);
const char *const *pp_help_info_text(void);
/* `pixpool status --help` and the like, and its paragraphs. */
void pp_help_print_control(FILE *out, unsigned width);
const char *const *pp_help_control_text(void);
/* --version: program, libraries, cores. */
void pp_help_version(FILE *out);

#endif
