/*
 * batch/window.h - the jobs planned and not yet handed out, largest first.
 *
 * A bounded heap: the largest of the next few thousand files begins first, so that no large one is
 * left for the end, and memory does not grow with the batch. The supervisor's thread owns it.
 */
#ifndef PP_BATCH_WINDOW_H
#define PP_BATCH_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "batch/cost.h"
#include "batch/staged.h"
#include "pipeline/digest.h"

#define PP_WINDOW_JOBS 4096u

/* One input with its output's name, from planning to its report. */
struct pp_file_job {
    const char *input;  /* in text */
    const char *output; /* likewise: the whole path */
    struct pp_cost_file file;
    double cost;  /* nanoseconds, as predicted when it was planned */
    bool replace; /* an existing output may be replaced */
    struct pp_staged staged;
    struct stat opened;      /* the input when it was opened */
    uint64_t order;          /* its place among the inputs found, from 0 on */
    struct pp_digest digest; /* of the output, if the run asked for it */
    uint64_t handed_out;     /* monotonic nanoseconds, 0 before */
    char text[];
};

struct pp_window_heap {
    struct pp_file_job **jobs; /* owned, PP_WINDOW_JOBS places; jobs[0] costs most */
    size_t count;
};

/* Errors: PP_E_NO_MEMORY. */
enum pp_status pp_window_init(struct pp_window_heap *heap, struct pp_error *err) PP_MUST_CHECK;
/* Frees the jobs that are left, too. */
void pp_window_release(struct pp_window_heap *heap);

bool pp_window_is_full(const struct pp_window_heap *heap);
/* Put in a job, which the heap then owns; it must not be full. */
void pp_window_push(struct pp_window_heap *heap, struct pp_file_job *job);
/* Take out the job that costs most, which is the caller's then; NULL when empty. */
struct pp_file_job *pp_window_pop(struct pp_window_heap *heap);

/* A job with both names and nothing else filled in; NULL when memory is out. */
struct pp_file_job *pp_file_job_new(const char *input, const char *output);
/* Free a job and what it has staged; NULL is allowed. */
void pp_file_job_free(struct pp_file_job *job);

#endif
