#include "support_pool.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void note_outcome(void *user, const struct pp_outcome *outcome)
{
    struct run *run = user;
    struct report *report = &run->reports[outcome->tag];

    report->times++;
    report->status = outcome->status;
    report->attempt = outcome->attempt;
    report->worker = outcome->worker;
    report->signal = outcome->signal;
    report->seconds = outcome->seconds;
    report->progress = outcome->progress;
    if (outcome->result_fd >= 0) {
        const ssize_t got = pread(outcome->result_fd, report->sent, sizeof report->sent - 1, 0);

        report->sent[got > 0 ? got : 0] = '\0';
    }
    if (outcome->status == PP_OK)
        snprintf(report->text, sizeof report->text, "%.*s", (int)outcome->payload_size,
                 (const char *)outcome->payload);
    else
        snprintf(report->text, sizeof report->text, "%s", outcome->text);
    run->delivered++;
}

static void note_rewind(void *user, uint64_t tag, const int *fds)
{
    struct run *run = user;

    (void)tag;
    (void)fds;
    run->rewound++;
}

void run_init(struct run *run)
{
    *run = (struct run){.settings = {.service = "commands",
                                     .workers = 2,
                                     .retries = 1,
                                     .cores = 4,
                                     .sandbox = PP_SANDBOX_OFF, /* they do as they please */
                                     .user = run,
                                     .outcome = note_outcome,
                                     .rewind = note_rewind}};
    run->reports = calloc(SUPPORT_TASKS, sizeof *run->reports);
}

void run_start(struct run *run)
{
    struct pp_error err = {0};

    assert_non_null(run->reports);
    assert_int_equal(pp_pool_start(&run->settings, &run->pool, &err), PP_OK);
}

void run_end(struct run *run)
{
    pp_pool_free(run->pool);
    free(run->reports);
}

void run_submit(struct run *run, uint64_t tag, const char *command)
{
    const struct pp_task task = {.tag = tag,
                                 .payload = command,
                                 .payload_size = strlen(command),
                                 .fds = {-1, -1},
                                 .more_time = run->more_time,
                                 .small = run->small,
                                 .tiny = run->tiny,
                                 .more = run->more,
                                 .once = run->once,
                                 .parts = run->parts};
    struct pp_error err = {0};

    assert_true(pp_pool_has_room(run->pool));
    assert_int_equal(pp_pool_submit(run->pool, &task, &err), PP_OK);
}

static void step_until(struct run *run, double until)
{
    struct pp_error err = {0};

    if (pp_pool_step(run->pool, 100, &err) != PP_OK)
        fail_msg("the pool gave up: %s", err.text);
    if (seconds_now() > until)
        fail_msg("%zu tasks without an outcome in time", pp_pool_pending(run->pool));
}

void run_finish(struct run *run, double seconds)
{
    const double until = seconds_now() + seconds;

    while (pp_pool_pending(run->pool) > 0)
        step_until(run, until);
}

void run_many(struct run *run, size_t count, const char *command, double seconds)
{
    const double until = seconds_now() + seconds;

    for (size_t tag = 0; tag < count || pp_pool_pending(run->pool) > 0;) {
        while (tag < count && pp_pool_has_room(run->pool))
            run_submit(run, tag++, command);
        step_until(run, until);
    }
}

void assert_all_ok(const struct run *run, size_t count, const char *result)
{
    assert_int_equal(run->delivered, count);
    for (size_t tag = 0; tag < count; tag++) {
        const struct report *report = &run->reports[tag];

        if (report->times != 1 || report->status != PP_OK)
            fail_msg("task %zu: %u outcomes, %s: %s", tag, report->times,
                     pp_status_name(report->status), report->text);
        if (result)
            assert_string_equal(report->text, result);
    }
}

int open_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = -1; /* the directory's own */

    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

int children_of(pid_t parent, pid_t *pids, int most)
{
    char path[64];
    int count = 0, pid;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    file = fopen(path, "re");
    while (file && count < most && fscanf(file, "%d", &pid) == 1)
        pids[count++] = pid;
    if (file)
        fclose(file);
    return count;
}

pid_t start_killer(pid_t supervisor, unsigned every_us, int number)
{
    const pid_t pid = fork();
    struct timespec pause = {0, (long)every_us * 1000};
    unsigned seed = 20240229;
    pid_t pids[16];

    if (pid != 0)
        return pid;
    for (;;) {
        const int count = children_of(supervisor, pids, 16);
        const pid_t victim = count > 0 ? pids[(unsigned)rand_r(&seed) % (unsigned)count] : 0;

        nanosleep(&pause, NULL);
        if (victim > 0 && victim != getpid())
            kill(victim, number);
    }
}

bool long_tests(void)
{
    return getenv("PP_TEST_LONG") != NULL;
}
