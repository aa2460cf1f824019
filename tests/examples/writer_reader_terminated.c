/*
 * A writer puts numbers into a queue and ends; a reader gets them for ever and is terminated by the
 * parent when the writer is done and nothing is left. That the reader dies while it waits harms
 * nobody: the queue goes on.
 */
#include <pixpool/queue.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_numbers(struct pp_queue *queue)
{
    for (int number = 1; number <= 5; number++)
        if (pp_queue_put(queue, &number, sizeof number, -1, NULL) != PP_OK)
            return 1;
    return 0;
}

static void read_for_ever(struct pp_queue *queue)
{
    int number;
    struct pp_queue_item item = {.data = &number, .room = sizeof number};

    while (pp_queue_get(queue, &item, -1, NULL) == PP_OK) {
        printf("read %d\n", number);
        fflush(stdout);
        (void)!pp_queue_task_done(queue, NULL);
    }
}

int main(void)
{
    struct pp_queue *queue = NULL;
    struct pp_error err = {0};
    int written = 1, status = 0;

    if (pp_queue_create(10, 10 * sizeof(int), &queue, &err) != PP_OK) {
        fprintf(stderr, "writer_reader_terminated: %s\n", err.text);
        return 1;
    }
    pid_t reader = fork();
    if (reader == 0) {
        read_for_ever(queue);
        _exit(1);
    }
    pid_t writer = fork();
    if (writer == 0)
        _exit(write_numbers(queue));
    waitpid(writer, &written, 0);
    if (written == 0 && pp_queue_join(queue, 60, &err) == PP_OK)
        printf("all is read\n");
    kill(reader, SIGTERM);
    waitpid(reader, &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM)
        printf("the reader was terminated\n");
    if (pp_queue_put(queue, "x", 1, 0, &err) == PP_OK)
        printf("the queue takes more\n");
    pp_queue_free(queue);
    return written;
}
