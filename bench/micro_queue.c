/*
 * micro_queue - what a queue carries from one process to another, and within one.
 *
 * Standard output gets a line for each figure: name, unit, value, tabs between. Each figure is the
 * median of a few runs. bench/runtime_queue.py has Python's queue do the same.
 */
#include <pixpool/queue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define ROUNDS 5

struct load {
    const char *name;
    size_t size;         /* bytes of an item */
    size_t depth;        /* items the queue has room for */
    unsigned long count; /* items a run */
};

static const struct load loads[] = {
    {"8 B", 8, 4096, 1000000},
    {"1 KB", 1024, 1024, 300000},
    {"1 MB", 1u << 20, 8, 2000},
};

static int put_all(struct pp_queue *queue, const struct load *load, const void *data)
{
    for (unsigned long i = 0; i < load->count; i++)
        if (pp_queue_put(queue, data, load->size, -1, NULL) != PP_OK)
            return 1;
    return 0;
}

static int get_all(struct pp_queue *queue, const struct load *load, void *data)
{
    struct pp_queue_item item = {.data = data, .room = load->size};

    for (unsigned long i = 0; i < load->count; i++)
        if (pp_queue_get(queue, &item, -1, NULL) != PP_OK || item.size != load->size)
            return 1;
    return 0;
}

/* Seconds from the first item's coming to the last one's: the child's start is not counted. */
static double between_processes(struct pp_queue *queue, const struct load *load, void *data)
{
    struct pp_queue_item first = {.data = data, .room = load->size};
    pid_t child = fork();
    uint64_t begin;
    int failed, status = 0;

    if (child == 0)
        _exit(put_all(queue, load, data) || pp_queue_put(queue, data, load->size, -1, NULL));
    failed = child < 0 || pp_queue_get(queue, &first, 60, NULL) != PP_OK;
    begin = pp_clock_ns();
    failed |= get_all(queue, load, data);
    double seconds = (double)(pp_clock_ns() - begin) / 1e9;
    failed |= waitpid(child, &status, 0) != child || status != 0;
    return failed ? -1 : seconds;
}

static double within_one(struct pp_queue *queue, const struct load *load, void *data)
{
    struct pp_queue_item item = {.data = data, .room = load->size};
    uint64_t begin = pp_clock_ns();

    for (unsigned long i = 0; i < load->count; i++)
        if (pp_queue_put(queue, data, load->size, 0, NULL) != PP_OK ||
            pp_queue_get(queue, &item, 0, NULL) != PP_OK)
            return -1;
    return (double)(pp_clock_ns() - begin) / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int measure(const char *how, const struct load *load,
                   double (*run)(struct pp_queue *, const struct load *, void *))
{
    struct pp_queue *queue = NULL;
    unsigned char *data = malloc(load->size);
    double seconds[ROUNDS];
    int failed = !data || pp_queue_create(load->depth, load->depth * load->size, &queue, NULL);

    if (!failed)
        memset(data, 1, load->size);
    for (int i = 0; i < ROUNDS && !failed; i++) {
        seconds[i] = run(queue, load, data);
        failed = seconds[i] < 0;
    }
    pp_queue_free(queue);
    free(data);
    if (failed)
        return 1;
    qsort(seconds, ROUNDS, sizeof *seconds, by_value);
    printf("%s %s\titems/s\t%.0f\n", load->name, how, (double)load->count / seconds[ROUNDS / 2]);
    fflush(stdout);
    return 0;
}

int main(void)
{
    int failed = 0;

    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        failed |= measure("from process to process", &loads[i], between_processes);
        failed |= measure("within one process", &loads[i], within_one);
    }
    if (failed)
        fprintf(stderr, "micro_queue: a queue failed\n");
    return failed;
}
