/*
 * cli/bench_service.h - the worker's side of a benchmark: one conversion from memory into memory,
 * timed.
 *
 * Supervisor and worker are the same program; plain structs travel between them.
 */
#ifndef PP_CLI_BENCH_SERVICE_H
#define PP_CLI_BENCH_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>
#include <pixpool/pool.h>

/* The service's name in the pool. */
#define PP_BENCH_SERVICE "bench"

/* What every worker is told once: this head, then the chain's text with its NUL, then the bytes of
 * the profile to convert to; the pictures that the chain names are the bulk. */
struct pp_bench_setup {
    char version[16]; /* pp_version(), so that an updated program refuses an older supervisor */
    struct pp_encode_settings encode;
    struct pp_color_settings color; /* its pointer means nothing here */
    struct pp_limits limits;
    enum pp_decode_path path;
    unsigned threads_max;
    size_t text_size; /* of the chain, with its NUL */
};

/* A task's payload. Its first descriptor is the picture, a file in memory. */
struct pp_bench_task {
    bool detailed; /* measure each filter too, which costs a little */
};

/* If this process was started as a worker of a benchmark, run it, set *status and return true. To
 * be called in main() before pp_batch_worker_main(), which takes all workers for its own. */
bool pp_bench_worker_main(int argc, char **argv, int *status) PP_MUST_CHECK;

#endif
