/*
 * codec/png_code.h - prefix codes for deflate (RFC 1951, 3.2.2) from how often symbols occur.
 *
 * Any thread. Integers alone: the same code on every processor.
 */
#ifndef PP_CODEC_PNG_CODE_H
#define PP_CODEC_PNG_CODE_H

#include <stdint.h>

/* Literals, the end of a block and lengths: RFC 1951, 3.2.5 and 3.2.6. */
#define PP_PNG_CODE_SYMBOLS 288u

struct pp_png_code {
    uint8_t lengths[PP_PNG_CODE_SYMBOLS]; /* in bits, 0 for a symbol that has no code */
    uint16_t bits[PP_PNG_CODE_SYMBOLS];   /* the first bit of the code is the lowest */
};

/*
 * The shortest code of at most `limit` bits a symbol, but for very uneven frequencies, where it may
 * be a little longer than the shortest. At least two of the `count` symbols get a code, since not
 * every inflater takes one alone. The frequencies are 2^22 at most in all.
 */
void pp_png_code_make(struct pp_png_code *code, const uint32_t *frequencies, unsigned count,
                      unsigned limit);

/* The bits, from the lengths. */
void pp_png_code_assign(struct pp_png_code *code, unsigned count);

#endif
