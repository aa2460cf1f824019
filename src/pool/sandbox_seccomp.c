/*
 * seccomp: the system calls a worker may make, as a table and as the program the kernel runs.
 *
 * The table was read off what workers do: every codec, filter and path, with one thread and with
 * several, in builds by gcc and clang and with sanitizers, and what glibc does when it aborts. What
 * it does not name ends the process with SIGSYS, for no decoder has any business there; what
 * libraries try and can do without is refused with an error instead. A call newer than this table
 * is told not to exist, as on an older kernel.
 *
 * The interface: seccomp(2) and the kernel's Documentation/userspace-api/seccomp_filter.rst.
 */
#include "pool/sandbox.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define PROCESSOR    AUDIT_ARCH_X86_64
#define FOREIGN_CALL 0x40000000U /* x32's calls have this bit */
#elif defined(__aarch64__) && defined(__AARCH64EL__) && !defined(__ILP32__)
#define PROCESSOR    AUDIT_ARCH_AARCH64
#define FOREIGN_CALL 0x40000000U /* above all there are */
#endif

#ifndef PROCESSOR

bool pp_seccomp_available(void)
{
    return false;
}

int pp_seccomp_confine(bool result_fds)
{
    (void)result_fds;
    return ENOSYS;
}

#else

#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <sys/mman.h>

#include "pool/spawn.h"

/* set_mempolicy_home_node() of Linux 5.17, the last call looked at. */
#define LAST_KNOWN_CALL 450U

/* Names for what old headers lack. */
#define CLONE3          435U
#define RSEQ            (PROCESSOR == AUDIT_ARCH_X86_64 ? 334U : 293U)
#define NAME_MAPPING    0x53564d41U /* PR_SET_VMA */
#define SPEC_ALLOW      (1UL << 2)  /* SECCOMP_FILTER_FLAG_SPEC_ALLOW */

#define ALL_BITS 0xffffffffU
#define NAMESPACES                                                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)

/* A call, if the lower half of one argument, masked, has a value: with mask 0 always. The first
 * that fits decides. */
struct rule {
    uint32_t call;
    uint16_t error;   /* what it fails with; 0: it is let through */
    uint8_t argument; /* from 0 */
    bool own;         /* the value is this process's number */
    uint32_t mask, value;
};

/* These come first, where results may bring descriptors. */
static const struct rule result_rules[] = {
    {.call = SYS_memfd_create},
    {.call = SYS_fcntl, .argument = 1, .mask = ALL_BITS, .value = F_GET_SEALS},
    {.call = SYS_fcntl, .argument = 1, .mask = ALL_BITS, .value = F_ADD_SEALS},
    {.call = SYS_sendmsg, .argument = 0, .mask = ALL_BITS, .value = PP_FD_TASKS},
};

static const struct rule rules[] = {
    /* the files it was given, and its messages */
    {.call = SYS_read},
    {.call = SYS_write},
    {.call = SYS_recvmsg, .argument = 0, .mask = ALL_BITS, .value = PP_FD_TASKS},
    {.call = SYS_close},
    {.call = SYS_fstat},
    /* fstat() of glibc 2.33 to 2.38. Where a path is given with it, its existence shows. */
    {.call = SYS_newfstatat, .argument = 3, .mask = ALL_BITS, .value = AT_EMPTY_PATH},
    {.call = SYS_lseek},
    {.call = SYS_pread64},
    {.call = SYS_pwrite64},
    {.call = SYS_writev}, /* glibc's last words */
    {.call = SYS_ftruncate},
    {.call = SYS_fsync},
    {.call = SYS_fdatasync},
    {.call = SYS_fcntl, .argument = 1, .mask = ALL_BITS, .value = F_GETFD},
    {.call = SYS_fcntl, .argument = 1, .mask = ALL_BITS, .value = F_GETFL},
    {.call = SYS_fcntl, .error = EPERM},
    {.call = SYS_ioctl, .error = ENOTTY}, /* stdio asks whether a terminal reads */

    /* memory, of which none becomes code; advice above 31 is for testing broken memory */
    {.call = SYS_mmap, .argument = 2, .mask = PROT_EXEC, .value = 0},
    {.call = SYS_mprotect, .argument = 2, .mask = PROT_EXEC, .value = 0},
    {.call = SYS_munmap},
    {.call = SYS_mremap},
    {.call = SYS_madvise, .argument = 2, .mask = ~31U, .value = 0},
    {.call = SYS_brk},

    /* threads, and no processes; what clone3() asks for cannot be seen from here */
    {.call = SYS_futex},
    {.call = SYS_sched_yield},
    {.call = CLONE3, .error = ENOSYS},
    {.call = SYS_clone, .mask = CLONE_THREAD | NAMESPACES, .value = CLONE_THREAD},
    {.call = SYS_set_robust_list},
    {.call = RSEQ},
    {.call = SYS_gettid},
    {.call = SYS_exit},
    {.call = SYS_exit_group},
    {.call = SYS_sched_getaffinity},
    {.call = SYS_sched_setaffinity, .mask = ALL_BITS, .value = 0}, /* LLVM's OpenMP, each thread */
    {.call = SYS_prctl, .mask = ALL_BITS, .value = PR_SET_NAME},
    {.call = SYS_prctl, .mask = ALL_BITS, .value = NAME_MAPPING},
#if PP_SANDBOX_INSTRUMENTED
    /* LeakSanitizer's tracer, a process, is to die with the worker it traces */
    {.call = SYS_prctl, .mask = ALL_BITS, .value = PR_SET_PDEATHSIG},
#endif
    {.call = SYS_prctl, .error = EPERM},

    /* signals among its own threads; abort() sends one */
    {.call = SYS_rt_sigaction},
    {.call = SYS_rt_sigprocmask},
    {.call = SYS_rt_sigreturn},
    {.call = SYS_sigaltstack},
    {.call = SYS_tgkill, .mask = ALL_BITS, .own = true},
    {.call = SYS_restart_syscall},

    /* time, chance, and what it is and may use */
    {.call = SYS_clock_gettime},
    {.call = SYS_clock_getres},
    {.call = SYS_gettimeofday},
    {.call = SYS_clock_nanosleep},
    {.call = SYS_nanosleep},
    {.call = SYS_getrandom},
    {.call = SYS_getpid},
    {.call = SYS_getppid},
    {.call = SYS_getuid},
    {.call = SYS_getrusage},
    {.call = SYS_getcpu},
    {.call = SYS_sysinfo},
    {.call = SYS_prlimit64, .error = EPERM},
    {.call = SYS_uname, .error = EPERM},

#ifdef __aarch64__
    /* libjpeg-turbo up to 3.0 looks into /proc/cpuinfo, anew in each thread, and can do without */
    {.call = SYS_openat, .argument = 2, .mask = O_ACCMODE | O_CREAT | O_TRUNC, .error = EACCES},
#endif
#if PP_SANDBOX_INSTRUMENTED
    /* reading /proc and the program; a thread that traces all others, as LeakSanitizer has it */
    {.call = SYS_openat, .argument = 2, .mask = O_ACCMODE | O_CREAT | O_TRUNC, .value = O_RDONLY},
    {.call = SYS_newfstatat},
    {.call = SYS_readlinkat},
    {.call = SYS_getdents64},
    {.call = SYS_clone, .mask = CLONE_UNTRACED | NAMESPACES, .value = CLONE_UNTRACED},
    {.call = SYS_ptrace},
    {.call = SYS_wait4},
#endif
#if PP_SANDBOX_INSTRUMENTED && defined(__x86_64__)
    {.call = SYS_open, .argument = 1, .mask = O_ACCMODE | O_CREAT | O_TRUNC, .value = O_RDONLY},
    {.call = SYS_readlink},
    {.call = SYS_getdents},
#endif
};

