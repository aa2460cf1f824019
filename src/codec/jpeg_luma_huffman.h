/*
 * codec/jpeg_luma_huffman.h - Huffman tables as the luma extractor needs them (ITU-T T.81, annexes
 * C, F.1.2 and F.2.2.3).
 *
 * Pure; any thread. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_HUFFMAN_H
#define PP_CODEC_JPEG_LUMA_HUFFMAN_H

#include <stdbool.h>
#include <stdint.h>

/* The most bits a code has. */
#define PP_LUMA_CODE_BITS 16
/* The largest categories of 8-bit samples (tables F.1 and F.2). */
#define PP_LUMA_DC_MAX 11
#define PP_LUMA_AC_MAX 10

/* A table as a DHT segment defines it. */
struct pp_luma_huffman {
    bool defined;
    uint8_t counts[PP_LUMA_CODE_BITS + 1]; /* codes of each length; the first is not used */
    uint8_t symbols[256];                  /* by rising code */
};

/* Tables K.3 and K.5, of luminance; all categories of 8-bit samples have a code in them. */
extern const struct pp_luma_huffman pp_luma_standard_dc, pp_luma_standard_ac;

/* How many symbols it has; at most 256 in one that was defined. */
unsigned pp_luma_huffman_size(const struct pp_luma_huffman *huffman);

/* The same for decoding code by code. */
struct pp_luma_codes {
    uint32_t limit[PP_LUMA_CODE_BITS + 1]; /* what 16 bits that begin with a code of this length or
                                              a shorter one are under */
    int32_t first[PP_LUMA_CODE_BITS + 1];  /* symbol number less code, by length */
    uint8_t symbols[256];
};

/* False when the code words do not fit, or use the one of ones only (C.2 reserves it). */
bool pp_luma_codes_derive(const struct pp_luma_huffman *huffman, struct pp_luma_codes *codes);

/* Whether a table of DC differences has nothing but categories that there are in some process. */
bool pp_luma_dc_is_sound(const struct pp_luma_huffman *huffman);

struct pp_luma_symbol {
    uint8_t length; /* bits of the code; 0 when there is no such code */
    uint8_t value;
};

/* The symbol whose code the 16 bits begin with. */
struct pp_luma_symbol pp_luma_codes_find(const struct pp_luma_codes *codes, unsigned bits);

/* A table that has all categories of DC differences: `source` with codes appended for those it
 * lacks, so that what was coded by it stays. When there is no room, false and the one of table K.3.
 */
bool pp_luma_dc_complete(const struct pp_luma_huffman *source, struct pp_luma_huffman *result);

/* Codes by category; what is over PP_LUMA_DC_MAX has a length of 0. */
struct pp_luma_encoder {
    uint16_t code[32];
    uint8_t length[32];
};

void pp_luma_encoder_derive(const struct pp_luma_huffman *huffman, struct pp_luma_encoder *encoder);

#endif
