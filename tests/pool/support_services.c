#include "support_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Death by a signal must reach the supervisor as such, also under a sanitizer that catches it. */
static void die_by(int number)
{
    const struct rlimit no_core = {0, 0};

    setrlimit(RLIMIT_CORE, &no_core);
    signal(number, SIG_DFL);
    raise(number);
    pause();
}

static void sleep_ms(long ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&left, &left) != 0)
        ;
}

/* Over everything this process can write and the supervisor reads. */
static void scribble(int byte)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    unsigned long from, to;
    char line[512];

    while (maps && fgets(line, sizeof line, maps))
        if (strstr(line, "pixpool-results") && sscanf(line, "%lx-%lx", &from, &to) == 2)
            memset((void *)from, byte, to - from);
    if (maps)
        fclose(maps);
}

static void *die_soon(void *argument)
{
    (void)argument;
    sleep_ms(5);
    kill(getpid(), SIGKILL);
    return NULL;
}

/* The result stands in the ring when this worker dies. */
static void die_after_publishing(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, die_soon, NULL) == 0)
        pthread_detach(thread);
}

static int copy_fds(const int *fds, char *result)
{
    char bytes[64];
    const ssize_t got = fds[0] >= 0 ? read(fds[0], bytes, sizeof bytes) : -1;

    if (got < 0 || fds[1] < 0 || write(fds[1], bytes, (size_t)got) != got)
        return snprintf(result, PP_RESULT_MAX, "no descriptors");
    return snprintf(result, PP_RESULT_MAX, "copied %zd", got);
}

static int need_memory(struct pp_worker *worker, uint64_t megabytes, long ms, char *result)
{
    struct pp_error err = {0};

    if (pp_worker_need_memory(worker, megabytes << 20, &err) != PP_OK)
        return snprintf(result, PP_RESULT_MAX, "%s", err.text);
    sleep_ms(ms);
    return snprintf(result, PP_RESULT_MAX, "granted");
}

/* A descriptor with the number in it goes with the result; or two. */
static int send_fd(struct pp_worker *worker, uint64_t number, uint64_t times, char *result)
{
    const int fd = memfd_create("test", MFD_CLOEXEC);
    enum pp_status status = PP_OK;

    dprintf(fd, "%llu", (unsigned long long)number);
    for (uint64_t i = 0; i < times; i++)
        status = pp_worker_send_fd(worker, fd, NULL);
    close(fd);
    return snprintf(result, PP_RESULT_MAX, "%s", pp_status_name(status));
}

/* So many parts of 20 ms each; in the last, if it is told so, it hangs. */
static int work_in_parts(struct pp_worker *worker, uint64_t parts, uint64_t hang, char *result)
{
    for (uint64_t i = 0; i < parts; i++) {
        pp_worker_progress(worker, 1000 + i);
        sleep_ms(20);
    }
    while (hang)
        pause();
    return snprintf(result, PP_RESULT_MAX, "%llu parts", (unsigned long long)parts);
}

/* Less first, then more in its place. */
static int need_again(struct pp_worker *worker, uint64_t first, uint64_t second, char *result)
{
    int size = need_memory(worker, first, 30, result);

    return strcmp(result, "granted") == 0 ? need_memory(worker, second, 30, result) : size;
}

/* Waits until the budget reaches `wanted`. */
static int wait_for_threads(const struct pp_worker *worker, unsigned wanted, char *result)
{
    unsigned seen = pp_worker_threads(worker);

    for (int i = 0; i < 2000 && seen != wanted; i++) {
        sleep_ms(1);
        seen = pp_worker_threads(worker);
    }
    return snprintf(result, PP_RESULT_MAX, "%u threads", seen);
}

static void take_memory(uint64_t megabytes)
{
    for (uint64_t i = 0; i < megabytes; i++) {
        char *block = malloc((size_t)1 << 20);

        if (block)
            memset(block, 1, (size_t)1 << 20);
    }
}

/* In many short sleeps, of which a stop of the process spoils one. */
static void spend_ms(uint64_t ms)
{
    for (uint64_t i = 0; i < ms / 10; i++)
        sleep_ms(10);
}

