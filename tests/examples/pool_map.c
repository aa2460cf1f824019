/* Squares and factorials of the numbers from 0 to 9, in order, by the workers of a pool. */
#include <pixpool/process.h>
#include <pixpool/tasks.h>

#include <stdio.h>
#include <string.h>

static unsigned long number_in(const void *argument)
{
    unsigned long number;

    memcpy(&number, argument, sizeof number);
    return number;
}

static enum pp_status square(void *context, const void *argument, size_t size,
                             struct pp_reply *reply, struct pp_error *err)
{
    const unsigned long number = number_in(argument), result = number * number;

    (void)context;
    (void)size;
    return pp_reply_set(reply, &result, sizeof result, err);
}

static enum pp_status factorial(void *context, const void *argument, size_t size,
                                struct pp_reply *reply, struct pp_error *err)
{
    unsigned long result = 1;

    (void)context;
    (void)size;
    for (unsigned long i = number_in(argument); i > 1; i--)
        result *= i;
    return pp_reply_set(reply, &result, sizeof result, err);
}

static const struct pp_task_function functions[] = {
    {"square", square}, {"factorial", factorial}, {NULL, NULL}};
static const struct pp_task_table table = {.name = "math", .functions = functions};
static const struct pp_task_table *const tables[] = {&table, NULL};
static const struct pp_program program = {.tasks = tables};

static int map(struct pp_tasks *tasks, const char *function)
{
    const struct pp_call call = {.function = function};
    struct pp_async *async = NULL;
    struct pp_error err = {0};
    struct pp_bytes items[10];
    unsigned long numbers[10];
    struct pp_result result;

    for (size_t i = 0; i < 10; i++) {
        numbers[i] = i;
        items[i] = (struct pp_bytes){&numbers[i], sizeof numbers[i]};
    }
    if (pp_tasks_map(tasks, &call, items, 10, &async, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        pp_async_free(async);
        return 1;
    }
    printf("%s:", function);
    for (size_t i = 0; pp_async_result(async, i, &result); i++)
        printf(" %lu", number_in(result.data));
    printf("\n");
    pp_async_free(async);
    return 0;
}

int main(int argc, char **argv)
{
    const struct pp_tasks_settings settings = {.table = &table, .workers = 3};
    struct pp_tasks *tasks = NULL;
    struct pp_error err = {0};
    int status;

    if (pp_process_main(argc, argv, &program, &status))
        return status;
    if (pp_tasks_start(&settings, &tasks, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    status = map(tasks, "square") + map(tasks, "factorial");
    pp_tasks_free(tasks);
    return status;
}
