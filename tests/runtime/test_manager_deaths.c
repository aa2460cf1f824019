/* A manager's beginning and end, and what the deaths of its clients do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pixpool/shared.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support_manager.h"

#define LONG    20
#define KILLS   1000
#define CLIENTS 4

/* What a client says of itself; its own, in shared memory. */
struct ledger {
    int64_t begun, done; /* adds */
};

/* Until it is killed: add, and keep books of it; hold a lock; leave a list of pairs whole. */
static void work_until_killed(struct pp_manager *manager, struct ledger *ledger)
{
    const struct pp_bytes pair[2] = {bytes_of("a"), bytes_of("b")};

    for (;;) {
        enum pp_status status;

        __atomic_add_fetch(&ledger->begun, 1, __ATOMIC_SEQ_CST);
        if (pp_manager_number_add(manager, "n", 1, NULL, NULL) != PP_OK)
            _exit(1);
        __atomic_add_fetch(&ledger->done, 1, __ATOMIC_SEQ_CST);
        status = pp_manager_lock_acquire(manager, "lock", LONG, NULL);
        if (status != PP_OK && status != PP_E_OWNER_DIED)
            _exit(2);
        if (pp_manager_list_extend(manager, "pairs", pair, 2, NULL) != PP_OK)
            _exit(3);
        if (pp_manager_semaphore_acquire(manager, "s", LONG, NULL) != PP_OK ||
            pp_manager_lock_release(manager, "lock", NULL) != PP_OK ||
            pp_manager_semaphore_release(manager, "s", NULL) != PP_OK)
            _exit(4);
    }
}

static pid_t begin_client(const struct pp_manager *manager, struct ledger *ledger)
{
    const pid_t client = fork();

    if (client == 0) {
        struct pp_manager *own = manager_connect(manager);

        if (!own)
            _exit(9);
        work_until_killed(own, ledger);
    }
    return client;
}

static void check_books(struct pp_manager *manager, const struct ledger *ledgers, unsigned count)
{
    int64_t number, begun = 0, done = 0;
    uint64_t a, b;

    for (unsigned i = 0; i < count; i++) {
        assert_in_range(ledgers[i].begun - ledgers[i].done, 0, 1);
        begun += ledgers[i].begun;
        done += ledgers[i].done;
    }
    assert_int_equal(pp_manager_number_get(manager, "n", &number, NULL), PP_OK);
    assert_true(done > 0 && done <= number && number <= begun);
    assert_int_equal(pp_manager_list_count(manager, "pairs", bytes_of("a"), &a, NULL), PP_OK);
    assert_int_equal(pp_manager_list_count(manager, "pairs", bytes_of("b"), &b, NULL), PP_OK);
    assert_true(a > 0 && a == b);
}

static void a_thousand_killed_clients_leave_all_consistent(void **state)
{
    struct pp_shared *shared = NULL;
    struct ledger *ledgers;
    pid_t clients[CLIENTS];
    enum pp_status status;
    unsigned begun = 0;

    assert_int_equal(pp_shared_create((KILLS + CLIENTS) * sizeof *ledgers, &shared, NULL), PP_OK);
    ledgers = pp_shared_data(shared);
    assert_int_equal(pp_manager_make(*state, "s", PP_MANAGER_SEMAPHORE, 2, NULL), PP_OK);
    for (unsigned i = 0; i < CLIENTS; i++)
        clients[i] = begin_client(*state, &ledgers[begun++]);
    for (unsigned kills = 0; kills < KILLS; kills++) {
        const unsigned victim = (unsigned)rand() % CLIENTS;

        usleep((useconds_t)rand() % 3000);
        kill(clients[victim], SIGKILL);
        assert_int_equal(manager_client_result(clients[victim]), 1000 + SIGKILL);
        clients[victim] = begin_client(*state, &ledgers[begun++]);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        kill(clients[i], SIGKILL);
        assert_int_equal(manager_client_result(clients[i]), 1000 + SIGKILL);
    }
    status = pp_manager_lock_acquire(*state, "lock", LONG, NULL);
    assert_true(status == PP_OK || status == PP_E_OWNER_DIED);
    assert_int_equal(pp_manager_semaphore_acquire(*state, "s", LONG, NULL), PP_OK);
    assert_int_equal(pp_manager_semaphore_acquire(*state, "s", LONG, NULL), PP_OK);
    check_books(*state, ledgers, begun);
    pp_shared_free(shared);
}

static int wait_for_ever(struct pp_manager *manager)
{
    struct pp_bytes item;

    (void)!pp_manager_event_set(manager, "there", NULL);
    return (int)pp_manager_queue_get(manager, "q", -1, &item, NULL);
}

