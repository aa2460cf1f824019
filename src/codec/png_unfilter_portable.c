#include "codec/png_unfilter.h"

#if !defined(__x86_64__)

void pp_png_undo_sub(const struct pp_png_row *row)
{
    for (size_t i = 0; i < row->size; i++)
        row->out[i] = (uint8_t)(row->in[i] + (i < row->pixel ? 0 : row->out[i - row->pixel]));
}

void pp_png_undo_average(const struct pp_png_row *row)
{
    for (size_t i = 0; i < row->size; i++) {
        unsigned left = i < row->pixel ? 0 : row->out[i - row->pixel];
        row->out[i] = (uint8_t)(row->in[i] + ((left + row->above[i]) >> 1));
    }
}

/* The nearest of a, b and c to a + b - c, written without distances: see png_unfilter_sse2.c. */
static int predict(int a, int b, int c)
{
    int turn = 3 * c - a - b, low = a < b ? a : b, high = a < b ? b : a;
    int above = high <= turn ? low : c;

    return turn <= low ? high : above;
}

void pp_png_undo_paeth(const struct pp_png_row *row)
{
    size_t first = row->pixel < row->size ? row->pixel : row->size;

    for (size_t i = 0; i < first; i++)
        row->out[i] = (uint8_t)(row->in[i] + row->above[i]);
    for (size_t i = first; i < row->size; i++)
        row->out[i] = (uint8_t)(row->in[i] + predict(row->out[i - row->pixel], row->above[i],
                                                     row->above[i - row->pixel]));
}

void pp_png_undo_paeth_twice(const struct pp_png_row *first, const struct pp_png_row *second)
{
    pp_png_undo_paeth(first);
    pp_png_undo_paeth(second);
}

#endif
