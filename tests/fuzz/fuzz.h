/*
 * fuzz/fuzz.h - what the programs of this folder share, for libFuzzer and without it.
 */
#ifndef PP_TESTS_FUZZ_H
#define PP_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each program's own: one input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Say what is wrong and abort. */
void fuzz_ensure(bool holds, const char *what);

/* An input that is taken from its front; zeros follow its end. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};
uint32_t fuzz_byte(struct fuzz_input *input);
/* Little endian, `bytes` of them, 8 at the most. */
uint64_t fuzz_number(struct fuzz_input *input, unsigned bytes);
/* Up to `size` bytes; returns how many there were. */
size_t fuzz_bytes(struct fuzz_input *input, void *to, size_t size);

/* xorshift64 (Marsaglia 2003); the state must not be 0. */
uint64_t fuzz_random(uint64_t *state);
uint32_t fuzz_below(uint64_t *state, uint32_t bound);

/* Where driver.c, which takes libFuzzer's place, has its inputs from. */
struct fuzz_seeds {
    const char *const *folders; /* files below PP_TESTDATA; NULL ends the list */
    const char *const *texts;   /* inputs as they are */
    unsigned head;              /* random bytes to put before each file */
    uint32_t noise;             /* the most bytes of an input of noise alone; 0: none of those */
};
extern const struct fuzz_seeds fuzz_seeds;

#endif
