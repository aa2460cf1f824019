/*
 * micro_sync - what it costs to take and give back what nobody else wants, and beside it the two
 * atomic instructions that nothing of the kind can do without; how long two processes take for one
 * to set and the other to answer, by turns without a pause; and how long it takes until a process
 * that sleeps over an event runs again.
 *
 * Standard output gets a line for each figure: name, unit, value, tabs between. Each is the median
 * of many: of batches, or of single wake-ups.
 */
#include <pixpool/shared.h>
#include <pixpool/sync.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define BATCHES  31
#define PAIRS    100000u
#define ROUNDS   2000u /* of a batch, one sets and the other answers */
#define WAKE_UPS 2001
#define PAUSE_US 100 /* long enough for the other to be asleep again */

struct table {
    struct pp_lock lock;
    struct pp_rlock rlock;
    struct pp_semaphore semaphore;
    uint32_t word;
    /* apart from each other, so that one's wait does not slow down the other's answer */
    _Alignas(64) struct pp_event event;
    _Alignas(64) struct pp_event answer;
    _Alignas(64) struct pp_semaphore units;
    _Alignas(64) struct pp_semaphore answers;
    _Alignas(64) uint64_t set_at;
    double waited_ns;
};

static int compare(const void *a, const void *b)
{
    const double *first = a, *second = b;

    return (*first > *second) - (*first < *second);
}

static double median(double *figures, size_t count)
{
    qsort(figures, count, sizeof *figures, compare);
    return figures[count / 2];
}

/* ---- taking and giving back ----------------------------------------------------------------- */

static enum pp_status pass_lock(struct table *table)
{
    enum pp_status status = pp_lock_acquire(&table->lock, -1, NULL);

    return status == PP_OK ? pp_lock_release(&table->lock, NULL) : status;
}

static enum pp_status pass_rlock(struct table *table)
{
    enum pp_status status = pp_rlock_acquire(&table->rlock, -1, NULL);

    return status == PP_OK ? pp_rlock_release(&table->rlock, NULL) : status;
}

static enum pp_status pass_semaphore(struct table *table)
{
    enum pp_status status = pp_semaphore_acquire(&table->semaphore, -1, NULL);

    return status == PP_OK ? pp_semaphore_release(&table->semaphore, NULL) : status;
}

/* The least there can be: one instruction to take, another to give back. */
static enum pp_status pass_word(struct table *table)
{
    uint32_t seen = 0;
    const bool taken = __atomic_compare_exchange_n(&table->word, &seen, 1, false, __ATOMIC_ACQUIRE,
                                                   __ATOMIC_RELAXED);

    return taken && __atomic_exchange_n(&table->word, 0, __ATOMIC_RELEASE) ? PP_OK : PP_E_INTERNAL;
}

static int measure_pass(struct table *table, const char *name,
                        enum pp_status (*pass)(struct table *table))
{
    double figures[BATCHES];
    unsigned failed = 0;

    for (unsigned batch = 0; batch < BATCHES; batch++) {
        uint64_t begin = pp_clock_ns();
        for (unsigned i = 0; i < PAIRS; i++)
            failed += pass(table) != PP_OK;
        figures[batch] = (double)(pp_clock_ns() - begin) / PAIRS;
    }
    printf("%s acquired and released\tns\t%.1f\n", name, median(figures, BATCHES));
    return failed > 0;
}

/* ---- by turns ------------------------------------------------------------------------------- */

static int set_and_wait(struct pp_event *set, struct pp_event *wait)
{
    pp_event_set(set);
    if (pp_event_wait(wait, 60, NULL) != PP_OK)
        return 1;
    pp_event_clear(wait);
    return 0;
}

static int turn_event(struct table *table, bool first)
{
    if (first)
        return set_and_wait(&table->event, &table->answer);
    if (pp_event_wait(&table->event, 60, NULL) != PP_OK)
        return 1;
    pp_event_clear(&table->event);
    pp_event_set(&table->answer);
    return 0;
}

