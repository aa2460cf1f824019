#include "filter/fixed.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "filter/samples.h"

#define BITS_MAX 22 /* beyond it the error is far below what two roundings add */
#define BLOCK    1024

static double largest_of(const double *weights, uint32_t count)
{
    double largest = 0;

    for (uint32_t k = 0; k < count; k++)
        largest = fabs(weights[k]) > largest ? fabs(weights[k]) : largest;
    return largest;
}

static double size_of(const double *weights, uint32_t count)
{
    double sum = 0;

    for (uint32_t k = 0; k < count; k++)
        sum += fabs(weights[k]);
    return sum;
}

static uint32_t line_count(const struct pp_fixed_lines *lines, uint32_t line)
{
    return lines->counts ? lines->counts[line] : lines->stride;
}

/* As many as leave every weight in 16 bits and every sum, its rounding added, in 32. */
static unsigned choose_bits(const struct pp_fixed_lines *lines)
{
    double largest = 0, size = 0;
    unsigned bits = BITS_MAX;

    for (uint32_t i = 0; i < lines->lines; i++) {
        const double *weights = lines->weights + (size_t)i * lines->stride;
        uint32_t count = line_count(lines, i);
        largest = fmax(largest, largest_of(weights, count));
        size = fmax(size, size_of(weights, count));
    }
    /* each weight may be rounded by a whole unit; of 2^31 some is left for the sum's own rounding
     */
    while (bits > 1 && (ldexp(largest, (int)bits) > 32765 ||
                        (ldexp(size, (int)bits) + lines->stride) * lines->largest > 2130000000.0))
        bits--;
    return bits;
}

/* floor(v + 0.5) for |v| below 2^24, without a call. */
static int32_t nearest(double v)
{
    return (int32_t)(v + 16777216.5) - 16777216;
}

/*
 * Weights are rounded by their running sum, from both ends to the largest, which takes the rest:
 * errors next to each other cancel, and what is symmetric stays so.
 */
static void round_line(int16_t *out, const double *weights, uint32_t count, unsigned bits)
{
    double scale = ldexp(1, (int)bits), left = 0, right = 0;
    uint32_t peak = 0;
    int32_t rest = INT32_C(1) << bits, before = 0;

    for (uint32_t k = 1; k < count; k++)
        peak = fabs(weights[k]) > fabs(weights[peak]) ? k : peak;
    for (uint32_t k = 0; k < peak; k++) {
        left += weights[k] * scale;
        int32_t now = nearest(left);
        out[k] = (int16_t)(now - before);
        before = now;
    }
    rest -= before;
    before = 0;
    for (uint32_t k = count - 1; k > peak; k--) {
        right += weights[k] * scale;
        int32_t now = nearest(right);
        out[k] = (int16_t)(now - before);
        before = now;
    }
    out[peak] = (int16_t)(rest - before);
}

enum pp_status pp_fixed_weights_init(struct pp_fixed_weights *fixed,
                                     const struct pp_fixed_lines *lines, struct pp_error *err)
{
    uint32_t most = 1;
    void *weights = NULL;

    for (uint32_t i = 0; i < lines->lines; i++)
        most = line_count(lines, i) > most ? line_count(lines, i) : most;
    fixed->taps = (most + PP_FIXED_GROUP - 1) / PP_FIXED_GROUP * PP_FIXED_GROUP;
    fixed->bits = choose_bits(lines);
    enum pp_status status =
        pp_memory_new(&weights, lines->lines, fixed->taps * sizeof(int16_t), "weights", err);
    fixed->weights = weights;
    if (status != PP_OK)
        return status;
    memset(weights, 0, (size_t)lines->lines * fixed->taps * sizeof(int16_t));
    for (uint32_t i = 0; i < lines->lines; i++)
        round_line(fixed->weights + (size_t)i * fixed->taps,
                   lines->weights + (size_t)i * lines->stride, line_count(lines, i), fixed->bits);
    return PP_OK;
}

void pp_fixed_weights_release(struct pp_fixed_weights *fixed)
{
    free(fixed->weights);
    *fixed = (struct pp_fixed_weights){0};
}

