/*
 * fault_points.so: what goes wrong inside a worker, at a place of the test's choice.
 *
 * Preloaded into the program and its workers; the product itself knows nothing of it. It stands in
 * the way of a few library calls by which a worker's place in the protocol can be told:
 *
 *   start    before main()
 *   receive  a task has been received and not been begun
 *   work     an input of PP_FAULT_SIZE bytes is read
 *   filled   a record stands in the ring, its tail is not stored: the CRC is computed in between
 *   told     the tail is stored, the doorbell is about to be rung
 *
 * PP_FAULT_POINT and PP_FAULT_ACTION say where and what, PP_FAULT_TIMES how often over all workers
 * together. PP_FAULT_PAGE names a file in which is counted how often it was: it is mapped before
 * the sandbox closes. Any thread; only workers misbehave.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pool/spawn.h"

#define EXPORT __attribute__((visibility("default")))

enum point { NOWHERE, START, RECEIVE, WORK, FILLED, TOLD, POINTS };

static const char *const point_names[POINTS] = {"", "start", "receive", "work", "filled", "told"};

/* The file's contents, seen by the test too. */
struct page {
    _Atomic uint64_t fired;
    _Atomic uint64_t survived; /* what was tried came back without ending the process */
    _Atomic uint64_t begun;    /* inputs of any size read from their start */
    _Atomic uint64_t process;  /* the last it happened in */
};

static struct {
    enum point point;
    const char *action;
    uint64_t times;
    off_t size;
    struct page *page;
    uint8_t *results; /* the cell's, when it is mapped */
    size_t results_size;
    bool rung; /* the doorbell has been, once: to say that the worker is ready */
} fault;

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

/* In many short sleeps, of which a stop of the process spoils one. */
static void dawdle(void)
{
    for (unsigned i = 0; i < 80; i++) {
        const struct timespec pause = {0, 10000000};

        nanosleep(&pause, NULL);
    }
}

static void spin(void)
{
    for (volatile unsigned turn = 0;; turn++)
        ;
}

static void die_by(int number)
{
    const struct rlimit no_core = {0, 0};

    setrlimit(RLIMIT_CORE, &no_core);
    signal(number, SIG_DFL); /* a sanitizer may catch it */
    raise(number);
}

/* Each comes back if nothing stops it, or the call was refused. */
static void misbehave(const char *action)
{
    if (strcmp(action, "segv") == 0)
        die_by(SIGSEGV);
    else if (strcmp(action, "kill") == 0)
        kill(getpid(), SIGKILL);
    else if (strcmp(action, "exit") == 0)
        _exit(0);
    else if (strcmp(action, "stop") == 0)
        raise(SIGSTOP);
    else if (strcmp(action, "dawdle") == 0)
        dawdle();
    else if (strcmp(action, "spin") == 0)
        spin();
    else if (strcmp(action, "scribble") == 0 && fault.results)
        memset(fault.results, 0xa5, fault.results_size);
    else if (strcmp(action, "open") == 0)
        (void)!open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    else if (strcmp(action, "create") == 0)
        (void)!open("pixpool-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    else if (strcmp(action, "socket") == 0)
        (void)!socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    else if (strcmp(action, "fork") == 0 && fork() == 0)
        _exit(0);
    else if (strcmp(action, "ftruncate") == 0)
        (void)!ftruncate(PP_FD_RESULTS, 0);
    else if (strcmp(action, "unlink") == 0)
        (void)!unlink("/etc/passwd-not-there");
    else if (strcmp(action, "eat") == 0)
        for (;;) {
            void *block = malloc((size_t)16 << 20);

            if (!block)
                break;
            memset(block, 1, (size_t)16 << 20);
        }
}

static void reach(enum point point)
{
    if (point != fault.point || !fault.page)
        return;
    if (atomic_fetch_add(&fault.page->fired, 1) >= fault.times) {
        atomic_fetch_sub(&fault.page->fired, 1);
        return;
    }
    atomic_store(&fault.page->process, (uint64_t)getpid());
    misbehave(fault.action);
    atomic_fetch_add(&fault.page->survived, 1);
}

static void map_page(const char *path)
{
    const int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *page = MAP_FAILED;

    if (fd >= 0) {
        page = mmap(NULL, sizeof *fault.page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
    }
    fault.page = page == MAP_FAILED ? NULL : page;
}

__attribute__((constructor)) static void begin(int argc, char **argv)
{
    const char *point = getenv("PP_FAULT_POINT");

    fault.action = getenv("PP_FAULT_ACTION");
    if (argc < 2 || strcmp(argv[1], PP_WORKER_WORD) != 0 || !point || !fault.action)
        return;
    for (unsigned i = START; i < POINTS; i++)
        if (strcmp(point, point_names[i]) == 0)
            fault.point = (enum point)i;
    fault.times = number_of("PP_FAULT_TIMES", UINT64_MAX);
    fault.size = (off_t)number_of("PP_FAULT_SIZE", 0);
    map_page(getenv("PP_FAULT_PAGE"));
    reach(START);
}

/* What stands behind ours; a name that is not there is a defect of this file. */
static void *next_of(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);

    if (!function)
        abort();
    return function;
}

/* Inputs are read by this one call, from their start on. */
static void note_reading(int fd)
{
    struct stat stat;

    if (!fault.page || fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode) ||
        lseek(fd, 0, SEEK_CUR) != 0)
        return;
    atomic_fetch_add(&fault.page->begun, 1);
    if (stat.st_size == fault.size)
        reach(WORK);
}

EXPORT ssize_t read(int fd, void *bytes, size_t size)
{
    ssize_t (*const next)(int, void *, size_t) =
        (ssize_t(*)(int, void *, size_t))(uintptr_t)next_of("read");

    note_reading(fd);
    return next(fd, bytes, size);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    ssize_t (*const next)(int, struct msghdr *, int) =
        (ssize_t(*)(int, struct msghdr *, int))(uintptr_t)next_of("recvmsg");
    const ssize_t size = next(fd, message, flags);

    if (fd == PP_FD_TASKS && size > 0)
        reach(RECEIVE);
    return size;
}

EXPORT ssize_t write(int fd, const void *bytes, size_t size)
{
    ssize_t (*const next)(int, const void *, size_t) =
        (ssize_t(*)(int, const void *, size_t))(uintptr_t)next_of("write");

    if (fd == PP_FD_DOORBELL && fault.rung)
        reach(TOLD);
    if (fd == PP_FD_DOORBELL)
        fault.rung = true;
    return next(fd, bytes, size);
}

EXPORT void *mmap(void *where, size_t size, int protection, int flags, int fd, off_t offset)
{
    void *(*const next)(void *, size_t, int, int, int, off_t) =
        (void *(*)(void *, size_t, int, int, int, off_t))(uintptr_t)next_of("mmap");
    void *mapping = next(where, size, protection, flags, fd, offset);

    if (fd == PP_FD_RESULTS && mapping != MAP_FAILED && !fault.results) {
        fault.results = mapping;
        fault.results_size = size;
    }
    return mapping;
}

EXPORT uint32_t libdeflate_crc32(uint32_t before, const void *bytes, size_t size)
{
    uint32_t (*const next)(uint32_t, const void *, size_t) =
        (uint32_t(*)(uint32_t, const void *, size_t))(uintptr_t)next_of("libdeflate_crc32");
    const uint8_t *const at = bytes;

    if (fault.results && at >= fault.results && at < fault.results + fault.results_size)
        reach(FILLED);
    return next(before, bytes, size);
}
