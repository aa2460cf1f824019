/*
 * runtime/process_child.h - what a parent leaves for the process it executes.
 *
 * The argument lies in a sealed memfd behind a head. Through a pipe the child says what became of
 * its start; the end of the pipe without a word is its death.
 */
#ifndef PP_RUNTIME_PROCESS_CHILD_H
#define PP_RUNTIME_PROCESS_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/process.h>

/* argv[1] of an executed process; argv[2] is the function's name. */
#define PP_PROCESS_WORD "--pixpool-process"

/* Where it finds its descriptors. */
enum pp_process_fd {
    PP_PROCESS_FD_ARGUMENT = 3,
    PP_PROCESS_FD_PROGRAM, /* what it was executed from */
    PP_PROCESS_FD_REPORT,  /* of its start */
    PP_PROCESS_FD_FIRST    /* of those handed over */
};

#define PP_PROCESS_MAGIC UINT64_C(0x3173736563707070)

/* The argument's bytes follow at PP_PROCESS_ARGUMENT_AT. */
struct pp_process_head {
    uint64_t magic;
    uint64_t size;
    uint64_t fd_count;
    int32_t parent;
    uint32_t daemon;
};
#define PP_PROCESS_ARGUMENT_AT 64
_Static_assert(sizeof(struct pp_process_head) <= PP_PROCESS_ARGUMENT_AT, "the head has room");

/* What the child reports: an errno of the exec, or one of these. */
enum pp_process_report {
    PP_PROCESS_RUNS = 0,
    PP_PROCESS_UNKNOWN = -1, /* the program has no such function */
    PP_PROCESS_DAMAGED = -2  /* what was left for it makes no sense */
};

/* Be the process that argv speaks of; false when it speaks of none. */
bool pp_process_child_main(int argc, char **argv, const struct pp_process_function *functions,
                           int *status);

#endif
