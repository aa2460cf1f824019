/* Codes for deflate: complete, as short as can be, and their cost as it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/png_code.h"
#include "codec/png_codes.h"

static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Kraft: a code of more than one symbol that is neither too full nor wasteful sums to one. */
static void codes_are_complete_and_within_their_limit(void **state)
{
    uint32_t seed = 4, frequencies[PP_PNG_CODE_SYMBOLS];

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        static const unsigned counts[] = {19, 30, 286}, limits[] = {7, 15, 15};
        unsigned count = counts[round % 3], limit = limits[round % 3], sum = 0;
        struct pp_png_code code;
        for (unsigned i = 0; i < count; i++) { /* some double each time: the deepest tree */
            unsigned steep = i < 20 ? 1u << i : 1;
            frequencies[i] = round % 4 == 0 ? steep : random_next(&seed) % (1 + round % 1000);
        }
        pp_png_code_make(&code, frequencies, count, limit);
        for (unsigned i = 0; i < count; i++) {
            assert_true(code.lengths[i] <= limit);
            assert_true(frequencies[i] == 0 || code.lengths[i] > 0);
            sum += code.lengths[i] > 0 ? 1u << (limit - code.lengths[i]) : 0;
        }
        assert_int_equal(sum, 1u << limit);
    }
}

/* What any of Huffman's trees takes: the sum of its inner nodes. */
static uint64_t least_cost(const uint32_t *frequencies, unsigned count)
{
    uint64_t weights[PP_PNG_CODE_SYMBOLS], cost = 0;
    unsigned left = 0;

    for (unsigned i = 0; i < count; i++) {
        if (frequencies[i] > 0)
            weights[left++] = frequencies[i];
    }
    for (; left > 1; left--) {
        for (unsigned k = 0; k < 2; k++) { /* the lightest two to the end */
            unsigned at = 0, end = left - 1 - k;
            for (unsigned i = 1; i <= end; i++)
                at = weights[i] < weights[at] ? i : at;
            uint64_t lightest = weights[at];
            weights[at] = weights[end];
            weights[end] = lightest;
        }
        weights[left - 2] += weights[left - 1];
        cost += weights[left - 2];
    }
    return cost;
}

static void codes_are_as_short_as_huffmans(void **state)
{
    uint32_t seed = 5, frequencies[PP_PNG_CODE_SYMBOLS];

    (void)state;
    for (unsigned round = 0; round < 600; round++) {
        unsigned count = round % 2 ? 286 : 30, used = 0;
        struct pp_png_code code;
        uint64_t cost = 0;
        for (unsigned i = 0; i < count; i++) { /* some do not occur, some are alike, few are many */
            uint32_t number = random_next(&seed) % (2 + round % 200);
            frequencies[i] = number % 3 == 0 ? number : number % 3 == 1 ? number / 50 : 0;
            used += frequencies[i] > 0;
        }
        pp_png_code_make(&code, frequencies, count, 15);
        for (unsigned i = 0; i < count; i++)
            cost += (uint64_t)frequencies[i] * code.lengths[i];
        if (used > 1)
            assert_int_equal(cost, least_cost(frequencies, count));
    }
}

static void fixed_codes_cost_what_is_told_without_them(void **state)
{
    struct pp_png_tally tally = {{0}, {0}};
    struct pp_png_codes codes;
    uint32_t seed = 6;

    (void)state;
    pp_png_codes_make_fixed(&codes);
    for (unsigned round = 0; round < 100; round++) {
        for (unsigned i = 0; i < PP_PNG_LITERALS; i++)
            tally.literals[i] = random_next(&seed) % 1000;
        for (unsigned i = 0; i < PP_PNG_DISTANCES; i++)
            tally.distances[i] = random_next(&seed) % 1000;
        assert_int_equal(pp_png_codes_fixed_cost(&tally), pp_png_codes_cost(&codes, &tally));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_complete_and_within_their_limit),
        cmocka_unit_test(codes_are_as_short_as_huffmans),
        cmocka_unit_test(fixed_codes_cost_what_is_told_without_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
