#include <pixpool/sync.h>

#include <string.h>

#include "runtime/robust.h"

void pp_lock_init(struct pp_lock *lock)
{
    memset(lock, 0, sizeof *lock);
}

enum pp_status pp_lock_acquire(struct pp_lock *lock, double timeout, struct pp_error *err)
{
    return pp_robust_acquire(lock, PP_HELD_ONCE, timeout, err);
}

enum pp_status pp_lock_release(struct pp_lock *lock, struct pp_error *err)
{
    return pp_robust_release(lock, err);
}
