/*
 * Memory for the tasks in work. Every worker may use the allowance without asking; what goes beyond
 * is granted in the order it was asked for, as long as all of it stays within the budget, and to
 * one worker in any case. A worker that waits is on no clock: others make it wait.
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pool/state.h"

void pp_grants_wake(struct pp_place *place)
{
    struct pp_orders *orders = place->child.cell.orders;

    atomic_fetch_add(&orders->answers, 1);
    syscall(SYS_futex, &orders->answers, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* The budget was shared out at the start; workers beyond those have all of theirs granted. */
uint64_t pp_grants_allowance(const struct pp_pool *pool, const struct pp_place *place)
{
    return place->number < pool->shares || pool->settings.memory == 0 ? pool->allowance : 0;
}

static uint64_t beyond_allowance(const struct pp_pool *pool, const struct pp_place *place)
{
    const uint64_t allowance = pp_grants_allowance(pool, place);

    return place->wish > allowance ? place->wish - allowance : 0;
}

static void admit(struct pp_pool *pool)
{
    const uint64_t shared = pool->settings.memory - pool->allowance * pool->shares;
    struct pp_place *place;

    while ((place = pp_list_first(&pool->wishes)) != NULL) {
        const uint64_t extra = beyond_allowance(pool, place);

        if (pool->granted > 0 && (pool->granted > shared || extra > shared - pool->granted))
            return;
        pp_list_remove(&place->wishing);
        pool->granted += extra;
        place->grant = extra;
        place->wish = 0;
        atomic_store(&place->child.cell.orders->granted, place->wished);
        pp_grants_wake(place);
        pp_deadline_restart(pool, place);
    }
}

/* What the worker had, or waits for, is free: a further wish is made when all of it was given back,
 * and goes to the end of the line. So those who wait hold nothing that others wait for. */
static void take_back(struct pp_pool *pool, struct pp_place *place)
{
    pool->granted -= place->grant;
    place->grant = place->wish = 0;
    pp_list_remove(&place->wishing);
}

void pp_grants_note(struct pp_pool *pool, struct pp_place *place)
{
    const struct pp_results *results = place->child.cell.results;
    const uint64_t wish = atomic_load(&results->wish);
    uint64_t bytes;

    if (place->load == 0 || wish >> PP_WISH_BITS != place->slots[0].id + 1 || wish == place->wished)
        return;
    take_back(pool, place);
    bytes = atomic_load(&results->wish_bytes);
    /* Workers know the budget and ask for no more; one that lies gains nothing. */
    if (bytes > pool->settings.memory)
        bytes = pool->settings.memory;
    place->wished = wish;
    place->wish = bytes > 0 ? bytes : 1;
    pp_list_append(&pool->wishes, &place->wishing);
    pp_deadline_restart(pool, place);
    admit(pool);
}

void pp_grants_release(struct pp_pool *pool, struct pp_place *place)
{
    if (place->grant == 0 && place->wish == 0)
        return;
    take_back(pool, place);
    admit(pool);
}
