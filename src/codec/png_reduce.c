#include "codec/png_reduce.h"

#include <string.h>

bool pp_png_row_is_opaque(const struct pp_geometry *geometry, const uint8_t *row)
{
    size_t step = (size_t)geometry->channels * geometry->depth / 8;
    size_t bytes = step * geometry->width;
    uint8_t all = 0xFF;

    if (!pp_geometry_has_alpha(geometry))
        return true;
    for (size_t i = step - geometry->depth / 8u; i < bytes; i += step)
        all &= row[i];
    if (geometry->depth == 16) {
        for (size_t i = step - 1; i < bytes; i += step)
            all &= row[i];
    }
    return all == 0xFF;
}

/* The sample of so many bits that is nearest below; nothing is lost when it is the sample. */
static inline uint8_t lost(uint8_t sample, unsigned bits)
{
    unsigned unit = 255u / ((1u << bits) - 1);

    return (uint8_t)(sample ^ ((unsigned)sample >> (8 - bits)) * unit);
}

unsigned pp_png_row_gray_bits(const struct pp_geometry *geometry, const uint8_t *row)
{
    size_t step = geometry->channels, samples = step * geometry->width;
    uint8_t lost1 = 0, lost2 = 0, lost4 = 0;

    for (size_t i = 0; i < samples; i += step) {
        lost1 |= lost(row[i], 1);
        lost2 |= lost(row[i], 2);
        lost4 |= lost(row[i], 4);
    }
    if (!lost1)
        return 1;
    if (!lost2)
        return 2;
    return lost4 ? 8 : 4;
}

bool pp_png_may_have_bits(const struct pp_geometry *geometry, bool drop_alpha)
{
    struct pp_png_form form = {.drop_alpha = drop_alpha};

    return geometry->depth == 8 && pp_png_form_channels(geometry, &form) == 1;
}

static bool has_bits(const struct pp_png_form *form)
{
    return form->gray_bits == 1 || form->gray_bits == 2 || form->gray_bits == 4;
}

unsigned pp_png_form_depth(const struct pp_geometry *geometry, const struct pp_png_form *form)
{
    return has_bits(form) ? form->gray_bits : geometry->depth;
}

unsigned pp_png_form_channels(const struct pp_geometry *geometry, const struct pp_png_form *form)
{
    bool drop = form->drop_alpha && pp_geometry_has_alpha(geometry);

    return geometry->channels - (drop ? 1u : 0u);
}

size_t pp_png_form_row_bytes(const struct pp_geometry *geometry, const struct pp_png_form *form)
{
    unsigned bits = pp_png_form_depth(geometry, form) * pp_png_form_channels(geometry, form);

    return (size_t)(((uint64_t)geometry->width * bits + 7) / 8);
}

/* Gray samples, `step` bytes apart, at so many bits; the leftmost in the highest bits, the last
 * byte filled up with zeroes (PNG-3, 7.2). */
static void pack_bits(const uint8_t *row, size_t width, size_t step, unsigned bits, uint8_t *out)
{
    unsigned per_byte = 8 / bits;

    while (width > 0) {
        unsigned count = width < per_byte ? (unsigned)width : per_byte, byte = 0;
        for (unsigned i = 0; i < count; i++)
            byte = byte << bits | (unsigned)row[i * step] >> (8 - bits);
        *out++ = (uint8_t)(byte << (bits * (per_byte - count)));
        row += count * step;
        width -= count;
    }
}

/* The first `take` of every `step` bytes. */
static inline void thin(const uint8_t *restrict row, size_t width, size_t step, size_t take,
                        uint8_t *restrict out)
{
    for (size_t x = 0; x < width; x++) {
        for (size_t k = 0; k < take; k++)
            out[x * take + k] = row[x * step + k];
    }
}

/* The same with every two bytes a sample in the machine's order. */
static inline void thin_16(const uint8_t *restrict row, size_t width, size_t step, size_t take,
                           uint8_t *restrict out)
{
    const uint16_t *samples = (const uint16_t *)(const void *)row;

    for (size_t x = 0; x < width; x++) {
        for (size_t k = 0; k < take; k++) {
            uint16_t sample = samples[x * step + k];
            out[2 * (x * take + k)] = (uint8_t)(sample >> 8);
            out[2 * (x * take + k) + 1] = (uint8_t)sample;
        }
    }
}

void pp_png_pack_row(const struct pp_geometry *geometry, const struct pp_png_form *form,
                     const uint8_t *row, uint8_t *out)
{
    size_t width = geometry->width, step = geometry->channels;
    size_t take = pp_png_form_channels(geometry, form);

    if (has_bits(form))
        pack_bits(row, width, step, form->gray_bits, out);
    else if (geometry->depth == 16 && take == step)
        thin_16(row, width * step, 1, 1, out);
    else if (geometry->depth == 16)
        thin_16(row, width, step, take, out);
    else if (take == step)
        memcpy(out, row, width * step);
    else if (take == 1)
        thin(row, width, 2, 1, out);
    else
        thin(row, width, 4, 3, out);
}
