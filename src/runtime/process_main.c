/* What a program that was executed again is to be. */
#include <pixpool/process.h>

#include <stdlib.h>

#include "runtime/process_child.h"
#include "runtime/task_worker.h"

#define EXIT_NO_MEMORY 71 /* sysexits.h: EX_OSERR */

static size_t count_tables(const struct pp_program *program)
{
    size_t count = 0;

    while (program->tasks && program->tasks[count])
        count++;
    return count;
}

static size_t count_services(const struct pp_program *program)
{
    size_t count = 0;

    while (program->services && program->services[count])
        count++;
    return count;
}

/* The tables of functions are services like any other. */
static bool worker_main(int argc, char **argv, const struct pp_program *program, int *status)
{
    const size_t tables = count_tables(program), others = count_services(program);
    struct pp_service *made = calloc(tables + 1, sizeof *made);
    const struct pp_service **all = calloc(tables + others + 1, sizeof *all);
    bool was_worker = true;

    *status = EXIT_NO_MEMORY;
    if (made && all) {
        for (size_t i = 0; i < tables; i++) {
            made[i] = pp_task_service(program->tasks[i]);
            all[i] = &made[i];
        }
        for (size_t i = 0; i < others; i++)
            all[tables + i] = program->services[i];
        was_worker = pp_worker_main(argc, argv, all, status);
    }
    free(made);
    free(all);
    return was_worker;
}

bool pp_process_main(int argc, char **argv, const struct pp_program *program, int *status)
{
    if (argc != 3) /* as all of these have it */
        return false;
    return pp_process_child_main(argc, argv, program->functions, status) ||
           worker_main(argc, argv, program, status);
}
