/*
 * What a worker may try in its sandbox, by name, and how that went if it came back.
 */
#ifndef PP_TESTS_POOL_ATTEMPTS_H
#define PP_TESTS_POOL_ATTEMPTS_H

#include <pixpool/pool.h>

/* Attempts that decoding never makes. Ends with NULL. */
extern const char *const attempts_to_stop[];

/* Service "attempts": a task's payload is an attempt's name; the result is "0", an error's name, or
 * what the attempt found. Task descriptor 0 is a file to play with. */
bool attempts_worker_main(int argc, char **argv, int *status);

#endif
