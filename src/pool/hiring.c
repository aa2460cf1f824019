/*
 * Workers come. One at a time is started whenever there are more tasks than workers; a place whose
 * worker died is filled again by the same rule.
 *
 * Two things can go wrong. That no process or descriptor can be had is the system's state: the pool
 * waits longer and longer and makes do with the workers it has; only with none at all does it give
 * up. That a worker dies before it was ready means that the next probably will as well: those
 * deaths are counted in rounds, since all that were started before the first such death say nothing
 * new.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "pool/state.h"

#define FORK_PAUSE_NS     (10 * PP_NS_PER_MS)
#define FORK_PAUSE_MAX_NS PP_NS_PER_S
#define FORK_TRIES        6                  /* without one worker ever, about 0.3 s */
#define FORK_PATIENCE_NS  (30 * PP_NS_PER_S) /* without any worker, after there have been some */
#define START_TIME_NS     (10 * PP_NS_PER_S)
#define STRIKE_PAUSE_NS   (100 * PP_NS_PER_MS)
#define STRIKES           3
#define FOREIGN_KILLS     16 /* at start-up, in a row; until then they are bad luck */
#define BARREN_DEATHS     64 /* in a row; each costs no task anything, and so could go on for ever */

static uint64_t doubled(uint64_t base, unsigned times, uint64_t most)
{
    const uint64_t value = base << (times < 16 ? times : 16);

    return value < most ? value : most;
}

/* Descriptors that making a worker takes: two for its memory, the doorbell and the two ends of the
 * socket before the fork; of those doorbell, socket and the one for its process are kept. */
#define TAKEN_TO_HIRE 5
#define KEPT_BY_ONE   3

/* Those the last worker keeps come back when it ends, hence are not held twice. */
bool pp_hire_reserve(struct pp_pool *pool)
{
    const unsigned count = pool->occupied > 0 ? TAKEN_TO_HIRE - KEPT_BY_ONE : TAKEN_TO_HIRE;

    return pp_reserve_hold(&pool->reserve, pool->epoll, count);
}

/* A retry waits for a fresh worker and none is there or on its way. */
static bool wants_fresh(const struct pp_pool *pool)
{
    const struct pp_job *retry = pp_list_first(&pool->retries);
    const struct pp_place *idle = pp_list_first(&pool->idle);

    return retry && retry->company == PP_COMPANY_OWN_WORKER && pool->starting_count == 0 &&
           !(idle && idle->fresh);
}

static bool wants_another(const struct pp_pool *pool)
{
    if (pool->stopping || pool->fatal.status != PP_OK || pool->occupied >= pool->limit)
        return false;
    return pool->occupied < pool->pending || wants_fresh(pool);
}

static struct pp_place *empty_place(struct pp_pool *pool)
{
    struct pp_place *place = pool->places;

    while (place->state != PP_PLACE_EMPTY)
        place++;
    return place;
}

/* What tasks may take, and what the worker has beside that from its start. 0: no limit. */
static uint64_t memory_with_bulk(const struct pp_pool_settings *settings)
{
    if (settings->memory == 0 || settings->memory > UINT64_MAX - settings->bulk_size)
        return 0;
    return settings->memory + settings->bulk_size;
}

static void write_orders(struct pp_pool *pool, struct pp_place *place)
{
    struct pp_orders *orders = place->child.cell.orders;
    const unsigned most_threads = pool->settings.threads > 0 ? pool->settings.threads : pool->cores;

    orders->number = place->number;
    orders->incarnation = place->ring.incarnation;
    orders->allowance = pp_grants_allowance(pool, place);
    orders->budget = pool->settings.memory > 0 ? pool->settings.memory : UINT64_MAX;
    orders->sandbox = (struct pp_sandbox_orders){
        .wanted = pool->settings.sandbox,
        .address_space = pp_sandbox_address_space(memory_with_bulk(&pool->settings), most_threads),
        .file_size = pool->settings.file_size,
        .result_fds = pool->settings.result_fds,
    };
    atomic_store(&orders->threads, pool->share);
}

/* The doorbell is edge-triggered: each ring is an event, and nobody has to read the counter. */
static int listen_to(struct pp_pool *pool, struct pp_place *place)
{
    const uint32_t incarnation = place->ring.incarnation;
    struct epoll_event bell = {.events = EPOLLIN | EPOLLET}, death = {.events = EPOLLIN};

    bell.data.u64 = pp_event_pack(PP_EVENT_DOORBELL, place->number, incarnation);
    death.data.u64 = pp_event_pack(PP_EVENT_DEATH, place->number, incarnation);
    if (epoll_ctl(pool->epoll, EPOLL_CTL_ADD, place->child.doorbell, &bell) != 0 ||
        epoll_ctl(pool->epoll, EPOLL_CTL_ADD, pp_child_end_fd(&place->child), &death) != 0)
        return errno;
    return 0;
}

