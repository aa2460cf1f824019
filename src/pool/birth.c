#include "pool/birth.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Both kinds of children have such a word first, and then a name. */
#define WORDS_BEGIN "--pixpool-"

void pp_birth_want_statuses(void)
{
    struct sigaction action;

    if (sigaction(SIGCHLD, NULL, &action) != 0)
        return;
    if (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT))
        return;
    action.sa_flags &= ~SA_NOCLDWAIT;
    if (action.sa_handler == SIG_IGN)
        action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
}

int pp_birth_raise(int fd, int least)
{
    int raised, error;

    if (fd < 0)
        return -1;
    raised = fcntl(fd, F_DUPFD_CLOEXEC, least);
    error = errno == EINVAL ? EMFILE : errno; /* the limit is below the numbers wanted */
    close(fd);
    errno = error;
    return raised;
}

/*
 * The path is looked up rather than /proc/self/exe opened, since under a tool such as valgrind
 * the link's target is the program and what the kernel would open is the tool. It is opened once,
 * so that an installation that replaces the program does not mix versions in a running pool.
 */
int pp_birth_program(int least)
{
    char target[4096];
    ssize_t length = readlink("/proc/self/exe", target, sizeof target - 1);
    int fd = -1;

    if (length > 0) {
        target[length] = '\0';
        fd = open(target, O_PATH | O_CLOEXEC);
    }
    if (fd < 0)
        fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    return pp_birth_raise(fd, least);
}

/* The words stand one after the other, each with a NUL behind it. What has arrived has no name any
 * more. */
bool pp_birth_is_astray(void)
{
    char words[512];
    const int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd >= 0 ? read(fd, words, sizeof words - 1) : -1;
    const char *end, *second, *third;

    if (fd >= 0)
        close(fd);
    if (size <= 0)
        return false;
    words[size] = '\0';
    end = words + size;
    second = words + strlen(words) + 1;
    if (second >= end || strncmp(second, WORDS_BEGIN, strlen(WORDS_BEGIN)) != 0)
        return false;
    third = second + strlen(second) + 1;
    return third < end && *third != '\0';
}

void pp_birth_arrived(char **argv)
{
    memset(argv[2], '\0', strlen(argv[2]));
}

/* Handlers of the parent must not run in the child, hence all signals wait meanwhile. */
int pp_birth_fork(void (*child)(void *user), void *user, pid_t *pid)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    *pid = fork();
    error = errno;
    if (*pid == 0) {
        child(user);
        _exit(PP_BIRTH_FAILED);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return *pid < 0 ? error : 0;
}

unsigned pp_birth_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    const struct dirent *entry;
    unsigned count = 0;

    if (!folder)
        return 0;
    while ((entry = readdir(folder)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* Asked for before the check: whichever way the parent dies, one of the two notices. */
bool pp_birth_die_with(pid_t parent, int number)
{
    prctl(PR_SET_PDEATHSIG, number);
    return getppid() == parent;
}

/* What the user had ignored (nohup, a shell's &) stays ignored. */
static void reset_for_process(void)
{
    const struct sigaction normal = {.sa_handler = SIG_DFL};

    for (int number = 1; number < NSIG; number++) {
        struct sigaction now;

        if (sigaction(number, NULL, &now) != 0 || now.sa_handler == SIG_DFL)
            continue;
        if (now.sa_handler == SIG_IGN &&
            (number == SIGHUP || number == SIGINT || number == SIGQUIT))
            continue;
        sigaction(number, &normal, NULL);
    }
}

/* Signals that end or hurt a process act again; ^C is the supervisor's business alone, and a write
 * to a closed pipe or beyond the limit of a file's size is an error like any other. What the user
 * had ignored (nohup) stays ignored. */
static void reset_for_worker(void)
{
    static const int to_default[] = {SIGTERM, SIGCHLD, SIGSEGV, SIGBUS,  SIGABRT, SIGILL, SIGFPE,
                                     SIGSYS,  SIGTRAP, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};
    struct sigaction action = {.sa_handler = SIG_DFL};

    for (size_t i = 0; i < sizeof to_default / sizeof to_default[0]; i++)
        sigaction(to_default[i], &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

void pp_birth_reset_signals(enum pp_birth_signals how)
{
    sigset_t none;

    if (how == PP_SIGNALS_WORKER)
        reset_for_worker();
    else
        reset_for_process();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Close all but the sources and the standard streams: the copies need room under a low limit, and
 * what a stranger left open is no child's business. */
static void close_others(const int *sources, int count)
{
    int from = STDERR_FILENO + 1;

    for (;;) {
        int next = -1;

        for (int i = 0; i < count; i++)
            if (sources[i] >= from && (next < 0 || sources[i] < next))
                next = sources[i];
        if (next < 0)
            break;
        if (next > from)
            close_range((unsigned)from, (unsigned)next - 1, 0);
        from = next + 1;
    }
    close_range((unsigned)from, ~0U, 0);
}

/* What has one of the numbers wanted itself is first copied out of the way. */
int pp_birth_place_fds(const int *sources, int *copies, int count)
{
    close_others(sources, count);
    for (int i = STDERR_FILENO + 1; i < count; i++) {
        copies[i] = sources[i] >= count ? sources[i] : fcntl(sources[i], F_DUPFD_CLOEXEC, count);
        if (copies[i] < 0)
            return errno;
    }
    if (dup2(sources[STDIN_FILENO], STDIN_FILENO) < 0)
        return errno;
    for (int i = STDERR_FILENO + 1; i < count; i++)
        if (dup2(copies[i], i) < 0)
            return errno;
    return 0;
}
