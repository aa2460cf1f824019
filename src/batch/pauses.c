#include "batch/pauses.h"

void pp_pauses_note(struct pp_pauses *pauses, bool resting, uint64_t now)
{
    if (resting == pauses->resting)
        return;
    if (resting)
        pauses->since_ns = now;
    else
        pauses->past_ns += now - pauses->since_ns;
    pauses->resting = resting;
}

uint64_t pp_pauses_ns(const struct pp_pauses *pauses, uint64_t now)
{
    return pauses->past_ns + (pauses->resting ? now - pauses->since_ns : 0);
}
