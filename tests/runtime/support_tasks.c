#include "support_tasks.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

void tasks_sleep_ms(uint64_t ms)
{
    struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

    while (nanosleep(&left, &left) != 0)
        ;
}

/* Death by a signal must reach the parent as such, also under a sanitizer that catches it. */
void tasks_die_by(int number)
{
    const struct rlimit no_core = {0, 0};

    setrlimit(RLIMIT_CORE, &no_core);
    signal(number, SIG_DFL);
    raise(number);
    pause();
}

uint64_t tasks_number_in(const void *argument, size_t size)
{
    uint64_t number = 0;

    memcpy(&number, argument, size < sizeof number ? size : sizeof number);
    return number;
}

struct pp_tasks *tasks_started_with(const struct pp_tasks_settings *settings)
{
    struct pp_tasks *tasks = NULL;
    struct pp_error err = {0};

    if (pp_tasks_start(settings, &tasks, &err) != PP_OK)
        fail_msg("%s", err.text);
    return tasks;
}

struct pp_tasks *tasks_started(unsigned workers)
{
    const struct pp_tasks_settings settings = {.table = &tasks_table, .workers = workers};

    return tasks_started_with(&settings);
}

uint64_t tasks_number_of(const struct pp_async *async, size_t index)
{
    struct pp_result result;
    uint64_t number;

    assert_true(pp_async_result(async, index, &result));
    if (result.status != PP_OK)
        fail_msg("item %zu: %s", index, result.text);
    assert_int_equal(result.size, sizeof number);
    memcpy(&number, result.data, sizeof number);
    return number;
}

struct pp_async *tasks_begin(struct pp_tasks *tasks, const struct pp_call *call, uint64_t number)
{
    const struct pp_bytes argument = {&number, sizeof number};
    struct pp_async *async = NULL;
    struct pp_error err = {0};

    if (pp_tasks_apply_async(tasks, call, &argument, &async, &err) != PP_OK)
        fail_msg("%s", err.text);
    return async;
}

uint64_t tasks_apply_number(struct pp_tasks *tasks, const char *function, uint64_t number)
{
    const struct pp_call call = {.function = function};
    const struct pp_bytes argument = {&number, sizeof number};
    struct pp_async *async = NULL;
    struct pp_error err = {0};
    uint64_t result;

    if (pp_tasks_apply(tasks, &call, &argument, &async, &err) != PP_OK)
        fail_msg("%s: %s", function, err.text);
    result = tasks_number_of(async, 0);
    pp_async_free(async);
    return result;
}

struct pp_bytes *tasks_numbers(size_t count, uint64_t **numbers)
{
    struct pp_bytes *items = calloc(count + 1, sizeof *items);

    *numbers = calloc(count + 1, sizeof **numbers);
    assert_non_null(items);
    assert_non_null(*numbers);
    for (size_t i = 0; i < count; i++) {
        (*numbers)[i] = i;
        items[i] = (struct pp_bytes){&(*numbers)[i], sizeof **numbers};
    }
    return items;
}

double tasks_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int tasks_open_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = -3; /* the directory's own, and two that are none */

    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count;
}

bool tasks_process_lives(pid_t pid)
{
    char path[64], state = 'X';
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (!file)
        return false;
    if (fscanf(file, "%*d %*[^)]) %c", &state) != 1)
        state = 'X';
    fclose(file);
    return state != 'Z' && state != 'X';
}

int tasks_children(pid_t *pids, int most)
{
    char path[64];
    int count = 0, pid;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    file = fopen(path, "re");
    while (file && count < most && fscanf(file, "%d", &pid) == 1)
        pids[count++] = pid;
    if (file)
        fclose(file);
    return count;
}
