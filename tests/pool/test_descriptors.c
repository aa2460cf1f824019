/* Few descriptors, and files that may not grow: less work at a time, or a clear word at the start.
 */
#include "support_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/state.h"

#define TASKS 40

enum verdict { ALL_DONE = 0, REFUSED = 10, REFUSED_WITHOUT_SAYING, STUCK, GAVE_UP, NOT_ALL };

static void close_all(int fds[PP_TASK_FDS])
{
    for (int i = 0; i < PP_TASK_FDS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* A caller as greedy as the pool allows: it opens a task's descriptors as soon as there is room,
 * and waits for an outcome when it cannot. */
static bool submit_some(struct run *run, uint64_t *tag)
{
    while (*tag < TASKS && pp_pool_has_room(run->pool)) {
        struct pp_task task = {.tag = *tag, .payload = "sleep 2", .payload_size = 7};

        for (int i = 0; i < PP_TASK_FDS; i++)
            task.fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (task.fds[PP_TASK_FDS - 1] < 0) {
            close_all(task.fds);
            return pp_pool_pending(run->pool) > 0;
        }
        if (pp_pool_submit(run->pool, &task, NULL) != PP_OK)
            return false;
        ++*tag;
    }
    return true;
}

static enum verdict work_with(struct run *run, rlim_t descriptors)
{
    const struct rlimit limit = {descriptors, descriptors};
    struct pp_error err = {0};
    uint64_t tag = 0;

    alarm(10);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return GAVE_UP;
    if (pp_pool_start(&run->settings, &run->pool, &err) != PP_OK)
        return err.status == PP_E_SYSTEM && strstr(err.text, "too few file descriptors")
                   ? REFUSED
                   : REFUSED_WITHOUT_SAYING;
    while (tag < TASKS || pp_pool_pending(run->pool) > 0) {
        if (!submit_some(run, &tag))
            return STUCK;
        if (pp_pool_step(run->pool, 1000, &err) != PP_OK)
            return GAVE_UP;
    }
    for (tag = 0; tag < TASKS; tag++)
        if (run->reports[tag].times != 1 || run->reports[tag].status != PP_OK)
            return NOT_ALL;
    pp_pool_free(run->pool);
    return ALL_DONE;
}

static enum verdict in_child(rlim_t descriptors)
{
    struct run run;
    int status;
    pid_t pid;

    run_init(&run);
    run.settings.workers = 8;
    pid = fork();
    if (pid == 0)
        _exit((int)work_with(&run, descriptors));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    free(run.reports);
    assert_true(WIFEXITED(status));
    return (enum verdict)WEXITSTATUS(status);
}

static void the_start_is_refused_or_all_tasks_are_done(void **state)
{
    bool enough = false;

    (void)state;
    for (rlim_t descriptors = 5; descriptors <= 40; descriptors++) {
        const enum verdict verdict = in_child(descriptors);

        if (verdict != ALL_DONE && (enough || verdict != REFUSED))
            fail_msg("with %d descriptors: %d", (int)descriptors, (int)verdict);
        enough = verdict == ALL_DONE;
    }
    assert_true(enough);
}

static void a_worker_can_be_replaced_when_tasks_hold_all_descriptors(void **state)
{
    struct run run;
    int status;
    pid_t pid;

    (void)state;
    run_init(&run);
    run.settings.workers = 1;
    pid = fork();
    if (pid == 0) {
        alarm(20);
        run_start(&run);
        run_submit(&run, 0, "signal-once 11");
        while (fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) >= 0)
            ;
        while (pp_pool_pending(run.pool) > 0)
            if (pp_pool_step(run.pool, 100, NULL) != PP_OK)
                _exit(1);
        _exit(run.reports[0].status == PP_OK && run.reports[0].attempt == 2 ? 0 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    free(run.reports);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* What a worker that could not be executed leaves behind; others beside it are starting. */
static enum pp_status die_unexecuted(int error, unsigned times, unsigned starting)
{
    struct pp_results results = {.start_errno = error};
    struct pp_place others[1] = {{.state = PP_PLACE_STARTING}};
    struct pp_pool pool = {.places = others, .limit = starting, .occupied = 1 + starting};
    struct pp_place place = {.child.cell.results = &results};

    while (times-- > 0) {
        place.hired_ns = pool.hiring.strike_ns + 1;
        pp_hire_start_failed(&pool, &place, "exited with status 127", false);
        assert_true(pool.hiring.not_before_ns > place.hired_ns);
    }
    return pool.fatal.status;
}

static void a_shortage_at_the_exec_is_the_systems_and_tried_longer(void **state)
{
    (void)state;
    assert_int_equal(die_unexecuted(EMFILE, 5, 0), PP_OK);
    assert_int_equal(die_unexecuted(EMFILE, 6, 0), PP_E_SYSTEM);
    assert_int_equal(die_unexecuted(ENOEXEC, 2, 0), PP_OK);
    assert_int_equal(die_unexecuted(ENOEXEC, 3, 0), PP_E_INTERNAL);
}

static void a_shortage_at_every_exec_ends_a_pool_of_any_size(void **state)
{
    (void)state;
    assert_int_equal(die_unexecuted(EMFILE, 5, 1), PP_OK);
    assert_int_equal(die_unexecuted(EMFILE, 6, 1), PP_E_SYSTEM);
}

static void writing_too_large_a_file_is_an_error_and_no_crash(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    run_submit(&run, 0, "exceed");
    run_finish(&run, 10);
    assert_int_equal(run.reports[0].status, PP_OK);
    assert_string_equal(run.reports[0].text, "EFBIG");
    run_end(&run);
}

static void what_follows_the_setup_stays_with_the_worker(void **state)
{
    static const char bulk[] = "beside the setup";
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.setup = "some words";
    run.settings.setup_size = strlen(run.settings.setup);
    run.settings.bulk = bulk;
    run.settings.bulk_size = sizeof bulk;
    run.settings.sandbox = PP_SANDBOX_AUTO;
    run_start(&run);
    run_many(&run, 20, "bulk", 20);
    assert_all_ok(&run, 20, bulk);
    run_end(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_start_is_refused_or_all_tasks_are_done),
        cmocka_unit_test(a_worker_can_be_replaced_when_tasks_hold_all_descriptors),
        cmocka_unit_test(a_shortage_at_the_exec_is_the_systems_and_tried_longer),
        cmocka_unit_test(a_shortage_at_every_exec_ends_a_pool_of_any_size),
        cmocka_unit_test(writing_too_large_a_file_is_an_error_and_no_crash),
        cmocka_unit_test(what_follows_the_setup_stays_with_the_worker),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
