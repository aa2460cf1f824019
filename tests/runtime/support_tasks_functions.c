/* What the workers of the tests' pools can do. */
#include "support_tasks.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum pp_status reply_number(struct pp_reply *reply, uint64_t number, struct pp_error *err)
{
    return pp_reply_set(reply, &number, sizeof number, err);
}

static enum pp_status square(void *context, const void *argument, size_t size,
                             struct pp_reply *reply, struct pp_error *err)
{
    const uint64_t number = tasks_number_in(argument, size);

    (void)context;
    return reply_number(reply, number * number, err);
}

static enum pp_status echo(void *context, const void *argument, size_t size, struct pp_reply *reply,
                           struct pp_error *err)
{
    (void)context;
    return pp_reply_set(reply, argument, size, err);
}

static enum pp_status nothing(void *context, const void *argument, size_t size,
                              struct pp_reply *reply, struct pp_error *err)
{
    (void)context;
    (void)argument;
    (void)size;
    (void)reply;
    (void)err;
    return PP_OK;
}

static enum pp_status sleep_then_square(void *context, const void *argument, size_t size,
                                        struct pp_reply *reply, struct pp_error *err)
{
    const uint64_t number = tasks_number_in(argument, size);

    (void)context;
    tasks_sleep_ms(number);
    return reply_number(reply, number * number, err);
}

/* Odd numbers are errors. */
static enum pp_status only_even(void *context, const void *argument, size_t size,
                                struct pp_reply *reply, struct pp_error *err)
{
    const uint64_t number = tasks_number_in(argument, size);

    (void)context;
    if (number % 2)
        return pp_error_set(err, PP_E_FORMAT, "%llu is odd", (unsigned long long)number);
    return reply_number(reply, number, err);
}

/* An error after half a result. */
static enum pp_status fail_late(void *context, const void *argument, size_t size,
                                struct pp_reply *reply, struct pp_error *err)
{
    (void)context;
    if (pp_reply_set(reply, argument, size, err) != PP_OK || !pp_reply_room(reply, 100000, err))
        return PP_E_NO_MEMORY;
    return PP_E_READ;
}

static enum pp_status strange_status(void *context, const void *argument, size_t size,
                                     struct pp_reply *reply, struct pp_error *err)
{
    (void)context;
    (void)argument;
    (void)size;
    (void)reply;
    (void)err;
    return (enum pp_status)(PP_STATUS_COUNT + 5);
}

/* Item 13 of any run is at fault, in the way that its name says. */
static enum pp_status signal_at_13(void *context, const void *argument, size_t size,
                                   struct pp_reply *reply, struct pp_error *err)
{
    const uint64_t number = tasks_number_in(argument, size);

    if (number % 1000 == 13)
        tasks_die_by(SIGSEGV);
    return square(context, argument, size, reply, err);
}

static enum pp_status signal_once(void *context, const void *argument, size_t size,
                                  struct pp_reply *reply, struct pp_error *err)
{
    if (pp_reply_attempt(reply) == 1)
        tasks_die_by(SIGABRT);
    return square(context, argument, size, reply, err);
}

static enum pp_status exit_at_13(void *context, const void *argument, size_t size,
                                 struct pp_reply *reply, struct pp_error *err)
{
    if (tasks_number_in(argument, size) % 1000 == 13)
        _exit(0);
    return square(context, argument, size, reply, err);
}

static enum pp_status hang_at_13(void *context, const void *argument, size_t size,
                                 struct pp_reply *reply, struct pp_error *err)
{
    while (tasks_number_in(argument, size) % 1000 == 13)
        pause();
    return square(context, argument, size, reply, err);
}

/* So many bytes that tell where they are. */
static enum pp_status pattern(void *context, const void *argument, size_t size,
                              struct pp_reply *reply, struct pp_error *err)
{
    const uint64_t number = tasks_number_in(argument, size);
    uint8_t *bytes = pp_reply_room(reply, number, err);

    (void)context;
    if (!bytes)
        return PP_E_NO_MEMORY;
    for (uint64_t i = 0; i < number; i++)
        bytes[i] = (uint8_t)(i * 7 + (i >> 8));
    return PP_OK;
}

