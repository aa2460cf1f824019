/*
 * The way into the sandbox: limits first, then what cannot be undone. The filter of system calls
 * comes last, since it also ends the calls that lead here.
 */
#include "pool/sandbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Address space is not memory: glibc reserves 64 MB of it for each thread's heap and twice that
 * for a moment while it finds an aligned place, and each thread has a stack of 1 MB. What is left
 * covers the program, its libraries, the main heap's slack, and buffers of fixed size.
 */
#define SPACE_BASE     ((uint64_t)512 << 20)
#define SPACE_A_THREAD ((uint64_t)144 << 20)

struct pp_sandbox_level pp_sandbox_level(void)
{
    return (struct pp_sandbox_level){
        .no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) >= 0,
        .landlock = pp_landlock_version(),
        .seccomp = pp_seccomp_available(),
    };
}

bool pp_sandbox_is_full(const struct pp_sandbox_level *level)
{
    return level->no_new_privs && level->landlock > 0 && level->seccomp;
}

enum pp_status pp_sandbox_require(const struct pp_sandbox_level *level, struct pp_error *err)
{
    char missing[64];

    if (pp_sandbox_is_full(level))
        return PP_OK;
    snprintf(missing, sizeof missing, "%s%s%s", level->seccomp ? "" : ", seccomp",
             level->landlock ? "" : ", Landlock", level->no_new_privs ? "" : ", no_new_privs");
    return pp_error_set(err, PP_E_SYSTEM,
                        "the sandbox is required and this system lacks a part of it: %s",
                        missing + 2);
}

void pp_sandbox_describe(const struct pp_sandbox_level *level, char text[PP_SANDBOX_TEXT])
{
    char landlock[24] = "";

    if (level->landlock)
        snprintf(landlock, sizeof landlock, ", Landlock %u", level->landlock);
    snprintf(text, PP_SANDBOX_TEXT, "%s%s%s", level->seccomp ? ", seccomp" : "", landlock,
             level->no_new_privs ? ", no new privileges" : "");
    if (*text)
        memmove(text, text + 2, strlen(text) - 1);
    else
        snprintf(text, PP_SANDBOX_TEXT, "none");
}

uint32_t pp_sandbox_pack(const struct pp_sandbox_level *level)
{
    return (uint32_t)level->no_new_privs | (uint32_t)level->seccomp << 1 | level->landlock << 2;
}

struct pp_sandbox_level pp_sandbox_unpack(uint32_t word)
{
    return (struct pp_sandbox_level){
        .no_new_privs = word & 1, .seccomp = (word >> 1) & 1, .landlock = word >> 2};
}

uint64_t pp_sandbox_address_space(uint64_t memory, unsigned threads)
{
    const uint64_t extra = SPACE_BASE + SPACE_A_THREAD * threads;

    if (memory == 0 || PP_SANDBOX_INSTRUMENTED || memory > UINT64_MAX - extra)
        return 0;
    return memory + extra;
}

/* Lower, never raise, and for good. */
static void limit(unsigned what, uint64_t most)
{
    struct rlimit now;

    if (getrlimit(what, &now) != 0 || now.rlim_max <= most)
        return;
    now.rlim_max = most;
    if (now.rlim_cur > most)
        now.rlim_cur = most;
    setrlimit(what, &now);
}

/*
 * LLVM's run-time for OpenMP looks at the machine when it is first used: at files, its processors
 * one by one, and a piece of shared memory by which it finds out whether it was loaded twice. So it
 * is used now, and the name of that memory, which it could not remove later, is removed. GNU's did
 * all it has to when it was loaded.
 */
extern int omp_get_max_threads(void) __attribute__((weak));
extern void __kmpc_begin(void *location, int flags) __attribute__((weak));

static void settle_openmp(void)
{
    char name[64];

    if (!omp_get_max_threads || !__kmpc_begin)
        return;
    (void)omp_get_max_threads();
    snprintf(name, sizeof name, "/__KMP_REGISTERED_LIB_%d_%d", (int)getpid(), (int)getuid());
    shm_unlink(name);
}

enum pp_status pp_sandbox_enter(const struct pp_sandbox_orders *orders,
                                struct pp_sandbox_level *reached, struct pp_error *err)
{
    struct pp_sandbox_level level = {0};

    *reached = level;
    if (orders->file_size > 0)
        limit(RLIMIT_FSIZE, orders->file_size);
    if (orders->wanted == PP_SANDBOX_OFF)
        return PP_OK;
    settle_openmp();
    limit(RLIMIT_CORE, 0);
    if (orders->address_space > 0)
        limit(RLIMIT_AS, orders->address_space);
    level.no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    level.landlock = pp_landlock_version();
    if (pp_landlock_deny_all(level.landlock) != 0)
        level.landlock = 0;
    level.seccomp = pp_seccomp_available() && pp_seccomp_confine(orders->result_fds) == 0;
    *reached = level;
    return orders->wanted == PP_SANDBOX_REQUIRE ? pp_sandbox_require(&level, err) : PP_OK;
}
