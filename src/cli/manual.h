/*
 * cli/manual.h - the manual page, made from the tables that drive the program.
 */
#ifndef PP_CLI_MANUAL_H
#define PP_CLI_MANUAL_H

#include <stdio.h>

/* Write pixpool(1) as roff source (man macros) to `out`, which the caller checks. */
void pp_manual_print(FILE *out);

#endif
