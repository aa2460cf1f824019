/*
 * runtime/task_worker.h - a table of functions as a service of <pixpool/pool.h>.
 */
#ifndef PP_RUNTIME_TASK_WORKER_H
#define PP_RUNTIME_TASK_WORKER_H

#include <pixpool/pool.h>
#include <pixpool/tasks.h>

/* The service that runs the table's functions; valid as long as the table. Any process. */
struct pp_service pp_task_service(const struct pp_task_table *table);

#endif
