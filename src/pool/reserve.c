#include "pool/reserve.h"

#include <fcntl.h>
#include <unistd.h>

bool pp_reserve_hold(struct pp_reserve *reserve, int source, unsigned count)
{
    while (reserve->count > count)
        close(reserve->fds[--reserve->count]);
    while (reserve->count < count) {
        const int fd = fcntl(source, F_DUPFD_CLOEXEC, 0);

        if (fd < 0)
            return false;
        reserve->fds[reserve->count++] = fd;
    }
    return true;
}
