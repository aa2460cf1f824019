/* A manager in a process of its own, and its end. */
#include "runtime/manager_handle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool/birth.h"
#include "runtime/address.h"
#include "runtime/futex.h"
#include "runtime/keeper.h"

#define PATIENCE_USUAL 10.0
#define START_SECONDS  10.0
#define FREE_SECONDS   1.0
#define PAUSE_NS       1000000
#define REPORT_FD      3 /* where the child says how it went */

/* What comes back from the new process: 0 and the address once it listens, or what went wrong. */
struct report {
    int32_t status;
    char text[PP_ERROR_TEXT];
};

static enum pp_status check_threads(struct pp_error *err)
{
    const unsigned count = pp_birth_threads();

    if (count <= 1)
        return PP_OK;
    return pp_error_set(err, PP_E_USAGE, "cannot start a manager by fork: %u threads are running",
                        count);
}

/* In the user's directory, under a name that nobody has. */
static enum pp_status choose_address(char address[PP_ADDRESS_SIZE], struct pp_error *err)
{
    enum pp_status status = pp_address_directory(address, err);
    const size_t length = status == PP_OK ? strlen(address) : 0;
    uint64_t number;

    if (status != PP_OK)
        return status;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot start a manager");
    if (snprintf(address + length, PP_ADDRESS_SIZE - length, "/manager-%016llx",
                 (unsigned long long)number) >= (int)(PP_ADDRESS_SIZE - length))
        return pp_error_set(err, PP_E_SYSTEM,
                            "cannot start a manager: its directory's name is "
                            "too long");
    return PP_OK;
}

static void send_report(enum pp_status status, const struct pp_error *err)
{
    struct report report = {.status = (int32_t)status};

    memcpy(report.text, err->text, sizeof report.text);
    (void)!write(REPORT_FD, &report, sizeof report);
    close(REPORT_FD);
}

static void report_begun(bool *told)
{
    const struct pp_error none = {0};

    *told = true;
    send_report(PP_OK, &none);
}

/* Nothing of the starter's stays: neither handlers nor descriptors nor, if it outlives it, its
 * terminal. */
static int settle_in(const struct pp_manager_settings *settings, int report, pid_t starter)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL}, ignored = {.sa_handler = SIG_IGN};
    sigset_t ends;

    for (int i = 1; i < NSIG; i++)
        sigaction(i, i == SIGINT ? &ignored : &usual, NULL);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_SETMASK, &ends, NULL);
    if (dup2(report, REPORT_FD) < 0)
        return -1;
    fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
    close_range(REPORT_FD + 1, ~0U, 0);
    if (settings->outlives_starter) {
        const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

        setsid();
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && nothing >= 0; fd++)
            dup2(nothing, fd);
        close(nothing);
    } else {
        if (!pp_birth_die_with(starter, SIGTERM))
            return -1;
    }
    prctl(PR_SET_NAME, "pp-manager");
    return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

struct manager_birth {
    const struct pp_manager_settings *settings;
    int report;
    pid_t starter;
};

static void be_manager(void *user)
{
    const struct manager_birth *birth = user;
    const struct pp_manager_settings *settings = birth->settings;
    struct pp_error err = {0};
    enum pp_status status = PP_E_SYSTEM;
    const int end_fd = settle_in(settings, birth->report, birth->starter);
    bool told = false;

    if (end_fd >= 0)
        status = pp_keeper_serve(settings, end_fd, report_begun, &told, &err);
    else
        pp_error_errno(&err, PP_E_SYSTEM, errno, "cannot start a manager");
    if (!told)
        send_report(status, &err);
    _exit(status == PP_OK ? 0 : 1);
}

/* Read the new process's report; false: it ended without one, or took too long. */
static bool await_report(int fd, struct report *report)
{
    const struct pp_deadline deadline = pp_deadline_after(START_SECONDS);
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    while (!pp_deadline_passed(&deadline)) {
        if (poll(&ready, 1, 100) > 0)
            return read(fd, report, sizeof *report) == sizeof *report;
    }
    return false;
}

