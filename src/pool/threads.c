#include "pool/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES ((size_t)1 << 20) /* as OMP_STACKSIZE in environment.c */
#define GONE_TRIES  2000              /* of 50 us each */

struct trial {
    pthread_t thread;
    pid_t id;
    pthread_mutex_t *gate;
};

static void *pass_gate(void *argument)
{
    struct trial *trial = argument;

    trial->id = gettid();
    pthread_mutex_lock(trial->gate);
    pthread_mutex_unlock(trial->gate);
    return NULL;
}

/* pthread_join() returns a moment before the kernel stops counting the thread against the limits.
 * It has done so once the thread's number is unknown. */
static void wait_until_gone(pid_t id)
{
    const struct timespec pause = {0, 50000};

    for (unsigned i = 0; i < GONE_TRIES && tgkill(getpid(), id, 0) == 0; i++)
        nanosleep(&pause, NULL);
}

/* All at once, hence the gate. Returns how many could be created. */
static unsigned create(struct trial *trials, unsigned count)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_attr_t attributes;
    unsigned created = 0;

    if (pthread_attr_init(&attributes) != 0)
        return 0;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_mutex_lock(&gate);
    for (; created < count; created++) {
        trials[created].gate = &gate;
        if (pthread_create(&trials[created].thread, &attributes, pass_gate, &trials[created]) != 0)
            break;
    }
    pthread_mutex_unlock(&gate);
    pthread_attr_destroy(&attributes);
    for (unsigned i = 0; i < created; i++) {
        pthread_join(trials[i].thread, NULL);
        wait_until_gone(trials[i].id);
    }
    return created;
}

static unsigned try_threads(unsigned wanted)
{
    struct trial *trials = calloc(wanted - 1, sizeof *trials);
    const unsigned had = trials ? 1 + create(trials, wanted - 1) : 1;

    free(trials);
    return had;
}

unsigned pp_threads_available(struct pp_threads *threads, unsigned wanted)
{
    unsigned proven = atomic_load(&threads->proven), had;

    if (wanted <= 1)
        return 1;
    if (wanted <= proven)
        return wanted;
    if (!atomic_load(&threads->exhausted)) {
        had = try_threads(wanted);
        if (had < wanted)
            atomic_store(&threads->exhausted, true);
        while (had > proven && !atomic_compare_exchange_weak(&threads->proven, &proven, had))
            ;
        proven = had > proven ? had : proven;
    }
    if (proven < 1)
        return 1;
    return wanted < proven ? wanted : proven;
}
