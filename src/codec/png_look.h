/*
 * codec/png_look.h - what filtered rows are like, from a sample of them, to choose how they are
 * best deflated.
 *
 * Any thread; integers alone, so that the choice is the same on every processor.
 */
#ifndef PP_CODEC_PNG_LOOK_H
#define PP_CODEC_PNG_LOOK_H

#include <stddef.h>
#include <stdint.h>

/* Of a thousand bytes those that are zero or like the one before: drawings and icons have many. */
unsigned pp_png_flatness(const uint8_t *data, size_t size);

/* Of a thousand bits that single bytes take those that are saved where strings of them come again
 * farther back than the byte before and the row above, `row_bytes` with its filter byte: patterns,
 * dithers and text have many. */
unsigned pp_png_repeats(const uint8_t *data, size_t size, size_t row_bytes);

#endif
