/*
 * Landlock: a domain without a single rule, so that everything it can forbid is forbidden. What is
 * open stays open, which is all a worker needs.
 *
 * The interface is that of the kernel's Documentation/userspace-api/landlock.rst. Its numbers and
 * its struct stand here, since a program built where the headers are old may run where the kernel
 * is not.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "pool/sandbox.h"

/* The same for every processor. */
#define CREATE_RULESET 444
#define RESTRICT_SELF  446

#define ASK_FOR_VERSION 1U

/* As large as a version knows it: the size says which that is. */
struct ruleset {
    uint64_t files;
    uint64_t network; /* from version 4: bind and connect by TCP */
    uint64_t scoped;  /* from version 6: abstract sockets and signals stay inside */
};

#define FILE_READ      (1U << 2)
#define FILE_READ_DIR  (1U << 3)
#define FILE_RIGHTS_1  ((1U << 13) - 1)
#define NETWORK_RIGHTS 3U
#define SCOPES         3U

/* A sanitizer's run-time reads /proc and the program. */
#define FILE_NOT_HANDLED (PP_SANDBOX_INSTRUMENTED ? FILE_READ | FILE_READ_DIR : 0U)

unsigned pp_landlock_version(void)
{
    const long version = syscall(CREATE_RULESET, NULL, (size_t)0, ASK_FOR_VERSION);

    return version > 0 ? (unsigned)version : 0;
}

/* Version 2 knows links between directories, 3 cutting off, 5 ioctl() of devices. */
static uint64_t file_rights(unsigned version)
{
    uint64_t rights = FILE_RIGHTS_1;

    if (version >= 2)
        rights |= 1U << 13;
    if (version >= 3)
        rights |= 1U << 14;
    if (version >= 5)
        rights |= 1U << 15;
    return rights & ~(uint64_t)FILE_NOT_HANDLED;
}

static size_t ruleset_size(unsigned version)
{
    if (version >= 6)
        return sizeof(struct ruleset);
    return version >= 4 ? offsetof(struct ruleset, scoped) : offsetof(struct ruleset, network);
}

int pp_landlock_deny_all(unsigned version)
{
    const struct ruleset rules = {
        .files = file_rights(version), .network = NETWORK_RIGHTS, .scoped = SCOPES};
    long fd;
    int error = 0;

    if (version == 0)
        return ENOSYS;
    fd = syscall(CREATE_RULESET, &rules, ruleset_size(version), 0U);
    if (fd < 0)
        return errno;
    if (syscall(RESTRICT_SELF, (int)fd, 0U) != 0)
        error = errno;
    close((int)fd);
    return error;
}
