/* Callbacks: one for what went well, one for what did not, an error of the function and the crash
 * of a worker among these. */
#include <pixpool/process.h>
#include <pixpool/tasks.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Half of an even number. An odd one is an error, and at 0 the worker crashes. */
static enum pp_status halve(void *context, const void *argument, size_t size,
                            struct pp_reply *reply, struct pp_error *err)
{
    int number;

    (void)context;
    (void)size;
    memcpy(&number, argument, sizeof number);
    if (number == 0)
        abort();
    if (number % 2)
        return pp_error_set(err, PP_E_USAGE, "%d cannot be halved", number);
    number /= 2;
    return pp_reply_set(reply, &number, sizeof number, err);
}

static const struct pp_task_function functions[] = {{"halve", halve}, {NULL, NULL}};
static const struct pp_task_table table = {.name = "halvers", .functions = functions};
static const struct pp_task_table *const tables[] = {&table, NULL};
static const struct pp_program program = {.tasks = tables};

struct told {
    int good, bad;
};

static void went_well(void *user, struct pp_async *async)
{
    struct told *told = user;
    struct pp_result result;
    int half = 0;

    if (pp_async_result(async, 0, &result))
        memcpy(&half, result.data, sizeof half);
    printf("result: %d\n", half);
    told->good++;
}

static void went_wrong(void *user, struct pp_async *async, const struct pp_error *error)
{
    struct told *told = user;

    (void)async;
    printf("error: %s: %s\n", pp_status_name(error->status), error->text);
    told->bad++;
}

/* One after the other, so that the lines come in this order. */
static enum pp_status run(struct pp_tasks *tasks, struct told *told, struct pp_error *err)
{
    static const int numbers[] = {10, 7, 0, 24};
    const struct pp_call call = {
        .function = "halve", .callback = went_well, .error_callback = went_wrong, .user = told};
    enum pp_status status = PP_OK;

    for (int i = 0; status == PP_OK && i < 4; i++) {
        const struct pp_bytes argument = {&numbers[i], sizeof numbers[i]};

        status = pp_tasks_apply_async(tasks, &call, &argument, NULL, err);
        while (status == PP_OK && told->good + told->bad <= i)
            status = pp_tasks_step(tasks, -1, err);
    }
    return status;
}

int main(int argc, char **argv)
{
    const struct pp_tasks_settings settings = {.table = &table, .workers = 2};
    struct pp_tasks *tasks = NULL;
    struct pp_error err = {0};
    struct told told = {0};
    int status;

    if (pp_process_main(argc, argv, &program, &status))
        return status;
    if (pp_tasks_start(&settings, &tasks, &err) != PP_OK || run(tasks, &told, &err) != PP_OK)
        fprintf(stderr, "%s\n", err.text);
    printf("%d well, %d not\n", told.good, told.bad);
    pp_tasks_free(tasks);
    return err.status == PP_OK ? 0 : 1;
}
