/*
 * batch/job.h - what supervisor and worker tell each other about conversions.
 *
 * Both are the same program, so plain structs travel; what comes from a worker is checked all the
 * same before it is believed.
 */
#ifndef PP_BATCH_JOB_H
#define PP_BATCH_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include <pixpool/batch.h>
#include <pixpool/convert.h>
#include <pixpool/error.h>
#include <pixpool/pool.h>

#include "pipeline/digest.h"

/* The service's name in the pool. */
#define PP_JOB_SERVICE "convert"

/* The descriptors of a task. */
enum { PP_JOB_INPUT = 0, PP_JOB_OUTPUT = 1 };

/* What every worker is told once: this head, then the chain's text with its NUL, then the bytes of
 * the profile to convert to; the pictures that the chain names are the bulk. */
struct pp_job_setup {
    char version[16]; /* pp_version(), so that an updated program refuses an older supervisor */
    struct pp_encode_settings encode;
    struct pp_color_settings color; /* its pointer means nothing here */
    struct pp_limits limits;
    enum pp_decode_path path;
    unsigned threads_max;
    size_t text_size; /* of the chain, with its NUL */
    bool sync;        /* each output is on the disk before it is told of */
    bool digest;      /* read each output back, and tell its hashes */
};

/* What a worker publishes for each task. */
struct pp_job_result {
    struct pp_error error;
    struct pp_convert_report report;
    struct pp_digest digest; /* taken if it was asked for and there is no error */
};

/* Copy a published record into *result; false when it is not what an honest worker writes. */
bool pp_job_result_read(struct pp_job_result *result, const void *record,
                        size_t size) PP_MUST_CHECK;

extern const struct pp_service pp_job_service;

#endif
