/*
 * Two processes: the child works once for every unit of a semaphore that its parent releases, and
 * says by an event that it has done all.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pixpool/shared.h>
#include <pixpool/sync.h>
#include <pixpool/value.h>

#define PIECES 5

struct bench {
    struct pp_semaphore pieces;
    struct pp_event done;
    struct pp_value_i32 made;
};

static int work(struct bench *bench)
{
    for (int i = 0; i < PIECES; i++) {
        if (pp_semaphore_acquire(&bench->pieces, 60, NULL) != PP_OK)
            return 1;
        pp_value_i32_add(&bench->made, 1);
    }
    pp_event_set(&bench->done);
    return 0;
}

int main(void)
{
    struct pp_error err = {0};
    struct pp_shared *shared;
    struct bench *bench;
    int status = 1;
    pid_t child;

    if (pp_shared_create(sizeof *bench, &shared, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    bench = pp_shared_data(shared);
    child = fork();
    if (child == 0)
        _exit(work(bench));
    if (child < 0)
        return 1;
    printf("before: %s, %d made\n", pp_event_is_set(&bench->done) ? "done" : "not done",
           (int)pp_value_i32_get(&bench->made));
    for (int i = 0; i < PIECES; i++)
        pp_semaphore_release(&bench->pieces, NULL);
    if (pp_event_wait(&bench->done, 60, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("after: %s, %d made, %u pieces left\n",
           pp_event_is_set(&bench->done) ? "done" : "not done", (int)pp_value_i32_get(&bench->made),
           (unsigned)pp_semaphore_value(&bench->pieces));
    if (waitpid(child, &status, 0) != child || status != 0)
        return 1;
    pp_shared_free(shared);
    return 0;
}
