#include "codec/jpeg_luma_huffman.h"

#include <stddef.h>
#include <string.h>

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

/* ITU-T T.81, table K.3: luminance DC differences. */
static const struct pp_luma_huffman table_k3 = {
    .defined = true,
    .counts = {0, 0, 1, 5, 1, 1, 1, 1, 1, 1},
    .symbols = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
};

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
        *result = table_k3;
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
