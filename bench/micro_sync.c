/*
 * micro_sync - what it costs to take and give back what nobody else wants, and how long it takes
 * until a process that waits for an event runs again.
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
#define WAKE_UPS 2001
#define PAUSE_US 100 /* long enough for the other to be asleep again */

struct table {
    struct pp_lock lock;
    struct pp_rlock rlock;
    struct pp_semaphore semaphore;
    struct pp_event event, answer;
    uint64_t set_at;
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
    printf("event set until the process that waits runs\tns\t%.0f\n", median(figures, WAKE_UPS));
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
    failed |= measure_pass(table, "lock", pass_lock);
    failed |= measure_pass(table, "recursive lock", pass_rlock);
    failed |= measure_pass(table, "semaphore", pass_semaphore);
    fflush(stdout);
    failed |= measure_wake_up(table);
    pp_shared_free(shared);
    if (failed)
        fprintf(stderr, "micro_sync: something failed\n");
    return failed;
}
