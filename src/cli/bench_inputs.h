/*
 * cli/bench_inputs.h - the pictures of a benchmark, found as a run would find them and held in
 * memory, so that no disk is measured.
 *
 * Each picture is a file in memory (memfd_create), which workers read as they would read one on
 * disk. Supervisor only, one thread.
 */
#ifndef PP_CLI_BENCH_INPUTS_H
#define PP_CLI_BENCH_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "cli/options.h"

struct pp_bench_input {
    char *path;     /* owned */
    char *why;      /* owned: why it cannot be measured; NULL while it can */
    int fd;         /* owned: its bytes in memory; -1 before they are loaded */
    uint64_t bytes; /* as found; once loaded as read */
    uint64_t hash;  /* of the bytes */
    /* What its last conversion said. */
    struct pp_convert_report report;
    uint64_t ns;
};

/* Zero it before use. */
struct pp_bench_inputs {
    struct pp_bench_input *items; /* owned */
    size_t count, capacity;
    size_t found;        /* before a sample was taken */
    size_t failed;       /* taken out for a reason that was told */
    double read_seconds; /* spent reading them where they lie */
};

/*
 * Find what `options` names, in the order of the names. Errors: those of pp_batch_run(), and
 * PP_E_USAGE when nothing is found.
 */
enum pp_status pp_bench_inputs_find(struct pp_bench_inputs *inputs,
                                    const struct pp_options *options,
                                    struct pp_error *err) PP_MUST_CHECK;

/*
 * Where all together are larger than `bytes` or more than `files`, keep every second, or third, and
 * so on, of them in the order of their sizes: small and large in the proportions they had, and the
 * same for the same files. False when none is left.
 */
bool pp_bench_inputs_sample(struct pp_bench_inputs *inputs, uint64_t bytes,
                            size_t files) PP_MUST_CHECK;

/* How many files in memory this process may hold; raises the limit of descriptors to its most. */
size_t pp_bench_inputs_room(void);

/* Read them. One that cannot be read gets its `why`. Errors: PP_E_SYSTEM, PP_E_NO_MEMORY. */
enum pp_status pp_bench_inputs_load(struct pp_bench_inputs *inputs,
                                    struct pp_error *err) PP_MUST_CHECK;

/* Tell those with a `why` on standard error, count and remove them; the rest are put in the order
 * of a run, the costliest first. */
void pp_bench_inputs_drop_failed(struct pp_bench_inputs *inputs);

/* The largest in pixels; NULL of none. */
struct pp_bench_input *pp_bench_inputs_largest(const struct pp_bench_inputs *inputs);

uint64_t pp_bench_inputs_bytes(const struct pp_bench_inputs *inputs);
uint64_t pp_bench_inputs_pixels(const struct pp_bench_inputs *inputs);
/* Says what bytes they hold, whatever their names and order. */
uint64_t pp_bench_inputs_fingerprint(const struct pp_bench_inputs *inputs);

void pp_bench_inputs_release(struct pp_bench_inputs *inputs);

#endif
