/* Processes by name and by pointer: how they start, what they get, how they end. */
#include "support_tasks.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static struct pp_process *start_function(const char *function, uint64_t number)
{
    const struct pp_process_settings settings = {
        .function = function, .argument = &number, .size = sizeof number};

    return start(&settings);
}

static struct pp_process_end join(struct pp_process *process)
{
    struct pp_process_end end = {0};
    struct pp_error err = {0};

    if (pp_process_join(process, 30, &end, &err) != PP_OK)
        fail_msg("%s", err.text);
    return end;
}

/* The function's line through a pipe. */
static void line_of(struct pp_process_settings *settings, char *line, size_t room)
{
    struct pp_process *process;
    ssize_t got;
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    settings->fds = &ends[1];
    settings->fd_count = 1;
    process = start(settings);
    assert_true(join(process).exited);
    got = read(ends[0], line, room - 1);
    assert_true(got > 0);
    line[got] = '\0';
    close(ends[0]);
    close(ends[1]);
    pp_process_free(process);
}

static void exit_status_and_signal_are_told_apart(void **state)
{
    struct pp_process *statuses = start_function("exit_with", 42);
    struct pp_process *signals = start_function("die_by_signal", SIGSEGV);
    struct pp_process_end end = join(statuses);

    (void)state;
    assert_true(end.exited);
    assert_int_equal(end.status, 42);
    assert_int_equal(end.signal, 0);
    end = join(signals);
    assert_false(end.exited);
    assert_int_equal(end.signal, SIGSEGV);
    end = join(signals); /* and again */
    assert_int_equal(end.signal, SIGSEGV);
    pp_process_free(statuses);
    pp_process_free(signals);
}

static void a_status_keeps_its_lowest_eight_bits(void **state)
{
    struct pp_process *process = start_function("exit_with", 0x1ff);

    (void)state;
    assert_int_equal(join(process).status, 0xff);
    pp_process_free(process);
}

static void a_process_is_alive_until_it_is_terminated(void **state)
{
    struct pp_process *process = start_function("sleep_long", 0);
    struct pollfd sentinel = {.fd = pp_process_pidfd(process), .events = POLLIN};
    struct pp_error err = {0};

    (void)state;
    assert_true(pp_process_is_alive(process));
    assert_int_equal(poll(&sentinel, 1, 0), 0);
    assert_int_equal(pp_process_join(process, 0, NULL, &err), PP_E_TIMEOUT);
    assert_int_equal(pp_process_join(process, 0.02, NULL, NULL), PP_E_TIMEOUT);
    assert_string_equal(err.text, "process \"sleep_long\" has not ended within 0 s");
    assert_int_equal(pp_process_terminate(process, NULL), PP_OK);
    assert_int_equal(poll(&sentinel, 1, 30000), 1);
    assert_int_equal(join(process).signal, SIGTERM);
    assert_false(pp_process_is_alive(process));
    assert_int_equal(pp_process_terminate(process, NULL), PP_OK); /* nothing happens */
    pp_process_free(process);
}

static void a_killed_process_says_so(void **state)
{
    struct pp_process *process = start_function("sleep_long", 0);

    (void)state;
    assert_int_equal(pp_process_signal(process, 12345, NULL), PP_E_USAGE);
    assert_int_equal(pp_process_kill(process, NULL), PP_OK);
    assert_int_equal(join(process).signal, SIGKILL);
    pp_process_free(process);
}

static void an_argument_of_any_size_arrives(void **state)
{
    static const size_t sizes[] = {0, 1, 4096, 20 << 20};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t *bytes = malloc(sizes[i] + 1);
        struct pp_process_settings settings = {
            .function = "write_sum", .argument = bytes, .size = sizes[i]};
        uint64_t total;
        char line[16];

        assert_non_null(bytes);
        memset(bytes, 3, sizes[i]);
        line_of(&settings, line, sizeof line);
        memcpy(&total, line, sizeof total);
        assert_int_equal(total, 3 * sizes[i]);
        free(bytes);
    }
}

