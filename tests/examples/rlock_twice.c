/* A lock that its holder may acquire again is another's only when it was released as often. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pixpool/shared.h>
#include <pixpool/sync.h>

/* What a child finds that only tries. */
static const char *try_in_a_child(struct pp_rlock *lock)
{
    int status = 1;
    pid_t child = fork();

    if (child == 0)
        _exit(pp_rlock_acquire(lock, 0, NULL) == PP_OK ? (int)pp_rlock_release(lock, NULL) : 2);
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return "nothing";
    return WEXITSTATUS(status) == 0 ? "free" : "held";
}

int main(void)
{
    struct pp_error err = {0};
    struct pp_shared *shared;
    struct pp_rlock *lock;

    if (pp_shared_create(sizeof *lock, &shared, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    lock = pp_shared_data(shared);
    if (pp_rlock_acquire(lock, -1, &err) != PP_OK || pp_rlock_acquire(lock, -1, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("acquired twice: %s\n", try_in_a_child(lock));
    pp_rlock_release(lock, NULL);
    printf("released once: %s\n", try_in_a_child(lock));
    pp_rlock_release(lock, NULL);
    printf("released twice: %s\n", try_in_a_child(lock));
    if (pp_rlock_release(lock, &err) == PP_E_USAGE)
        printf("once more: %s\n", err.text);
    pp_shared_free(shared);
    return 0;
}
