/*
 * pool/sandbox.h - how a worker locks itself in; see <pixpool/sandbox.h> for what that is for.
 *
 *   sandbox.c           what the system has, and the way in
 *   sandbox_landlock.c  no files, no network
 *   sandbox_seccomp.c   the system calls that decoding needs, and no others
 *
 * A process enters once and for good; threads and whatever it creates later are inside too.
 */
#ifndef PP_POOL_SANDBOX_H
#define PP_POOL_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/error.h>
#include <pixpool/sandbox.h>

/*
 * Whether this build's own run-time needs files, processes and a huge address space: sanitizers
 * read /proc and the program at a report and at the end, and LeakSanitizer looks at all threads
 * through ptrace. Such a build lets files be read and LeakSanitizer work, and does not limit the
 * address space; all else is as in any other.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PP_SANDBOX_INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define PP_SANDBOX_INSTRUMENTED 1
#endif
#endif
#ifndef PP_SANDBOX_INSTRUMENTED
#define PP_SANDBOX_INSTRUMENTED 0
#endif

/* What a worker is told about its sandbox. */
struct pp_sandbox_orders {
    enum pp_sandbox wanted;
    uint64_t address_space; /* bytes it may map in all; 0: no limit */
    uint64_t file_size;     /* bytes it may write to one file; 0: no limit */
    bool result_fds;        /* it may make files in memory, and send them with its results */
};

/*
 * Enter, from the worker's main thread before there are others. *reached is what it came to. A
 * limit of the file's size holds without a sandbox too. Errors: PP_E_SYSTEM where all of it is
 * required and not to be had; the process is then good for nothing but to end.
 */
enum pp_status pp_sandbox_enter(const struct pp_sandbox_orders *orders,
                                struct pp_sandbox_level *reached,
                                struct pp_error *err) PP_MUST_CHECK;

/* The bytes of address space for a worker whose tasks may take `memory` bytes with so many threads;
 * 0 when `memory` is: no limit. */
uint64_t pp_sandbox_address_space(uint64_t memory, unsigned threads);

/* PP_E_SYSTEM, and what is lacking, unless the level is full. */
enum pp_status pp_sandbox_require(const struct pp_sandbox_level *level,
                                  struct pp_error *err) PP_MUST_CHECK;

/* A level as one word and back. */
uint32_t pp_sandbox_pack(const struct pp_sandbox_level *level);
struct pp_sandbox_level pp_sandbox_unpack(uint32_t word);

/* The version of Landlock's interface, 0 without. */
unsigned pp_landlock_version(void);
/* From here on nothing can be opened, named, connected to or signalled that is outside. Returns 0
 * or an errno value. */
int pp_landlock_deny_all(unsigned version) PP_MUST_CHECK;

/* Whether the system filters calls, and knows those of this processor. */
bool pp_seccomp_available(void);
/* From here on the table in sandbox_seccomp.c says what can be called, `result_fds` with what
 * sending descriptors takes. Returns 0 or an errno value. */
int pp_seccomp_confine(bool result_fds) PP_MUST_CHECK;

#endif
