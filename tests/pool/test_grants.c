/* Memory is granted within a budget, and to one worker in any case. */
#include "support_pool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/cgroup.h"

#define MIB        ((uint64_t)1 << 20)
#define GROUP_PATH 4096

static double run_four(struct run *run, uint64_t budget, const char *command)
{
    double begin;

    run_init(run);
    run->settings.workers = 4;
    run->settings.memory = budget;
    run_start(run);
    for (uint64_t tag = 10; tag < 14; tag++) /* all four are awake */
        run_submit(run, tag, "sleep 50");
    run_finish(run, 10);
    run->delivered = 0;
    begin = seconds_now();
    for (uint64_t tag = 0; tag < 4; tag++)
        run_submit(run, tag, command);
    run_finish(run, 10);
    return seconds_now() - begin;
}

static void what_exceeds_the_budget_together_is_granted_in_turn(void **state)
{
    struct run run;
    const double seconds = run_four(&run, 400 * MIB, "need 300 100");

    (void)state;
    assert_all_ok(&run, 4, "granted");
    assert_true(seconds >= 0.4);
    run_end(&run);
}

static void what_fits_is_granted_at_once(void **state)
{
    struct run run;
    const double seconds = run_four(&run, 400 * MIB, "need 100 200");

    (void)state;
    assert_all_ok(&run, 4, "granted");
    assert_true(seconds < 0.6);
    run_end(&run);
}

static void asking_again_for_more_waits_in_line_holding_nothing(void **state)
{
    struct run run;
    const double seconds = run_four(&run, 400 * MIB, "again 150 350");

    (void)state;
    assert_all_ok(&run, 4, "granted");
    assert_true(seconds >= 0.12 && seconds < 5);
    run_end(&run);
}

static void small_needs_are_within_the_allowance(void **state)
{
    struct run run;
    const double seconds = run_four(&run, 400 * MIB, "need 50 200");

    (void)state;
    assert_all_ok(&run, 4, "granted");
    assert_true(seconds < 0.6);
    run_end(&run);
}

static void more_than_the_budget_is_refused_in_words(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.memory = 512 * MIB;
    run_start(&run);
    run_submit(&run, 0, "need 700 0");
    run_submit(&run, 1, "need 512 0");
    run_finish(&run, 10);
    assert_string_equal(run.reports[0].text,
                        "memory needed 700 MB exceeds the budget of 512 MB (--memory)");
    assert_string_equal(run.reports[1].text, "granted");
    run_end(&run);
}

static void without_a_budget_everything_is_granted(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    run_submit(&run, 0, "need 900000000 0");
    run_finish(&run, 10);
    assert_all_ok(&run, 1, "granted");
    run_end(&run);
}

static void waiting_for_memory_does_not_count_against_the_limit(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.memory = 100 * MIB;
    run.settings.timeout = 0.5;
    run_start(&run);
    run_submit(&run, 0, "need 90 400");
    run_submit(&run, 1, "need 90 400");
    run_finish(&run, 10);
    assert_all_ok(&run, 2, "granted");
    run_end(&run);
}

/* Holders and waiters alike are killed; nobody waits for ever, nothing is granted for ever. */
static void killed_holders_and_waiters_harm_nobody(void **state)
{
    struct run run;
    pid_t pids[8];

    (void)state;
    run_init(&run);
    run.settings.workers = 3;
    run.settings.memory = 100 * MIB;
    run_start(&run);
    for (uint64_t round = 0; round < 15; round++) {
        int count;

        for (uint64_t i = 0; i < 3; i++)
            run_submit(&run, round * 3 + i, "need 90 5");
        for (int i = 0; i < 4; i++)
            assert_int_equal(pp_pool_step(run.pool, 5, NULL), PP_OK);
        count = children_of(getpid(), pids, 8);
        if (count > 0)
            kill(pids[round % (uint64_t)count], SIGKILL);
        run_finish(&run, 10);
    }
    assert_all_ok(&run, 45, "granted");
    run_end(&run);
}