/* Signals as they are at a program's start but for SIGHUP, which nohup ignores. */
static void a_process_by_name_gets_what_was_named_and_nothing_else(void **state)
{
    struct pp_process_settings settings = {.name = "download", .function = "tell_of_itself"};
    const int stray = open("/dev/null", O_RDONLY); /* would be inherited by exec */
    struct sigaction ignored = {.sa_handler = SIG_IGN}, usr1, hup;
    sigset_t mask, before;
    char line[256];

    (void)state;
    sigaction(SIGUSR1, &ignored, &usr1);
    sigaction(SIGHUP, &ignored, &hup);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigprocmask(SIG_BLOCK, &mask, &before);
    line_of(&settings, line, sizeof line);
    assert_string_equal(line,
                        "download, 4 descriptors, in /dev/null, open, usr1 default, hup ignored");
    sigprocmask(SIG_SETMASK, &before, NULL);
    sigaction(SIGUSR1, &usr1, NULL);
    sigaction(SIGHUP, &hup, NULL);
    close(stray);
}

static void descriptors_arrive_in_order_whatever_their_numbers(void **state)
{
    int ends[2], fds[40];
    struct pp_process_settings settings = {.function = "write_sum", .fds = fds, .fd_count = 1};
    uint64_t total = 1;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    for (int number = 3; number < 12; number++) { /* also those the child has a use for */
        struct pp_process *process;

        if (number == ends[0] || number == ends[1] || fcntl(number, F_GETFD) >= 0)
            continue;
        fds[0] = dup3(ends[1], number, O_CLOEXEC);
        assert_int_equal(fds[0], number);
        process = start(&settings);
        assert_int_equal(join(process).status, 0);
        assert_int_equal(read(ends[0], &total, sizeof total), sizeof total);
        assert_int_equal(total, 0);
        pp_process_free(process);
        close(number);
    }
    close(ends[0]);
    close(ends[1]);
}

static void a_process_may_start_others(void **state)
{
    const uint64_t depth = 3;
    struct pp_process_settings settings = {
        .function = "recurse", .argument = &depth, .size = sizeof depth};
    char line[8];

    (void)state;
    line_of(&settings, line, sizeof line);
    assert_string_equal(line, "abc");
}

