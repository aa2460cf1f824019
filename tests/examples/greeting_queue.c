/* A child process puts a greeting into a queue, and its parent gets it. */
#include <pixpool/queue.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int greet(struct pp_queue *queue)
{
    static const char greeting[] = "hello from the child";
    struct pp_error err = {0};

    if (pp_queue_put(queue, greeting, sizeof greeting, -1, &err) == PP_OK)
        return 0;
    fprintf(stderr, "greeting_queue: %s\n", err.text);
    return 1;
}

int main(void)
{
    struct pp_queue *queue = NULL;
    struct pp_error err = {0};
    char text[100];
    struct pp_queue_item item = {.data = text, .room = sizeof text};
    int status = 1;

    if (pp_queue_create(1, sizeof text, &queue, &err) != PP_OK) {
        fprintf(stderr, "greeting_queue: %s\n", err.text);
        return 1;
    }
    pid_t child = fork();
    if (child == 0)
        _exit(greet(queue));
    if (child > 0 && pp_queue_get(queue, &item, -1, &err) == PP_OK) {
        printf("%s\n", text);
        waitpid(child, &status, 0);
    }
    pp_queue_free(queue);
    return status;
}
