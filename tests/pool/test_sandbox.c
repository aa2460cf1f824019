/* A worker that tries what decoding does not need is stopped, and that costs its task alone. */
#include "support_attempts.h"
#include "support_pool.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/sandbox.h"

#define STOPPED                                                                                    \
    "worker was stopped by the sandbox: it tried a system call that decoding does not need"

static void begin(struct run *run)
{
    run_init(run);
    run->settings.service = "attempts";
    run->settings.sandbox = PP_SANDBOX_AUTO;
    run->settings.retries = 0;
    run->settings.workers = 1;
}

static void try(struct run *run, uint64_t tag, const char *name)
{
    const struct pp_task task = {.tag = tag,
                                 .payload = name,
                                 .payload_size = strlen(name),
                                 .fds = {memfd_create("file", MFD_CLOEXEC), -1}};

    assert_int_equal(pp_pool_submit(run->pool, &task, NULL), PP_OK);
    run_finish(run, 20);
}

static void need_seccomp(void)
{
    const struct pp_sandbox_level level = pp_sandbox_level();

    if (!level.seccomp) {
        print_message("skipped: no seccomp here\n");
        skip();
    }
}

static void what_decoding_never_does_stops_the_worker_and_the_run_goes_on(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    need_seccomp();
    begin(&run);
    run_start(&run);
    for (const char *const *name = attempts_to_stop; *name; name++, tag += 2) {
        try(&run, tag, *name);
        try(&run, tag + 1, "look");
        if (run.reports[tag].signal != SIGSYS)
            fail_msg("%s: %s", *name, run.reports[tag].text);
        assert_int_equal(run.reports[tag].status, PP_E_CRASHED);
        assert_string_equal(run.reports[tag].text, STOPPED " (1 attempt)");
        assert_string_equal(run.reports[tag + 1].text, "0");
    }
    run_end(&run);
}

/* A sanitizer needs these two. */
static void reading_files_and_tracing_stop_the_worker(void **state)
{
    struct run run;

    (void)state;
    need_seccomp();
    if (PP_SANDBOX_INSTRUMENTED) {
        print_message("skipped: a sanitizer's run-time needs them\n");
        skip();
    }
    begin(&run);
    run_start(&run);
    try(&run, 0, "open-read");
    try(&run, 1, "trace");
    for (int tag = 0; tag < 2; tag++)
        assert_string_equal(run.reports[tag].text, STOPPED " (1 attempt)");
    run_end(&run);
}

static void a_stopped_worker_is_retried_like_a_crashed_one(void **state)
{
    struct run run;

    (void)state;
    need_seccomp();
    begin(&run);
    run.settings.retries = 1;
    run_start(&run);
    try(&run, 0, "socket");
    assert_int_equal(run.reports[0].attempt, 2);
    assert_string_equal(run.reports[0].text, STOPPED " (2 attempts)");
    run_end(&run);
}

static void what_decoding_does_works(void **state)
{
    static const char *const names[] = {"cut",   "look",        "threads",
                                        "sleep", "take-little", "threads"};
    struct run run;

    (void)state;
    begin(&run);
    run.settings.memory = 128 << 20;
    run.settings.threads = 4;
    run_start(&run);
    for (uint64_t tag = 0; tag < 6; tag++) {
        try(&run, tag, names[tag]);
        if (strcmp(run.reports[tag].text, "0") != 0)
            fail_msg("%s: %s", names[tag], run.reports[tag].text);
    }
    run_end(&run);
}

static void what_libraries_can_do_without_is_refused(void **state)
{
    static const struct {
        const char *name, *error;
    } refusals[] = {
        {"name", "EPERM"},
        {"terminal", "ENOTTY"},
        {"raise-limit", "EPERM"},
        {"newer-call", "ENOSYS"},
    };
    struct run run;

    (void)state;
    need_seccomp();
    begin(&run);
    run_start(&run);
    for (uint64_t tag = 0; tag < 4; tag++) {
        try(&run, tag, refusals[tag].name);
        assert_string_equal(run.reports[tag].text, refusals[tag].error);
    }
    run_end(&run);
}

static void an_abort_is_still_an_abort(void **state)
{
    struct run run;

    (void)state;
    begin(&run);
    run_start(&run);
    try(&run, 0, "abort");
    assert_string_equal(run.reports[0].text, "worker crashed with SIGABRT (1 attempt)");
    run_end(&run);
}

