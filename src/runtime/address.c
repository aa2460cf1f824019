#include "runtime/address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "runtime/futex.h"

#define BACKLOG   128
#define LOCK_WAIT 3.0 /* seconds; it is held for a few system calls */
#define PAUSE_NS  2000000

/* A path too long for a socket is cut to nothing. */
static bool put(char path[PP_ADDRESS_SIZE], const char *directory, const char *name)
{
    return snprintf(path, PP_ADDRESS_SIZE, "%s/%s", directory, name) < PP_ADDRESS_SIZE;
}

bool pp_address_place(unsigned number, char path[PP_ADDRESS_SIZE])
{
    const char *own = getenv("XDG_RUNTIME_DIR");
    char name[32];
    struct stat info;

    if (number == 0)
        /* It may have been left by another user's session: su and sudo keep it. */
        return own && own[0] == '/' && stat(own, &info) == 0 && info.st_uid == geteuid() &&
               put(path, own, "pixpool");
    snprintf(name, sizeof name, "pixpool-%lu", (unsigned long)geteuid());
    return number == 1 && put(path, "/tmp", name);
}

int pp_address_open_directory(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat info;

    if (fd < 0)
        return -1;
    if (fstat(fd, &info) == 0 && info.st_uid == geteuid() && (info.st_mode & 077) == 0)
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

enum pp_status pp_address_directory(char path[PP_ADDRESS_SIZE], struct pp_error *err)
{
    int error = ENOENT;

    for (unsigned i = 0; i < PP_ADDRESS_PLACES; i++) {
        int fd;

        if (!pp_address_place(i, path))
            continue;
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            error = errno;
            continue;
        }
        fd = pp_address_open_directory(path);
        if (fd >= 0) {
            close(fd);
            return PP_OK;
        }
        error = errno;
    }
    return pp_error_set(err, PP_E_SYSTEM, "no directory for sockets: %s", strerror(error));
}

/* Wait for the lock on the directory; the kernel takes it back from who dies. */
static bool lock(int directory)
{
    const struct pp_deadline deadline = pp_deadline_after(LOCK_WAIT);
    const struct timespec pause = {.tv_nsec = PAUSE_NS};

    while (flock(directory, LOCK_EX | LOCK_NB) != 0) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || pp_deadline_passed(&deadline))
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

/* The directory of the path, looked at and locked; -1 and errno. */
static int lock_directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char directory[PP_ADDRESS_SIZE];
    int fd;

    if (!slash)
        snprintf(directory, sizeof directory, ".");
    else if (slash == path)
        snprintf(directory, sizeof directory, "/");
    else
        snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
    fd = pp_address_open_directory(directory);
    if (fd >= 0 && !lock(fd)) {
        close(fd);
        errno = EWOULDBLOCK;
        return -1;
    }
    return fd;
}

static bool fill(struct sockaddr_un *address, const char *path)
{
    const size_t length = strlen(path);

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (length == 0 || length >= sizeof address->sun_path) {
        errno = length == 0 ? ENOENT : ENAMETOOLONG;
        return false;
    }
    memcpy(address->sun_path, path, length);
    return true;
}

int pp_address_connect(const char *path)
{
    struct sockaddr_un address;
    int fd, error;

    if (!fill(&address, path))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

bool pp_address_peer_is_own(int fd, pid_t *process)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    *process = peer.pid;
    return peer.uid == geteuid();
}

/* With the lock held: remove what a dead server left. 0 when the name is free. */
static int make_way(const char *path)
{
    struct stat info;
    int fd;

    if (lstat(path, &info) != 0)
        return errno == ENOENT ? 0 : errno;
    if (!S_ISSOCK(info.st_mode))
        return EEXIST;
    fd = pp_address_connect(path);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 || errno == EAGAIN)
        return EADDRINUSE;
    if (errno != ECONNREFUSED)
        return errno;
    return unlink(path) == 0 || errno == ENOENT ? 0 : errno;
}

bool pp_address_clean(const char *path)
{
    const int directory = lock_directory_of(path);
    bool gone;

    if (directory < 0)
        return false;
    gone = make_way(path) == 0;
    close(directory);
    return gone;
}

/* With the lock held. The mode is the socket's before it has a name: there is no moment at which
 * others could connect, whatever the umask. */
static int bind_and_listen(struct pp_address *address)
{
    struct sockaddr_un name;
    struct stat info;
    int error = make_way(address->path);

    if (error)
        return error;
    address->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (address->fd < 0)
        return errno;
    fill(&name, address->path);
    if (fchmod(address->fd, 0600) == 0 &&
        bind(address->fd, (const struct sockaddr *)&name, sizeof name) == 0) {
        if (listen(address->fd, BACKLOG) == 0 && lstat(address->path, &info) == 0) {
            address->device = info.st_dev;
            address->inode = info.st_ino;
            return 0;
        }
        error = errno;
        unlink(address->path);
    } else {
        error = errno;
    }
    close(address->fd);
    address->fd = -1;
    return error;
}

static enum pp_status refuse(struct pp_error *err, const char *path, int error)
{
    if (error == EADDRINUSE)
        return pp_error_set(err, PP_E_CONFLICT, "%s: cannot listen: a server is alive there", path);
    if (error == EEXIST)
        return pp_error_set(err, PP_E_CONFLICT, "%s: cannot listen: it is no socket", path);
    if (error == EPERM)
        return pp_error_set(err, PP_E_SYSTEM,
                            "%s: cannot listen: its directory is not this user's alone", path);
    return pp_error_set(err, PP_E_SYSTEM, "%s: cannot listen: %s", path, strerror(error));
}

enum pp_status pp_address_listen(struct pp_address *address, const char *path, struct pp_error *err)
{
    struct sockaddr_un probe;
    int directory, error;

    *address = (struct pp_address){.fd = -1};
    if (!fill(&probe, path))
        return pp_error_set(err, PP_E_USAGE, "%s: cannot listen: %s", path, strerror(errno));
    memcpy(address->path, path, strlen(path) + 1);
    directory = lock_directory_of(path);
    if (directory < 0)
        return refuse(err, path, errno);
    error = bind_and_listen(address);
    close(directory);
    return error ? refuse(err, path, error) : PP_OK;
}

/* While it listens nobody else touches the name: they see that it is alive. */
void pp_address_release(struct pp_address *address)
{
    struct stat info;

    if (address->fd < 0)
        return;
    if (lstat(address->path, &info) == 0 && info.st_dev == address->device &&
        info.st_ino == address->inode)
        unlink(address->path);
    close(address->fd);
    address->fd = -1;
}
