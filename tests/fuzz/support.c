#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_ensure(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

uint32_t fuzz_byte(struct fuzz_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

uint64_t fuzz_number(struct fuzz_input *input, unsigned bytes)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < bytes; i++)
        number |= (uint64_t)fuzz_byte(input) << (8 * i);
    return number;
}

size_t fuzz_bytes(struct fuzz_input *input, void *to, size_t size)
{
    const size_t count = size < input->left ? size : input->left;

    if (count > 0)
        memcpy(to, input->at, count);
    input->at += count;
    input->left -= count;
    return count;
}

uint64_t fuzz_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

uint32_t fuzz_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)(fuzz_random(state) >> 33) % bound;
}