static void the_managers_death_is_told_to_all_at_once(void **state)
{
    pid_t client = manager_client(*state, wait_for_ever);
    struct pp_manager *other = manager_connect(*state);
    struct pp_error err = {0};

    assert_int_equal(pp_manager_event_wait(*state, "there", LONG, NULL), PP_OK);
    usleep(10000);
    kill((pid_t)pp_manager_process(*state), SIGKILL);
    assert_int_equal(manager_client_result(client), PP_E_CLOSED);
    assert_int_equal(pp_manager_list_clear(other, "l", NULL), PP_E_CLOSED);
    assert_int_equal(pp_manager_list_clear(other, "l", &err), PP_E_CLOSED);
    assert_string_equal(err.text, "the server is gone");
    assert_int_equal(pp_manager_list_clear(*state, "l", NULL), PP_E_CLOSED);
    assert_int_equal(pp_manager_shutdown(*state, LONG, NULL), PP_OK);
    pp_manager_free(other);
}

static void a_manager_can_be_begun_again_at_its_address(void **state)
{
    struct pp_manager_settings settings = {.address = pp_manager_address(*state), .patience = LONG};
    struct pp_manager *again = NULL, *client;
    struct pp_error err = {0};

    assert_int_equal(pp_manager_start(&settings, &again, &err), PP_E_CONFLICT);
    assert_null(again);
    assert_int_equal(pp_manager_number_set(*state, "n", 5, NULL), PP_OK);
    client = manager_connect(*state);
    assert_int_equal(pp_manager_shutdown(client, LONG, NULL), PP_OK);
    assert_int_equal(access(settings.address, F_OK), -1);
    for (unsigned i = 0; i < 3; i++) {
        int64_t number;

        assert_int_equal(pp_manager_start(&settings, &again, NULL), PP_OK);
        assert_int_equal(pp_manager_number_add(again, "n", 1, &number, NULL), PP_OK);
        assert_int_equal(number, 1);
        if (i == 1) /* leaves its socket behind */
            kill((pid_t)pp_manager_process(again), SIGKILL);
        pp_manager_free(again);
    }
    pp_manager_free(client);
}

/* A process whose manager it reports through the pipe. */
static pid_t begin_starter(int report, bool outlives)
{
    const pid_t starter = fork();

    if (starter == 0) {
        const struct pp_manager_settings settings = {.outlives_starter = outlives};
        struct pp_manager *manager;

        if (pp_manager_start(&settings, &manager, NULL) != PP_OK)
            _exit(1);
        (void)!write(report, pp_manager_address(manager), PP_MANAGER_ADDRESS);
        pause();
        _exit(2);
    }
    return starter;
}

static void a_manager_ends_with_its_starter_unless_asked_otherwise(void **state)
{
    (void)state;
    for (unsigned outlives = 0; outlives <= 1; outlives++) {
        char address[PP_MANAGER_ADDRESS];
        struct pp_manager *client;
        int ends[2];
        pid_t starter;

        assert_int_equal(pipe(ends), 0);
        starter = begin_starter(ends[1], outlives == 1);
        assert_int_equal(read(ends[0], address, sizeof address), sizeof address);
        assert_int_equal(pp_manager_connect(address, LONG, &client, NULL), PP_OK);
        kill(starter, SIGKILL);
        assert_int_equal(manager_client_result(starter), 1000 + SIGKILL);
        if (outlives == 1) {
            usleep(50000);
            assert_int_equal(pp_manager_number_set(client, "n", 1, NULL), PP_OK);
            assert_int_equal(pp_manager_shutdown(client, LONG, NULL), PP_OK);
        } else {
            assert_int_equal(pp_manager_event_wait(client, "e", -1, NULL), PP_E_CLOSED);
        }
        assert_int_equal(access(address, F_OK), -1);
        pp_manager_free(client);
        close(ends[0]);
        close(ends[1]);
    }
}

static void a_forked_child_has_a_connection_of_its_own(void **state)
{
    pid_t child;
    int64_t number;

    assert_int_equal(pp_manager_lock_acquire(*state, "lock", 0, NULL), PP_OK);
    child = fork();
    if (child == 0) {
        const bool locked_out = pp_manager_lock_acquire(*state, "lock", 0, NULL) == PP_E_TIMEOUT &&
                                pp_manager_number_add(*state, "n", 1, NULL, NULL) == PP_OK;

        pp_manager_free(*state);
        _exit(locked_out ? 0 : 1);
    }
    assert_int_equal(pp_manager_number_add(*state, "n", 1, NULL, NULL), PP_OK);
    assert_int_equal(manager_client_result(child), 0);
    assert_int_equal(pp_manager_number_get(*state, "n", &number, NULL), PP_OK);
    assert_int_equal(number, 2);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
}

static enum pp_status double_it(void *user, struct pp_bytes request,
                                struct pp_manager_answer *answer, struct pp_error *err)
{
    int *calls = user;

    if (request.size == 0)
        return pp_error_set(err, PP_E_FORMAT, "nothing to double, call %d", ++*calls);
    pp_manager_answer_add(answer, request);
    pp_manager_answer_add(answer, request);
    return PP_OK;
}