#define RESULT_RULES (sizeof result_rules / sizeof *result_rules)
#define RULES        (sizeof rules / sizeof *rules)
#define FRAME        10 /* steps around the rules */
#define RULE_STEPS   6  /* at most, a rule */

struct program {
    struct sock_filter steps[FRAME + RULE_STEPS * (RESULT_RULES + RULES)];
    unsigned short count;
};

/* Jumps skip so many steps of those that follow, when true and when not. */
static void add(struct program *program, uint16_t code, uint32_t operand, uint8_t when_true,
                uint8_t when_false)
{
    program->steps[program->count++] = (struct sock_filter){code, when_true, when_false, operand};
}

static void load(struct program *program, size_t offset)
{
    add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(struct program *program, uint32_t verdict)
{
    add(program, BPF_RET | BPF_K, verdict, 0, 0);
}

static void add_rule(struct program *program, const struct rule *rule)
{
    const uint32_t verdict = rule->error ? SECCOMP_RET_ERRNO | rule->error : SECCOMP_RET_ALLOW;
    const uint32_t value = rule->own ? (uint32_t)getpid() : rule->value;

    if (rule->mask == 0) {
        add(program, BPF_JMP | BPF_JEQ | BPF_K, rule->call, 0, 1);
        answer(program, verdict);
        return;
    }
    add(program, BPF_JMP | BPF_JEQ | BPF_K, rule->call, 0, RULE_STEPS - 1);
    /* The lower half comes first on both processors. */
    load(program, offsetof(struct seccomp_data, args) + sizeof(uint64_t) * rule->argument);
    add(program, BPF_ALU | BPF_AND | BPF_K, rule->mask, 0, 0);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(program, verdict);
    load(program, offsetof(struct seccomp_data, nr));
}

static void write_program(struct program *program, bool result_fds)
{
    program->count = 0;
    load(program, offsetof(struct seccomp_data, arch));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, PROCESSOR, 1, 0);
    answer(program, SECCOMP_RET_KILL_PROCESS);
    load(program, offsetof(struct seccomp_data, nr));
    add(program, BPF_JMP | BPF_JGE | BPF_K, FOREIGN_CALL, 2, 0);
    add(program, BPF_JMP | BPF_JGT | BPF_K, LAST_KNOWN_CALL, 0, 2);
    answer(program, SECCOMP_RET_ERRNO | ENOSYS);
    answer(program, SECCOMP_RET_KILL_PROCESS);
    for (size_t i = 0; result_fds && i < RESULT_RULES; i++)
        add_rule(program, &result_rules[i]);
    for (size_t i = 0; i < RULES; i++)
        add_rule(program, &rules[i]);
    answer(program, SECCOMP_RET_KILL_PROCESS);
}

bool pp_seccomp_available(void)
{
    const uint32_t action = SECCOMP_RET_KILL_PROCESS;

    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0UL, &action) == 0;
}

/* Before Linux 5.16 a filter also switched off speculative loads, which guard secrets from code in
 * the same process; a worker has none, and would be slower for it. */
int pp_seccomp_confine(bool result_fds)
{
    struct program program;

    write_program(&program, result_fds);
    const struct sock_fprog filter = {.len = program.count, .filter = program.steps};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SPEC_ALLOW, &filter) == 0)
        return 0;
    return errno;
}

#endif
