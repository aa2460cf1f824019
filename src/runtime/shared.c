#include <pixpool/shared.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

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
    int error = 0;

    *fd = memfd_create("pixpool-shared", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*fd < 0)
        return errno;
    if (ftruncate(*fd, (off_t)size) != 0 ||
        fcntl(*fd, F_ADD_SEALS, SIZE_SEALS | F_SEAL_SEAL) != 0) {
        error = errno;
        close(*fd);
    }
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
    int seals = fcntl(fd, F_GET_SEALS), own, error;
    struct stat info;

    if (seals < 0 || (seals & SIZE_SEALS) != SIZE_SEALS || fstat(fd, &info) != 0 ||
        info.st_size <= 0)
        return pp_error_set(err, PP_E_USAGE, "cannot attach: descriptor %d is no shared memory",
                            fd);
    own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    error = own < 0 ? errno : map(own, (size_t)info.st_size, shared);
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
