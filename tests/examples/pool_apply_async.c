/* A pool of four workers and five tasks: begun one by one, then closed and joined, and last asked
 * for their results. */
#include <pixpool/process.h>
#include <pixpool/tasks.h>

#include <stdio.h>
#include <string.h>

static enum pp_status greet(void *context, const void *argument, size_t size,
                            struct pp_reply *reply, struct pp_error *err)
{
    char line[64];
    int length, number = 0;

    (void)context;
    memcpy(&number, argument, size < sizeof number ? size : sizeof number);
    length = snprintf(line, sizeof line, "hello from task %d", number);
    return pp_reply_set(reply, line, (size_t)length, err);
}

static const struct pp_task_function functions[] = {{"greet", greet}, {NULL, NULL}};
static const struct pp_task_table table = {.name = "greeters", .functions = functions};
static const struct pp_task_table *const tables[] = {&table, NULL};
static const struct pp_program program = {.tasks = tables};

/* Begin all, wait for all. */
static enum pp_status run(struct pp_tasks *tasks, struct pp_async *asyncs[5], struct pp_error *err)
{
    const struct pp_call call = {.function = "greet"};
    enum pp_status status = PP_OK;

    for (int i = 0; status == PP_OK && i < 5; i++) {
        const struct pp_bytes argument = {&i, sizeof i}; /* is copied */

        status = pp_tasks_apply_async(tasks, &call, &argument, &asyncs[i], err);
    }
    pp_tasks_close(tasks);
    return status == PP_OK ? pp_tasks_join(tasks, -1, err) : status;
}

int main(int argc, char **argv)
{
    const struct pp_tasks_settings settings = {.table = &table, .workers = 4};
    struct pp_async *asyncs[5] = {NULL};
    struct pp_tasks *tasks = NULL;
    struct pp_error err = {0};
    struct pp_result result;
    int status;

    if (pp_process_main(argc, argv, &program, &status))
        return status;
    if (pp_tasks_start(&settings, &tasks, &err) != PP_OK || run(tasks, asyncs, &err) != PP_OK)
        fprintf(stderr, "%s\n", err.text);
    for (int i = 0; i < 5; i++) {
        if (asyncs[i] && pp_async_get(asyncs[i], 0, &err) == PP_OK &&
            pp_async_result(asyncs[i], 0, &result))
            printf("%.*s\n", (int)result.size, (const char *)result.data);
        pp_async_free(asyncs[i]);
    }
    pp_tasks_free(tasks);
    return err.status == PP_OK ? 0 : 1;
}
