/*
 * Death at every instruction: a child is led through a call step by step and killed after the
 * first, the second, and so on; after each death the queue must be whole and hold what the header
 * promises.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pixpool/queue.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/queue_bells.h"
#include "runtime/queue_repair.h"
#include "runtime/queue_slots.h"
#include "support_queue.h"

#define ITEMS 6
#define SMALL 8u
#define LARGE 2100u /* copied outside the lock */
#define BYTES (ITEMS * LARGE)

#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 128u /* there are far more instructions */
#else
#define STRIDE 24u
#endif

/* ---- step by step --------------------------------------------------------------------------- */

/* A child that does `act` under ptrace, stopped before it; 0 where processes cannot be traced. */
static pid_t start_traced(int (*act)(void *), void *subject)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(77);
        raise(SIGSTOP);
        act(subject);
        raise(SIGSTOP);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSTOPPED(status) ? child : 0;
}

/* So many instructions; false when the act was over before. */
static bool lead(pid_t child, unsigned steps)
{
    int status;

    for (unsigned i = 0; i < steps; i++) {
        if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0 ||
            waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
            return false;
        if (WSTOPSIG(status) != SIGTRAP)
            return false;
    }
    return true;
}

static void kill_and_bury(pid_t child)
{
    int status;

    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
}

/* ---- what is in the queue afterwards -------------------------------------------------------- */

struct contents {
    uint64_t ids[2 * ITEMS];
    unsigned redelivered[2 * ITEMS];
    unsigned count;
};

static void put_item(struct pp_queue *queue, size_t size, uint64_t id)
{
    unsigned char bytes[LARGE];

    fill_item(bytes, size, id);
    assert_int_equal(pp_queue_put(queue, bytes, size, 0, NULL), PP_OK);
}

static struct contents drain(struct pp_queue *queue)
{
    struct contents found = {.count = 0};
    unsigned char bytes[LARGE];
    struct pp_queue_item item = {.data = bytes, .room = sizeof bytes};

    while (pp_queue_get(queue, &item, 0, NULL) == PP_OK) {
        assert_true(found.count < 2 * ITEMS);
        memcpy(&found.ids[found.count], bytes, sizeof *found.ids);
        assert_true(is_item(bytes, item.size, found.ids[found.count]));
        found.redelivered[found.count++] = item.redelivered;
    }
    return found;
}

/* Numbers first, first + 1, ... last. */
static bool holds(const struct contents *found, uint64_t first, uint64_t last)
{
    for (unsigned i = 0; i < found->count; i++) {
        if (found->ids[i] != first + i)
            return false;
    }
    return found->count == last + 1 - first;
}

/* All of the room can be used again. */
static void assert_usable(struct pp_queue *queue)
{
    assert_true(pp_queue_is_empty(queue));
    for (uint64_t i = 0; i < ITEMS; i++)
        put_item(queue, LARGE, i);
    assert_true(pp_queue_is_full(queue));
    assert_int_equal(drain(queue).count, ITEMS);
}

/* ---- the scenes ----------------------------------------------------------------------------- */

/* Items 1 and 2 are in the queue; the act puts 3, or gets, takes or finishes 1. */
struct scene {
    size_t size;
    int (*act)(void *stage);
    /* What may be in the queue after a death, beside 1 and 2. */
    uint64_t first, last;
    bool counts; /* the item counts as finished as soon as it is gone */
};

/* The queue, and bytes to put or to get, which are ready before the first step. */
struct stage {
    struct pp_queue *queue;
    unsigned char bytes[LARGE];
};

static int put_small(void *subject)
{
    struct stage *stage = subject;

    return pp_queue_put(stage->queue, stage->bytes, SMALL, 0, NULL);
}

static int put_large(void *subject)
{
    struct stage *stage = subject;

    return pp_queue_put(stage->queue, stage->bytes, LARGE, 0, NULL);
}

static int get_one(void *subject)
{
    struct stage *stage = subject;
    struct pp_queue_item item = {.data = stage->bytes, .room = sizeof stage->bytes};

    return pp_queue_get(stage->queue, &item, 0, NULL);
}

