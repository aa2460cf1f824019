/*
 * cli/filter_list.h - what filters there are, for `pixpool filters` and the manual page.
 */
#ifndef PP_CLI_FILTER_LIST_H
#define PP_CLI_FILTER_LIST_H

#include <stddef.h>
#include <stdio.h>

#include <pixpool/error.h>
#include <pixpool/filter.h>

/* All filters with their summaries, in lines of at most `width` columns where words allow it. */
void pp_filter_list_print(FILE *out, unsigned width);

/* One filter with all there is to know of it. PP_E_USAGE: there is none of that name. */
enum pp_status pp_filter_explain(FILE *out, const char *name, unsigned width,
                                 struct pp_error *err) PP_MUST_CHECK;

/* A parameter's type, range and default in words: "number from 0.1 to 100, default 1". */
void pp_param_describe(const struct pp_param *param, char *text, size_t size);

/* A chain of this filter alone with likely arguments, "resize=800x600". */
void pp_filter_list_example(const struct pp_filter *filter, char *text, size_t size);

/* What to put around a chain so that a shell takes it for one word: a quotation mark or nothing. */
const char *pp_filter_list_quote(const char *chain);

#endif
