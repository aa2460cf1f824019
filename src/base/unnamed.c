#include "base/unnamed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int open_unnamed(void)
{
    const char *places[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int fd = places[i] ? open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
        if (fd >= 0)
            return fd;
    }
    return memfd_create("pixpool", MFD_CLOEXEC);
}

FILE *pp_unnamed_file(void)
{
    int fd = open_unnamed();
    FILE *file = fd >= 0 ? fdopen(fd, "w+") : NULL;

    if (!file && fd >= 0)
        close(fd);
    return file;
}
