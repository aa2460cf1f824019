/*
 * fault_memory.so: the Nth allocation of a process finds no memory.
 *
 * PP_MEMORY_ROLE says of which processes, "worker" or "supervisor"; PP_MEMORY_CALL which of their
 * calls from main() on, 1 for the first; with PP_MEMORY_GONE all that follow fail as well.
 * PP_MEMORY_PAGE names a file in which the calls that failed are counted. Any thread. glibc alone:
 * its own functions stand behind ours, and so no call is needed to find them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pool/spawn.h"

#define EXPORT __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static struct {
    uint64_t call; /* 0: none fails */
    bool gone;
    _Atomic uint64_t calls;
    _Atomic uint64_t *failed; /* in the page */
} fault;

static _Atomic uint64_t *map_page(const char *path)
{
    const int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *page = MAP_FAILED;

    if (fd >= 0) {
        page = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
    }
    return page == MAP_FAILED ? NULL : page;
}

/* The libraries' own beginnings lie behind us, ours come before main(). */
__attribute__((constructor)) static void begin(int argc, char **argv)
{
    const char *role = getenv("PP_MEMORY_ROLE"), *call = getenv("PP_MEMORY_CALL");
    const bool worker = argc > 1 && strcmp(argv[1], PP_WORKER_WORD) == 0;

    if (!role || !call || (strcmp(role, "worker") == 0) != worker)
        return;
    fault.failed = map_page(getenv("PP_MEMORY_PAGE"));
    fault.gone = getenv("PP_MEMORY_GONE") != NULL;
    fault.call = strtoull(call, NULL, 10);
}

static bool fails(void)
{
    if (fault.call == 0)
        return false;
    const uint64_t call = atomic_fetch_add(&fault.calls, 1) + 1;
    if (call != fault.call && !(fault.gone && call > fault.call))
        return false;
    if (fault.failed)
        atomic_fetch_add(fault.failed, 1);
    errno = ENOMEM;
    return true;
}

EXPORT void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

EXPORT void *realloc(void *block, size_t size)
{
    return fails() ? NULL : __libc_realloc(block, size);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

EXPORT int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *found = fails() ? NULL : __libc_memalign(alignment, size);

    if (!found)
        return ENOMEM;
    *block = found;
    return 0;
}
