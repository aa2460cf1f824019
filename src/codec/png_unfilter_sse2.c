#include "codec/png_unfilter.h"

#if defined(__x86_64__)

#include <emmintrin.h>
#include <stdbool.h>
#include <string.h>

/*
 * Each pixel needs the one before it, so what counts is how many instructions lie between two
 * pixels. A pixel is loaded as 4 or 8 bytes, and stored so where there is room: what is too much is
 * the next pixel's and is stored over by it.
 */

#define INLINE static inline __attribute__((always_inline))

INLINE __m128i load(const uint8_t *from, size_t size)
{
    uint64_t value = 0;

    memcpy(&value, from, size);
    return _mm_cvtsi64_si128((long long)value);
}

INLINE void store(uint8_t *to, __m128i pixel, size_t size)
{
    uint64_t value = (uint64_t)_mm_cvtsi128_si64(pixel);

    memcpy(to, &value, size);
}

/* What goes on from one pixel to the next. */
struct before {
    __m128i left;   /* sub: bytes; average: bytes, inverted; Paeth: in words */
    __m128i corner; /* Paeth: the pixel above the left one, in words */
};

INLINE __m128i sub(struct before *before, __m128i in, __m128i above)
{
    (void)above;
    before->left = _mm_add_epi8(before->left, in);
    return before->left;
}

/* pavgb rounds up; between inverted bytes that is rounding down. With n = ~left the new pixel is
 * in + ~avg(n, ~above), and inverted avg(n, ~above) - in. */
INLINE __m128i average(struct before *before, __m128i in, __m128i above)
{
    const __m128i ones = _mm_set1_epi8(-1);

    before->left = _mm_sub_epi8(_mm_avg_epu8(before->left, _mm_xor_si128(above, ones)), in);
    return _mm_xor_si128(before->left, ones);
}

/*
 * The predictor is the nearest of a (left), b (above) and c (corner) to a + b - c. With
 * t = 3c - a - b: the larger of a and b where t is not over the smaller one, the smaller where t is
 * not under the larger one, else c. All differences are exact in words; the sum with the filtered
 * byte stays one of bytes, and the words' upper halves 0.
 */
INLINE __m128i predict(__m128i a, __m128i b, __m128i c)
{
    __m128i thrice = _mm_add_epi16(_mm_add_epi16(c, c), c);
    __m128i turn = _mm_sub_epi16(_mm_sub_epi16(thrice, a), b);
    __m128i low = _mm_min_epi16(a, b), high = _mm_max_epi16(a, b);
    __m128i below = _mm_cmpgt_epi16(high, turn), over = _mm_cmpgt_epi16(turn, low);
    __m128i ends = _mm_or_si128(_mm_andnot_si128(below, low), _mm_andnot_si128(over, high));

    return _mm_or_si128(ends, _mm_and_si128(_mm_and_si128(below, c), over));
}

INLINE __m128i paeth(struct before *before, __m128i in, __m128i above)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i b = _mm_unpacklo_epi8(above, zero);
    __m128i guess = predict(before->left, b, before->corner);

    before->corner = b;
    before->left = _mm_add_epi8(_mm_unpacklo_epi8(in, zero), guess);
    return _mm_packus_epi16(before->left, before->left);
}

typedef __m128i step(struct before *before, __m128i in, __m128i above);

INLINE void walk(const struct pp_png_row *row, step *undo, struct before before, size_t pixel)
{
    const size_t size = row->size, room = pixel <= 4 ? pixel <= 2 ? pixel : 4 : 8;
    const uint8_t *in = row->in, *above = row->above;
    uint8_t *out = row->out;
    size_t i = 0;

    for (; i + room <= size; i += pixel)
        store(out + i, undo(&before, load(in + i, room), load(above + i, room)), room);
    for (; i < size; i += pixel)
        store(out + i, undo(&before, load(in + i, pixel), load(above + i, pixel)), pixel);
}

/* A loop for each size of a pixel. */
INLINE void run(const struct pp_png_row *row, step *undo, struct before before)
{
    switch (row->pixel) {
    case 1:
        walk(row, undo, before, 1);
        break;
    case 2:
        walk(row, undo, before, 2);
        break;
    case 3:
        walk(row, undo, before, 3);
        break;
    case 4:
        walk(row, undo, before, 4);
        break;
    case 6:
        walk(row, undo, before, 6);
        break;
    default:
        walk(row, undo, before, 8);
        break;
    }
}

void pp_png_undo_average(const struct pp_png_row *row)
{
    run(row, average, (struct before){.left = _mm_set1_epi8(-1)});
}

