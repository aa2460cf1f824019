/*
 * cli/wrap.h - running text in columns.
 */
#ifndef PP_CLI_WRAP_H
#define PP_CLI_WRAP_H

#include <stdio.h>

/* Where text goes: the column it begins in and the column no line reaches past. */
struct pp_margins {
    unsigned left, right;
};

/*
 * Print `text` broken at blanks, `column` columns of the first line being printed already (they
 * are filled up to margins.left, or a new line is begun where they reach it). Ends with a
 * newline. ASCII text.
 */
void pp_wrap(FILE *out, const char *text, unsigned column, struct pp_margins margins);

#endif
