/*
 * A thousand writers and a thousand readers killed at random moments, and the books audited: each
 * item that was put is got once; in a dead getter's hands not at all; once more for each death of a
 * taker. Half of the readers get, half take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/queue.h>
#include <pixpool/shared.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support_queue.h"

#if defined(__SANITIZE_ADDRESS__)
#define KILLS 400 /* of writers, and of readers */
#else
#define KILLS 1000
#endif
#define WRITERS   2
#define READERS   4
#define IDS_MOST  20000000u
#define SIZE_MOST 9000u
#define PATIENCE  60 /* seconds that nothing may take */

/* What the processes write down, each in bytes of its own or by atomic additions. */
struct book {
    uint64_t next_id;
    uint32_t stop;   /* writers put no more */
    uint32_t broken; /* something came that never was put, or a call failed */
    struct {
        uint8_t put;          /* the put returned */
        uint8_t got;          /* how often it came to a reader that noted it */
        uint8_t redeliveries; /* the most a reader was told of */
    } items[IDS_MOST];
};

struct stage {
    struct pp_queue *queue;
    struct book *book;
    bool takes;
};

static size_t size_of(uint64_t id)
{
    static const size_t most[] = {24, 600, 2048, SIZE_MOST};
    uint64_t mixed = id * 0x9E3779B97F4A7C15u >> 20;

    return 8 + mixed % (most[mixed >> 40 & 3] - 7);
}

static int write_items(void *subject)
{
    struct stage *stage = subject;
    struct book *book = stage->book;
    unsigned char bytes[SIZE_MOST];

    while (!__atomic_load_n(&book->stop, __ATOMIC_ACQUIRE)) {
        uint64_t id = __atomic_fetch_add(&book->next_id, 1, __ATOMIC_RELAXED);

        if (id >= IDS_MOST)
            return 0;
        fill_item(bytes, size_of(id), id);
        if (pp_queue_put(stage->queue, bytes, size_of(id), PATIENCE, NULL) != PP_OK) {
            __atomic_store_n(&book->broken, 1, __ATOMIC_RELEASE);
            return 1;
        }
        __atomic_store_n(&book->items[id].put, 1, __ATOMIC_RELEASE);
    }
    return 0;
}

/* True for what was put, which then is noted. */
static bool note(struct book *book, const struct pp_queue_item *item)
{
    uint64_t id = *(const uint64_t *)item->data;

    if (id >= IDS_MOST || item->size != size_of(id) || !is_item(item->data, item->size, id))
        return false;
    __atomic_fetch_add(&book->items[id].got, 1, __ATOMIC_RELAXED);
    if (item->redelivered > book->items[id].redeliveries)
        book->items[id].redeliveries = (uint8_t)item->redelivered;
    return true;
}

static enum pp_status read_item(const struct stage *stage, unsigned char *bytes)
{
    struct pp_queue_item item = {.data = bytes, .room = SIZE_MOST};
    enum pp_status status = stage->takes ? pp_queue_take(stage->queue, &item, PATIENCE, NULL)
                                         : pp_queue_get(stage->queue, &item, PATIENCE, NULL);

    if (status == PP_OK && !note(stage->book, &item))
        return PP_E_CORRUPT;
    if (status == PP_OK && stage->takes)
        status = pp_queue_done(stage->queue, &item, NULL);
    return status;
}

static int read_items(void *subject)
{
    struct stage *stage = subject;
    _Alignas(8) unsigned char bytes[SIZE_MOST];
    enum pp_status status;

    do
        status = read_item(stage, bytes);
    while (status == PP_OK);
    if (status == PP_E_CLOSED)
        return 0;
    __atomic_store_n(&stage->book->broken, 1, __ATOMIC_RELEASE);
    return 1;
}

/* ---- killing -------------------------------------------------------------------------------- */

struct crew {
    pid_t writers[WRITERS], readers[READERS];
};

static pid_t start_reader(struct stage *stage, int which)
{
    stage->takes = which % 2;
    return start_child(read_items, stage);
}

static void kill_one(pid_t child)
{
    int status;

    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* Returns how many of the killed got, the others having taken. */
static unsigned kill_many(struct stage *stage, struct crew *crew)
{
    unsigned getters = 0;

    srand(7);
    for (int i = 0; i < 2 * KILLS; i++) {
        int which = rand();

        usleep((useconds_t)rand() % 450);
        if (i % 2 == 0) {
            which %= WRITERS;
            kill_one(crew->writers[which]);
            crew->writers[which] = start_child(write_items, stage);
        } else {
            which %= READERS;
            kill_one(crew->readers[which]);
            crew->readers[which] = start_reader(stage, which);
            getters += which % 2 == 0;
        }
    }
    return getters;
}

static void end(struct stage *stage, const struct crew *crew)
{
    __atomic_store_n(&stage->book->stop, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(end_of_child(crew->writers[i]), 0);
    assert_int_equal(pp_queue_close(stage->queue, NULL), PP_OK);
    for (int i = 0; i < READERS; i++)
        assert_int_equal(end_of_child(crew->readers[i]), 0);
    assert_int_equal(stage->book->broken, 0);
    assert_null(audit_queue(stage->queue));
    assert_true(pp_queue_is_empty(stage->queue));
}

/* ---- the audit ------------------------------------------------------------------------------ */

struct sums {
    uint64_t put, missing, unsaid, extra;
};

static struct sums add_up(const struct book *book)
{
    struct sums sums = {0};

    for (uint64_t id = 0; id < book->next_id && id < IDS_MOST; id++) {
        bool put = book->items[id].put;
        unsigned got = book->items[id].got;

        sums.put += put;
        sums.missing += put && got == 0;
        sums.unsaid += !put && got > 0;
        sums.extra += got > 1 ? got - 1 : 0;
        if (got > 1u + book->items[id].redeliveries)
            fail_msg("item %ju came %u times and was redelivered %u", (uintmax_t)id, got,
                     book->items[id].redeliveries);
    }
    return sums;
}

static void killing_loses_and_doubles_nothing_beyond_the_rule(void **state)
{
    struct stage stage = {.queue = new_queue(64, 64 * 3000)};
    struct pp_shared *shared = NULL;
    struct crew crew;

    (void)state;
    assert_int_equal(pp_shared_create(sizeof(struct book), &shared, NULL), PP_OK);
    stage.book = pp_shared_data(shared);
    for (int i = 0; i < WRITERS; i++)
        crew.writers[i] = start_child(write_items, &stage);
    for (int i = 0; i < READERS; i++)
        crew.readers[i] = start_reader(&stage, i);
    unsigned getters = kill_many(&stage, &crew);
    end(&stage, &crew);
    struct sums sums = add_up(stage.book);
    print_message("%ju put, %ju of dead getters, %ju of dead putters, %ju redelivered\n",
                  (uintmax_t)sums.put, (uintmax_t)sums.missing, (uintmax_t)sums.unsaid,
                  (uintmax_t)sums.extra);
    assert_true(sums.put > KILLS);
    assert_true(sums.missing <= getters);
    assert_true(sums.unsaid <= KILLS);
    assert_true(sums.extra <= KILLS - getters);
    pp_queue_free(stage.queue);
    pp_shared_free(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killing_loses_and_doubles_nothing_beyond_the_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