static int take_one(void *subject)
{
    struct stage *stage = subject;
    struct pp_queue_item item;

    return pp_queue_take(stage->queue, &item, 0, NULL);
}

static int take_and_finish_one(void *subject)
{
    struct stage *stage = subject;
    struct pp_queue_item item;

    return pp_queue_take(stage->queue, &item, 0, NULL) != PP_OK ||
           pp_queue_done(stage->queue, &item, NULL) != PP_OK;
}

static void set_up(struct stage *stage, const struct scene *scene)
{
    stage->queue = new_queue(ITEMS, BYTES);
    put_item(stage->queue, scene->size, 1);
    put_item(stage->queue, scene->size, 2);
    fill_item(stage->bytes, scene->size, 3);
}

static void check_after_death(struct pp_queue *queue, const struct scene *scene, unsigned steps)
{
    const char *fault = audit_queue(queue);
    uint64_t put = queue->head->next_ticket, finished = queue->head->finished;

    if (fault)
        fail_msg("after %u steps: %s", steps, fault);
    struct contents found = drain(queue);
    if (!holds(&found, 1, 2) && !holds(&found, scene->first, scene->last))
        fail_msg("after %u steps: %u items, from %ju on", steps, found.count,
                 (uintmax_t)found.ids[0]);
    if (finished != (scene->counts && found.count < 2) || put != (found.count > 2 ? 3 : 2))
        fail_msg("after %u steps: %ju put, %ju finished", steps, (uintmax_t)put,
                 (uintmax_t)finished);
    for (unsigned i = 0; i < found.count; i++)
        assert_true(found.redelivered[i] <= (i == 0 && scene->last == 2));
    assert_usable(queue);
}

/* How far one death is from the next; where they begin. */
static unsigned stride(const void *all)
{
    return all ? 1 : STRIDE;
}

static unsigned begin(const void *all)
{
    return (unsigned)getpid() % stride(all);
}

static void kill_at_every_step(const struct scene *scene, const void *all)
{
    bool goes_on = true;
    unsigned deaths = 0;

    for (unsigned steps = begin(all); goes_on; steps += stride(all), deaths++) {
        struct stage stage;

        set_up(&stage, scene);
        pid_t child = start_traced(scene->act, &stage);
        if (child == 0)
            skip();
        goes_on = lead(child, steps);
        kill_and_bury(child);
        check_after_death(stage.queue, scene, steps);
        pp_queue_free(stage.queue);
    }
    print_message("%u deaths\n", deaths);
    assert_true(deaths > 100 / stride(all));
}

static void whoever_dies_putting_a_small_item_puts_it_or_not(void **state)
{
    kill_at_every_step(&(struct scene){.size = SMALL, .act = put_small, .first = 1, .last = 3},
                       *state);
}

static void whoever_dies_putting_a_large_item_puts_it_or_not(void **state)
{
    kill_at_every_step(&(struct scene){.size = LARGE, .act = put_large, .first = 1, .last = 3},
                       *state);
}

static void whoever_dies_getting_a_small_item_has_it_or_not(void **state)
{
    kill_at_every_step(&(struct scene){.size = SMALL, .act = get_one, .first = 2, .last = 2},
                       *state);
}

static void whoever_dies_getting_a_large_item_has_it_or_not(void **state)
{
    kill_at_every_step(&(struct scene){.size = LARGE, .act = get_one, .first = 2, .last = 2},
                       *state);
}

static void what_the_dead_had_taken_comes_back(void **state)
{
    kill_at_every_step(&(struct scene){.size = SMALL, .act = take_one, .first = 1, .last = 2},
                       *state);
}

static void whoever_dies_finishing_has_finished_or_not(void **state)
{
    kill_at_every_step(
        &(struct scene){
            .size = SMALL, .act = take_and_finish_one, .first = 2, .last = 2, .counts = true},
        *state);
}

/* ---- death during the repair ---------------------------------------------------------------- */

static int die_with_an_item_taken(void *queue)
{
    struct pp_queue_item item;

    return pp_queue_take(queue, &item, 0, NULL);
}

/* With the lock, a slot being written, another finished but not counted, and all lists in tatters.
 */