static void memory_far_beyond_the_budget_is_not_given(void **state)
{
    struct run run;

    (void)state;
    if (PP_SANDBOX_INSTRUMENTED) {
        print_message("skipped: a sanitizer's shadow memory exceeds every limit\n");
        skip();
    }
    begin(&run);
    run.settings.memory = 128 << 20;
    run_start(&run);
    try(&run, 0, "take-much");
    assert_string_equal(run.reports[0].text, "ENOMEM");
    run_end(&run);
}

static void a_file_beyond_its_limit_is_an_error_with_and_without_the_sandbox(void **state)
{
    static const enum pp_sandbox sandboxes[] = {PP_SANDBOX_AUTO, PP_SANDBOX_OFF};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct run run;

        begin(&run);
        run.settings.sandbox = sandboxes[i];
        run.settings.file_size = 1 << 20;
        run_start(&run);
        try(&run, 0, "write-much");
        try(&run, 1, "cut");
        assert_string_equal(run.reports[0].text, "EFBIG");
        assert_string_equal(run.reports[1].text, "0");
        run_end(&run);
    }
}

static void the_pool_tells_what_its_workers_have_around_them(void **state)
{
    const struct pp_sandbox_level system = pp_sandbox_level();
    struct pp_sandbox_level level = {0};
    struct run run;

    (void)state;
    begin(&run);
    run_start(&run);
    assert_false(pp_pool_sandbox(run.pool, &level));
    try(&run, 0, "look");
    assert_true(pp_pool_sandbox(run.pool, &level));
    assert_int_equal(pp_sandbox_pack(&level), pp_sandbox_pack(&system));
    run_end(&run);
}

static void without_the_sandbox_all_is_allowed_and_none_is_told(void **state)
{
    struct pp_sandbox_level level = {0};
    struct run run;

    (void)state;
    begin(&run);
    run.settings.sandbox = PP_SANDBOX_OFF;
    run_start(&run);
    try(&run, 0, "socketpair");
    try(&run, 1, "open-read");
    assert_string_equal(run.reports[0].text, "0");
    assert_string_equal(run.reports[1].text, "0");
    assert_false(pp_pool_sandbox(run.pool, &level));
    run_end(&run);
}

static void a_level_is_told_in_words(void **state)
{
    static const struct {
        struct pp_sandbox_level level;
        const char *text;
        bool full;
    } cases[] = {
        {{true, 4, true}, "seccomp, Landlock 4, no new privileges", true},
        {{true, 0, true}, "seccomp, no new privileges", false},
        {{true, 1, false}, "Landlock 1, no new privileges", false},
        {{false, 12, true}, "seccomp, Landlock 12", false},
        {{false, 0, false}, "none", false},
    };
    char text[PP_SANDBOX_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct pp_sandbox_level again = pp_sandbox_unpack(pp_sandbox_pack(&cases[i].level));

        pp_sandbox_describe(&again, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(pp_sandbox_is_full(&again), cases[i].full);
    }
}

/* As on a system that refuses a call, or this call with `first` as its first argument. */
static bool refuse_call(uint32_t call, bool always, uint32_t first)
{
    struct sock_filter steps[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, call},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args)},
        {BPF_JMP | (always ? BPF_JGE : BPF_JEQ) | BPF_K, 0, 1, always ? 0 : first},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 1},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    const struct sock_fprog filter = {.len = sizeof steps / sizeof steps[0], .filter = steps};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0UL, &filter) == 0;
}

