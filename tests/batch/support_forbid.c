#include "support_forbid.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEPS 5 /* of the filter for each call, see add() */

static struct sock_filter *add(struct sock_filter *at, const struct forbidden *forbidden)
{
    const uint32_t argument = (uint32_t)(offsetof(struct seccomp_data, args) + 8 * forbidden->arg);
    const struct sock_filter steps[STEPS] = {
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)forbidden->call, 0, STEPS - 1),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, forbidden->bits),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, forbidden->bits, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)forbidden->errnum),
    };

    for (size_t i = 0; i < STEPS; i++)
        *at++ = steps[i];
    /* The argument took the place of the call's number. */
    *at++ =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    return at;
}

static bool forbid(const struct forbidden *forbidden, size_t count)
{
    struct sock_filter code[FORBIDDEN_MAX * (STEPS + 1) + 2], *at = code;
    struct sock_fprog program = {.filter = code};

    *at++ =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < count; i++)
        at = add(at, &forbidden[i]);
    *at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program.len = (unsigned short)(at - code);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool holds_without(const struct forbidden *forbidden, size_t count, bool (*act)(void))
{
    int status = 0;

    assert_true(count <= FORBIDDEN_MAX);
    const pid_t child = fork();
    if (child == 0)
        _exit(!forbid(forbidden, count) ? 2 : act() ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
        print_message("skipped: no seccomp filters here\n");
        skip();
    }
    return status == 0;
}