static enum pp_status sum(void *context, const void *argument, size_t size, struct pp_reply *reply,
                          struct pp_error *err)
{
    const uint8_t *bytes = argument;
    uint64_t total = 0;

    (void)context;
    for (size_t i = 0; i < size; i++)
        total += bytes[i];
    return reply_number(reply, total, err);
}

static enum pp_status own_pid(void *context, const void *argument, size_t size,
                              struct pp_reply *reply, struct pp_error *err)
{
    (void)context;
    (void)argument;
    (void)size;
    return reply_number(reply, (uint64_t)getpid(), err);
}

static enum pp_status told_at_start(void *context, const void *argument, size_t size,
                                    struct pp_reply *reply, struct pp_error *err)
{
    (void)argument;
    (void)size;
    return pp_reply_set(reply, context, strlen(context), err);
}

/* The argument is a path: make it, or wait until somebody has. */
static enum pp_status make_path(void *context, const void *argument, size_t size,
                                struct pp_reply *reply, struct pp_error *err)
{
    char path[4096];

    (void)context;
    snprintf(path, sizeof path, "%.*s", (int)size, (const char *)argument);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    return reply_number(reply, 1, err);
}

static enum pp_status await_path(void *context, const void *argument, size_t size,
                                 struct pp_reply *reply, struct pp_error *err)
{
    char path[4096];

    (void)context;
    snprintf(path, sizeof path, "%.*s", (int)size, (const char *)argument);
    while (access(path, F_OK) != 0)
        tasks_sleep_ms(1);
    return reply_number(reply, 2, err);
}

static enum pp_status open_fds(void *context, const void *argument, size_t size,
                               struct pp_reply *reply, struct pp_error *err)
{
    (void)context;
    (void)argument;
    (void)size;
    return reply_number(reply, (uint64_t)tasks_open_fds(), err);
}

static const struct pp_task_function functions[] = {
    {"square", square},
    {"echo", echo},
    {"nothing", nothing},
    {"sleep", sleep_then_square},
    {"only_even", only_even},
    {"fail_late", fail_late},
    {"strange_status", strange_status},
    {"signal_at_13", signal_at_13},
    {"signal_once", signal_once},
    {"exit_at_13", exit_at_13},
    {"hang_at_13", hang_at_13},
    {"pattern", pattern},
    {"sum", sum},
    {"own_pid", own_pid},
    {"told_at_start", told_at_start},
    {"make_path", make_path},
    {"await_path", await_path},
    {"open_fds", open_fds},
    {NULL, NULL},
};

/* A word; or the path of a file to which a letter is added at the worker's ordered end. */
static enum pp_status initialize(void **context, const void *argument, size_t size,
                                 struct pp_error *err)
{
    char *text = malloc(size + 1);

    if (!text)
        return pp_error_set(err, PP_E_NO_MEMORY, "no memory");
    memcpy(text, size > 0 ? argument : "", size);
    text[size] = '\0';
    *context = text;
    return PP_OK;
}

static void finalize(void *context)
{
    const char *text = context;
    const int fd = text[0] == '/' ? open(text, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;

    if (fd >= 0) {
        (void)!write(fd, "e", 1);
        close(fd);
    }
    free(context);
}

static enum pp_status refuse(void **context, const void *argument, size_t size,
                             struct pp_error *err)
{
    (void)context;
    (void)argument;
    (void)size;
    return pp_error_set(err, PP_E_SYSTEM, "no luck today");
}

static enum pp_status die(void **context, const void *argument, size_t size, struct pp_error *err)
{
    (void)context;
    (void)argument;
    (void)size;
    (void)err;
    tasks_die_by(SIGSEGV);
    return PP_OK;
}

const struct pp_task_table tasks_table = {
    .name = "calc", .initialize = initialize, .finalize = finalize, .functions = functions};
const struct pp_task_table tasks_refusing = {
    .name = "refusing", .initialize = refuse, .functions = functions};
const struct pp_task_table tasks_dying = {
    .name = "dying", .initialize = die, .functions = functions};
