#include "codec/jpeg_luma_huffman.h"

#include <stddef.h>
#include <string.h>

const struct pp_luma_huffman pp_luma_standard_dc = {
    .defined = true,
    .counts = {0, 0, 1, 5, 1, 1, 1, 1, 1, 1},
    .symbols = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
};

const struct pp_luma_huffman pp_luma_standard_ac = {
    .defined = true,
    .counts = {0, 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
    .symbols = {0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51,
                0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1,
                0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18,
                0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39,
                0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57,
                0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75,
                0x76, 0x77, 0x78, 0x79, 0x7A, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92,
                0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
                0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
                0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8,
                0xD9, 0xDA, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2,
                0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA},
};

unsigned pp_luma_huffman_size(const struct pp_luma_huffman *huffman)
{
    unsigned size = 0;

    for (unsigned length = 1; length <= PP_LUMA_CODE_BITS; length++)
        size += huffman->counts[length];
    return size;
}

bool pp_luma_codes_derive(const struct pp_luma_huffman *huffman, struct pp_luma_codes *codes)
{
    uint32_t code = 0, number = 0;

    for (unsigned length = 1; length <= PP_LUMA_CODE_BITS; length++) {
        codes->first[length] = (int32_t)number - (int32_t)code;
        number += huffman->counts[length];
        code += huffman->counts[length];
        if (huffman->counts[length] > 0 && code >= UINT32_C(1) << length)
            return false;
        codes->limit[length] = code << (PP_LUMA_CODE_BITS - length);
        code <<= 1;
    }
    memcpy(codes->symbols, huffman->symbols, sizeof(codes->symbols));
    return number <= sizeof(codes->symbols);
}

bool pp_luma_dc_is_sound(const struct pp_luma_huffman *huffman)
{
    const unsigned size = pp_luma_huffman_size(huffman);
    bool sound = true;

    for (unsigned i = 0; i < size; i++)
        sound = sound && huffman->symbols[i] <= 15;
    return sound;
}

struct pp_luma_symbol pp_luma_codes_find(const struct pp_luma_codes *codes, unsigned bits)
{
    for (unsigned length = 1; length <= PP_LUMA_CODE_BITS; length++) {
        if (bits < codes->limit[length]) {
            int32_t code = (int32_t)(bits >> (PP_LUMA_CODE_BITS - length));
            uint8_t number = (uint8_t)(codes->first[length] + code);
            return (struct pp_luma_symbol){(uint8_t)length, codes->symbols[number]};
        }
    }
    return (struct pp_luma_symbol){0, 0};
}

/* The categories that `source` has no code for; how many. */
static unsigned find_missing(const struct pp_luma_huffman *source,
                             uint8_t missing[PP_LUMA_DC_MAX + 1])
{
    unsigned size = pp_luma_huffman_size(source), count = 0;

    for (unsigned category = 0; category <= PP_LUMA_DC_MAX; category++) {
        if (!memchr(source->symbols, (int)category, size))
            missing[count++] = (uint8_t)category;
    }
    return count;
}

/* The code word that comes next after those of the longest length, and that length. At the least
 * the one of ones only is free, which longer codes may begin with. */
static uint32_t next_code(const struct pp_luma_huffman *huffman, unsigned *longest)
{
    uint32_t code = 0, next = 0;

    *longest = 1;
    for (unsigned length = 1; length <= PP_LUMA_CODE_BITS; length++) {
        code = (code << 1) + huffman->counts[length];
        if (huffman->counts[length] > 0) {
            *longest = length;
            next = code;
        }
    }
    return next;
}

bool pp_luma_dc_complete(const struct pp_luma_huffman *source, struct pp_luma_huffman *result)
{
    uint8_t missing[PP_LUMA_DC_MAX + 1];
    unsigned count = find_missing(source, missing), size = pp_luma_huffman_size(source), length;
    uint32_t code = next_code(source, &length);

    *result = *source;
    if (count == 0)
        return true;
    while (length <= PP_LUMA_CODE_BITS && code + count >= UINT32_C(1) << length) {
        length++;
        code <<= 1;
    }
    if (length > PP_LUMA_CODE_BITS || size + count > UINT8_MAX) {
        *result = pp_luma_standard_dc;
        return false;
    }
    result->counts[length] = (uint8_t)(result->counts[length] + count);
    memcpy(result->symbols + size, missing, count);
    return true;
}

void pp_luma_encoder_derive(const struct pp_luma_huffman *huffman, struct pp_luma_encoder *encoder)
{
    uint32_t code = 0;
    unsigned number = 0;

    *encoder = (struct pp_luma_encoder){0};
    for (unsigned length = 1; length <= PP_LUMA_CODE_BITS; length++) {
        for (unsigned i = 0; i < huffman->counts[length] && number < 256; i++) {
            uint8_t category = huffman->symbols[number++];
            if (category <= PP_LUMA_DC_MAX && encoder->length[category] == 0) {
                encoder->code[category] = (uint16_t)code;
                encoder->length[category] = (uint8_t)length;
            }
            code++;
        }
        code <<= 1;
    }
}
