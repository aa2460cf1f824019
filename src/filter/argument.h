/*
 * filter/argument.h - one argument of a filter, from text to value.
 *
 * Numbers are plain decimals with a point, whatever the locale. Any thread.
 */
#ifndef PP_FILTER_ARGUMENT_H
#define PP_FILTER_ARGUMENT_H

#include <stdbool.h>

#include "filter/filter.h"

/* The value of a parameter that was not given. */
void pp_argument_default(const struct pp_param *param, struct pp_value *value);

/* Parse `text`, which must outlive the value of a text parameter, already without white space
 * around it. The error names `filter`, the parameter, its range and the text. Errors: PP_E_USAGE.
 */
enum pp_status pp_argument_parse(const struct pp_filter *filter, const struct pp_param *param,
                                 const char *text, struct pp_value *value,
                                 struct pp_error *err) PP_MUST_CHECK;

/* Read a number that makes up all of `text`: sign, digits, at most one point; no exponent, no
 * hexadecimal, no words. Up to 15 significant digits are exact. */
bool pp_number_parse(const char *text, double *number) PP_MUST_CHECK;

#endif