/* The exit status of a process that does `what` where a call is refused. */
static int where_refused(uint32_t call, bool always, uint32_t first, int (*what)(void))
{
    const pid_t pid = fork();
    int status = -1;

    if (pid == 0)
        _exit(refuse_call(call, always, first) ? what() : 99);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

#define LANDLOCK_CREATE_RULESET 444

/* 0 when a pool that requires the sandbox is refused at once, and in these words. */
static int start_required(void)
{
    struct run run;
    struct pp_error err = {0};

    begin(&run);
    run.settings.sandbox = PP_SANDBOX_REQUIRE;
    if (pp_pool_start(&run.settings, &run.pool, &err) != PP_E_SYSTEM)
        return 1;
    return strcmp(err.text, "the sandbox is required and this system lacks a part of it: "
                            "Landlock") != 0;
}

/* 0 when the pool starts, and its workers say that they cannot enter what is required. */
static int work_required(void)
{
    const struct pp_task task = {.payload = "look", .payload_size = 4, .fds = {-1, -1}};
    struct run run;
    struct pp_error err = {0};
    enum pp_status status = PP_OK;

    begin(&run);
    run.settings.sandbox = PP_SANDBOX_REQUIRE;
    if (pp_pool_start(&run.settings, &run.pool, &err) != PP_OK)
        return 1;
    if (pp_pool_submit(run.pool, &task, &err) != PP_OK)
        return 2;
    for (int i = 0; i < 100 && status == PP_OK; i++)
        status = pp_pool_step(run.pool, 100, &err);
    if (status != PP_E_SYSTEM || run.reports[0].status != PP_E_CANCELLED)
        return 3;
    pp_pool_free(run.pool);
    return strcmp(err.text, "cannot start a worker: the sandbox is required and this system lacks "
                            "a part of it: seccomp") != 0;
}

/* 0 when the worker works all the same, less is told, and what is left holds. */
static int work_with_less(void)
{
    const struct pp_task task = {.payload = "open-write", .payload_size = 10, .fds = {-1, -1}};
    struct pp_sandbox_level level = {0};
    struct run run;

    begin(&run);
    if (pp_pool_start(&run.settings, &run.pool, NULL) != PP_OK)
        return 1;
    if (pp_pool_submit(run.pool, &task, NULL) != PP_OK)
        return 2;
    while (pp_pool_pending(run.pool) > 0)
        if (pp_pool_step(run.pool, 100, NULL) != PP_OK)
            return 3;
    if (run.reports[0].status != PP_OK || !pp_pool_sandbox(run.pool, &level))
        return 4;
    pp_pool_free(run.pool);
    if (strcmp(run.reports[0].text, level.landlock > 0 ? "EACCES" : "0") != 0)
        return 5;
    return level.seccomp || !level.no_new_privs;
}

static void what_is_required_and_missing_is_refused_at_the_start(void **state)
{
    const struct pp_sandbox_level level = pp_sandbox_level();

    (void)state;
    need_seccomp();
    if (level.landlock > 0)
        assert_int_equal(where_refused(LANDLOCK_CREATE_RULESET, true, 0, start_required), 0);
}

static void a_worker_that_cannot_enter_what_is_required_takes_no_task(void **state)
{
    const struct pp_sandbox_level level = pp_sandbox_level();

    (void)state;
    if (!pp_sandbox_is_full(&level)) {
        print_message("skipped: the whole sandbox is not to be had here\n");
        skip();
    }
    assert_int_equal(where_refused(SYS_seccomp, false, SECCOMP_SET_MODE_FILTER, work_required), 0);
}

static void a_worker_makes_do_with_what_the_system_has(void **state)
{
    (void)state;
    need_seccomp();
    assert_int_equal(where_refused(SYS_seccomp, false, SECCOMP_SET_MODE_FILTER, work_with_less), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_decoding_never_does_stops_the_worker_and_the_run_goes_on),
        cmocka_unit_test(reading_files_and_tracing_stop_the_worker),
        cmocka_unit_test(a_stopped_worker_is_retried_like_a_crashed_one),
        cmocka_unit_test(what_decoding_does_works),
        cmocka_unit_test(what_libraries_can_do_without_is_refused),
        cmocka_unit_test(an_abort_is_still_an_abort),
        cmocka_unit_test(memory_far_beyond_the_budget_is_not_given),
        cmocka_unit_test(a_file_beyond_its_limit_is_an_error_with_and_without_the_sandbox),
        cmocka_unit_test(the_pool_tells_what_its_workers_have_around_them),
        cmocka_unit_test(without_the_sandbox_all_is_allowed_and_none_is_told),
        cmocka_unit_test(a_level_is_told_in_words),
        cmocka_unit_test(what_is_required_and_missing_is_refused_at_the_start),
        cmocka_unit_test(a_worker_that_cannot_enter_what_is_required_takes_no_task),
        cmocka_unit_test(a_worker_makes_do_with_what_the_system_has),
    };
    int status;

    if (attempts_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
