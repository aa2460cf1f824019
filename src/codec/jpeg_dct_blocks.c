#include "codec/jpeg_dct_blocks.h"

/* A row of a component's blocks, where libjpeg keeps it. */
static JBLOCKROW row_of(j_decompress_ptr source, jvirt_barray_ptr coefficients, uint32_t row)
{
    return source->mem->access_virt_barray((j_common_ptr)source, coefficients, row, 1, FALSE)[0];
}

/* All bits of all magnitudes. */
static unsigned bits_of(const JCOEF *coefficients, size_t count)
{
    uint16_t bits = 0;

    for (size_t i = 0; i < count; i++) {
        int value = coefficients[i];
        bits |= (uint16_t)(value < 0 ? -value : value);
    }
    return bits;
}

bool pp_jpeg_blocks_are_codable(j_decompress_ptr source, jvirt_barray_ptr coefficients,
                                const jpeg_component_info *component)
{
    unsigned bits = 0;

    for (uint32_t y = 0; y < component->height_in_blocks; y++)
        bits |= bits_of(row_of(source, coefficients, y)[0],
                        (size_t)component->width_in_blocks * DCTSIZE2);
    return bits < 1024;
}

void pp_jpeg_blocks_init(struct pp_jpeg_blocks *blocks, j_compress_ptr cinfo,
                         const jpeg_component_info *out)
{
    enum pp_move move = blocks->window.move;

    for (unsigned i = 0; i < DCTSIZE2; i++) {
        bool x = pp_move_mirrors_x(move) && i % DCTSIZE % 2 == 1;
        bool y = pp_move_mirrors_y(move) && i / DCTSIZE % 2 == 1;
        blocks->signs[i] = x != y ? -1 : 0;
    }
    if (move != PP_MOVE_NONE)
        blocks->made = cinfo->mem->alloc_barray(
            (j_common_ptr)cinfo, JPOOL_IMAGE, out->width_in_blocks, (JDIMENSION)out->v_samp_factor);
}

/* A sign changes as in two's complement: every bit, then one more. */
static JCOEF with_sign(JCOEF value, JCOEF sign)
{
    return (JCOEF)((value ^ sign) - sign);
}

static void mirror(const JCOEF *restrict in, const JCOEF *restrict signs, JCOEF *restrict out)
{
    for (unsigned i = 0; i < DCTSIZE2; i++)
        out[i] = with_sign(in[i], signs[i]);
}

static void transpose(const JCOEF *restrict in, const JCOEF *restrict signs, JCOEF *restrict out)
{
    for (unsigned y = 0; y < DCTSIZE; y++) {
        for (unsigned x = 0; x < DCTSIZE; x++)
            out[y * DCTSIZE + x] = with_sign(in[x * DCTSIZE + y], signs[y * DCTSIZE + x]);
    }
}

static JBLOCKROW source_row(const struct pp_jpeg_blocks *blocks, uint32_t row)
{
    return row_of(blocks->source, blocks->coefficients, row);
}

/* Index `i` of a direction of the window that begins at `start`. */
static uint32_t along(uint32_t start, uint32_t length, bool mirrored, uint32_t i)
{
    return start + (mirrored ? length - 1 - i : i);
}

static JBLOCKROW mirrored_row(const struct pp_jpeg_blocks *blocks, uint32_t y, JBLOCKROW to)
{
    const struct pp_placement *window = &blocks->window;
    bool mirrors_x = pp_move_mirrors_x(window->move), mirrors_y = pp_move_mirrors_y(window->move);
    JBLOCKROW from = source_row(blocks, along(window->y, window->height, mirrors_y, y));

    for (uint32_t x = 0; x < window->width; x++)
        mirror(from[along(window->x, window->width, mirrors_x, x)], blocks->signs, to[x]);
    return to;
}

static JBLOCKROW transposed_row(const struct pp_jpeg_blocks *blocks, uint32_t y, JBLOCKROW to)
{
    const struct pp_placement *window = &blocks->window;
    bool mirrors_x = pp_move_mirrors_x(window->move), mirrors_y = pp_move_mirrors_y(window->move);
    uint32_t column = along(window->x, window->width, mirrors_y, y);

    for (uint32_t x = 0; x < window->height; x++) {
        uint32_t row = along(window->y, window->height, mirrors_x, x);
        transpose(source_row(blocks, row)[column], blocks->signs, to[x]);
    }
    return to;
}

JBLOCKARRAY pp_jpeg_blocks_rows(struct pp_jpeg_blocks *blocks, uint32_t first, uint32_t count)
{
    const struct pp_placement *window = &blocks->window;
    bool swaps = pp_move_swaps(window->move);
    uint32_t height = swaps ? window->width : window->height;

    for (uint32_t i = 0; i < count; i++) {
        if (first + i >= height)
            blocks->rows[i] = blocks->rows[0];
        else if (window->move == PP_MOVE_NONE)
            blocks->rows[i] = source_row(blocks, window->y + first + i) + window->x;
        else if (swaps)
            blocks->rows[i] = transposed_row(blocks, first + i, blocks->made[i]);
        else
            blocks->rows[i] = mirrored_row(blocks, first + i, blocks->made[i]);
    }
    return blocks->rows;
}
