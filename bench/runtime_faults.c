/*
 * runtime_faults FAULT: eight tasks through pp_tasks, of which the fourth goes wrong.
 *
 * Prints a JSON line for each task that ended. See runtime_faults.py.
 */
#include <pixpool/process.h>
#include <pixpool/tasks.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define TASKS   8
#define BAD     3
#define STREAM  20000
#define SECONDS 2.0

struct task {
    char fault[16];
    int number;
};

static void nap(double seconds)
{
    struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&pause, NULL);
}

static enum pp_status work(void *context, const void *argument, size_t size, struct pp_reply *reply,
                           struct pp_error *err)
{
    const struct task *task = argument;
    const int square = task->number * task->number;

    (void)context;
    (void)size;
    if (strcmp(task->fault, "slow") != 0)
        nap(0.05);
    if (strcmp(task->fault, "parent") == 0)
        nap(1000);
    if (task->number == BAD) {
        if (strcmp(task->fault, "segv") == 0)
            raise(SIGSEGV);
        if (strcmp(task->fault, "kill") == 0 || strcmp(task->fault, "respawn") == 0)
            raise(SIGKILL);
        if (strcmp(task->fault, "exit") == 0)
            _exit(0);
        if (strcmp(task->fault, "hang") == 0)
            nap(1000);
    }
    return pp_reply_set(reply, &square, sizeof square, err);
}

static const struct pp_task_function functions[] = {{"work", work}, {NULL, NULL}};
static const struct pp_task_table table = {.name = "faults", .functions = functions};

static void fail(const struct pp_error *err)
{
    fprintf(stderr, "runtime_faults: %s\n", err->text);
    exit(1);
}

static void tell(const struct pp_async *async, size_t first)
{
    struct pp_result result;

    for (size_t i = 0; pp_async_result(async, i, &result); i++)
        printf("{\"task\": %zu, \"status\": \"%s\"}\n", first + i, pp_status_name(result.status));
    fflush(stdout);
}

static struct pp_async *begin(struct pp_tasks *tasks, struct task *items, size_t count)
{
    static const struct pp_call call = {.function = "work", .chunk = 1};
    struct pp_bytes bytes[TASKS];
    struct pp_async *async;
    struct pp_error err = {0};

    for (size_t i = 0; i < count; i++)
        bytes[i] = (struct pp_bytes){&items[i], sizeof items[i]};
    if (pp_tasks_map_async(tasks, &call, bytes, count, &async, &err) != PP_OK)
        fail(&err);
    /* The array of them must stay until the end, which is awaited here unless a fault comes first.
     */
    if (strcmp(items[0].fault, "respawn") == 0) {
        const struct rlimit none = {1, RLIM_INFINITY}, any = {RLIM_INFINITY, RLIM_INFINITY};
        (void)!pp_async_wait(async, 0.02, NULL);
        setrlimit(RLIMIT_NPROC, &none);
        (void)!pp_async_wait(async, SECONDS, NULL);
        setrlimit(RLIMIT_NPROC, &any);
    }
    (void)!pp_async_wait(async, -1, NULL);
    return async;
}

/* A worker that has nothing to do: the newest child will do. */
static void kill_a_worker(void)
{
    char path[64];
    FILE *children;
    int pid;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    children = fopen(path, "re");
    if (children && fscanf(children, "%d", &pid) == 1)
        kill(pid, SIGKILL);
    if (children)
        fclose(children);
}

struct source {
    struct task task;
    int pulled;
};

static enum pp_status next(void *user, struct pp_bytes *item, struct pp_error *err)
{
    struct source *source = user;

    (void)err;
    if (source->pulled == STREAM)
        return PP_E_CLOSED;
    source->task.number = BAD + 1 + source->pulled++;
    *item = (struct pp_bytes){&source->task, sizeof source->task};
    return PP_OK;
}

static void read_slowly(struct pp_tasks *tasks)
{
    struct source source = {.task = {.fault = "slow"}};
    const struct pp_stream_settings settings = {.function = "work", .next = next, .user = &source};
    struct pp_stream *stream;
    struct pp_result result;
    struct pp_error err = {0};

    if (pp_tasks_imap(tasks, &settings, &stream, &err) != PP_OK ||
        pp_stream_next(stream, -1, &result, &err) != PP_OK)
        fail(&err);
    nap(0.5);
    printf("{\"pulled\": %d}\n", source.pulled);
    pp_stream_free(stream);
}

int main(int argc, char **argv)
{
    static const struct pp_task_table *const tables[] = {&table, NULL};
    static const struct pp_program program = {.tasks = tables};
    struct pp_tasks_settings settings = {.table = &table, .workers = 2, .timeout = SECONDS};
    struct task items[TASKS];
    struct pp_tasks *tasks;
    struct pp_error err = {0};
    size_t first = 0;
    int status;

    if (pp_process_main(argc, argv, &program, &status))
        return status;
    const char *fault = argc > 1 ? argv[1] : "";
    if (strcmp(fault, "parent") == 0)
        settings.timeout = 0;
    for (int i = 0; i < TASKS; i++) {
        items[i] = (struct task){.number = i};
        snprintf(items[i].fault, sizeof items[i].fault, "%s", fault);
    }
    if (pp_tasks_start(&settings, &tasks, &err) != PP_OK)
        fail(&err);
    if (strcmp(fault, "slow") == 0) {
        read_slowly(tasks);
    } else {
        if (strcmp(fault, "idle") == 0) {
            struct pp_async *early = begin(tasks, items, BAD + 1);
            tell(early, 0);
            pp_async_free(early);
            kill_a_worker();
            nap(0.2);
            first = BAD + 1;
        }
        struct pp_async *async = begin(tasks, items + first, TASKS - first);
        tell(async, first);
        pp_async_free(async);
    }
    pp_tasks_free(tasks);
    return 0;
}
