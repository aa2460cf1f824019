/*
 * codec/jpeg_luma_turn.h - from a block to the next one, without a jump.
 *
 * Whether a block ends follows no pattern, so that a jump would often be guessed wrong; compilers
 * cannot know that, and make one of what is written as a choice. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_TURN_H
#define PP_CODEC_JPEG_LUMA_TURN_H

#include <stddef.h>
#include <stdint.h>

#include "codec/jpeg_luma_walk.h"

/* What the walk is at. */
struct pp_luma_turn {
    uint64_t state;        /* of the block in bits 8 to 15, bits consumed in the lower ones */
    const uint16_t *table; /* for the next look */
    const struct pp_luma_place *place;
    size_t count; /* blocks that have ended */
};

#if defined(__x86_64__)

/* Choose the table for the next look; if the block has ended, go on to the next place with a state
 * of `begin` and count the block. */
static inline __attribute__((always_inline)) void pp_luma_turn(struct pp_luma_turn *turn,
                                                               uint64_t begin)
{
    const uint16_t *table = turn->place->rest;
    const struct pp_luma_place *place = turn->place;

    _Static_assert(PP_LUMA_ENDED << 8 == 0x8000, "as below");
    __asm__(
        "cmpl $0x8000, %k[state]\n\t"
        "cmovae %[first], %[table]\n\t"
        "cmovae %[begin], %[state]\n\t"
        "cmovae %[next], %[place]\n\t"
        "sbb $-1, %[count]"
        : [table] "+&r"(table), [state] "+&r"(turn->state), [place] "+r"(place),
          [count] "+&r"(turn->count)
        : [first] "m"(turn->place->next_first), [next] "m"(turn->place->next), [begin] "r"(begin)
        : "cc");
    turn->table = table;
    turn->place = place;
}

#else

static inline __attribute__((always_inline)) void pp_luma_turn(struct pp_luma_turn *turn,
                                                               uint64_t begin)
{
    const struct pp_luma_place *place = turn->place;
    const uint64_t ended = turn->state >> 15 & 1, mask = UINT64_C(0) - ended;
    const uintptr_t both = (uintptr_t)place->rest ^ (uintptr_t)place->next_first;

    turn->table = (const uint16_t *)((uintptr_t)place->rest ^ (both & (uintptr_t)mask));
    turn->place = ended ? place->next : place;
    turn->state ^= (turn->state ^ begin) & mask;
    turn->count += (size_t)ended;
}

#endif

#endif
