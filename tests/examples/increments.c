/*
 * Two processes count together: a hundred increments that are atomic by themselves, and two hundred
 * of a plain number under a lock.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pixpool/shared.h>
#include <pixpool/sync.h>
#include <pixpool/value.h>

struct counters {
    struct pp_value_i64 atomic;
    struct pp_lock lock;
    long locked;
};

/* Half of all. */
static int count(struct counters *counters)
{
    for (int i = 0; i < 50; i++)
        pp_value_i64_add(&counters->atomic, 1);
    for (int i = 0; i < 100; i++) {
        if (pp_lock_acquire(&counters->lock, -1, NULL) != PP_OK)
            return 1;
        counters->locked++;
        pp_lock_release(&counters->lock, NULL);
    }
    return 0;
}

int main(void)
{
    struct pp_error err = {0};
    struct pp_shared *shared;
    struct counters *counters;
    int status = 1;
    pid_t child;

    if (pp_shared_create(sizeof *counters, &shared, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    counters = pp_shared_data(shared);
    child = fork();
    if (child == 0)
        _exit(count(counters));
    if (child < 0 || count(counters) != 0 || waitpid(child, &status, 0) != child || status != 0)
        return 1;
    printf("atomic: %lld\n", (long long)pp_value_i64_get(&counters->atomic));
    printf("locked: %ld\n", counters->locked);
    pp_shared_free(shared);
    return 0;
}
