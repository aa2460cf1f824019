/*
 * batch/pauses.h - how long a run has rested, so that its rate is that of its work.
 *
 * A run rests while it is paused and nothing is in work: what is still in work when it is paused
 * takes its time as ever. Pure: the times come from the caller, and never go back. The
 * supervisor's.
 */
#ifndef PP_BATCH_PAUSES_H
#define PP_BATCH_PAUSES_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: it has not rested yet. */
struct pp_pauses {
    bool resting;
    uint64_t since_ns; /* when the present rest began */
    uint64_t past_ns;  /* of the rests that are over */
};

/* Say whether the run rests from `now` on; saying the same again changes nothing. */
void pp_pauses_note(struct pp_pauses *pauses, bool resting, uint64_t now);

/* Nanoseconds of rest until `now`. */
uint64_t pp_pauses_ns(const struct pp_pauses *pauses, uint64_t now);

#endif
