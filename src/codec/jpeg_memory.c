#include "codec/jpeg.h"

/*
 * libjpeg holds, for each component, some rows of blocks as samples (a row of MCUs and its context
 * in the main controller, resampled rows in the up- or downsampler, with context in the encoder)
 * and, for a file of several scans, all coefficients: 64 of 2 bytes a block, whole MCUs
 * (ITU-T T.81, A.2.4). See jdmainct.c, jdsample.c, jcprepct.c, jdcoefct.c of libjpeg-turbo. Decoded
 * at a fraction of its size a picture has smaller blocks; those of a coarser component are then
 * decoded larger than the finest one's, as far as that saves upsampling (jdmaster.c).
 */
#define BLOCK_SIDE  8u
#define BLOCK_BYTES 128u

static unsigned largest(const uint8_t *factors, unsigned count)
{
    unsigned most = 1;

    for (unsigned i = 0; i < count; i++)
        most = factors[i] > most ? factors[i] : most;
    return most;
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* The side of a component's decoded blocks, or more, when the finest component's is `eighths`. */
static unsigned block_side(const struct pp_jpeg_layout *layout, unsigned i, unsigned eighths)
{
    unsigned h = largest(layout->h, layout->components);
    unsigned v = largest(layout->v, layout->components);
    unsigned side = eighths;

    while (side < BLOCK_SIDE && layout->h[i] * side < h * eighths &&
           layout->v[i] * side < v * eighths)
        side *= 2;
    return side;
}

uint64_t pp_jpeg_memory(const struct pp_jpeg_layout *layout)
{
    unsigned h_most = largest(layout->h, layout->components);
    unsigned v_most = largest(layout->v, layout->components);
    uint64_t mcus_across = divide_up(layout->width, (uint64_t)h_most * BLOCK_SIDE);
    uint64_t mcus_down = divide_up(layout->height, (uint64_t)v_most * BLOCK_SIDE);
    unsigned eighths = layout->eighths > 0 ? layout->eighths : BLOCK_SIDE;
    uint64_t bytes = PP_JPEG_FIXED_BYTES;

    for (unsigned i = 0; i < layout->components; i++) {
        uint64_t blocks_across = mcus_across * layout->h[i], blocks_down = mcus_down * layout->v[i];
        uint64_t full_row = mcus_across * h_most * eighths;
        uint64_t side = block_side(layout, i, eighths);
        bytes += blocks_across * side * layout->v[i] * side / eighths * (eighths + 4);
        bytes += full_row * v_most * 5;
        if (layout->coefficients)
            bytes += (blocks_across * BLOCK_BYTES + sizeof(void *)) * blocks_down;
    }
    return bytes;
}
