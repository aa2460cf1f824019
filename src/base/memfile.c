#include "base/memfile.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int pp_memfile_new(const char *name)
{
    return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int pp_memfile_create(const char *name, size_t size, int *fd)
{
    int error;

    *fd = pp_memfile_new(name);
    if (*fd >= 0 && ftruncate(*fd, (off_t)size) == 0)
        return 0;
    error = errno;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return error;
}

int pp_memfile_seal(int fd, int seals)
{
    return fcntl(fd, F_ADD_SEALS, seals | F_SEAL_SEAL) == 0 ? 0 : errno;
}

bool pp_memfile_is_sealed(int fd, int seals, uint64_t *size)
{
    const int has = fcntl(fd, F_GET_SEALS);
    struct stat info;

    if (has < 0 || (has & seals) != seals || fstat(fd, &info) != 0)
        return false;
    *size = (uint64_t)info.st_size;
    return true;
}
