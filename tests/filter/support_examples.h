/*
 * tests/filter/support_examples.h - arguments that filters are tried with, and what they say of
 * them.
 */
#ifndef PP_TESTS_SUPPORT_EXAMPLES_H
#define PP_TESTS_SUPPORT_EXAMPLES_H

#include <stdbool.h>
#include <stddef.h>

/* Arguments to try, beside the defaults where those suffice. */
extern const char *const pp_examples[];
extern const size_t pp_example_count;

struct pp_claim {
    const char *text;
    bool identity[4]; /* of 7 x 5 pixels with 1 to 4 channels, 8 bits, orientation 1 */
};

/* Chosen for what they say of one layout at least; the rest for being close to it. */
extern const struct pp_claim pp_claims[];
extern const size_t pp_claim_count;

#endif
