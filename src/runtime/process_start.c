/* Starting a process, by name and by pointer. */
#include "runtime/process_start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memfile.h"
#include "base/stream.h"
#include "pool/birth.h"
#include "runtime/process_child.h"

/* A program that has not handed over by then never will. */
#define PATIENCE_MS 30000

#define PROGRAM_PATH "/proc/self/fd/4"
_Static_assert(PP_PROCESS_FD_PROGRAM == 4, "the path names the descriptor");

/* What the child needs between fork and exec, made before. */
struct birth {
    const struct pp_process_settings *settings;
    pid_t parent;
    int *sources, *copies; /* descriptors by the numbers they get */
    int count;
    int report;
    char **argv;
};

static void become_program(void *user)
{
    const struct birth *birth = user;
    int error = 0, report = birth->report;

    if (birth->settings->daemon && !pp_birth_die_with(birth->parent, SIGKILL))
        _exit(PP_BIRTH_FAILED);
    pp_birth_reset_signals(PP_SIGNALS_PROCESS);
    error = pp_birth_place_fds(birth->sources, birth->copies, birth->count);
    if (!error) {
        report = PP_PROCESS_FD_REPORT;
        execv(PROGRAM_PATH, birth->argv);
        error = errno;
    }
    (void)!write(report, &error, sizeof error);
    _exit(PP_BIRTH_FAILED);
}

static int write_argument(int fd, const struct pp_process_settings *settings)
{
    union {
        struct pp_process_head head;
        char bytes[PP_PROCESS_ARGUMENT_AT];
    } front = {.head = {.magic = PP_PROCESS_MAGIC,
                        .size = settings->size,
                        .fd_count = settings->fd_count,
                        .parent = getpid(),
                        .daemon = settings->daemon}};
    int error = pp_write_all(fd, &front, sizeof front);

    if (!error)
        error = pp_write_all(fd, settings->argument, settings->size);
    return error ? error : pp_memfile_seal(fd, PP_SEAL_BYTES);
}

/* Into sources[]: everything that the child finds at its start but the report's end. */
static int make_sources(struct birth *birth, size_t fd_count)
{
    const int to[] = {STDIN_FILENO, PP_PROCESS_FD_ARGUMENT, PP_PROCESS_FD_PROGRAM};
    const int least = STDERR_FILENO + 1; /* the parent may have closed its standard streams */
    const int made[] = {pp_birth_raise(open("/dev/null", O_RDONLY | O_CLOEXEC), least),
                        pp_birth_raise(pp_memfile_new("pixpool-argument"), least),
                        pp_birth_program(least)};
    const int error = errno;
    bool whole = true;

    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        birth->sources[to[i]] = made[i];
        whole &= made[i] >= 0;
    }
    birth->sources[STDOUT_FILENO] = birth->sources[STDERR_FILENO] = -1;
    for (size_t i = 0; i < fd_count; i++)
        birth->sources[(size_t)PP_PROCESS_FD_FIRST + i] = birth->settings->fds[i];
    return whole ? write_argument(made[1], birth->settings) : error;
}

static void close_sources(const struct birth *birth)
{
    const int ours[] = {STDIN_FILENO, PP_PROCESS_FD_ARGUMENT, PP_PROCESS_FD_PROGRAM};

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (birth->sources[ours[i]] >= 0)
            close(birth->sources[ours[i]]);
}

/* What the child says of its start; an errno if nothing comes. */
static int hear(int pipe, int *said)
{
    struct pollfd word = {.fd = pipe, .events = POLLIN};
    ssize_t size;
    int ready;

    do
        ready = poll(&word, 1, PATIENCE_MS);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return ETIMEDOUT;
    do
        size = read(pipe, said, sizeof *said);
    while (size < 0 && errno == EINTR);
    return size == sizeof *said ? 0 : EPROTO;
}

static enum pp_status judge(int heard, int said, const char *function, struct pp_error *err)
{
    if (heard)
        return pp_error_set(err, PP_E_USAGE,
                            "cannot start a process: it did not come to pp_process_main(), which "
                            "main() has to begin with");
    if (said == PP_PROCESS_RUNS)
        return PP_OK;
    if (said == PP_PROCESS_UNKNOWN)
        return pp_error_set(err, PP_E_USAGE,
                            "cannot start a process: this program has no function \"%s\"",
                            function);
    if (said == PP_PROCESS_DAMAGED)
        return pp_error_set(err, PP_E_INTERNAL, "cannot start a process: its start went wrong");
    return pp_error_errno(err, PP_E_SYSTEM, said, "cannot execute this program again");
}

static void discard(struct pp_process *process)
{
    siginfo_t info;

    kill(process->pid, SIGKILL); /* not collected yet: the number is its own */
    while (waitid(P_PID, (id_t)process->pid, &info, WEXITED) != 0 && errno == EINTR)
        ;
}

/* The child exists; from here on by its pidfd. */
static enum pp_status watch(struct pp_process *process, struct pp_error *err)
{
    process->pidfd = pidfd_open(process->pid, 0);
    if (process->pidfd >= 0)
        return PP_OK;
    const int error = errno;
    discard(process);
    return pp_error_errno(err, PP_E_SYSTEM, error, "cannot watch a process");
}

