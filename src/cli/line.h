/*
 * cli/line.h - text that grows in a buffer of its caller's, and is cut where that ends. Pure.
 */
#ifndef PP_CLI_LINE_H
#define PP_CLI_LINE_H

#include <stddef.h>

#include <pixpool/error.h>

struct pp_line {
    char *to; /* ends with a NUL; begin with an empty one */
    size_t size;
};

void PP_PRINTF(2, 3) pp_line_add(struct pp_line *line, const char *format, ...);

#endif
