#include "runtime/recheck.h"

#include <pixpool/sync.h>
#include <stdbool.h>

static bool is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

struct pp_deadline pp_recheck_deadline(const struct pp_deadline *deadline)
{
    struct pp_deadline look = pp_deadline_after(PP_SYNC_RECHECK_MS / 1e3);

    return !deadline->never && is_before(&deadline->at, &look.at) ? *deadline : look;
}

void pp_recheck_wait(const uint32_t *word, uint32_t seen, const struct pp_deadline *deadline)
{
    struct pp_deadline until = pp_recheck_deadline(deadline);

    (void)pp_futex_wait(word, seen, &until);
}
