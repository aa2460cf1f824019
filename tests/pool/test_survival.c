/* A pool at its limits: no processes, no descriptors, workers that cannot start, no supervisor. */
#include "support_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a child that may not assert says of its run. */
struct verdict {
    enum pp_status status;
    char text[PP_ERROR_TEXT];
    size_t ok, delivered;
    double seconds;
    unsigned most_workers;
};

static enum pp_status submit_and_step(struct run *run, uint64_t count, struct verdict *verdict)
{
    struct pp_error err = {0};

    for (uint64_t tag = 0; tag < count || pp_pool_pending(run->pool) > 0;) {
        for (; tag < count && pp_pool_has_room(run->pool); tag++) {
            const struct pp_task task = {
                .tag = tag, .payload = "sleep 2", .payload_size = 7, .fds = {-1, -1}};

            if (pp_pool_submit(run->pool, &task, &err) != PP_OK)
                return err.status;
        }
        if (pp_pool_step(run->pool, 1000, &err) != PP_OK) {
            snprintf(verdict->text, sizeof verdict->text, "%s", err.text);
            return err.status;
        }
        if (pp_pool_alive(run->pool) > verdict->most_workers)
            verdict->most_workers = pp_pool_alive(run->pool);
    }
    return PP_OK;
}

/* 60 tasks in a child, after `limit` did something to it. */
static void run_limited(struct run *run, bool (*limit)(void), struct verdict *verdict)
{
    struct verdict *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid;
    int status;

    assert_ptr_not_equal(shared, MAP_FAILED);
    pid = fork();
    if (pid == 0) {
        const double begin = seconds_now();

        alarm(50);
        if (!limit())
            _exit(2);
        shared->status = pp_pool_start(&run->settings, &run->pool, NULL);
        if (shared->status == PP_OK)
            shared->status = submit_and_step(run, 60, shared);
        shared->delivered = run->delivered;
        for (unsigned tag = 0; tag < 60; tag++)
            shared->ok += run->reports[tag].times == 1 && run->reports[tag].status == PP_OK;
        shared->seconds = seconds_now() - begin;
        pp_pool_free(run->pool);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    free(run->reports);
    *verdict = *shared;
    munmap(shared, sizeof *shared);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool change_nothing(void)
{
    return true;
}

static void dying_at_the_start_ends_the_pool(const char *how, const char *text)
{
    struct verdict verdict;
    struct run run;

    run_init(&run);
    run.settings.workers = 4;
    run.settings.setup = how;
    run.settings.setup_size = strlen(how);
    run_limited(&run, change_nothing, &verdict);
    assert_int_equal(verdict.status, PP_E_INTERNAL);
    assert_string_equal(verdict.text, text);
    assert_true(verdict.seconds < 10);
    assert_int_equal(verdict.delivered, 8);
    assert_int_equal(verdict.ok, 0);
}

static void workers_that_refuse_to_start_end_the_pool_in_their_words(void **state)
{
    (void)state;
    dying_at_the_start_ends_the_pool("refuse", "workers die at their start: no luck today");
}

static void workers_that_crash_at_start_end_the_pool(void **state)
{
    (void)state;
    dying_at_the_start_ends_the_pool("segv", "workers die at their start: crashed with SIGSEGV");
}

static void workers_that_exit_at_start_end_the_pool(void **state)
{
    (void)state;
    dying_at_the_start_ends_the_pool("exit", "workers die at their start: exited with status 0");
}

static void an_unknown_service_is_named_as_the_reason(void **state)
{
    struct verdict verdict;
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.service = "no-such";
    run_limited(&run, change_nothing, &verdict);
    assert_int_equal(verdict.status, PP_E_INTERNAL);
    assert_string_equal(verdict.text,
                        "workers die at their start: this program has no such service");
}

static bool few_descriptors(void)
{
    const struct rlimit limit = {24, 24};

    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static void with_few_descriptors_fewer_workers_do_all(void **state)
{
    struct verdict verdict;
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 8;
    run_limited(&run, few_descriptors, &verdict);
    assert_int_equal(verdict.status, PP_OK);
    assert_int_equal(verdict.ok, 60);
    assert_in_range(verdict.most_workers, 1, 7);
}

/* Root has no limit of processes, hence someone else, of whom there are no other processes. */
static bool allow_processes(rlim_t count)
{
    const struct rlimit limit = {count, count};

    if (geteuid() != 0 || setresgid(61234, 61234, 61234) != 0 ||
        setresuid(61234, 61234, 61234) != 0 || access("/proc/self/exe", X_OK) != 0) {
        print_message("skipped: needs root and a program others may run\n");
        return false;
    }
    setenv("LSAN_OPTIONS", "detect_leaks=0", 1); /* that would take one process more */
    return setrlimit(RLIMIT_NPROC, &limit) == 0;
}

static bool three_processes(void)
{
    return allow_processes(4); /* the supervisor is one of them */
}

static bool no_processes(void)
{
    return allow_processes(1);
}

static void with_few_processes_fewer_workers_do_all(void **state)
{
    struct verdict verdict;
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 8;
    run_limited(&run, three_processes, &verdict);
    assert_int_equal(verdict.status, PP_OK);
    assert_int_equal(verdict.ok, 60);
    assert_int_equal(verdict.most_workers, 3);
}

static void without_any_process_the_pool_says_so(void **state)
{
    struct verdict verdict;
    struct run run;

    (void)state;
    run_init(&run);
    run_limited(&run, no_processes, &verdict);
    assert_int_equal(verdict.status, PP_E_SYSTEM);
    assert_string_equal(verdict.text,
                        "cannot start any worker process: Resource temporarily unavailable");
    assert_true(verdict.delivered > 0 && verdict.ok == 0);
}

/* A supervisor that is killed while its workers work, hang, wait or start. */
static pid_t start_supervisor(unsigned round)
{
    static const char *const commands[] = {"hang", "sleep 1", "need 90 1000", "echo"};
    const pid_t pid = fork();
    const char *command = commands[round % 4];
    struct run run;

    if (pid != 0)
        return pid;
    run_init(&run);
    run.settings.workers = 3;
    run.settings.memory = 100 << 20;
    if (pp_pool_start(&run.settings, &run.pool, NULL) != PP_OK)
        _exit(1);
    for (uint64_t tag = 0;; tag = (tag + 1) % 1000) {
        const struct pp_task task = {
            .tag = tag, .payload = command, .payload_size = strlen(command), .fds = {-1, -1}};

        if (pp_pool_has_room(run.pool) && pp_pool_submit(run.pool, &task, NULL) != PP_OK)
            _exit(1);
        if (pp_pool_step(run.pool, 1, NULL) != PP_OK)
            _exit(1);
    }
}

static bool is_gone(pid_t pid)
{
    char path[64], state = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (!file)
        return true;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'X';
    fclose(file);
    return state == 'X' || state == 'Z'; /* dead, if perhaps not yet collected by init */
}

static void no_worker_outlives_its_supervisor(void **state)
{
    const unsigned rounds = long_tests() ? 200 : 24;

    (void)state;
    for (unsigned round = 0; round < rounds; round++) {
        struct timespec life = {0, (long)(round * 7 % 60) * 1000000};
        const pid_t supervisor = start_supervisor(round);
        double until;
        pid_t pids[8];
        int count;

        assert_true(supervisor > 0);
        nanosleep(&life, NULL);
        kill(supervisor, SIGSTOP);
        count = children_of(supervisor, pids, 8);
        kill(supervisor, SIGKILL);
        assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
        until = seconds_now() + 1;
        for (int i = 0; i < count; i++)
            while (!is_gone(pids[i]))
                assert_true(seconds_now() < until);
    }
}

static void a_worker_word_alone_starts_nothing(void **state)
{
    char program[4096];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    int status;
    pid_t pid;

    (void)state;
    assert_true(length > 0);
    program[length] = '\0';
    pid = fork();
    if (pid == 0) {
        execl(program, program, "--pixpool-worker", "commands", (char *)NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_that_refuse_to_start_end_the_pool_in_their_words),
        cmocka_unit_test(workers_that_crash_at_start_end_the_pool),
        cmocka_unit_test(workers_that_exit_at_start_end_the_pool),
        cmocka_unit_test(an_unknown_service_is_named_as_the_reason),
        cmocka_unit_test(with_few_descriptors_fewer_workers_do_all),
        cmocka_unit_test(with_few_processes_fewer_workers_do_all),
        cmocka_unit_test(without_any_process_the_pool_says_so),
        cmocka_unit_test(no_worker_outlives_its_supervisor),
        cmocka_unit_test(a_worker_word_alone_starts_nothing),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
