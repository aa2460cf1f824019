/* Memory that several processes see, and sleeping on a word of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <pixpool/shared.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/futex.h"

static struct pp_shared *create(size_t size)
{
    struct pp_error err = {0};
    struct pp_shared *shared = NULL;

    assert_int_equal(pp_shared_create(size, &shared, &err), PP_OK);
    return shared;
}

static void what_a_child_writes_the_parent_reads(void **state)
{
    struct pp_shared *shared = create(100000);
    unsigned char *data = pp_shared_data(shared);
    int status;
    pid_t child;

    (void)state;
    assert_int_equal(pp_shared_size(shared), 100000);
    assert_int_equal(data[99999], 0);
    child = fork();
    if (child == 0) {
        data[99999] = 42;
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(data[99999], 42);
    pp_shared_free(shared);
}

static void attaching_by_the_descriptor_gives_the_same_bytes(void **state)
{
    struct pp_error err = {0};
    struct pp_shared *first = create(10), *second = NULL;
    char *data;

    (void)state;
    memcpy(pp_shared_data(first), "greeting", 9);
    assert_int_equal(pp_shared_attach(pp_shared_fd(first), &second, &err), PP_OK);
    pp_shared_free(first);
    data = pp_shared_data(second);
    assert_string_equal(data, "greeting");
    assert_int_equal(pp_shared_size(second), 10);
    assert_int_equal(fcntl(pp_shared_fd(second), F_GETFD), FD_CLOEXEC);
    pp_shared_free(second);
}

static void nobody_can_cut_shared_memory_down(void **state)
{
    struct pp_shared *shared = create(10);

    (void)state;
    assert_int_equal(ftruncate(pp_shared_fd(shared), 5), -1);
    assert_int_equal(ftruncate(pp_shared_fd(shared), 50), -1);
    pp_shared_free(shared);
}

static void what_is_no_sealed_memory_is_refused(void **state)
{
    struct pp_error err = {0};
    struct pp_shared *shared = NULL;
    int open_size = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING), ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(ftruncate(open_size, 10), 0);
    assert_int_equal(pp_shared_attach(open_size, &shared, NULL), PP_E_USAGE);
    assert_int_equal(pp_shared_attach(ends[0], &shared, NULL), PP_E_USAGE);
    assert_int_equal(pp_shared_attach(-1, &shared, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot attach: descriptor -1 is no shared memory");
    assert_int_equal(pp_shared_create(0, &shared, NULL), PP_E_USAGE);
    assert_int_equal(pp_shared_create(SIZE_MAX, &shared, NULL), PP_E_USAGE);
    assert_null(shared);
    pp_shared_free(NULL);
    close(open_size);
    close(ends[0]);
    close(ends[1]);
}

static void a_wait_ends_at_its_deadline_or_when_the_word_has_changed(void **state)
{
    struct pp_shared *shared = create(sizeof(uint32_t));
    uint32_t *word = pp_shared_data(shared);
    struct pp_deadline soon = pp_deadline_after(0.02), never = pp_deadline_after(-1);

    (void)state;
    assert_false(pp_deadline_passed(&soon));
    while (pp_futex_wait(word, 0, &soon))
        assert_false(pp_deadline_passed(&never));
    assert_true(pp_deadline_passed(&soon));
    assert_true(pp_futex_wait(word, 1, &never));
    assert_true(pp_deadline_after(INFINITY).never);
    assert_true(pp_deadline_after(NAN).never);
    assert_true(pp_deadline_after(1e300).never);
    pp_shared_free(shared);
}

static void another_process_is_woken(void **state)
{
    struct pp_shared *shared = create(sizeof(uint32_t));
    uint32_t *word = pp_shared_data(shared);
    struct pp_deadline late = pp_deadline_after(60);
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == 0)
            if (!pp_futex_wait(word, 0, &late))
                _exit(1);
        _exit(0);
    }
    usleep(10000);
    __atomic_store_n(word, 1, __ATOMIC_RELEASE);
    pp_futex_wake(word, UINT_MAX);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pp_shared_free(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_child_writes_the_parent_reads),
        cmocka_unit_test(attaching_by_the_descriptor_gives_the_same_bytes),
        cmocka_unit_test(nobody_can_cut_shared_memory_down),
        cmocka_unit_test(what_is_no_sealed_memory_is_refused),
        cmocka_unit_test(a_wait_ends_at_its_deadline_or_when_the_word_has_changed),
        cmocka_unit_test(another_process_is_woken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
