/*
 * runtime/futex.h - sleeping on a word of shared memory. Any process, any thread; the word must be
 * in memory that all who use it have mapped shared.
 */
#ifndef PP_RUNTIME_FUTEX_H
#define PP_RUNTIME_FUTEX_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A moment of CLOCK_MONOTONIC until which somebody waits. */
struct pp_deadline {
    struct timespec at;
    bool never; /* there is no such moment: wait for ever */
};

/* `seconds` from now: 0 has passed already, anything negative, infinite or over a century is never.
 */
struct pp_deadline pp_deadline_after(double seconds);

/* Whether it has come. */
bool pp_deadline_passed(const struct pp_deadline *deadline);

/*
 * Sleep while *word is `seen`, at the longest until the deadline. Returns at once when the word
 * differs; may return for no reason, so look at the word again. False when the deadline came.
 */
bool pp_futex_wait(const uint32_t *word, uint32_t seen, const struct pp_deadline *deadline);

/* Wake at most `count` who sleep on the word; UINT_MAX for all. Returns how many were. */
unsigned pp_futex_wake(const uint32_t *word, unsigned count);

#endif
