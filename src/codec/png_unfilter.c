#include "codec/png_unfilter.h"

#include <string.h>

/* Compilers vectorise it. */
static void undo_up(const uint8_t *restrict in, const uint8_t *restrict above,
                    uint8_t *restrict out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(in[i] + above[i]);
}

void pp_png_unfilter(enum pp_png_filter filter, const struct pp_png_row *row)
{
    switch (filter) {
    case PP_PNG_FILTER_SUB:
        pp_png_undo_sub(row);
        break;
    case PP_PNG_FILTER_UP:
        undo_up(row->in, row->above, row->out, row->size);
        break;
    case PP_PNG_FILTER_AVERAGE:
        pp_png_undo_average(row);
        break;
    case PP_PNG_FILTER_PAETH:
        pp_png_undo_paeth(row);
        break;
    default:
        memcpy(row->out, row->in, row->size);
        break;
    }
}
