#include <pixpool/sync.h>

#include <string.h>

#include "runtime/robust.h"

void pp_rlock_init(struct pp_rlock *lock)
{
    memset(lock, 0, sizeof *lock);
}

enum pp_status pp_rlock_acquire(struct pp_rlock *lock, double timeout, struct pp_error *err)
{
    return pp_robust_acquire(&lock->lock, PP_HELD_NESTED, timeout, err);
}

enum pp_status pp_rlock_release(struct pp_rlock *lock, struct pp_error *err)
{
    return pp_robust_release(&lock->lock, err);
}
