#include "batch/preserve.h"

#include <errno.h>
#include <unistd.h>

#define PERMISSIONS (S_IRWXU | S_IRWXG | S_IRWXO)
#define ALL_BITS    (PERMISSIONS | S_ISUID | S_ISGID | S_ISVTX)

/* EPERM: not ours to give, or the file system has no such thing (FAT). EINVAL: an owner that the
 * user namespace does not know. */
static bool is_refusal(int errnum)
{
    return errnum == EPERM || errnum == EINVAL || errnum == EOPNOTSUPP || errnum == ENOSYS;
}

/* As cp -p does: where the owner cannot be given, the group often can. *kept tells of both. */
static int give_owner(int fd, const struct stat *from, bool *kept)
{
    *kept = fchown(fd, from->st_uid, from->st_gid) == 0;
    if (*kept)
        return 0;
    if (!is_refusal(errno))
        return -1;
    return fchown(fd, (uid_t)-1, from->st_gid) == 0 || is_refusal(errno) ? 0 : -1;
}

static int give_mode(int fd, mode_t mode)
{
    return fchmod(fd, mode) == 0 || is_refusal(errno) ? 0 : -1;
}

static int give_times(int fd, const struct stat *from)
{
    const struct timespec times[2] = {from->st_atim, from->st_mtim};

    return futimens(fd, times) == 0 || is_refusal(errno) ? 0 : -1;
}

enum pp_status pp_preserve(int fd, const struct stat *from, bool times, struct pp_error *err)
{
    bool kept = false;

    /* The owner first: a new one takes set-user-ID away. */
    if (give_owner(fd, from, &kept) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot give the output its owner");
    if (give_mode(fd, from->st_mode & (kept ? ALL_BITS : PERMISSIONS)) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot give the output its permissions");
    if (times && give_times(fd, from) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot give the output its times");
    return PP_OK;
}