static int die_in_the_middle(void *subject)
{
    struct pp_queue *queue = subject;
    struct pp_patience patience = {.seconds = -1};
    struct pp_queue_item item;

    if (pp_queue_take(queue, &item, 0, NULL) != PP_OK || pp_queue_lock(queue, &patience) != PP_OK)
        return 1;
    pp_slots_write(queue, pp_slots_reserve(queue, LARGE));
    pthread_mutex_unlock(&queue->owners[item.slot]);
    pp_slot_decide(&queue->slots[item.slot], PP_SLOT_FINISHED, (uint32_t)queue->head->finished + 1);
    queue->head->free = queue->head->first = queue->head->last = queue->head->held = 2;
    queue->head->full = queue->head->held_count = 77;
    queue->head->used_bytes = queue->head->used_blocks = queue->head->cursor = 7777777;
    queue->slots[2].next = queue->slots[2].prev = 2;
    return 0;
}

static int count_items(void *queue)
{
    return pp_queue_size(queue) == 3 ? 0 : 1;
}

/* Of the items 1 to 4 one is being read by a dead reader and one has been finished. */
static struct pp_queue *set_up_damage(void)
{
    struct pp_queue *queue = new_queue(ITEMS, BYTES);

    for (uint64_t i = 1; i <= 4; i++)
        put_item(queue, i % 2 ? SMALL : LARGE, i);
    pid_t reader = start_child(die_with_an_item_taken, queue);
    assert_int_equal(end_of_child(reader), 0);
    /* Not looked for yet: the one who dies in the middle takes number 2. */
    assert_int_equal(end_of_child(start_child(die_in_the_middle, queue)), 0);
    return queue;
}

static void check_repaired(struct pp_queue *queue, unsigned steps)
{
    const char *fault = audit_queue(queue);

    if (fault)
        fail_msg("after %u steps: %s", steps, fault);
    assert_int_equal(queue->head->finished, 1);
    assert_int_equal(queue->head->next_ticket, 4);
    struct contents found = drain(queue);
    assert_int_equal(found.count, 3);
    assert_int_equal(found.ids[0], 1);
    assert_int_equal(found.redelivered[0], 1);
    assert_int_equal(found.ids[1], 3);
    assert_int_equal(found.ids[2], 4);
    assert_usable(queue);
}

static void a_death_during_the_repair_is_repaired_too(void **state)
{
    bool goes_on = true;
    unsigned deaths = 0;

    for (unsigned steps = begin(*state); goes_on; steps += stride(*state), deaths++) {
        struct pp_queue *queue = set_up_damage();
        pid_t child = start_traced(count_items, queue);
        if (child == 0)
            skip();
        goes_on = lead(child, steps);
        kill_and_bury(child);
        check_repaired(queue, steps);
        pp_queue_free(queue);
    }
    print_message("%u deaths\n", deaths);
    assert_true(deaths > 300 / stride(*state));
}

/* Calls everything once: what the loader does at a first call would be many steps. */
static int rehearse(void **state)
{
    struct stage stage;

    (void)state;
    set_up(&stage, &(struct scene){.size = LARGE});
    if (put_large(&stage) || get_one(&stage) || take_and_finish_one(&stage))
        return -1;
    pp_queue_repair(stage.queue);
    pp_queue_free(stage.queue);
    return 0;
}

int main(int argc, char **argv)
{
    char *all = argc > 1 && strcmp(argv[1], "all") == 0 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(whoever_dies_putting_a_small_item_puts_it_or_not, all),
        cmocka_unit_test_prestate(whoever_dies_putting_a_large_item_puts_it_or_not, all),
        cmocka_unit_test_prestate(whoever_dies_getting_a_small_item_has_it_or_not, all),
        cmocka_unit_test_prestate(whoever_dies_getting_a_large_item_has_it_or_not, all),
        cmocka_unit_test_prestate(what_the_dead_had_taken_comes_back, all),
        cmocka_unit_test_prestate(whoever_dies_finishing_has_finished_or_not, all),
        cmocka_unit_test_prestate(a_death_during_the_repair_is_repaired_too, all),
    };

    return cmocka_run_group_tests(tests, rehearse, NULL);
}
