#include "codec/png_filter_part.h"

#include "base/hot.h"
#include "codec/png_filter.h"

PP_HOT static void filter_sub(const struct pp_png_unfiltered *row, size_t from, size_t to,
                              uint8_t *restrict out)
{
    const uint8_t *restrict x = row->here;
    size_t pixel = row->pixel;

    for (size_t i = from; i < to; i++)
        out[i] = (uint8_t)(x[i] - x[i - pixel]);
}

PP_HOT static void filter_up(const struct pp_png_unfiltered *row, size_t from, size_t to,
                             uint8_t *restrict out)
{
    const uint8_t *restrict x = row->here;
    const uint8_t *restrict b = row->above;

    for (size_t i = from; i < to; i++)
        out[i] = (uint8_t)(x[i] - b[i]);
}

PP_HOT static void filter_average(const struct pp_png_unfiltered *row, size_t from, size_t to,
                                  uint8_t *restrict out)
{
    const uint8_t *restrict x = row->here;
    const uint8_t *restrict b = row->above;
    size_t pixel = row->pixel;

    for (size_t i = from; i < to; i++)
        out[i] = (uint8_t)(x[i] - ((x[i - pixel] + b[i]) >> 1));
}

/* PNG-3, 9.4: the neighbour nearest to a + b - c; of equals left, then above. 16 bits hold all. */
static inline uint8_t paeth(int16_t a, int16_t b, int16_t c)
{
    int16_t from_a = (int16_t)(b - c), from_b = (int16_t)(a - c);
    int16_t from_c = (int16_t)(from_a + from_b);

    from_a = (int16_t)(from_a < 0 ? -from_a : from_a);
    from_b = (int16_t)(from_b < 0 ? -from_b : from_b);
    from_c = (int16_t)(from_c < 0 ? -from_c : from_c);
    int16_t other = from_b <= from_c ? b : c;
    return (uint8_t)(from_a <= from_b && from_a <= from_c ? a : other);
}

PP_HOT static void filter_paeth(const struct pp_png_unfiltered *row, size_t from, size_t to,
                                uint8_t *restrict out)
{
    const uint8_t *restrict x = row->here;
    const uint8_t *restrict b = row->above;
    size_t pixel = row->pixel;

    for (size_t i = from; i < to; i++)
        out[i] = (uint8_t)(x[i] - paeth(x[i - pixel], b[i], b[i - pixel]));
}

PP_HOT static uint64_t absolute_sum(const uint8_t *bytes, size_t size)
{
    uint64_t total = 0;

    while (size > 0) {
        size_t part = size < 480 ? size : 480; /* so that 16 bits hold a part's sum */
        uint16_t sum = 0;
        for (size_t i = 0; i < part; i++) {
            uint8_t up = bytes[i], down = (uint8_t)(256 - bytes[i]);
            sum = (uint16_t)(sum + (up < down ? up : down));
        }
        total += sum;
        bytes += part;
        size -= part;
    }
    return total;
}

static uint64_t kernel(const struct pp_png_unfiltered *row, unsigned filter, size_t from, size_t to,
                       uint8_t *out)
{
    switch (filter) {
    case PP_PNG_SUB:
        filter_sub(row, from, to, out);
        break;
    case PP_PNG_UP:
        filter_up(row, from, to, out);
        break;
    case PP_PNG_AVERAGE:
        filter_average(row, from, to, out);
        break;
    case PP_PNG_PAETH:
        filter_paeth(row, from, to, out);
        break;
    default:
        return absolute_sum(row->here + from, to - from);
    }
    return absolute_sum(out + from, to - from);
}

pp_png_part_kernel *pp_png_part_portable(void)
{
    return kernel;
}