static int hire_one(struct pp_pool *pool, struct pp_place *place, uint64_t now)
{
    int error = pp_child_prepare(&place->child, pool->settings.tiny ? PP_RING_MANY : PP_RING_FEW);

    if (error)
        return error;
    place->ring =
        (struct pp_ring_reader){.cell = &place->child.cell, .incarnation = ++pool->incarnations};
    write_orders(pool, place);
    error = pp_child_fork(&pool->spawner, &place->child);
    if (error)
        return error;
    error = listen_to(pool, place);
    if (error) {
        siginfo_t info;

        pp_child_kill(&place->child);
        pp_child_reap(&place->child, true, &info);
        pp_child_release(&place->child);
        return error;
    }
    place->state = PP_PLACE_STARTING;
    place->leaving = PP_LEAVING_BY_ITSELF;
    place->ready = place->asked = place->recalled = false;
    place->fresh = true;
    place->surplus = false;
    place->given = 0;
    place->recall_below = 0;
    place->taken_id = place->slow_id = place->wished = 0;
    place->hired_ns = now;
    place->due_ns = now + START_TIME_NS;
    pp_list_append(&pool->starting, &place->clock);
    pool->starting_count++;
    pool->occupied++;
    return 0;
}

/* No worker could be made; are there others? */
static void lacks_means(struct pp_pool *pool, int error, bool others, uint64_t now)
{
    struct pp_hiring *hiring = &pool->hiring;

    if (hiring->failing_since_ns == 0)
        hiring->failing_since_ns = now;
    hiring->not_before_ns = now + doubled(FORK_PAUSE_NS, hiring->failures, FORK_PAUSE_MAX_NS);
    hiring->failures++;
    if (others)
        return;
    if ((!hiring->ever_started && hiring->failures >= FORK_TRIES) ||
        now - hiring->failing_since_ns >= FORK_PATIENCE_NS)
        pp_error_set(&pool->fatal, PP_E_SYSTEM, "cannot start any worker process: %s",
                     strerror(error));
}

void pp_hire(struct pp_pool *pool, uint64_t now)
{
    struct pp_hiring *hiring = &pool->hiring;
    struct pp_place *idle;

    pp_retire_surplus(pool);
    while (wants_another(pool) && now >= hiring->not_before_ns) {
        int error;

        pp_reserve_hold(&pool->reserve, -1, 0);
        error = hire_one(pool, empty_place(pool), now);
        pp_hire_reserve(pool);
        if (error) {
            lacks_means(pool, error, pool->occupied > 0, now);
            return;
        }
    }
    idle = pp_list_first(&pool->idle);
    if (idle && pool->occupied == pool->limit && wants_fresh(pool))
        pp_place_kill(pool, idle, PP_LEAVING_RETIRED);
}

/* What all workers so far have in common. They say it before their first task, when they are still
 * what they were built to be. */
static void note_sandbox(struct pp_pool *pool, const struct pp_place *place)
{
    const struct pp_sandbox_level level =
        pp_sandbox_unpack(atomic_load(&place->child.cell.results->sandbox));

    if (!pool->sandbox_known)
        pool->sandbox = level;
    pool->sandbox_known = true;
    pool->sandbox.no_new_privs &= level.no_new_privs;
    pool->sandbox.seccomp &= level.seccomp;
    if (level.landlock < pool->sandbox.landlock)
        pool->sandbox.landlock = level.landlock;
}

bool pp_pool_sandbox(const struct pp_pool *pool, struct pp_sandbox_level *level)
{
    *level = pool->sandbox;
    return pool->sandbox_known && pool->settings.sandbox != PP_SANDBOX_OFF;
}

void pp_hire_started(struct pp_pool *pool, struct pp_place *place)
{
    pp_list_remove(&place->clock);
    pool->starting_count--;
    place->state = PP_PLACE_READY;
    place->ready = true;
    note_sandbox(pool, place);
    pool->hiring.strikes = pool->hiring.foreign = 0;
    pool->hiring.failures = 0;
    pool->hiring.failing_since_ns = 0;
    pool->hiring.ever_started = true;
    pp_schedule_rank(pool, place);
}

