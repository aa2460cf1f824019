/*
 * A worker is gone. What it had published still counts; then it is asked whose fault the death was:
 *
 *   - nobody's task was in work              all its tasks go back, none is charged
 *   - a fault of its own (SIGSEGV, an exit)  charged; again alone in a fresh worker, then failed
 *   - the kernel, out of memory              charged; again with the pool to itself, then failed
 *   - killed by somebody else                not charged: an outside killer that hits at random
 * must not fail tasks. MOST_HAND_OUTS bounds it
 *   - killed by us for taking too long       failed at once: it would take as long again
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "pool/state.h"

/*
 * How often a task may lose its worker to somebody else. A killer that hits at random misses sooner
 * or later, a short task sooner; one the task itself provokes never does. So patience is a matter
 * of lost time, yet no task is given up after a few kills, and none is handed out for ever.
 */
#define KILLS_SUFFERED 16
#define TIME_SUFFERED  (10 * PP_NS_PER_S)
#define MOST_HAND_OUTS 1000

struct death {
    int signal; /* 0: it exited */
    int status; /* of the exit; -1 when someone else reaped it */
    bool out_of_memory;
    enum pp_leaving leaving;
    uint64_t progress;
    char how[96]; /* "crashed with SIGSEGV" */
};

uint64_t pp_oom_kills(void)
{
    static const char key[] = "\noom_kill ";
    char text[16384];
    const char *at;
    size_t size = 0;
    ssize_t got;
    const int fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return 0;
    while ((got = read(fd, text + size, sizeof text - 1 - size)) > 0)
        size += (size_t)got;
    close(fd);
    text[size] = '\0';
    at = strstr(text, key);
    return at ? strtoull(at + sizeof key - 1, NULL, 10) : 0;
}

/* Signals others send. The rest a process brings upon itself. */
static bool is_foreign(int signal)
{
    return signal == SIGKILL || signal == SIGTERM || signal == SIGHUP || signal == SIGINT ||
           signal == SIGQUIT;
}

/* False when it is not dead yet. */
static bool reap(const struct pp_place *place, bool wait, struct death *death)
{
    siginfo_t info;

    if (!pp_child_reap(&place->child, wait, &info))
        return false;
    if (info.si_pid == 0)
        death->status = -1;
    else if (info.si_code == CLD_EXITED)
        death->status = info.si_status;
    else
        death->signal = info.si_status;
    return true;
}

/* The kernel counts its out-of-memory kills before it sends the signal, so one that hit this worker
 * is counted by now. One of another process since we last looked makes for an error that costs a
 * retry. */
static void diagnose(struct pp_pool *pool, struct death *death)
{
    const char *name = death->signal ? sigabbrev_np(death->signal) : NULL;

    if (death->signal == SIGKILL && death->leaving == PP_LEAVING_BY_ITSELF) {
        const uint64_t kills = pp_oom_kills();

        death->out_of_memory = kills > pool->oom_kills;
        pool->oom_kills = kills;
    }
    if (death->leaving == PP_LEAVING_SCRIBBLED)
        snprintf(death->how, sizeof death->how, "overwrote its results");
    else if (!death->signal && death->status < 0)
        snprintf(death->how, sizeof death->how, "vanished");
    else if (!death->signal)
        snprintf(death->how, sizeof death->how, "exited with status %d", death->status);
    else if (death->signal == SIGSYS && death->leaving == PP_LEAVING_BY_ITSELF &&
             pool->sandbox.seccomp)
        snprintf(death->how, sizeof death->how,
                 "was stopped by the sandbox: it tried a system call that decoding does not need");
    else
        snprintf(death->how, sizeof death->how, "%s SIG%s",
                 is_foreign(death->signal) ? "was killed by" : "crashed with",
                 name ? name : "NAL unknown");
}

static void fail(struct pp_pool *pool, const struct pp_place *place, struct pp_job *job,
                 const struct death *death, struct pp_outcome *outcome)
{
    outcome->worker = place->number;
    outcome->attempt = job->charged;
    outcome->signal = death->signal;
    outcome->progress = death->progress;
    pp_job_finish(pool, job, outcome);
}

static void requeue_or_give_up(struct pp_pool *pool, const struct pp_place *place,
                               struct pp_job *job, const struct death *death)
{
    struct pp_outcome outcome = {.status = PP_E_KILLED};
    char text[128];

    if (pool->stopping || (job->handed < MOST_HAND_OUTS &&
                           (job->killed < KILLS_SUFFERED || job->lost_ns < TIME_SUFFERED))) {
        pp_job_requeue(pool, job);
        return;
    }
    snprintf(text, sizeof text, "worker %s (handed out %u times)", death->how, job->handed);
    outcome.text = text;
    fail(pool, place, job, death, &outcome);
}