static void functions_of_the_users_own_run_in_the_manager(void **state)
{
    const struct pp_manager_function functions[] = {{"double", double_it}, {NULL, NULL}};
    int calls = 0;
    const struct pp_manager_settings settings = {
        .functions = functions, .user = &calls, .message_max = 1000};
    struct pp_manager *manager = NULL;
    struct pp_error err = {0};
    struct pp_bytes answer;
    char long_text[700];

    (void)state;
    memset(long_text, 'x', sizeof long_text);
    assert_int_equal(pp_manager_start(&settings, &manager, NULL), PP_OK);
    assert_int_equal(pp_manager_call(manager, "double", bytes_of("ab"), &answer, NULL), PP_OK);
    assert_true(bytes_are(answer, "abab"));
    assert_int_equal(pp_manager_call(manager, "double", bytes_of(""), &answer, NULL), PP_E_FORMAT);
    assert_int_equal(pp_manager_call(manager, "double", bytes_of(""), &answer, &err), PP_E_FORMAT);
    assert_string_equal(err.text, "nothing to double, call 2");
    assert_int_equal(pp_manager_call(manager, "halve", bytes_of(""), &answer, NULL), PP_E_USAGE);
    assert_int_equal(
        pp_manager_call(manager, "double", (struct pp_bytes){long_text, 700}, &answer, NULL),
        PP_E_LIMIT);
    pp_manager_free(manager);
}

static void what_is_over_the_limits_is_refused_and_nothing_lost(void **state)
{
    const struct pp_manager_settings settings = {.message_max = 4096, .memory_max = 20000};
    struct pp_manager *manager = NULL;
    struct pp_error err = {0};
    char large[4096] = {0};
    const int64_t all[2] = {0, INT64_MAX};
    struct pp_manager_items items;
    unsigned count = 0;
    uint64_t length;

    (void)state;
    assert_int_equal(pp_manager_start(&settings, &manager, NULL), PP_OK);
    assert_int_equal(
        pp_manager_list_append(manager, "l", (struct pp_bytes){large, sizeof large}, NULL),
        PP_E_LIMIT);
    while (pp_manager_list_append(manager, "l", (struct pp_bytes){large, 2000}, &err) == PP_OK)
        count++;
    assert_int_equal(err.status, PP_E_LIMIT);
    assert_string_equal(err.text, "the objects may take 20000 bytes of memory, memory_max");
    assert_in_range(count, 7, 10);
    assert_int_equal(pp_manager_list_slice(manager, "l", all, &items, NULL), PP_E_LIMIT);
    assert_int_equal(pp_manager_list_length(manager, "l", &length, NULL), PP_OK);
    assert_int_equal(length, count);
    assert_int_equal(pp_manager_list_clear(manager, "l", NULL), PP_OK);
    assert_int_equal(pp_manager_list_append(manager, "l", (struct pp_bytes){large, 2000}, NULL),
                     PP_OK);
    pp_manager_free(manager);
}

static void *do_nothing(void *stop)
{
    (void)!read(*(int *)stop, &(char){0}, 1);
    return NULL;
}

static void a_process_with_threads_cannot_start_a_manager(void **state)
{
    const struct pp_manager_settings settings = {0};
    struct pp_manager *manager = NULL;
    struct pp_error err = {0};
    pthread_t thread;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&thread, NULL, do_nothing, &ends[0]), 0);
    assert_int_equal(pp_manager_start(&settings, &manager, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot start a manager by fork: 2 threads are running");
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
}

static void a_stopped_manager_costs_a_call_the_handles_patience(void **state)
{
    struct pp_manager *client = NULL;

    assert_int_equal(pp_manager_connect(pp_manager_address(*state), 0.05, &client, NULL), PP_OK);
    kill((pid_t)pp_manager_process(*state), SIGSTOP);
    assert_int_equal(pp_manager_number_set(client, "n", 1, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_number_set(client, "n", 1, NULL), PP_E_CLOSED);
    kill((pid_t)pp_manager_process(*state), SIGCONT);
    assert_int_equal(pp_manager_number_set(*state, "n", 1, NULL), PP_OK);
    pp_manager_free(client);
}

#define MANAGER_TEST(test) cmocka_unit_test_setup_teardown(test, manager_begin, manager_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MANAGER_TEST(a_thousand_killed_clients_leave_all_consistent),
        MANAGER_TEST(the_managers_death_is_told_to_all_at_once),
        MANAGER_TEST(a_manager_can_be_begun_again_at_its_address),
        MANAGER_TEST(a_manager_ends_with_its_starter_unless_asked_otherwise),
        MANAGER_TEST(a_forked_child_has_a_connection_of_its_own),
        MANAGER_TEST(functions_of_the_users_own_run_in_the_manager),
        MANAGER_TEST(what_is_over_the_limits_is_refused_and_nothing_lost),
        MANAGER_TEST(a_process_with_threads_cannot_start_a_manager),
        MANAGER_TEST(a_stopped_manager_costs_a_call_the_handles_patience),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