static enum pp_status execute(struct birth *birth, struct pp_process *process, struct pp_error *err)
{
    char word[] = PP_PROCESS_WORD;
    char *argv[] = {process->name, word, (char *)(uintptr_t)birth->settings->function, NULL};
    enum pp_status status;
    int pipe[2], error, heard, said = 0;

    if (pipe2(pipe, O_CLOEXEC) != 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot start a process");
    birth->argv = argv;
    birth->report = birth->sources[PP_PROCESS_FD_REPORT] = pipe[1];
    error = pp_birth_fork(become_program, birth, &process->pid);
    close(pipe[1]);
    if (error) {
        close(pipe[0]);
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot start a process");
    }
    heard = hear(pipe[0], &said);
    close(pipe[0]);
    status = judge(heard, said, birth->settings->function, err);
    if (status != PP_OK)
        discard(process);
    return status == PP_OK ? watch(process, err) : status;
}

static enum pp_status start_by_name(const struct pp_process_settings *settings,
                                    struct pp_process *process, struct pp_error *err)
{
    const size_t count = PP_PROCESS_FD_FIRST + settings->fd_count;
    struct birth birth = {.settings = settings, .parent = getpid(), .count = (int)count};
    enum pp_status status;
    int error;

    if (pp_birth_is_astray())
        return pp_error_set(err, PP_E_USAGE,
                            "cannot start a process: it did not come to pp_process_main(), which "
                            "main() has to begin with");
    birth.sources = calloc(2 * count, sizeof *birth.sources);
    if (!birth.sources)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot start a process");
    birth.copies = birth.sources + count;
    error = make_sources(&birth, settings->fd_count);
    status = error ? pp_error_errno(err, PP_E_SYSTEM, error, "cannot start a process")
                   : execute(&birth, process, err);
    close_sources(&birth);
    free(birth.sources);
    return status;
}

/* ---- by pointer ----------------------------------------------------------------------------- */

struct fork_birth {
    const struct pp_process_settings *settings;
    const char *name;
    pid_t parent;
};

static void become_child(void *user)
{
    const struct fork_birth *birth = user;
    const struct pp_process_settings *settings = birth->settings;
    int null, status;

    if (settings->daemon && !pp_birth_die_with(birth->parent, SIGKILL))
        _exit(PP_BIRTH_FAILED);
    prctl(PR_SET_NAME, birth->name);
    null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null > STDIN_FILENO) {
        dup2(null, STDIN_FILENO);
        close(null);
    }
    pp_birth_reset_signals(PP_SIGNALS_PROCESS);
    status = settings->run(settings->argument, settings->size, settings->fds, settings->fd_count);
    fflush(NULL);
    _exit(status & 0xff);
}

/* What was printed so far is written by the parent alone. */
static enum pp_status start_by_pointer(const struct pp_process_settings *settings,
                                       struct pp_process *process, struct pp_error *err)
{
    struct fork_birth birth = {settings, process->name, getpid()};
    int error;

    if (pp_birth_threads() > 1)
        return pp_error_set(err, PP_E_USAGE,
                            "cannot fork a process: this one has threads; start it by name");
    fflush(NULL);
    error = pp_birth_fork(become_child, &birth, &process->pid);
    if (error)
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot start a process");
    return watch(process, err);
}

/* ---- both ----------------------------------------------------------------------------------- */

static const char *name_of(const struct pp_process_settings *settings)
{
    if (settings->name)
        return settings->name;
    return settings->function ? settings->function : program_invocation_short_name;
}

static enum pp_status check(const struct pp_process_settings *settings, struct pp_error *err)
{
    if (!settings->function == !settings->run)
        return pp_error_set(err, PP_E_USAGE,
                            "cannot start a process: it needs either a function's name or one");
    if ((settings->size > 0 && !settings->argument) || settings->size > PTRDIFF_MAX ||
        settings->fd_count > INT_MAX / 16 || (settings->fd_count > 0 && !settings->fds))
        return pp_error_set(err, PP_E_USAGE, "cannot start a process: its settings make no sense");
    for (size_t i = 0; i < settings->fd_count; i++)
        if (fcntl(settings->fds[i], F_GETFD) < 0)
            return pp_error_set(err, PP_E_USAGE,
                                "cannot start a process: descriptor %d is not open",
                                settings->fds[i]);
    return PP_OK;
}

enum pp_status pp_process_start(const struct pp_process_settings *settings,
                                struct pp_process **process, struct pp_error *err)
{
    enum pp_status status = check(settings, err);
    struct pp_process *new;
    const char *name;

    *process = NULL;
    if (status != PP_OK)
        return status;
    name = name_of(settings);
    new = calloc(1, sizeof *new + strlen(name) + 1);
    if (!new)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot start a process");
    memcpy(new->name, name, strlen(name) + 1);
    new->pidfd = -1;
    new->parent = getpid();
    new->daemon = settings->daemon;
    pp_birth_want_statuses();
    status = settings->function ? start_by_name(settings, new, err)
                                : start_by_pointer(settings, new, err);
    if (status != PP_OK) {
        free(new);
        return status;
    }
    *process = new;
    return PP_OK;
}
