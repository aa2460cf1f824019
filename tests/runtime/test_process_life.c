/* Who lives on when somebody dies; many processes at once; callers that ignore SIGCHLD. */
#include "support_tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct pp_process *start(const struct pp_process_settings *settings)
{
    struct pp_process *process = NULL;
    struct pp_error err = {0};

    if (pp_process_start(settings, &process, &err) != PP_OK)
        fail_msg("%s", err.text);
    return process;
}

static bool dies_within(pid_t pid, double seconds)
{
    const double until = tasks_now() + seconds;

    while (tasks_process_lives(pid) && tasks_now() < until)
        tasks_sleep_ms(2);
    return !tasks_process_lives(pid);
}

static void a_daemon_dies_with_its_parent_and_others_live_on(void **state)
{
    int ends[2];
    const struct pp_process_settings settings = {
        .function = "leave_children", .fds = &ends[1], .fd_count = 1};
    struct pp_process_end end = {0};
    struct pp_process *parent;
    pid_t daemon, other;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    /* Orphans become this process's children, which can then collect them. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    parent = start(&settings);
    assert_int_equal(pp_process_join(parent, 30, &end, NULL), PP_OK);
    assert_int_equal(end.signal, SIGKILL);
    assert_int_equal(read(ends[0], &daemon, sizeof daemon), sizeof daemon);
    assert_int_equal(read(ends[0], &other, sizeof other), sizeof other);
    assert_true(dies_within(daemon, 10));
    assert_true(tasks_process_lives(other));
    kill(other, SIGKILL);
    assert_int_equal(waitpid(other, NULL, 0), other);
    assert_int_equal(waitpid(daemon, NULL, 0), daemon);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    pp_process_free(parent);
    close(ends[0]);
    close(ends[1]);
}

static int report_nothing(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    (void)argument;
    (void)size;
    (void)fds;
    (void)fd_count;
    return 5;
}

/* Forks a daemon, which reports, and dies. */
static int fork_a_daemon_and_die(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    const struct pp_process_settings settings = {
        .run = tasks_sleep_long, .fds = fds, .fd_count = fd_count, .daemon = true};
    struct pp_process *process = NULL;
    pid_t pid;

    (void)argument;
    (void)size;
    if (pp_process_start(&settings, &process, NULL) != PP_OK)
        return 1;
    pid = pp_process_pid(process);
    (void)!write(fds[0], &pid, sizeof pid);
    raise(SIGKILL);
    return 0;
}

static void a_forked_daemon_dies_with_its_parent(void **state)
{
    int ends[2];
    const struct pp_process_settings settings = {
        .run = fork_a_daemon_and_die, .fds = &ends[1], .fd_count = 1};
    struct pp_process *parent;
    char bytes[16] = "";
    pid_t daemon;
    ssize_t got;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    parent = start(&settings);
    assert_int_equal(pp_process_join(parent, 30, NULL, NULL), PP_OK);
    got = read(ends[0], bytes, sizeof bytes); /* the number, and perhaps the mark beside it */
    assert_in_range(got, sizeof daemon, sizeof daemon + 1);
    memcpy(&daemon, bytes + (bytes[0] == '!' && got > (ssize_t)sizeof daemon), sizeof daemon);
    assert_int_equal(waitpid(-1, NULL, 0), daemon);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    pp_process_free(parent);
    close(ends[0]);
    close(ends[1]);
}

static void freeing_a_daemon_ends_it_and_freeing_another_waits(void **state)
{
    const uint64_t nought = 0;
    const struct pp_process_settings daemon = {.function = "sleep_long", .daemon = true},
                                     other = {.function = "exit_with",
                                              .argument = &nought,
                                              .size = sizeof nought};
    struct pp_process *process = start(&daemon);
    const pid_t pid = pp_process_pid(process);

    (void)state;
    assert_true(pp_process_is_daemon(process));
    assert_string_equal(pp_process_name(process), "sleep_long");
    pp_process_free(process);
    assert_false(tasks_process_lives(pid));
    pp_process_free(start(&other));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void many_processes_are_started_and_joined(void **state)
{
    struct pp_process *processes[40];
    const int before = tasks_open_fds();

    (void)state;
    for (uint64_t i = 0; i < 40; i++) {
        const struct pp_process_settings settings = {
            .function = i < 20 ? "exit_with" : "sleep_long", .argument = &i, .size = sizeof i};

        processes[i] = start(&settings);
    }
    for (int i = 20; i < 40; i++)
        pp_process_terminate(processes[i], NULL);
    for (int i = 39; i >= 0; i--) {
        struct pp_process_end end;

        assert_int_equal(pp_process_join(processes[i], 30, &end, NULL), PP_OK);
        assert_int_equal(end.signal, i < 20 ? 0 : SIGTERM);
        assert_int_equal(end.status, i < 20 ? i : 0);
        pp_process_free(processes[i]);
    }
    assert_int_equal(tasks_open_fds(), before);
}

static void a_start_sees_to_it_that_exit_statuses_are_kept(void **state)
{
    const uint64_t status = 9;
    const struct pp_process_settings settings = {
        .function = "exit_with", .argument = &status, .size = sizeof status};
    struct pp_process_end end;
    struct pp_process *process;

    (void)state;
    signal(SIGCHLD, SIG_IGN);
    process = start(&settings);
    assert_int_equal(pp_process_join(process, 30, &end, NULL), PP_OK);
    assert_true(end.exited);
    assert_int_equal(end.status, 9);
    pp_process_free(process);
    signal(SIGCHLD, SIG_DFL);
}

/* Ignored later: the end is seen, and nobody can say how. */
static void an_end_that_nobody_can_tell_of_is_told_as_such(void **state)
{
    const struct pp_process_settings settings = {.function = "sleep_long"};
    struct pp_process *process = start(&settings);
    struct pp_process_end end = {.exited = true};

    (void)state;
    signal(SIGCHLD, SIG_IGN);
    pp_process_kill(process, NULL);
    assert_int_equal(pp_process_join(process, 30, &end, NULL), PP_OK);
    assert_false(end.exited);
    assert_int_equal(end.signal, 0);
    assert_int_equal(pp_process_kill(process, NULL), PP_OK);
    pp_process_free(process);
    signal(SIGCHLD, SIG_DFL);
}

/* In a child of its own: this one's streams are wanted. */
static void closed_standard_streams_are_in_nobodys_way(void **state)
{
    const struct pp_process_settings by_name = {.function = "exit_with",
                                                .argument = "\x05",
                                                .size = 1},
                                     by_pointer = {.run = report_nothing};
    const pid_t child = fork();
    int status;

    (void)state;
    if (child == 0) {
        const struct pp_process_settings *const both[] = {&by_name, &by_pointer};
        struct pp_process_end end = {0};
        int wrong = 0;

        for (int fd = 0; fd < 3; fd++)
            close(fd);
        for (int i = 0; i < 2; i++) {
            struct pp_process *process = NULL;

            wrong += pp_process_start(both[i], &process, NULL) != PP_OK ||
                     pp_process_join(process, 30, &end, NULL) != PP_OK || end.status != 5;
            pp_process_free(process);
        }
        _exit(wrong);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void do_nothing(int number)
{
    (void)number;
}

/* A handler without SA_RESTART, a signal every few milliseconds. */
static void interruptions_do_not_end_a_wait(void **state)
{
    const struct sigaction action = {.sa_handler = do_nothing};
    const struct pp_process_settings settings = {.function = "sleep_long"};
    struct pp_process *process = start(&settings);
    const pid_t parent = getpid(), nagger = fork();
    const double begin = tasks_now();

    (void)state;
    if (nagger == 0) {
        for (int i = 0; i < 40; i++) {
            tasks_sleep_ms(5);
            kill(parent, SIGUSR1);
        }
        _exit(0);
    }
    sigaction(SIGUSR1, &action, NULL);
    assert_int_equal(pp_process_join(process, 0.2, NULL, NULL), PP_E_TIMEOUT);
    assert_true(tasks_now() - begin >= 0.2);
    while (waitpid(nagger, NULL, 0) != nagger)
        assert_int_equal(errno, EINTR);
    signal(SIGUSR1, SIG_DFL);
    pp_process_kill(process, NULL);
    pp_process_free(process);
}

/* Started again, this very program does not hand over when this is set: to a folder's name, which
 * it removes if it was kept from starting anything. */
#define ASTRAY "PP_TEST_ASTRAY"

/* What a main() that forgot to hand over would do: start itself again and again. */
static int be_astray(void)
{
    const struct pp_process_settings settings = {.function = "exit_with"};
    const struct pp_tasks_settings pool = {.table = &tasks_table, .workers = 1};
    struct pp_process *process = NULL;
    struct pp_tasks *tasks = NULL;

    if (pp_process_start(&settings, &process, NULL) != PP_E_USAGE ||
        pp_tasks_start(&pool, &tasks, NULL) != PP_E_USAGE)
        return 1;
    return rmdir(getenv(ASTRAY)) == 0 ? 0 : 1;
}

static void a_main_that_does_not_hand_over_is_no_fork_bomb(void **state)
{
    const struct pp_process_settings settings = {.function = "exit_with"};
    struct pp_process *process = NULL;
    char folder[] = "/tmp/pixpool-astray-XXXXXX";
    struct pp_error err = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    setenv(ASTRAY, folder, 1);
    assert_int_equal(pp_process_start(&settings, &process, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot start a process: it did not come to pp_process_main(), "
                                  "which main() has to begin with");
    unsetenv(ASTRAY);
    assert_int_equal(rmdir(folder), -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_daemon_dies_with_its_parent_and_others_live_on),
        cmocka_unit_test(a_forked_daemon_dies_with_its_parent),
        cmocka_unit_test(freeing_a_daemon_ends_it_and_freeing_another_waits),
        cmocka_unit_test(many_processes_are_started_and_joined),
        cmocka_unit_test(a_start_sees_to_it_that_exit_statuses_are_kept),
        cmocka_unit_test(an_end_that_nobody_can_tell_of_is_told_as_such),
        cmocka_unit_test(closed_standard_streams_are_in_nobodys_way),
        cmocka_unit_test(interruptions_do_not_end_a_wait),
        cmocka_unit_test(a_main_that_does_not_hand_over_is_no_fork_bomb),
    };
    int status;

    if (getenv(ASTRAY))
        return be_astray();
    if (pp_process_main(argc, argv, &tasks_program, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
