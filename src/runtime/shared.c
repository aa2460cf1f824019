#include <pixpool/shared.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memfile.h"

struct pp_shared {
    int fd;
    size_t size;
    void *data;
};

/* The struct over `fd`, which becomes its own. Errors: an errno; the descriptor is then closed. */
static int map(int fd, size_t size, struct pp_shared **shared)
{
    struct pp_shared *made = malloc(sizeof *made);
    void *data;

    if (!made) {
        close(fd);
        return ENOMEM;
    }
    data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED) {
        int error = errno;

        free(made);
        close(fd);
        return error;
    }
    *made = (struct pp_shared){.fd = fd, .size = size, .data = data};
    *shared = made;
    return 0;
}

/* Sealed, so that a process with the descriptor cannot cut it down: that is SIGBUS for the rest. */
static int create_sealed(size_t size, int *fd)
{
    int error = pp_memfile_create("pixpool-shared", size, fd);

    if (error)
        return error;
    error = pp_memfile_seal(*fd, PP_SEAL_SIZE);
    if (error)
        close(*fd);
    return error;
}

enum pp_status pp_shared_create(size_t size, struct pp_shared **shared, struct pp_error *err)
{
    int fd, error;

    if (size == 0 || size > PTRDIFF_MAX)
        return pp_error_set(err, PP_E_USAGE, "cannot share memory: %zu bytes are no size", size);
    error = create_sealed(size, &fd);
    if (!error)
        error = map(fd, size, shared);
    if (error)
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot share memory");
    return PP_OK;
}

enum pp_status pp_shared_attach(int fd, struct pp_shared **shared, struct pp_error *err)
{
    uint64_t size = 0;
    int own, error;

    if (!pp_memfile_is_sealed(fd, PP_SEAL_SIZE, &size) || size == 0)
        return pp_error_set(err, PP_E_USAGE, "cannot attach: descriptor %d is no shared memory",
                            fd);
    own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    error = own < 0 ? errno : map(own, (size_t)size, shared);
    if (error)
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot attach to shared memory");
    return PP_OK;
}

void *pp_shared_data(const struct pp_shared *shared)
{
    return shared->data;
}

size_t pp_shared_size(const struct pp_shared *shared)
{
    return shared->size;
}

int pp_shared_fd(const struct pp_shared *shared)
{
    return shared->fd;
}

void pp_shared_free(struct pp_shared *shared)
{
    if (!shared)
        return;
    munmap(shared->data, shared->size);
    close(shared->fd);
    free(shared);
}