/* Collect the process, which is ours; false: it has not ended by then. */
static bool collect(pid_t child, double seconds)
{
    const struct pp_deadline deadline = pp_deadline_after(seconds);
    const struct timespec pause = {.tv_nsec = PAUSE_NS};

    for (;;) {
        const pid_t ended = waitpid(child, NULL, WNOHANG);

        /* Where the caller ignores its children's ends there is nothing to collect. */
        if (ended == child || (ended < 0 && errno == ECHILD && kill(child, 0) != 0))
            return true;
        if (pp_deadline_passed(&deadline))
            return false;
        nanosleep(&pause, NULL);
    }
}

static void kill_and_collect(pid_t child)
{
    kill(child, SIGKILL);
    collect(child, -1);
}

static enum pp_status fork_manager(const struct pp_manager_settings *settings, pid_t *child,
                                   struct pp_error *err)
{
    struct report report = {.status = PP_E_SYSTEM};
    struct manager_birth birth = {.settings = settings, .starter = getpid()};
    int ends[2], error;
    bool told;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot start a manager");
    birth.report = ends[1];
    error = pp_birth_fork(be_manager, &birth, child);
    close(ends[1]);
    told = !error && await_report(ends[0], &report);
    close(ends[0]);
    if (error)
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot start a manager");
    if (told && report.status == PP_OK)
        return PP_OK;
    kill_and_collect(*child);
    if (!told)
        return pp_error_set(err, PP_E_SYSTEM, "cannot start a manager: its process says nothing");
    report.text[sizeof report.text - 1] = '\0';
    return pp_error_set(err, (enum pp_status)report.status, "%s", report.text);
}

enum pp_status pp_manager_start(const struct pp_manager_settings *settings,
                                struct pp_manager **manager, struct pp_error *err)
{
    struct pp_manager_settings own = *settings;
    const double patience = own.patience > 0 ? own.patience : PATIENCE_USUAL;
    char address[PP_ADDRESS_SIZE];
    enum pp_status status = check_threads(err);
    pid_t child = 0;

    *manager = NULL;
    if (status == PP_OK && !own.address) {
        status = choose_address(address, err);
        own.address = address;
    }
    if (status == PP_OK)
        status = fork_manager(&own, &child, err);
    if (status != PP_OK)
        return status;
    status = pp_manager_connect(own.address, patience, manager, err);
    if (status != PP_OK) {
        kill_and_collect(child);
        pp_address_clean(own.address);
        return status;
    }
    (*manager)->child = child;
    (*manager)->outlives = own.outlives_starter;
    return PP_OK;
}

static void close_handle(struct pp_manager *manager)
{
    pp_client_free(manager->client);
    manager->client = NULL;
}

/* The connection ends when the socket has been removed. */
static bool await_end(const struct pp_manager *manager, const struct pp_deadline *deadline)
{
    struct pollfd end = {.fd = pp_client_fd(manager->client), .events = POLLRDHUP};

    while (poll(&end, 1, 10) <= 0)
        if (pp_deadline_passed(deadline))
            return false;
    return true;
}

enum pp_status pp_manager_shutdown(struct pp_manager *manager, double seconds, struct pp_error *err)
{
    const struct pp_deadline deadline = pp_deadline_after(seconds);
    const double patience = manager->patience;
    struct pp_error why = {0};
    enum pp_status status;

    pp_manager_begin(manager, PP_OP_SHUTDOWN, pp_manager_name(""));
    manager->patience = seconds;
    status = pp_manager_ask_nothing(manager, &why);
    manager->patience = patience;
    if (status == PP_OK && !await_end(manager, &deadline))
        status = pp_error_set(&why, PP_E_TIMEOUT, "the manager did not end in time");
    close_handle(manager);
    if (manager->child > 0) {
        if (!collect(manager->child, status == PP_OK ? seconds : 0))
            kill_and_collect(manager->child);
        /* What ended in another way than in order leaves its socket. */
        pp_address_clean(manager->address);
        manager->child = 0;
        return PP_OK;
    }
    return status == PP_OK ? PP_OK : pp_error_set(err, status, "%s", why.text);
}

void pp_manager_free(struct pp_manager *manager)
{
    if (!manager)
        return;
    if (manager->child > 0 && manager->owner == getpid() && !manager->outlives)
        (void)!pp_manager_shutdown(manager, FREE_SECONDS, NULL);
    close_handle(manager);
    pp_pack_release(&manager->out);
    free(manager);
}
