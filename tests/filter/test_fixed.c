/* Every version of a kernel gives the same bytes, whatever it is fed and however long the row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "filter/fixed.h"
#include "filter/histogram.h"
#include "filter/lookup.h"
#include "filter/luma.h"

#define SAMPLES 400
#define TAPS    42

static const size_t lengths[] = {1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 95, 96, 97, 131, 300};

#define LENGTHS (sizeof lengths / sizeof lengths[0])

/* Knuth's MMIX generator. */
static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

/* Random samples; on odd rounds nothing but the extremes. */
static void fill_samples(int16_t *samples, size_t count, uint64_t *seed, int round)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t random = next_random(seed);
        samples[i] = (int16_t)(round % 2 ? (random & 1 ? INT16_MAX : INT16_MIN) : (int)random);
    }
}

static void fill_bytes(uint8_t *bytes, size_t count, uint64_t *seed, int round)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t random = next_random(seed);
        bytes[i] = (uint8_t)(round % 2 ? (random & 1 ? 255 : 0) : random);
    }
}

/* Weights with lobes below 0, that add up to 1. */
static void make_weights(struct pp_fixed_weights *fixed, uint32_t lines, uint32_t largest)
{
    double weights[TAPS * 64];
    uint32_t taps = lines == 1 ? TAPS : lines;
    const struct pp_fixed_lines made = {lines == 1 ? 1 : 64, taps, weights, NULL, largest};
    struct pp_error err = {0};

    for (uint32_t line = 0; line < made.lines; line++)
        for (uint32_t k = 0; k < taps; k++)
            weights[line * taps + k] = (k % 3 ? 1.0 : -0.4) / taps;
    for (uint32_t line = 0; line < made.lines; line++) {
        double sum = 0;
        for (uint32_t k = 1; k < taps; k++)
            sum += weights[line * taps + k];
        weights[line * taps] = 1 - sum;
    }
    assert_int_equal(pp_fixed_weights_init(fixed, &made, &err), PP_OK);
}

static void lines_of_weights_add_up_to_one_exactly(void **state)
{
    struct pp_fixed_weights fixed;

    (void)state;
    make_weights(&fixed, 21, 32768);
    for (uint32_t line = 0; line < 64; line++) {
        int32_t sum = 0;
        for (uint32_t k = 0; k < fixed.taps; k++)
            sum += fixed.weights[line * fixed.taps + k];
        assert_int_equal(sum, INT32_C(1) << fixed.bits);
    }
    pp_fixed_weights_release(&fixed);
}

static void sums_of_bytes_agree(void **state)
{
    const struct pp_fixed_kernels *fast = pp_fixed_kernels(), *plain = pp_fixed_portable();
    uint8_t bytes[TAPS][SAMPLES];
    const uint8_t *rows[TAPS];
    int16_t want[SAMPLES], got[SAMPLES];
    struct pp_fixed_weights fixed;
    uint64_t seed = 1;

    (void)state;
    make_weights(&fixed, 1, 255);
    for (int round = 0; round < 6; round++)
        for (size_t i = 0; i < LENGTHS; i++) {
            struct pp_fixed_sum sum = pp_fixed_from_bytes(&fixed, 0, 7);
            sum.count = TAPS - 2 * (uint32_t)(i % 4);
            for (size_t k = 0; k < TAPS; k++) {
                rows[k] = bytes[k];
                fill_bytes(bytes[k], SAMPLES, &seed, round);
            }
            memset(want, 0x55, sizeof want);
            memset(got, 0x55, sizeof got);
            plain->bytes(want, rows, &sum, lengths[i]);
            fast->bytes(got, rows, &sum, lengths[i]);
            assert_memory_equal(want, got, sizeof want);
        }
    pp_fixed_weights_release(&fixed);
}

static void sums_of_samples_agree(void **state)
{
    const struct pp_fixed_kernels *fast = pp_fixed_kernels(), *plain = pp_fixed_portable();
    int16_t samples[TAPS][SAMPLES], want[SAMPLES], got[SAMPLES];
    const int16_t *rows[TAPS];
    struct pp_fixed_weights fixed;
    uint64_t seed = 2;

    (void)state;
    make_weights(&fixed, 1, 32768);
    for (int round = 0; round < 6; round++)
        for (size_t i = 0; i < LENGTHS; i++) {
            struct pp_fixed_sum sum = pp_fixed_between(&fixed, 0, 7, 6);
            sum.count = TAPS - 2 * (uint32_t)(i % 4);
            for (size_t k = 0; k < TAPS; k++) {
                rows[k] = samples[k];
                fill_samples(samples[k], SAMPLES, &seed, round);
            }
            memset(want, 0x55, sizeof want);
            memset(got, 0x55, sizeof got);
            plain->samples(want, rows, &sum, lengths[i]);
            fast->samples(got, rows, &sum, lengths[i]);
            assert_memory_equal(want, got, sizeof want);
        }
    pp_fixed_weights_release(&fixed);
}

