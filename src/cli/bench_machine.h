/*
 * cli/bench_machine.h - the machine that measures, as far as it says what it is.
 *
 * Read from /proc and /sys; what is not there is left empty or zero. One thread.
 */
#ifndef PP_CLI_BENCH_MACHINE_H
#define PP_CLI_BENCH_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_BENCH_CACHES 8

struct pp_bench_cache {
    char type[16]; /* "Data", "Instruction", "Unified" */
    unsigned level;
    uint64_t bytes;
    unsigned sharing; /* cores that share it */
};

struct pp_bench_machine {
    char host[65];
    char cpu[128];  /* the model's name, else the architecture's */
    unsigned cores; /* this process may use */
    unsigned mhz;   /* the most a core does, or what it does now */
    bool scaling;   /* its frequency changes with the load */
    double load[3]; /* mean number of running processes over 1, 5 and 15 minutes */
    struct pp_bench_cache caches[PP_BENCH_CACHES]; /* of the first core */
    size_t cache_count;
};

void pp_bench_machine_look(struct pp_bench_machine *machine);

#endif
