/*
 * Calls of functions in a pool: items a second through pp_tasks_map() with chunks of one item, and
 * with larger ones, and what the processes take of memory. bench/runtime_tasks.py has the same for
 * Python's Pool.
 *
 *   micro_tasks [WORKERS [ITEMS [CHUNK]]]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pixpool/process.h>
#include <pixpool/tasks.h>

#include "base/clock.h"

#define WARM_UP 20000
#define ROUNDS  5

static enum pp_status square(void *context, const void *argument, size_t size,
                             struct pp_reply *reply, struct pp_error *err)
{
    uint64_t number = 0;

    (void)context;
    memcpy(&number, argument, size < sizeof number ? size : sizeof number);
    number *= number;
    return pp_reply_set(reply, &number, sizeof number, err);
}

static const struct pp_task_function functions[] = {{"square", square}, {NULL, NULL}};
static const struct pp_task_table table = {.name = "micro", .functions = functions};
static const struct pp_task_table *const tables[] = {&table, NULL};
static const struct pp_program program = {.tasks = tables};

/* Items a second of one map; 0, and words, when a result is wrong. */
static double rate_of(struct pp_tasks *tasks, const struct pp_bytes *items, size_t count,
                      size_t chunk)
{
    const struct pp_call call = {.function = "square", .chunk = chunk};
    const uint64_t begin = pp_clock_ns();
    struct pp_async *async = NULL;
    struct pp_error err = {0};
    struct pp_result last;
    uint64_t number = 0;
    double seconds;

    if (pp_tasks_map(tasks, &call, items, count, &async, &err) != PP_OK) {
        fprintf(stderr, "micro_tasks: %s\n", err.text);
        pp_async_free(async);
        return 0;
    }
    seconds = (double)(pp_clock_ns() - begin) / (double)PP_NS_PER_S;
    if (pp_async_result(async, count - 1, &last) && last.size == sizeof number)
        memcpy(&number, last.data, sizeof number);
    pp_async_free(async);
    if (number != (uint64_t)(count - 1) * (count - 1)) {
        fprintf(stderr, "micro_tasks: a wrong result\n");
        return 0;
    }
    return (double)count / seconds;
}

/* The best of some rounds: what the machine does beside it only ever takes away. */
static double best_of(struct pp_tasks *tasks, const struct pp_bytes *items, size_t count,
                      size_t chunk)
{
    double best = 0;

    for (int round = 0; round < ROUNDS; round++) {
        const double rate = rate_of(tasks, items, count, chunk);

        if (rate == 0)
            return 0;
        best = rate > best ? rate : best;
    }
    return best;
}

/* A figure of a process in kilobytes: "Rss:", "Pss:", "Private_Clean:". */
static unsigned long memory_of(int pid, const char *what)
{
    char path[64], line[128];
    unsigned long kilobytes = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, what, strlen(what)) == 0)
            kilobytes = strtoul(line + strlen(what), NULL, 10);
    if (file)
        fclose(file);
    return kilobytes;
}

/* Of the workers together, by their number. */
static void tell_memory(void)
{
    unsigned long rss = 0, pss = 0, uss = 0, count = 0;
    char path[64];
    FILE *file;
    int pid;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    file = fopen(path, "re");
    while (file && fscanf(file, "%d", &pid) == 1) {
        rss += memory_of(pid, "Rss:");
        pss += memory_of(pid, "Pss:");
        uss += memory_of(pid, "Private_Clean:") + memory_of(pid, "Private_Dirty:");
        count++;
    }
    if (file)
        fclose(file);
    if (count > 0)
        printf("RSS a worker\tkB\t%lu\nPSS a worker\tkB\t%lu\nUSS a worker\tkB\t%lu\n", rss / count,
               pss / count, uss / count);
}

/* With the one size of chunks, or with several. */
static int measure(struct pp_tasks *tasks, size_t count, size_t only)
{
    const size_t chunks[] = {only > 0 ? only : 1, 16, 64, 256};
    const size_t sizes = only > 0 ? 1 : sizeof chunks / sizeof *chunks;
    struct pp_bytes *items = calloc(count, sizeof *items);
    uint64_t *numbers = calloc(count, sizeof *numbers);
    int status = items && numbers ? 0 : 1;

    for (size_t i = 0; status == 0 && i < count; i++) {
        numbers[i] = i;
        items[i] = (struct pp_bytes){&numbers[i], sizeof *numbers};
    }
    if (status == 0)
        status = rate_of(tasks, items, count < WARM_UP ? count : WARM_UP, 1) == 0;
    for (size_t i = 0; status == 0 && i < sizes; i++) {
        const double rate = best_of(tasks, items, count, chunks[i]);

        status = rate == 0;
        printf("map, chunks of %zu\titems/s\t%.0f\n", chunks[i], rate);
    }
    tell_memory();
    free(items);
    free(numbers);
    return status;
}

int main(int argc, char **argv)
{
    const unsigned workers = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2;
    const size_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 200000;
    const size_t chunk = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    const struct pp_tasks_settings settings = {.table = &table, .workers = workers};
    struct pp_tasks *tasks = NULL;
    struct pp_error err = {0};
    int status;

    if (pp_process_main(argc, argv, &program, &status))
        return status;
    if (pp_tasks_start(&settings, &tasks, &err) != PP_OK) {
        fprintf(stderr, "micro_tasks: %s\n", err.text);
        return 1;
    }
    status = measure(tasks, count > 0 ? count : 1, chunk);
    pp_tasks_free(tasks);
    return status;
}
