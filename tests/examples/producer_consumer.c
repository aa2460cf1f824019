/*
 * A producer and a consumer over a queue that has room for ten items. The consumer takes each item,
 * works on it and says that it is done; the parent waits until all are.
 */
#include <pixpool/queue.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM  10
#define ITEMS 100

static int produce(struct pp_queue *queue)
{
    for (int number = 1; number <= ITEMS; number++)
        if (pp_queue_put(queue, &number, sizeof number, -1, NULL) != PP_OK)
            return 1;
    return 0;
}

static int consume(struct pp_queue *queue)
{
    struct pp_queue_item item;
    enum pp_status status;
    long sum = 0;
    int count = 0;

    while ((status = pp_queue_take(queue, &item, -1, NULL)) == PP_OK) {
        sum += *(const int *)item.data;
        count++;
        if (pp_queue_done(queue, &item, NULL) != PP_OK)
            return 1;
    }
    printf("consumed %d items, their sum is %ld\n", count, sum);
    fflush(stdout);
    return status == PP_E_CLOSED ? 0 : 1;
}

int main(void)
{
    struct pp_queue *queue = NULL;
    struct pp_error err = {0};
    int produced = 1, consumed = 1;

    if (pp_queue_create(ROOM, ROOM * sizeof(int), &queue, &err) != PP_OK) {
        fprintf(stderr, "producer_consumer: %s\n", err.text);
        return 1;
    }
    pid_t producer = fork();
    if (producer == 0)
        _exit(produce(queue));
    pid_t consumer = fork();
    if (consumer == 0)
        _exit(consume(queue));
    waitpid(producer, &produced, 0);
    if (produced == 0 && pp_queue_join(queue, -1, &err) == PP_OK &&
        pp_queue_close(queue, &err) == PP_OK)
        waitpid(consumer, &consumed, 0);
    if (consumed == 0)
        printf("all %d are done\n", ITEMS);
    pp_queue_free(queue);
    return produced != 0 || consumed != 0;
}