static void sums_along_rows_agree(void **state)
{
    static const uint32_t taps[] = {3, 8, 9, 16, 24, 26, 32, 39};
    const struct pp_fixed_kernels *fast = pp_fixed_kernels(), *plain = pp_fixed_portable();
    int16_t samples[SAMPLES], want[64], got[64];
    uint32_t first[64];
    uint64_t seed = 3;

    (void)state;
    for (size_t t = 0; t < sizeof taps / sizeof taps[0]; t++) {
        struct pp_fixed_weights fixed;
        make_weights(&fixed, taps[t], 32768);
        const struct pp_fixed_walk walk = {first, pp_fixed_between(&fixed, 0, 7, 6)};
        for (size_t width = 1; width <= 64; width++) {
            fill_samples(samples, SAMPLES, &seed, (int)width);
            for (size_t x = 0; x < 64; x++)
                first[x] = next_random(&seed) % (SAMPLES - fixed.taps);
            memset(want, 0x55, sizeof want);
            memset(got, 0x55, sizeof got);
            plain->along(want, samples, &walk, width);
            fast->along(got, samples, &walk, width);
            assert_memory_equal(want, got, sizeof want);
        }
        pp_fixed_weights_release(&fixed);
    }
}

static void look_ups_agree(void **state)
{
    uint8_t table[256], in[1200], want[1200], got[1200];
    uint64_t seed = 4;

    (void)state;
    for (unsigned channels = 1; channels <= 4; channels++)
        for (size_t i = 0; i < LENGTHS; i++) {
            size_t samples = lengths[i] * channels;
            fill_bytes(table, sizeof table, &seed, 0);
            fill_bytes(in, sizeof in, &seed, 0);
            for (size_t v = 0; v < 256 && v < samples; v++)
                in[samples - 1 - v] = (uint8_t)v;
            memset(got, 0x55, sizeof got);
            memset(want, 0x55, sizeof want);
            for (size_t k = 0; k < samples; k++)
                want[k] = channels % 2 == 0 && k % channels == channels - 1 ? in[k] : table[in[k]];
            pp_lookup(got, in, samples, channels, table);
            assert_memory_equal(want, got, sizeof want);
            pp_lookup_portable()(got, in, samples, channels, table);
            assert_memory_equal(want, got, sizeof want);
        }
}

static void lumas_agree(void **state)
{
    uint8_t in[1200], want[700], got[700];
    uint64_t seed = 5;

    (void)state;
    for (int round = 0; round < 8; round++)
        for (unsigned channels = 3; channels <= 4; channels++)
            for (size_t i = 0; i < LENGTHS; i++) {
                /* the row ends with its block of memory, which a sanitizer watches over */
                uint8_t *row = in + sizeof in - lengths[i] * channels;
                fill_bytes(in, sizeof in, &seed, round);
                memset(want, 0x55, sizeof want);
                memset(got, 0x55, sizeof got);
                pp_luma_portable()(want, row, lengths[i], channels, PP_LUMA_601);
                pp_luma_row(got, row, lengths[i], channels, PP_LUMA_601);
                assert_memory_equal(want, got, sizeof want);
            }
}

static void histograms_count_every_sample_of_their_run(void **state)
{
    uint8_t row[301 * 3];
    struct pp_histogram histogram;
    struct pp_error err = {0};
    uint64_t want[256] = {0}, seed = 6;

    (void)state;
    assert_int_equal(pp_histogram_init(&histogram, 2, 8, &err), PP_OK);
    for (int round = 0; round < 3; round++) {
        fill_bytes(row, sizeof row, &seed, round);
        for (size_t x = 0; x < 301; x++)
            want[row[3 * x + 1]]++;
        pp_histogram_add(&histogram, 0, &(struct pp_histogram_run){row, 0, 3, 301});
        pp_histogram_add(&histogram, 1, &(struct pp_histogram_run){row, 1, 3, 301});
    }
    assert_memory_equal(pp_histogram_sum(&histogram, 1), want, sizeof want);
    pp_histogram_release(&histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_weights_add_up_to_one_exactly),
        cmocka_unit_test(sums_of_bytes_agree),
        cmocka_unit_test(sums_of_samples_agree),
        cmocka_unit_test(sums_along_rows_agree),
        cmocka_unit_test(look_ups_agree),
        cmocka_unit_test(lumas_agree),
        cmocka_unit_test(histograms_count_every_sample_of_their_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
