/* Calling off, killing, freeing. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "pool/state.h"

#define POLITE_NS PP_NS_PER_S

static void cancel_list(struct pp_pool *pool, struct pp_link *list)
{
    struct pp_link mine;
    struct pp_job *job;

    /* Moved away first: an outcome callback may submit, and that is not called off. */
    pp_link_init(&mine, NULL);
    pp_list_move(&mine, list);
    while ((job = pp_list_first(&mine)) != NULL) {
        pp_list_remove(&job->link);
        if (job->company == PP_COMPANY_ANY)
            pool->queued--;
        pp_job_cancel(pool, job);
    }
}

/*
 * The worker says which task it begins and then looks whether it is called off; here the calling
 * off is stored and then looked at what it says it began (all four sequentially consistent). What
 * it had not named by then, and has no record of either, it is certain not to begin: it publishes
 * a record that says so, for which the slot stays.
 */
unsigned pp_place_take_back(struct pp_pool *pool, struct pp_place *place, uint64_t below,
                            struct pp_job *jobs[PP_SLOTS])
{
    unsigned count = 0;
    uint64_t current;

    atomic_store(&place->child.cell.orders->cancel_below, below);
    current = atomic_load(&place->child.cell.results->current);
    pp_results_drain(pool, place);
    for (unsigned i = 0; i < place->load; i++) {
        struct pp_job *job = place->slots[i].job;

        if (!job || place->slots[i].id + 1 == current)
            continue;
        place->slots[i].job = NULL;
        if (job == pool->exclusive)
            pool->exclusive = NULL;
        jobs[count++] = job;
    }
    return count;
}

static void cancel_unbegun(struct pp_pool *pool, struct pp_place *place, uint64_t below)
{
    struct pp_job *jobs[PP_SLOTS];
    const unsigned count = pp_place_take_back(pool, place, below, jobs);

    for (unsigned i = 0; i < count; i++)
        pp_job_cancel(pool, jobs[i]);
}

void pp_pool_cancel_queued(struct pp_pool *pool)
{
    const uint64_t below = pool->last_id + 1;

    pool->depth++;
    cancel_list(pool, &pool->retries);
    cancel_list(pool, &pool->queue);
    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].load > 0)
            cancel_unbegun(pool, &pool->places[i], below);
    pool->depth--;
}

void pp_end_all(struct pp_pool *pool)
{
    pool->stopping = true;
    pool->depth++;
    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].state != PP_PLACE_EMPTY)
            pp_place_kill(pool, &pool->places[i], PP_LEAVING_RETIRED);
    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].state != PP_PLACE_EMPTY)
            pp_death(pool, &pool->places[i], true);
    cancel_list(pool, &pool->retries);
    cancel_list(pool, &pool->queue);
    pool->depth--;
    pool->stopping = false;
}

void pp_pool_kill(struct pp_pool *pool)
{
    pp_end_all(pool);
}

/* Told by its orders, woken from wherever it may wait: its socket or its wish for memory. */
void pp_place_ask_to_end(struct pp_place *place)
{
    atomic_store(&place->child.cell.orders->stop, 1);
    pp_grants_wake(place);
    shutdown(place->child.socket, SHUT_WR);
}

static void wait_politely(const struct pp_place *place, uint64_t until)
{
    struct pollfd end = {.fd = pp_child_end_fd(&place->child), .events = POLLIN};
    uint64_t now;

    while ((now = pp_clock_ns()) < until) {
        const int ms = (int)((until - now - 1) / PP_NS_PER_MS + 1);

        if (poll(&end, 1, ms) >= 0 || errno != EINTR)
            return;
    }
}

static void end_workers(struct pp_pool *pool)
{
    const uint64_t until = pp_clock_ns() + POLITE_NS;

    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].state != PP_PLACE_EMPTY)
            pp_place_ask_to_end(&pool->places[i]);
    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].state != PP_PLACE_EMPTY)
            wait_politely(&pool->places[i], until);
    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].state != PP_PLACE_EMPTY)
            pp_child_kill(&pool->places[i].child);
    for (unsigned i = 0; i < pool->seats; i++) {
        siginfo_t info;

        if (pool->places[i].state != PP_PLACE_EMPTY)
            pp_child_reap(&pool->places[i].child, true, &info);
    }
}

static void drop_job(struct pp_job *job)
{
    for (unsigned i = 0; i < PP_TASK_FDS; i++)
        if (job->fds[i] >= 0)
            close(job->fds[i]);
    free(job);
}

static void drop_jobs(struct pp_pool *pool)
{
    struct pp_job *job;

    for (unsigned i = 0; i < pool->seats; i++)
        while (pool->places[i].load > 0)
            if ((job = pp_place_shift(pool, &pool->places[i]).job) != NULL)
                drop_job(job);
    pp_list_move(&pool->queue, &pool->retries);
    while ((job = pp_list_first(&pool->queue)) != NULL) {
        pp_list_remove(&job->link);
        drop_job(job);
    }
}

void pp_pool_free(struct pp_pool *pool)
{
    if (!pool)
        return;
    end_workers(pool);
    drop_jobs(pool);
    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].state != PP_PLACE_EMPTY)
            pp_place_vacate(pool, &pool->places[i]);
    free(pool->places);
    free(pool->watches);
    pp_reserve_hold(&pool->reserve, -1, 0);
    pp_spawner_release(&pool->spawner);
    close(pool->epoll);
    free(pool);
}