static bool anybody_ready(const struct pp_pool *pool)
{
    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].state == PP_PLACE_READY)
            return true;
    return false;
}

/* The worker's own words where it left some. They are a stranger's: length and bytes are checked.
 */
static void give_reason(struct pp_pool *pool, const struct pp_place *place, const char *how)
{
    const struct pp_results *results = place->child.cell.results;
    char text[PP_ERROR_TEXT];
    const uint32_t ready = atomic_load(&results->ready);

    if (results->start_errno > 0) {
        pp_error_set(&pool->fatal, PP_E_INTERNAL, "workers cannot be executed: %s",
                     strerror(results->start_errno));
        return;
    }
    memcpy(text, results->start_text, sizeof text);
    text[sizeof text - 1] = '\0';
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    if (ready == PP_WORKER_UNSAFE)
        pp_error_set(&pool->fatal, PP_E_SYSTEM, "cannot start a worker: %s", text);
    else
        pp_error_set(&pool->fatal, PP_E_INTERNAL, "workers die at their start: %s",
                     ready == PP_WORKER_REFUSED && *text ? text : how);
}

/* The system's state and nobody's fault; why a program could not be executed. */
static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN;
}

/* It could not lock itself in, as no other could. */
static bool is_unsafe(const struct pp_place *place)
{
    return atomic_load(&place->child.cell.results->ready) == PP_WORKER_UNSAFE;
}

void pp_hire_start_failed(struct pp_pool *pool, const struct pp_place *place, const char *how,
                          bool foreign)
{
    struct pp_hiring *hiring = &pool->hiring;
    const uint64_t now = pp_clock_ns();

    if (foreign && ++hiring->foreign < FOREIGN_KILLS)
        return;
    if (place->hired_ns < hiring->strike_ns)
        return;
    hiring->strike_ns = now;
    if (is_shortage(place->child.cell.results->start_errno)) {
        /* Others that are starting have yet to show that they fare better. */
        lacks_means(pool, place->child.cell.results->start_errno, anybody_ready(pool), now);
        return;
    }
    hiring->not_before_ns = now + doubled(STRIKE_PAUSE_NS, hiring->strikes, 5 * PP_NS_PER_S);
    hiring->strikes++;
    if (is_unsafe(place) || (hiring->strikes >= STRIKES && !anybody_ready(pool)))
        give_reason(pool, place, how);
}

void pp_hire_died_barren(struct pp_pool *pool, const char *how)
{
    if (++pool->hiring.barren >= BARREN_DEATHS)
        pp_error_set(&pool->fatal, PP_E_INTERNAL, "workers die before their first task: worker %s",
                     how);
}

void pp_place_kill(struct pp_pool *pool, struct pp_place *place, enum pp_leaving why)
{
    if (why == PP_LEAVING_SCRIBBLED || place->leaving == PP_LEAVING_BY_ITSELF)
        place->leaving = why;
    if ((place->state == PP_PLACE_LEAVING && !place->asked) || place->state == PP_PLACE_EMPTY)
        return;
    if (place->state == PP_PLACE_STARTING)
        pool->starting_count--;
    place->state = PP_PLACE_LEAVING;
    place->asked = false;
    pp_list_remove(&place->room);
    pp_list_remove(&place->clock);
    pp_child_kill(&place->child);
}

void pp_place_retire(struct pp_pool *pool, struct pp_place *place)
{
    place->leaving = PP_LEAVING_RETIRED;
    place->state = PP_PLACE_LEAVING;
    place->asked = true;
    pp_list_remove(&place->room);
    pp_place_ask_to_end(place);
    pp_deadline_of_end(pool, place);
}

void pp_place_vacate(struct pp_pool *pool, struct pp_place *place)
{
    if (place->state == PP_PLACE_EMPTY)
        return;
    if (place->state == PP_PLACE_STARTING)
        pool->starting_count--;
    place->due_ns = UINT64_MAX;
    pp_list_remove(&place->room);
    pp_list_remove(&place->clock);
    pp_list_remove(&place->hush);
    pp_grants_release(pool, place);
    epoll_ctl(pool->epoll, EPOLL_CTL_DEL, place->child.doorbell, NULL);
    epoll_ctl(pool->epoll, EPOLL_CTL_DEL, pp_child_end_fd(&place->child), NULL);
    pp_child_release(&place->child);
    place->state = PP_PLACE_EMPTY;
    pool->occupied--;
    pp_hire_reserve(pool);
}
