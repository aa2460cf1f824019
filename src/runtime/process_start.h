/*
 * runtime/process_start.h - a process as its parent knows it. See <pixpool/process.h>.
 */
#ifndef PP_RUNTIME_PROCESS_START_H
#define PP_RUNTIME_PROCESS_START_H

#include <pixpool/process.h>

struct pp_process {
    pid_t pid, parent;
    int pidfd;
    bool daemon;
    bool ended; /* and was collected: `end` says how */
    struct pp_process_end end;
    char name[];
};

#endif
