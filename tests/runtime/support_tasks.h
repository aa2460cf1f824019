/*
 * A program whose processes and workers do as they are told, well or badly. A test program that
 * uses it is its own child: its main() hands over to pp_process_main() with `tasks_program` first.
 */
#ifndef PP_TESTS_RUNTIME_SUPPORT_TASKS_H
#define PP_TESTS_RUNTIME_SUPPORT_TASKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include <pixpool/process.h>
#include <pixpool/tasks.h>

extern const struct pp_program tasks_program;
extern const struct pp_task_table tasks_table, tasks_refusing, tasks_dying;

/* A pool of so many workers; to be changed through *settings before the start where it is given. */
struct pp_tasks *tasks_started(unsigned workers);
struct pp_tasks *tasks_started_with(const struct pp_tasks_settings *settings);

/* Begin a call for a number. */
struct pp_async *tasks_begin(struct pp_tasks *tasks, const struct pp_call *call, uint64_t number);

/* One call of a function for a number, blocking; the number it gives. Fails the test on an error.
 */
uint64_t tasks_apply_number(struct pp_tasks *tasks, const char *function, uint64_t number);

/* `count` items that are the numbers from 0 on; free() both. */
struct pp_bytes *tasks_numbers(size_t count, uint64_t **numbers);

/* The number an item of a call gave; the item must have ended well. */
uint64_t tasks_number_of(const struct pp_async *async, size_t index);

void tasks_sleep_ms(uint64_t ms);
/* A process for long: the function "sleep_long" of `tasks_program`. It writes a byte to its first
 * descriptor, if it has one, and sleeps. */
int tasks_sleep_long(const void *argument, size_t size, const int *fds, size_t fd_count);
/* End this process by a signal, as such, also under a sanitizer that catches it. */
void tasks_die_by(int number);
/* What an argument says. */
uint64_t tasks_number_in(const void *argument, size_t size);

double tasks_now(void);
int tasks_open_fds(void);
/* Whether the process is there and no zombie. */
bool tasks_process_lives(pid_t pid);
/* The children of this process; their number. */
int tasks_children(pid_t *pids, int most);

#endif