static int turn_semaphore(struct table *table, bool first)
{
    struct pp_semaphore *out = first ? &table->units : &table->answers;
    struct pp_semaphore *in = first ? &table->answers : &table->units;

    if (first && pp_semaphore_release(out, NULL) != PP_OK)
        return 1;
    if (pp_semaphore_acquire(in, 60, NULL) != PP_OK)
        return 1;
    return !first && pp_semaphore_release(out, NULL) != PP_OK;
}

static int take_turns(struct table *table, int (*turn)(struct table *table, bool first),
                      double *figures)
{
    unsigned failed = 0;

    for (unsigned batch = 0; batch < BATCHES && !failed; batch++) {
        const uint64_t begin = pp_clock_ns();

        for (unsigned i = 0; i < ROUNDS && !failed; i++)
            failed += (unsigned)turn(table, figures != NULL);
        if (figures)
            figures[batch] = (double)(pp_clock_ns() - begin) / ROUNDS;
    }
    return failed > 0;
}

static int measure_turns(struct table *table, const char *name,
                         int (*turn)(struct table *table, bool first))
{
    double figures[BATCHES];
    int status = 1, failed;
    const pid_t child = fork();

    if (child < 0)
        return 1;
    if (child == 0)
        _exit(take_turns(table, turn, NULL));
    failed = take_turns(table, turn, figures);
    if (waitpid(child, &status, 0) != child || status != 0 || failed)
        return 1;
    printf("%s, and the other's answer\tns\t%.0f\n", name, median(figures, BATCHES));
    return 0;
}

/* ---- being woken ---------------------------------------------------------------------------- */

static int answer(struct table *table)
{
    for (unsigned i = 0; i < WAKE_UPS; i++) {
        if (pp_event_wait(&table->event, 60, NULL) != PP_OK)
            return 1;
        table->waited_ns = (double)(pp_clock_ns() - table->set_at);
        pp_event_clear(&table->event);
        pp_event_set(&table->answer);
    }
    return 0;
}

static int wake(struct table *table, double *figures)
{
    for (unsigned i = 0; i < WAKE_UPS; i++) {
        usleep(PAUSE_US);
        table->set_at = pp_clock_ns();
        pp_event_set(&table->event);
        if (pp_event_wait(&table->answer, 60, NULL) != PP_OK)
            return 1;
        pp_event_clear(&table->answer);
        figures[i] = table->waited_ns;
    }
    return 0;
}

static int measure_wake_up(struct table *table)
{
    static double figures[WAKE_UPS];
    int status = 1, failed;
    pid_t child = fork();

    if (child < 0)
        return 1;
    if (child == 0)
        _exit(answer(table));
    failed = wake(table, figures);
    if (waitpid(child, &status, 0) != child || status != 0 || failed)
        return 1;
    printf("event set until the process that sleeps runs\tns\t%.0f\n", median(figures, WAKE_UPS));
    return 0;
}

int main(void)
{
    struct pp_shared *shared = NULL;
    struct table *table;
    int failed;

    if (pp_shared_create(sizeof *table, &shared, NULL) != PP_OK) {
        fprintf(stderr, "micro_sync: no shared memory\n");
        return 1;
    }
    table = pp_shared_data(shared);
    failed = pp_semaphore_init(&table->semaphore, 1, 0, NULL) != PP_OK;
    failed |= measure_pass(table, "word", pass_word);
    failed |= measure_pass(table, "lock", pass_lock);
    failed |= measure_pass(table, "recursive lock", pass_rlock);
    failed |= measure_pass(table, "semaphore", pass_semaphore);
    fflush(stdout);
    failed |= measure_turns(table, "event set", turn_event);
    fflush(stdout);
    failed |= measure_turns(table, "semaphore released", turn_semaphore);
    fflush(stdout);
    failed |= measure_wake_up(table);
    pp_shared_free(shared);
    if (failed)
        fprintf(stderr, "micro_sync: something failed\n");
    return failed;
}
