#include "support_sync.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/futex.h"

#define LONGEST_LIFE_NS 200000

void *sync_map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    return memory;
}

void sync_unmap(void *memory, size_t size)
{
    munmap(memory, size);
}

/* Stands before what is lent. */
struct loan {
    _Alignas(64) size_t size; /* with this */
};

void *sync_lend(void **state, size_t size)
{
    struct loan *loan = sync_map(sizeof *loan + size);

    loan->size = sizeof *loan + size;
    *state = loan;
    return loan + 1;
}

int sync_take_back(void **state)
{
    struct loan *loan = *state;

    sync_unmap(loan, loan->size);
    return 0;
}

/* Returns in the child. */
static pid_t fork_mortal(void)
{
    pid_t child = fork();

    if (child < 0)
        abort();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(SYNC_PATIENCE_S);
    }
    return child;
}

pid_t sync_fork(bool (*run)(void *user), void *user)
{
    pid_t child = fork_mortal();

    if (child == 0)
        _exit(run(user) ? 0 : 1);
    return child;
}

bool sync_ended_well(pid_t child)
{
    int status;

    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool sync_reaches(const uint32_t *word, uint32_t number)
{
    time_t begin = time(NULL);

    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < number) {
        if (time(NULL) - begin > SYNC_PATIENCE_S)
            return false;
        usleep(20);
    }
    return true;
}

static void arm(const struct sync_round *round)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    const struct itimerspec end = {.it_value = {.tv_sec = (time_t)(round->end_ns / PP_NS_PER_S),
                                                .tv_nsec = (long)(round->end_ns % PP_NS_PER_S)}};
    timer_t timer;

    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
        timer_settime(timer, TIMER_ABSTIME, &end, NULL) != 0)
        abort();
}

static void begin_together(struct sync_round *round, unsigned slot)
{
    const struct pp_deadline never = pp_deadline_after(-1);
    uint32_t ready = __atomic_add_fetch(&round->ready, 1, __ATOMIC_ACQ_REL);

    if (ready == round->children)
        pp_futex_wake(&round->ready, round->children);
    while (ready < round->children) {
        (void)pp_futex_wait(&round->ready, ready, &never);
        ready = __atomic_load_n(&round->ready, __ATOMIC_ACQUIRE);
    }
    if (slot == round->victim) {
        __atomic_store_n(&round->end_ns, pp_clock_ns() + round->life_ns, __ATOMIC_RELAXED);
        arm(round);
    }
}

/* The letter for its state stands behind its name in brackets. */
static char state_of(pid_t child)
{
    char path[64], line[512] = "";
    const char *end;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
    file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file))
        abort();
    fclose(file);
    end = strrchr(line, ')');
    return end ? end[2] : '?';
}

bool sync_sleeps(pid_t child)
{
    time_t begin = time(NULL);

    while (state_of(child) != 'S') {
        if (time(NULL) - begin > SYNC_PATIENCE_S)
            return false;
        usleep(100);
    }
    return true;
}

bool sync_goes_on(struct sync_round *round, unsigned slot)
{
    if (round->steps[slot]++ == 0)
        begin_together(round, slot);
    if (__atomic_load_n(&round->killed, __ATOMIC_ACQUIRE))
        return round->steps_after[slot]++ < SYNC_STEPS_AFTER;
    /* So that the parent, who has to say so, need not wait for the end of a slice of time. */
    if (pp_clock_ns() > __atomic_load_n(&round->end_ns, __ATOMIC_RELAXED))
        sched_yield();
    return true;
}

static void fork_all(const struct sync_kills *kills, void *memory, pid_t *children)
{
    for (unsigned slot = 0; slot < kills->children; slot++) {
        children[slot] = fork_mortal();
        if (children[slot] == 0)
            _exit(kills->child(memory, slot) ? 0 : 1);
    }
}

/* One round: all but the victim must come to their end, and leave things as they should be. */
static bool run_round(const struct sync_kills *kills, void *memory, unsigned *seed)
{
    struct sync_round *round = memory;
    pid_t children[SYNC_CHILDREN];
    bool well = true;
    int status;

    memset(memory, 0, kills->size);
    round->children = kills->children;
    round->victim = (uint32_t)rand_r(seed) % kills->children;
    round->life_ns = (uint64_t)rand_r(seed) % LONGEST_LIFE_NS;
    kills->begin(memory);
    fork_all(kills, memory, children);
    if (waitpid(children[round->victim], &status, 0) < 0 || !WIFSIGNALED(status) ||
        WTERMSIG(status) != SIGKILL)
        well = false;
    if (kills->mourn)
        kills->mourn(memory, round->victim);
    __atomic_store_n(&round->killed, 1, __ATOMIC_RELEASE);
    for (unsigned slot = 0; slot < kills->children; slot++)
        if (slot != round->victim && !sync_ended_well(children[slot]))
            well = false;
    return well && kills->consistent(memory, round->victim);
}

unsigned sync_run_kills(const struct sync_kills *kills)
{
    void *memory = sync_map(kills->size);
    unsigned seed = 1, wrong = 0;

    for (unsigned i = 0; i < SYNC_KILLS && wrong == 0; i++)
        if (!run_round(kills, memory, &seed)) {
            fprintf(stderr, "the round of kill %u went wrong\n", i);
            wrong++;
        }
    sync_unmap(memory, kills->size);
    return wrong;
}
