/* What the processes of the tests can do. */
#include "support_tasks.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int exit_with(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    (void)fds;
    (void)fd_count;
    return (int)tasks_number_in(argument, size);
}

static int die_by_signal(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    (void)fds;
    (void)fd_count;
    tasks_die_by((int)tasks_number_in(argument, size));
    return 0;
}

int tasks_sleep_long(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    (void)argument;
    (void)size;
    if (fd_count > 0)
        (void)!write(fds[0], "!", 1);
    tasks_sleep_ms(100000);
    return 0;
}

/* The sum of the argument's bytes goes to the first descriptor. */
static int write_sum(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    const uint8_t *bytes = argument;
    uint64_t total = 0;

    for (size_t i = 0; i < size; i++)
        total += bytes[i];
    return fd_count == 1 && write(fds[0], &total, sizeof total) == sizeof total ? 0 : 1;
}

/* A line about this process. */
static int tell_of_itself(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    char comm[32] = "", line[256], in[64] = "";
    sigset_t blocked;
    struct sigaction usr1 = {0}, hup = {0};
    const int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    const ssize_t got = read(fd, comm, sizeof comm - 1);
    int length;

    (void)argument;
    (void)size;
    close(fd);
    comm[got > 0 ? got - 1 : 0] = '\0';
    (void)!readlink("/proc/self/fd/0", in, sizeof in - 1);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    sigaction(SIGUSR1, NULL, &usr1);
    sigaction(SIGHUP, NULL, &hup);
    length = snprintf(line, sizeof line, "%s, %d descriptors, in %s, %s, usr1 %s, hup %s", comm,
                      tasks_open_fds(), in, sigismember(&blocked, SIGUSR2) ? "blocked" : "open",
                      usr1.sa_handler == SIG_DFL ? "default" : "other",
                      hup.sa_handler == SIG_IGN ? "ignored" : "other");
    return fd_count == 1 && write(fds[0], line, (size_t)length) == length ? 0 : 1;
}

/* Processes down to a depth, each joins its own; the leaf says so. */
static int recurse(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    const uint64_t depth = tasks_number_in(argument, size) - 1;
    const struct pp_process_settings settings = {.function = "recurse",
                                                 .argument = &depth,
                                                 .size = sizeof depth,
                                                 .fds = fds,
                                                 .fd_count = fd_count};
    struct pp_process *process = NULL;
    struct pp_process_end end = {0};
    char letter = (char)('a' + depth);

    if (depth > 0 && (pp_process_start(&settings, &process, NULL) != PP_OK ||
                      pp_process_join(process, 60, &end, NULL) != PP_OK || !end.exited))
        return 1;
    pp_process_free(process);
    return end.status + (write(fds[0], &letter, 1) != 1);
}

/* A parent that dies: its daemon, and its other process, tell their numbers. */
static int leave_children(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    struct pp_process_settings settings = {.function = "sleep_long"};
    struct pp_process *process = NULL;

    (void)argument;
    (void)size;
    for (int i = 0; i < 2; i++) {
        pid_t pid;

        settings.daemon = i == 0;
        if (pp_process_start(&settings, &process, NULL) != PP_OK)
            return 1;
        pid = pp_process_pid(process);
        if (fd_count < 1 || write(fds[0], &pid, sizeof pid) != sizeof pid)
            return 1;
    }
    raise(SIGKILL);
    return 0;
}

static const struct pp_process_function processes[] = {
    {"exit_with", exit_with},           {"die_by_signal", die_by_signal},
    {"sleep_long", tasks_sleep_long},   {"write_sum", write_sum},
    {"tell_of_itself", tell_of_itself}, {"recurse", recurse},
    {"leave_children", leave_children}, {NULL, NULL},
};

static const struct pp_task_table *const tables[] = {&tasks_table, &tasks_refusing, &tasks_dying,
                                                     NULL};

const struct pp_program tasks_program = {.functions = processes, .tasks = tables};
