/*
 * pool/environment.h - the environment of a worker.
 */
#ifndef PP_POOL_ENVIRONMENT_H
#define PP_POOL_ENVIRONMENT_H

/*
 * This process's environment with the OpenMP part replaced by the pool's: idle threads sleep
 * instead of spinning on cores other workers need, nothing binds threads to the same core in every
 * worker, stacks are small. It has to stand before libgomp is loaded, hence before the exec. The
 * strings are those of the current environment; freed with one free(). NULL when out of memory.
 */
char **pp_environment_new(void);

#endif
