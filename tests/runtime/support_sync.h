/*
 * Children for the tests of what processes wait for each other by, and killing them at random.
 *
 * A child that does not come to its end within SYNC_PATIENCE_S ends by a signal, which counts as a
 * failure: nothing here hangs.
 */
#ifndef SUPPORT_SYNC_H
#define SUPPORT_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SYNC_PATIENCE_S 60
#define SYNC_CHILDREN   4
/* Steps that a survivor has to make after the kill to be believed alive. */
#define SYNC_STEPS_AFTER 5

#ifdef __SANITIZE_ADDRESS__
#define SYNC_KILLS 400u
#else
#define SYNC_KILLS 1000u
#endif

/* Zeros that children of this process share with it; to be given back with the same size. */
void *sync_map(size_t size);
void sync_unmap(void *memory, size_t size);

/* The same for a test: its set-up has them lent, and this is its tear-down, which gives them back.
 */
void *sync_lend(void **state, size_t size);
int sync_take_back(void **state);

/* A process that runs it and exits, with status 1 when it returns false. */
pid_t sync_fork(bool (*run)(void *user), void *user);

/* Wait for the end of a child. Whether it was as it should. */
bool sync_ended_well(pid_t child);

/* Wait until the number is there, false after SYNC_PATIENCE_S. */
bool sync_reaches(const uint32_t *word, uint32_t number);

/* Wait until the child sleeps in a system call, false after SYNC_PATIENCE_S. */
bool sync_sleeps(pid_t child);

/* The beginning of the memory in which rounds of children are run, one of which is killed. */
struct sync_round {
    uint32_t children;
    uint32_t ready; /* how many of them have begun; none goes on before all have */
    uint32_t victim;
    uint64_t life_ns; /* of the victim, from then on */
    uint64_t end_ns;  /* the same by pp_clock_ns(); 0 before that */
    uint32_t killed;  /* one was, and what it left has been seen to */
    uint32_t steps[SYNC_CHILDREN];
    uint32_t steps_after[SYNC_CHILDREN];
};

struct sync_kills {
    size_t size; /* of the memory, which begins with a struct sync_round */
    unsigned children;
    void (*begin)(void *memory);                /* on zeros, before the children */
    bool (*child)(void *memory, unsigned slot); /* what each does; false is a failure */
    void (*mourn)(void *memory, unsigned slot); /* after the death, before `killed`; or NULL */
    bool (*consistent)(void *memory, unsigned victim); /* after the end of all */
};

/*
 * For a child's loop: counts a step; false when enough were made after the kill. The first call
 * waits for the others, and has the kernel kill the victim a little later, wherever it then is. So
 * the kill comes while it runs, which one from another process seldom does on a machine with much
 * to do.
 */
bool sync_goes_on(struct sync_round *round, unsigned slot);

/* SYNC_KILLS rounds of fresh memory. The number that went wrong, in whatever way. */
unsigned sync_run_kills(const struct sync_kills *kills);

#endif