static int exceed_file_size(char *result)
{
    const struct rlimit limit = {4096, RLIM_INFINITY};
    const int fd = memfd_create("test", MFD_CLOEXEC);
    const char byte = 'x';
    ssize_t written;

    if (fd < 0 || setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return snprintf(result, PP_RESULT_MAX, "no limit");
    written = pwrite(fd, &byte, 1, 4096);
    return snprintf(result, PP_RESULT_MAX, "%s", written < 0 ? strerrorname_np(errno) : "written");
}

/* What never comes back, or not as it should. Returns when the word is none of these. */
static void misbehave(const char *word, uint64_t number, unsigned attempt)
{
    if (strcmp(word, "signal") == 0 || (strncmp(word, "signal-once", 11) == 0 && attempt == 1))
        die_by((int)number);
    if (strcmp(word, "killed-after") == 0) {
        sleep_ms((long)number);
        raise(SIGKILL);
    }
    if (strcmp(word, "exit") == 0)
        _exit((int)number);
    if (strcmp(word, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(word, "stop") == 0)
        raise(SIGSTOP);
    if (strcmp(word, "scribble") == 0 || (strcmp(word, "scribble-once") == 0 && attempt == 1))
        scribble((int)number);
    if (strcmp(word, "publish-and-die") == 0)
        die_after_publishing();
    if (strcmp(word, "eat") == 0)
        take_memory(number);
}

static size_t run_command(void *state, struct pp_worker *worker, const struct pp_work *work,
                          void *result)
{
    char command[PP_TASK_PAYLOAD_MAX + 1], word[32] = "";
    unsigned long long number = 0, more = 0;
    int size;

    memcpy(command, work->payload, work->payload_size);
    command[work->payload_size] = '\0';
    sscanf(command, "%31s %llu %llu", word, &number, &more);
    pp_worker_progress(worker, 7);
    misbehave(word, number, work->attempt);
    if (strcmp(word, "sleep") == 0)
        sleep_ms((long)number);
    if (strncmp(word, "spend", 5) == 0)
        spend_ms(number);
    if (strcmp(word, "aligned") == 0)
        size =
            snprintf(result, PP_RESULT_MAX, "%d",
                     (int)(((uintptr_t)work->payload | (uintptr_t)result) % alignof(max_align_t)));
    else if (strcmp(word, "need") == 0)
        size = need_memory(worker, number, (long)more, result);
    else if (strcmp(word, "send") == 0)
        size = send_fd(worker, number, (uint64_t)more, result);
    else if (strcmp(word, "parts") == 0)
        size = work_in_parts(worker, number, (uint64_t)more, result);
    else if (strcmp(word, "again") == 0)
        size = need_again(worker, number, (uint64_t)more, result);
    else if (strcmp(word, "threads") == 0)
        size = wait_for_threads(worker, (unsigned)number, result);
    else if (strcmp(word, "spend-threads") == 0 || strcmp(word, "signal-once-threads") == 0)
        size = snprintf(result, PP_RESULT_MAX, "%u threads", pp_worker_threads(worker));
    else if (strcmp(word, "exceed") == 0)
        size = exceed_file_size(result);
    else if (strcmp(word, "copy") == 0)
        size = copy_fds(work->fds, result);
    else if (strcmp(word, "bulk") == 0)
        size = snprintf(result, PP_RESULT_MAX, "%s", (const char *)state + PP_SETUP_ALIGNMENT);
    else if (strcmp(word, "pid") == 0)
        size = snprintf(result, PP_RESULT_MAX, "%d", (int)getpid());
    else if (strcmp(word, "openmp") == 0)
        size = snprintf(result, PP_RESULT_MAX, "%s %s", getenv("OMP_WAIT_POLICY"),
                        getenv("OMP_NUM_THREADS") ? "inherited" : "clean");
    else
        size = snprintf(result, PP_RESULT_MAX, "done");
    return (size_t)size;
}

static enum pp_status start(void **state, const void *setup, size_t setup_size,
                            struct pp_error *err)
{
    char word[32] = "";

    *state = (void *)(uintptr_t)setup;
    if (setup_size > 0 && setup_size < sizeof word)
        memcpy(word, setup, setup_size);
    if (strcmp(word, "refuse") == 0)
        return pp_error_set(err, PP_E_SYSTEM, "no luck today");
    if (strcmp(word, "segv") == 0)
        die_by(SIGSEGV);
    if (strcmp(word, "exit") == 0)
        _exit(0);
    return PP_OK;
}

static size_t do_nothing(void *state, struct pp_worker *worker, const struct pp_work *work,
                         void *result)
{
    (void)state;
    (void)worker;
    (void)work;
    (void)result;
    return 0;
}

static const struct pp_service commands = {.name = "commands", .start = start, .run = run_command};
static const struct pp_service nothing = {.name = "nothing", .start = start, .run = do_nothing};
static const struct pp_service *const services[] = {&commands, &nothing, NULL};

bool support_worker_main(int argc, char **argv, int *status)
{
    return pp_worker_main(argc, argv, services, status);
}
