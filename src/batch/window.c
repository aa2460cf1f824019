#include "batch/window.h"

#include <stdlib.h>
#include <string.h>

enum pp_status pp_window_init(struct pp_window_heap *heap, struct pp_error *err)
{
    *heap = (struct pp_window_heap){.jobs = calloc(PP_WINDOW_JOBS, sizeof *heap->jobs)};
    if (!heap->jobs)
        return pp_error_set(err, PP_E_NO_MEMORY, "jobs: no memory");
    return PP_OK;
}

void pp_window_release(struct pp_window_heap *heap)
{
    while (heap->count > 0)
        pp_file_job_free(heap->jobs[--heap->count]);
    free(heap->jobs);
    *heap = (struct pp_window_heap){0};
}

bool pp_window_is_full(const struct pp_window_heap *heap)
{
    return heap->count == PP_WINDOW_JOBS;
}

static void swap(struct pp_window_heap *heap, size_t a, size_t b)
{
    struct pp_file_job *job = heap->jobs[a];

    heap->jobs[a] = heap->jobs[b];
    heap->jobs[b] = job;
}

void pp_window_push(struct pp_window_heap *heap, struct pp_file_job *job)
{
    size_t at = heap->count++;

    heap->jobs[at] = job;
    while (at > 0 && heap->jobs[(at - 1) / 2]->cost < heap->jobs[at]->cost) {
        swap(heap, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static size_t larger_child(const struct pp_window_heap *heap, size_t at)
{
    size_t left = 2 * at + 1, right = left + 1;

    if (right < heap->count && heap->jobs[right]->cost > heap->jobs[left]->cost)
        return right;
    return left;
}

struct pp_file_job *pp_window_pop(struct pp_window_heap *heap)
{
    if (heap->count == 0)
        return NULL;
    struct pp_file_job *job = heap->jobs[0];
    heap->jobs[0] = heap->jobs[--heap->count];
    for (size_t at = 0; 2 * at + 1 < heap->count;) {
        size_t child = larger_child(heap, at);
        if (heap->jobs[child]->cost <= heap->jobs[at]->cost)
            break;
        swap(heap, at, child);
        at = child;
    }
    return job;
}

/* One piece of memory: there are thousands of them, come and gone in no order. */
struct pp_file_job *pp_file_job_new(const char *input, const char *output)
{
    size_t input_size = strlen(input) + 1, output_size = strlen(output) + 1;
    struct pp_file_job *job = malloc(sizeof *job + input_size + output_size);

    if (!job)
        return NULL;
    *job = (struct pp_file_job){.staged.fd = -1};
    memcpy(job->text, input, input_size);
    memcpy(job->text + input_size, output, output_size);
    job->input = job->text;
    job->output = job->text + input_size;
    return job;
}

void pp_file_job_free(struct pp_file_job *job)
{
    if (!job)
        return;
    pp_staged_release(&job->staged);
    free(job);
}