static void what_makes_no_sense_is_refused(void **state)
{
    const int closed = 987;
    const struct pp_process_settings nobody = {.name = "x"}, unknown = {.function = "unknown"},
                                     bad_fd = {.function = "exit_with",
                                               .fds = &closed,
                                               .fd_count = 1},
                                     no_bytes = {.function = "exit_with", .size = 5};
    struct pp_process *process = NULL;
    struct pp_error err = {0};
    const int before = tasks_open_fds();

    (void)state;
    assert_int_equal(pp_process_start(&nobody, &process, NULL), PP_E_USAGE);
    assert_int_equal(pp_process_start(&bad_fd, &process, NULL), PP_E_USAGE);
    assert_int_equal(pp_process_start(&no_bytes, &process, NULL), PP_E_USAGE);
    assert_int_equal(pp_process_start(&unknown, &process, &err), PP_E_USAGE);
    assert_string_equal(err.text,
                        "cannot start a process: this program has no function \"unknown\"");
    assert_null(process);
    assert_int_equal(tasks_open_fds(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    pp_process_free(NULL);
}

/* ---- by pointer ----------------------------------------------------------------------------- */

static int exit_with_sum(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    const uint8_t *bytes = argument;
    int total = 0;

    (void)fds;
    (void)fd_count;
    for (size_t i = 0; i < size; i++)
        total += bytes[i];
    return total;
}

static int count_descriptors(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    (void)argument;
    (void)size;
    (void)fds;
    (void)fd_count;
    return tasks_open_fds();
}

static int print_a_line(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    const int fd = dup2(fds[0], STDOUT_FILENO);

    (void)argument;
    (void)size;
    (void)fd_count;
    printf("from the child\n"); /* left in the stream's buffer */
    return fd == STDOUT_FILENO ? 0 : 1;
}

static void a_pointer_is_called_in_a_forked_child(void **state)
{
    const uint8_t bytes[] = {1, 2, 3};
    const struct pp_process_settings sums = {.run = exit_with_sum, .argument = bytes, .size = 3},
                                     counts = {.run = count_descriptors};
    struct pp_process *process = start(&sums);
    const int extra = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int before;

    (void)state;
    assert_int_equal(join(process).status, 6);
    pp_process_free(process);
    before = tasks_open_fds();
    process = start(&counts);
    assert_int_equal(join(process).status, before); /* it has what this one has */
    pp_process_free(process);
    close(extra);
}

static void what_a_forked_child_prints_arrives_once(void **state)
{
    int ends[2];
    struct pp_process_settings settings = {.run = print_a_line, .fds = &ends[1], .fd_count = 1};
    struct pp_process *process;
    char text[64] = "";

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    process = start(&settings);
    assert_int_equal(join(process).status, 0);
    assert_int_equal(read(ends[0], text, sizeof text - 1), 15);
    assert_string_equal(text, "from the child\n");
    pp_process_free(process);
    close(ends[0]);
    close(ends[1]);
}

static void *wait_to_be_ended(void *argument)
{
    char byte;

    (void)!read(*(int *)argument, &byte, 1);
    return NULL;
}

static void forking_is_refused_where_threads_are_and_naming_is_not(void **state)
{
    const struct pp_process_settings by_pointer = {.run = exit_with_sum};
    struct pp_process *process = NULL;
    struct pp_error err = {0};
    pthread_t thread;
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(pthread_create(&thread, NULL, wait_to_be_ended, &ends[0]), 0);
    assert_int_equal(pp_process_start(&by_pointer, &process, &err), PP_E_USAGE);
    assert_non_null(strstr(err.text, "threads"));
    process = start_function("exit_with", 7);
    assert_int_equal(join(process).status, 7);
    pp_process_free(process);
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
}

/* A child of the parent's that is asked about another's. */
static int ask_about_another(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    struct pp_process *const *other = argument;

    (void)size;
    (void)fds;
    (void)fd_count;
    if (pp_process_is_alive(*other) || pp_process_kill(*other, NULL) != PP_E_USAGE)
        return 1;
    return pp_process_join(*other, 0, NULL, NULL) == PP_E_USAGE ? 0 : 2;
}

static void only_the_parent_can_join_and_signal(void **state)
{
    struct pp_process *sleeper = start_function("sleep_long", 0), *asker;
    const struct pp_process_settings settings = {
        .run = ask_about_another, .argument = &sleeper, .size = sizeof(struct pp_process *)};

    (void)state;
    asker = start(&settings);
    assert_int_equal(join(asker).status, 0);
    assert_true(pp_process_is_alive(sleeper));
    pp_process_kill(sleeper, NULL);
    pp_process_free(asker);
    pp_process_free(sleeper);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_status_and_signal_are_told_apart),
        cmocka_unit_test(a_status_keeps_its_lowest_eight_bits),
        cmocka_unit_test(a_process_is_alive_until_it_is_terminated),
        cmocka_unit_test(a_killed_process_says_so),
        cmocka_unit_test(an_argument_of_any_size_arrives),
        cmocka_unit_test(a_process_by_name_gets_what_was_named_and_nothing_else),
        cmocka_unit_test(descriptors_arrive_in_order_whatever_their_numbers),
        cmocka_unit_test(a_process_may_start_others),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(a_pointer_is_called_in_a_forked_child),
        cmocka_unit_test(what_a_forked_child_prints_arrives_once),
        cmocka_unit_test(forking_is_refused_where_threads_are_and_naming_is_not),
        cmocka_unit_test(only_the_parent_can_join_and_signal),
    };
    int status;

    if (pp_process_main(argc, argv, &tasks_program, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
