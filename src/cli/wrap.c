#include "cli/wrap.h"

#include <string.h>

void pp_wrap(FILE *out, const char *text, unsigned column, struct pp_margins margins)
{
    if (column && column >= margins.left) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", (int)(margins.left - column), "");
    column = margins.left;
    while (*text) {
        unsigned length = (unsigned)strcspn(text, " ");
        unsigned gap = column > margins.left; /* a blank before all words but a line's first */

        if (gap && column + gap + length > margins.right) {
            fprintf(out, "\n%*s", (int)margins.left, "");
            column = margins.left;
            gap = 0;
        }
        fprintf(out, "%*s%.*s", (int)gap, "", (int)length, text);
        column += gap + length;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}
