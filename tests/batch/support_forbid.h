/*
 * Other file systems and broken disks, told by a filter on system calls: what it names fails in a
 * child process, all else goes on as ever.
 */
#ifndef PP_TESTS_SUPPORT_FORBID_H
#define PP_TESTS_SUPPORT_FORBID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct forbidden {
    int call;      /* SYS_* */
    unsigned arg;  /* which argument is looked at */
    uint32_t bits; /* only when all of these are set in it; 0: always */
    int errnum;    /* what it fails with */
};

#define FORBIDDEN_MAX 8

/* Whether `act` returns true in a child for which the calls fail. The test is skipped where no
 * filter is to be had. */
bool holds_without(const struct forbidden *forbidden, size_t count, bool (*act)(void));

#endif
