/*
 * support_queue.h - for the tests of queues: processes, items that can be recognised, and an audit
 * of everything in a queue that follows from its slots.
 */
#ifndef PP_TEST_SUPPORT_QUEUE_H
#define PP_TEST_SUPPORT_QUEUE_H

#include <pixpool/queue.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A queue; the test fails if there is none. */
struct pp_queue *new_queue(size_t items, size_t bytes);

/* A child that runs `run` and exits with what it returns. */
pid_t start_child(int (*run)(void *subject), void *subject);

/* Its exit status, or -1 for a signal. */
int end_of_child(pid_t child);

/* One that ended with all its threads while nobody else used the queue: NULL, or what is wrong in
 * lists, counts and map. Takes the lock, and so repairs, if it can be had. */
const char *audit_queue(struct pp_queue *queue);

/* Bytes that belong to number `id`: the number, if there is room for it, then what follows from it.
 */
void fill_item(unsigned char *bytes, size_t size, uint64_t id);
bool is_item(const unsigned char *bytes, size_t size, uint64_t id);

#endif