static void ending_wakes_those_who_wait(void **state)
{
    struct run run;
    double begin;

    (void)state;
    run_init(&run);
    run.settings.memory = 100 * MIB;
    run_start(&run);
    run_submit(&run, 0, "need 90 400");
    run_submit(&run, 1, "need 90 400");
    for (int i = 0; i < 4; i++)
        assert_int_equal(pp_pool_step(run.pool, 20, NULL), PP_OK);
    begin = seconds_now();
    run_end(&run);
    assert_true(seconds_now() - begin < 0.9);
}

/* ---- the kernel's out-of-memory killer, in a control group of our own --------------------------
 */

static bool write_text(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done;

    if (fd < 0)
        return false;
    done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return done;
}

/* The first group visited is the process's own. */
static void note_group(void *user, const char *directory, int version)
{
    char *group = user;

    (void)version;
    if (!*group)
        snprintf(group, GROUP_PATH, "%s/pixpool-test-%d", directory, (int)getpid());
}

/* Below this process's group, version 1 or 2, one with 64 MiB and this process in it. */
static bool enter_small_group(char *group)
{
    static const char *const limits[] = {"memory.limit_in_bytes", "memory.max"};
    char path[GROUP_PATH + 64];
    bool limited = false;

    *group = '\0';
    pp_cgroup_each("", "memory", note_group, group);
    if (!*group || mkdir(group, 0700) != 0)
        return false;
    for (int i = 0; i < 2 && !limited; i++) {
        snprintf(path, sizeof path, "%s/%s", group, limits[i]);
        limited = write_text(path, "67108864");
    }
    snprintf(path, sizeof path, "%s/memory.swap.max", group);
    (void)write_text(path, "0");
    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    return limited && write_text(path, "0");
}

enum { WENT_WELL = 0, WENT_WRONG = 1, NO_GROUP = 2 };

/* In a child; it may not assert. */
static int run_out_of_memory(char *group)
{
    struct run run;

    if (!enter_small_group(group))
        return NO_GROUP;
    run_init(&run);
    if (pp_pool_start(&run.settings, &run.pool, NULL) != PP_OK)
        return WENT_WRONG;
    for (uint64_t tag = 0; tag < 12 || pp_pool_pending(run.pool) > 0;) {
        for (; tag < 12 && pp_pool_has_room(run.pool); tag++) {
            const char *command = tag == 3 ? "eat 200" : "sleep 5";
            const struct pp_task task = {
                .tag = tag, .payload = command, .payload_size = strlen(command), .fds = {-1, -1}};

            if (pp_pool_submit(run.pool, &task, NULL) != PP_OK)
                return WENT_WRONG;
        }
        if (pp_pool_step(run.pool, 1000, NULL) != PP_OK)
            return WENT_WRONG;
    }
    for (unsigned tag = 0; tag < 12; tag++)
        if (run.reports[tag].status != (tag == 3 ? PP_E_KILLED : PP_OK))
            return WENT_WRONG;
    if (run.reports[3].attempt != 2 ||
        strcmp(run.reports[3].text, "worker was killed, likely out of memory (2 attempts)") != 0)
        return WENT_WRONG;
    run_end(&run);
    return WENT_WELL;
}

static void a_task_that_exhausts_memory_fails_alone(void **state)
{
    char *group = mmap(NULL, GROUP_PATH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    pid_t pid;

    (void)state;
    assert_ptr_not_equal(group, MAP_FAILED);
    pid = fork();
    if (pid == 0) {
        alarm(60);
        _exit(run_out_of_memory(group));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (*group)
        rmdir(group);
    munmap(group, GROUP_PATH);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_GROUP) {
        print_message("skipped: no memory control group can be made here\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), WENT_WELL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_exceeds_the_budget_together_is_granted_in_turn),
        cmocka_unit_test(what_fits_is_granted_at_once),
        cmocka_unit_test(asking_again_for_more_waits_in_line_holding_nothing),
        cmocka_unit_test(small_needs_are_within_the_allowance),
        cmocka_unit_test(more_than_the_budget_is_refused_in_words),
        cmocka_unit_test(without_a_budget_everything_is_granted),
        cmocka_unit_test(waiting_for_memory_does_not_count_against_the_limit),
        cmocka_unit_test(killed_holders_and_waiters_harm_nobody),
        cmocka_unit_test(ending_wakes_those_who_wait),
        cmocka_unit_test(a_task_that_exhausts_memory_fails_alone),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