struct pp_fixed_sum pp_fixed_from_bytes(const struct pp_fixed_weights *fixed, uint32_t line,
                                        unsigned fraction)
{
    unsigned shift = fixed->bits - fraction;

    return (struct pp_fixed_sum){
        .weights = fixed->weights + (size_t)line * fixed->taps,
        .count = fixed->taps,
        .round = (INT32_C(1) << (shift - 1)) - (INT32_C(128) << fixed->bits),
        .shift = shift,
    };
}

struct pp_fixed_sum pp_fixed_between(const struct pp_fixed_weights *fixed, uint32_t line,
                                     unsigned from, unsigned to)
{
    unsigned shift = fixed->bits + from - to;

    return (struct pp_fixed_sum){
        .weights = fixed->weights + (size_t)line * fixed->taps,
        .count = fixed->taps,
        .round = INT32_C(1) << (shift - 1),
        .shift = shift,
    };
}

PP_INLINE int16_t scaled(int32_t sum, int32_t round, unsigned shift)
{
    int32_t v = (sum + round) >> shift;

    v = v < INT16_MIN ? INT16_MIN : v;
    return (int16_t)(v > INT16_MAX ? INT16_MAX : v);
}

PP_HOT static void sum_bytes(int16_t *restrict out, const uint8_t *const *rows,
                             const struct pp_fixed_sum *sum, size_t samples)
{
    int32_t acc[BLOCK];

    for (size_t from = 0; from < samples; from += BLOCK) {
        size_t count = samples - from < BLOCK ? samples - from : BLOCK;
        memset(acc, 0, sizeof acc);
        for (uint32_t k = 0; k < sum->count; k += 2) {
            const uint8_t *restrict a = rows[k] + from, *restrict b = rows[k + 1] + from;
            const int16_t wa = sum->weights[k], wb = sum->weights[k + 1];
            for (size_t i = 0; i < count; i++)
                acc[i] += wa * a[i] + wb * b[i];
        }
        for (size_t i = 0; i < count; i++)
            out[from + i] = scaled(acc[i], sum->round, sum->shift);
    }
}

PP_HOT static void sum_samples(int16_t *restrict out, const int16_t *const *rows,
                               const struct pp_fixed_sum *sum, size_t samples)
{
    int32_t acc[BLOCK];

    for (size_t from = 0; from < samples; from += BLOCK) {
        size_t count = samples - from < BLOCK ? samples - from : BLOCK;
        memset(acc, 0, sizeof acc);
        for (uint32_t k = 0; k < sum->count; k += 2) {
            const int16_t *restrict a = rows[k] + from, *restrict b = rows[k + 1] + from;
            const int16_t wa = sum->weights[k], wb = sum->weights[k + 1];
            for (size_t i = 0; i < count; i++)
                acc[i] += wa * a[i] + wb * b[i];
        }
        for (size_t i = 0; i < count; i++)
            out[from + i] = scaled(acc[i], sum->round, sum->shift);
    }
}

PP_HOT static void sum_along(int16_t *restrict out, const int16_t *restrict in,
                             const struct pp_fixed_walk *walk, size_t width)
{
    const uint32_t groups = walk->sum.count / PP_FIXED_GROUP;

    for (size_t x = 0; x < width; x++) {
        const int16_t *weights = walk->sum.weights + x * walk->sum.count;
        const int16_t *from = in + walk->first[x];
        int32_t sum = 0;

        for (uint32_t group = 0; group < groups; group++)
            for (uint32_t k = group * PP_FIXED_GROUP; k < (group + 1) * PP_FIXED_GROUP; k++)
                sum += weights[k] * from[k];
        out[x] = scaled(sum, walk->sum.round, walk->sum.shift);
    }
}

static const struct pp_fixed_kernels portable = {sum_bytes, sum_samples, sum_along};

const struct pp_fixed_kernels *pp_fixed_portable(void)
{
    return &portable;
}

const struct pp_fixed_kernels *pp_fixed_kernels(void)
{
    const struct pp_fixed_kernels *avx2 = pp_fixed_avx2();

    return avx2 ? avx2 : &portable;
}
