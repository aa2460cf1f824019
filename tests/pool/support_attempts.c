#include "support_attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LARGE ((size_t)8 << 30) /* more than any limit of these tests allows */

struct attempt {
    const char *name;
    long (*make)(int fd); /* -1 and errno when it is refused */
};

static long open_for_writing(int fd)
{
    (void)fd;
    return open("/dev/null", O_WRONLY);
}

static long open_for_reading(int fd)
{
    (void)fd;
    return open("/etc/passwd", O_RDONLY);
}

static long create_file(int fd)
{
    (void)fd;
    return openat(AT_FDCWD, "left-by-a-worker", O_CREAT | O_WRONLY, 0600);
}

static long unlink_file(int fd)
{
    (void)fd;
    return unlink("nothing-of-that-name");
}

static long make_socket(int fd)
{
    (void)fd;
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long make_pair(int fd)
{
    int pair[2];

    (void)fd;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static long fork_child(int fd)
{
    const pid_t pid = fork();

    (void)fd;
    if (pid == 0)
        _exit(0);
    return pid;
}

static long new_namespace(int fd)
{
    (void)fd;
    return unshare(CLONE_NEWUSER);
}

static long thread_in_namespace(int fd)
{
    (void)fd;
    return syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWNET, 0, 0, 0, 0);
}

static long execute(int fd)
{
    char name[] = "/bin/true";
    char *const arguments[] = {name, NULL};

    (void)fd;
    return execv(name, arguments);
}

static long trace_parent(int fd)
{
    (void)fd;
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static long read_parent(int fd)
{
    char byte;
    const struct iovec here = {&byte, 1}, there = {&byte, 1};

    (void)fd;
    return process_vm_readv(getppid(), &here, 1, &there, 1, 0);
}

static long signal_parent(int fd)
{
    (void)fd;
    return kill(getppid(), 0);
}

static long signal_parents_thread(int fd)
{
    (void)fd;
    return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static long map_code(int fd)
{
    (void)fd;
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED
               ? -1
               : 0;
}

static long make_code(int fd)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)fd;
    return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long make_memory_file(int fd)
{
    (void)fd;
    return memfd_create("hidden", 0);
}

static long change_mode(int fd)
{
    return fchmod(fd, 0777);
}

static long raise_limit(int fd)
{
    const struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

    (void)fd;
    return setrlimit(RLIMIT_AS, &limit);
}

static long receive_elsewhere(int fd)
{
    struct msghdr message = {0};

    return recvmsg(fd, &message, 0);
}

static long foreign_call(int fd)
{
    (void)fd;
    return syscall(0x40000000L + SYS_getpid);
}

const char *const attempts_to_stop[] = {
    "open-write", "create",    "unlink",  "socket",    "socketpair",        "fork",
    "namespace",  "thread-ns", "execute", "read-mind", "signal-parent",     "tgkill-parent",
    "map-code",   "make-code", "memfd",   "chmod",     "receive-elsewhere", "foreign-call",
    NULL,
};

static long cut(int fd)
{
    if (ftruncate(fd, 3) != 0 || lseek(fd, 0, SEEK_END) != 3)
        return -1;
    if (pwrite(fd, "xyz", 3, 0) != 3 || fsync(fd) != 0 || fdatasync(fd) != 0)
        return -1;
    return ftruncate(fd, 0);
}

static long look(int fd)
{
    struct stat info;

    return fstat(fd, &info);
}

static void *count_up(void *argument)
{
    void *memory = malloc(100000);

    prctl(PR_SET_NAME, "counting");
    if (memory)
        ++*(int *)argument;
    free(memory);
    return NULL;
}

static long run_threads(int fd)
{
    pthread_t threads[4];
    int counts[4] = {0};

    (void)fd;
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, count_up, &counts[i]) != 0)
            return -1;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    return counts[0] + counts[1] + counts[2] + counts[3] == 4 ? 0 : -1;
}

static long sleep_a_little(int fd)
{
    const struct timespec pause = {0, 1000000};

    (void)fd;
    return nanosleep(&pause, NULL);
}

static long take_much(int fd)
{
    char *memory = malloc(LARGE);

    (void)fd;
    if (!memory)
        return -1;
    *(volatile char *)memory = 1; /* or it would not have to be there */
    free(memory);
    return 0;
}

static long take_little(int fd)
{
    char *memory = malloc(64 << 20);

    (void)fd;
    if (!memory)
        return -1;
    memset(memory, 1, 64 << 20);
    free(memory);
    return 0;
}

static long write_much(int fd)
{
    return pwrite(fd, "x", 1, 1 << 20) == 1 ? 0 : -1;
}

static long abort_it(int fd)
{
    (void)fd;
    abort();
}

static long ask_for_name(int fd)
{
    struct utsname name;

    (void)fd;
    return uname(&name);
}

static long ask_terminal(int fd)
{
    (void)fd;
    return isatty(STDERR_FILENO) ? 0 : -1;
}

static long newer_call(int fd)
{
    (void)fd;
    return syscall(500);
}

static const struct attempt attempts[] = {
    {"open-write", open_for_writing},
    {"open-read", open_for_reading},
    {"create", create_file},
    {"unlink", unlink_file},
    {"socket", make_socket},
    {"socketpair", make_pair},
    {"fork", fork_child},
    {"namespace", new_namespace},
    {"thread-ns", thread_in_namespace},
    {"execute", execute},
    {"trace", trace_parent},
    {"read-mind", read_parent},
    {"signal-parent", signal_parent},
    {"tgkill-parent", signal_parents_thread},
    {"map-code", map_code},
    {"make-code", make_code},
    {"memfd", make_memory_file},
    {"chmod", change_mode},
    {"raise-limit", raise_limit},
    {"receive-elsewhere", receive_elsewhere},
    {"foreign-call", foreign_call},
    {"cut", cut},
    {"look", look},
    {"threads", run_threads},
    {"sleep", sleep_a_little},
    {"take-much", take_much},
    {"take-little", take_little},
    {"write-much", write_much},
    {"abort", abort_it},
    {"name", ask_for_name},
    {"terminal", ask_terminal},
    {"newer-call", newer_call},
};

static enum pp_status start(void **state, const void *setup, size_t setup_size,
                            struct pp_error *err)
{
    (void)setup;
    (void)setup_size;
    (void)err;
    *state = NULL;
    return PP_OK;
}

static size_t run(void *state, struct pp_worker *worker, const struct pp_work *work, void *result)
{
    char name[32] = "";

    (void)state;
    (void)worker;
    memcpy(name, work->payload, work->payload_size < 31 ? work->payload_size : 31);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        if (strcmp(name, attempts[i].name) != 0)
            continue;
        errno = 0;
        return (size_t)snprintf(result, PP_RESULT_MAX, "%s",
                                attempts[i].make(work->fds[0]) < 0 ? strerrorname_np(errno) : "0");
    }
    return (size_t)snprintf(result, PP_RESULT_MAX, "no such attempt");
}

static const struct pp_service service = {.name = "attempts", .start = start, .run = run};

bool attempts_worker_main(int argc, char **argv, int *status)
{
    static const struct pp_service *const services[] = {&service, NULL};

    return pp_worker_main(argc, argv, services, status);
}