void pp_png_undo_paeth(const struct pp_png_row *row)
{
    run(row, paeth, (struct before){.left = _mm_setzero_si128()});
}

/*
 * One pixel of the first row and the one left of it in the second, in the lower and the upper half
 * of a register. What is above the second row's is what the first row's left one became.
 */
INLINE __m128i paeth_twice(struct before *before, __m128i first, __m128i second, __m128i above)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i in = _mm_unpacklo_epi8(_mm_unpacklo_epi32(first, second), zero);
    __m128i b = _mm_unpacklo_epi64(_mm_unpacklo_epi8(above, zero), before->left);
    __m128i guess = predict(before->left, b, before->corner);

    before->corner = b;
    before->left = _mm_add_epi8(in, guess);
    return _mm_packus_epi16(before->left, before->left);
}

INLINE void walk_twice(const struct pp_png_row *first, const struct pp_png_row *second,
                       size_t pixel)
{
    const size_t size = first->size, room = pixel <= 2 ? pixel : 4;
    const __m128i zero = _mm_setzero_si128();
    struct before before = {zero, zero};
    size_t i = pixel;

    store(first->out, paeth_twice(&before, load(first->in, pixel), zero, load(first->above, pixel)),
          pixel);
    for (; i + room <= size; i += pixel) {
        __m128i out = paeth_twice(&before, load(first->in + i, room),
                                  load(second->in + i - pixel, room), load(first->above + i, room));
        store(first->out + i, out, room);
        store(second->out + i - pixel, _mm_srli_epi64(out, 32), room);
    }
    for (; i <= size; i += pixel) {
        bool more = i < size;
        __m128i out = paeth_twice(&before, more ? load(first->in + i, pixel) : zero,
                                  load(second->in + i - pixel, pixel),
                                  more ? load(first->above + i, pixel) : zero);
        if (more)
            store(first->out + i, out, pixel);
        store(second->out + i - pixel, _mm_srli_epi64(out, 32), pixel);
    }
}

void pp_png_undo_paeth_twice(const struct pp_png_row *first, const struct pp_png_row *second)
{
    switch (first->pixel) {
    case 1:
        walk_twice(first, second, 1);
        break;
    case 2:
        walk_twice(first, second, 2);
        break;
    case 3:
        walk_twice(first, second, 3);
        break;
    default:
        walk_twice(first, second, 4);
        break;
    }
}

/* Sums over sixteen bytes in steps that double; `carry` is the last pixel in every place. */
INLINE __m128i sums(__m128i bytes, size_t pixel)
{
    if (pixel == 1)
        bytes = _mm_add_epi8(bytes, _mm_slli_si128(bytes, 1));
    if (pixel <= 2)
        bytes = _mm_add_epi8(bytes, _mm_slli_si128(bytes, 2));
    if (pixel <= 4)
        bytes = _mm_add_epi8(bytes, _mm_slli_si128(bytes, 4));
    return _mm_add_epi8(bytes, _mm_slli_si128(bytes, 8));
}

/* The last pixel of sixteen bytes in all places. */
INLINE __m128i spread(__m128i bytes, size_t pixel)
{
    if (pixel == 8)
        return _mm_unpackhi_epi64(bytes, bytes);
    if (pixel == 1)
        bytes = _mm_unpackhi_epi8(bytes, bytes);
    if (pixel <= 2)
        bytes = _mm_shufflehi_epi16(bytes, 0xFF);
    return _mm_shuffle_epi32(bytes, 0xFF);
}

/* Sixteen bytes at a time, where they are whole pixels. */
INLINE void sub_whole(const struct pp_png_row *row, size_t pixel)
{
    __m128i carry = _mm_setzero_si128();
    struct pp_png_row rest = *row;

    for (; rest.size >= 16; rest.size -= 16, rest.in += 16, rest.out += 16) {
        __m128i in = _mm_loadu_si128((const __m128i *)(const void *)rest.in);
        carry = _mm_add_epi8(sums(in, pixel), carry);
        _mm_storeu_si128((__m128i *)(void *)rest.out, carry);
        carry = spread(carry, pixel);
    }
    rest.above = rest.in;
    walk(&rest, sub, (struct before){.left = carry}, pixel);
}

void pp_png_undo_sub(const struct pp_png_row *row)
{
    switch (row->pixel) {
    case 1:
        sub_whole(row, 1);
        break;
    case 2:
        sub_whole(row, 2);
        break;
    case 4:
        sub_whole(row, 4);
        break;
    case 8:
        sub_whole(row, 8);
        break;
    default:
        run(row, sub, (struct before){.left = _mm_setzero_si128()});
        break;
    }
}

#endif