static void killed_by_others(struct pp_pool *pool, const struct pp_place *place, struct pp_job *job,
                             const struct death *death)
{
    job->killed++;
    job->lost_ns += pp_clock_ns() - job->handed_ns;
    requeue_or_give_up(pool, place, job, death);
}

/* A death that counts as one of the task's attempts. */
static void charge(struct pp_pool *pool, const struct pp_place *place, struct pp_job *job,
                   const struct death *death)
{
    struct pp_outcome outcome = {.status = PP_E_CRASHED};
    char text[128];

    job->charged++;
    if (job->charged <= pool->settings.retries && !job->once) {
        if (death->out_of_memory)
            job->company = PP_COMPANY_OWN_POOL;
        else if (job->company == PP_COMPANY_ANY)
            job->company = PP_COMPANY_OWN_WORKER;
        pp_list_append(&pool->retries, &job->link);
        return;
    }
    if (death->out_of_memory) {
        outcome.status = PP_E_KILLED;
        snprintf(text, sizeof text, "worker was killed, likely out of memory (%u attempt%s)",
                 job->charged, job->charged == 1 ? "" : "s");
    } else {
        snprintf(text, sizeof text, "worker %s (%u attempt%s)", death->how, job->charged,
                 job->charged == 1 ? "" : "s");
    }
    outcome.text = text;
    fail(pool, place, job, death, &outcome);
}

static void time_out(struct pp_pool *pool, const struct pp_place *place, struct pp_job *job,
                     const struct death *death)
{
    struct pp_outcome outcome = {.status = PP_E_TIMEOUT};
    char text[64];

    job->charged++;
    snprintf(text, sizeof text, "no result within %g s",
             pool->settings.timeout + (double)job->more_ns / (double)PP_NS_PER_S);
    outcome.text = text;
    fail(pool, place, job, death, &outcome);
}

/* The task was in work when the worker died. */
static void judge(struct pp_pool *pool, const struct pp_place *place, struct pp_job *job,
                  const struct death *death)
{
    if (pool->stopping)
        pp_job_requeue(pool, job);
    else if (death->leaving == PP_LEAVING_SCRIBBLED)
        charge(pool, place, job, death);
    else if (death->leaving == PP_LEAVING_TIMEOUT && death->signal == SIGKILL)
        time_out(pool, place, job, death);
    else if (death->out_of_memory)
        charge(pool, place, job, death);
    else if (is_foreign(death->signal) || death->status < 0)
        killed_by_others(pool, place, job, death);
    else
        charge(pool, place, job, death);
}

/* Whether the oldest task had been begun. A worker that says neither this one nor none nor the one
 * before (it died between publishing that and saying so) does not tell the truth. */
static bool oldest_was_in_work(const struct pp_place *place, const struct death *death)
{
    const uint64_t current = atomic_load(&place->child.cell.results->current);

    if (place->load == 0)
        return false;
    if (death->leaving == PP_LEAVING_SCRIBBLED || current == place->slots[0].id + 1)
        return true;
    return current != 0 && current != place->taken_id + 1;
}

/* Jobs go back in reverse, since each goes to the front. */
static void settle(struct pp_pool *pool, struct pp_place *place, const struct death *death,
                   bool in_work)
{
    struct pp_slot slots[PP_SLOTS];
    unsigned count = 0;

    while (place->load > 0)
        slots[count++] = pp_place_shift(pool, place);
    while (count-- > 0) {
        struct pp_job *job = slots[count].job;

        if (job && count == 0 && in_work)
            judge(pool, place, job, death);
        else if (job)
            requeue_or_give_up(pool, place, job, death);
    }
}

/* Tell who hires of a death that is no task's doing. */
static void tell_of_workers_own(struct pp_pool *pool, const struct pp_place *place,
                                const struct death *death, bool in_work)
{
    const bool by_itself = death->leaving == PP_LEAVING_BY_ITSELF;
    const bool foreign = is_foreign(death->signal) && by_itself;

    if (pool->stopping)
        return;
    if (!place->ready)
        pp_hire_start_failed(pool, place, death->how, foreign);
    else if (!in_work && place->ring.head == 0 && by_itself && !foreign)
        pp_hire_died_barren(pool, death->how);
}

void pp_death(struct pp_pool *pool, struct pp_place *place, bool wait)
{
    struct death death = {0};
    bool in_work;

    if (!reap(place, wait, &death))
        return;
    pp_results_drain(pool, place);
    if (place->state == PP_PLACE_EMPTY)
        return;
    if (place->state == PP_PLACE_READY) { /* from here on nothing may be given to it */
        place->state = PP_PLACE_LEAVING;
        pp_schedule_rank(pool, place);
    }
    death.leaving = place->leaving;
    death.progress = atomic_load(&place->child.cell.results->progress);
    diagnose(pool, &death);
    in_work = oldest_was_in_work(place, &death);
    tell_of_workers_own(pool, place, &death, in_work);
    settle(pool, place, &death, in_work);
    pp_place_vacate(pool, place);
}
