#include "cli/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void PP_PRINTF(2, 3) pp_line_add(struct pp_line *line, const char *format, ...)
{
    size_t used = strlen(line->to);
    va_list args;

    va_start(args, format);
    vsnprintf(line->to + used, line->size - used, format, args);
    va_end(args);
}
