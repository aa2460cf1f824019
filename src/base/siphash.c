/* SipHash-2-4: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), section 2, and its
 * form of 128 bits as the authors' reference has it. */
#include "base/siphash.h"

#define COMPRESSION_ROUNDS  2
#define FINALIZATION_ROUNDS 4

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t turn(uint64_t word, int bits)
{
    return (word << bits) | (word >> (64 - bits));
}

/* At most eight bytes, the first lowest. */
static uint64_t load(const uint8_t *bytes, size_t count)
{
    uint64_t word = 0;

    for (size_t i = 0; i < count; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void mix(struct state *s, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = turn(s->v1, 13) ^ s->v0;
        s->v3 = turn(s->v3, 16) ^ s->v2;
        s->v0 = turn(s->v0, 32);
        s->v2 += s->v1;
        s->v0 += s->v3;
        s->v1 = turn(s->v1, 17) ^ s->v2;
        s->v3 = turn(s->v3, 21) ^ s->v0;
        s->v2 = turn(s->v2, 32);
    }
}

static void absorb(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s, COMPRESSION_ROUNDS);
    s->v0 ^= word;
}

struct pp_siphash pp_siphash(const uint8_t key[PP_SIPHASH_KEY], const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    const uint64_t k0 = load(key, 8), k1 = load(key + 8, 8);
    struct state s = {
        .v0 = k0 ^ UINT64_C(0x736f6d6570736575),
        .v1 = k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
        .v2 = k0 ^ UINT64_C(0x6c7967656e657261),
        .v3 = k1 ^ UINT64_C(0x7465646279746573),
    };
    struct pp_siphash hash;

    for (size_t left = size; left >= 8; left -= 8, at += 8)
        absorb(&s, load(at, 8));
    absorb(&s, load(at, size % 8) | (uint64_t)size << 56);
    s.v2 ^= 0xee;
    mix(&s, FINALIZATION_ROUNDS);
    hash.low = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    s.v1 ^= 0xdd;
    mix(&s, FINALIZATION_ROUNDS);
    hash.high = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    return hash;
}
