#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "batch/group.h"
#include "support_forbid.h"
#include "support_tree.h"

/* An output that is whole and waits, `name` being what it will be called. */
static struct pp_finished *finished_new(const char *name, enum pp_volume volume)
{
    struct pp_finished *finished = calloc(1, sizeof *finished);
    struct stat stat;

    assert_non_null(finished);
    finished->job = pp_file_job_new("in.png", name);
    assert_non_null(finished->job);
    assert_int_equal(
        pp_staged_open(&finished->job->staged, finished->job->output, PP_STAGED_MODE_OPEN, NULL),
        PP_OK);
    assert_int_equal(write(finished->job->staged.fd, "whole", 5), 5);
    assert_int_equal(fstat(finished->job->staged.fd, &stat), 0);
    finished->device = stat.st_dev;
    finished->volume = volume;
    finished->since_ns = pp_clock_ns();
    finished->report.convert.bytes_out = 5;
    return finished;
}

static void finished_free(struct pp_finished *finished)
{
    assert_non_null(finished);
    pp_file_job_free(finished->job);
    free(finished);
}

static void flush(struct pp_group *group)
{
    struct pollfd ready = {.fd = group->flush.event, .events = POLLIN};

    pp_group_begin(group);
    assert_int_equal(poll(&ready, 1, 10000), 1);
    pp_group_end(group);
}

static void outputs_go_from_written_to_safe_to_named_to_settled(enum pp_volume volume)
{
    struct tree tree = tree_enter();
    struct pp_group group;

    assert_int_equal(pp_group_init(&group, 1024, NULL), PP_OK);
    pp_finished_push(&group.written, finished_new("a.png", volume));
    pp_finished_push(&group.written, finished_new("b.png", volume));
    assert_int_equal(pp_group_held(&group), 2);
    flush(&group);
    assert_int_equal(group.safe.count, 2);
    struct pp_finished *first = pp_finished_pop(&group.safe);
    assert_string_equal(first->job->output, "a.png");
    assert_int_equal(pp_staged_publish(&first->job->staged, false, NULL), PP_OK);
    pp_finished_push(&group.named, first);
    assert_int_equal(pp_group_held(&group), 1);
    flush(&group);
    assert_int_equal(group.settled.count, 1);
    assert_int_equal(first->report.error.status, PP_OK);
    assert_int_equal(first->report.convert.warnings, 0);
    finished_free(pp_finished_pop(&group.settled));
    finished_free(pp_finished_pop(&group.safe));
    assert_true(pp_group_is_empty(&group));
    pp_group_release(&group);
    tree_leave(&tree);
}

static void an_output_is_flushed_twice_before_it_is_told_of(void **state)
{
    (void)state;
    outputs_go_from_written_to_safe_to_named_to_settled(PP_VOLUME_WHOLE);
    outputs_go_from_written_to_safe_to_named_to_settled(PP_VOLUME_SINGLE);
}

static void an_output_that_cannot_be_flushed_fails_alone(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_group group;
    struct pp_finished *bad = finished_new("bad.png", PP_VOLUME_SINGLE);
    const int fd = bad->job->staged.fd;

    bad->job->staged.fd = INT_MAX;
    assert_int_equal(pp_group_init(&group, 1024, NULL), PP_OK);
    pp_finished_push(&group.written, bad);
    pp_finished_push(&group.written, finished_new("good.png", PP_VOLUME_SINGLE));
    flush(&group);
    assert_int_equal(group.safe.count, 1);
    assert_int_equal(group.settled.count, 1);
    assert_ptr_equal(group.settled.first, bad);
    assert_int_equal(bad->report.error.status, PP_E_WRITE);
    assert_string_equal(bad->report.error.text,
                        "cannot write the output to the disk: Bad file descriptor");
    bad->job->staged.fd = fd;
    finished_free(pp_finished_pop(&group.settled));
    finished_free(pp_finished_pop(&group.safe));
    pp_group_release(&group);
    tree_leave(&tree);
}

/* In a child whose disk fails in this way: what error the file in a group of two gets. */
static bool fails_with(enum pp_volume volume, enum pp_status status)
{
    struct pp_group group;

    if (pp_group_init(&group, 1024, NULL) != PP_OK)
        return false;
    pp_finished_push(&group.written, finished_new("a.png", volume));
    pp_finished_push(&group.written, finished_new("b.png", volume));
    flush(&group);
    return group.safe.count == 0 && group.settled.count == 2 &&
           group.settled.first->report.error.status == status &&
           group.settled.last->report.error.status == status;
}

static bool whole_disk_is_full(void)
{
    return fails_with(PP_VOLUME_WHOLE, PP_E_NO_SPACE);
}

static bool single_disk_is_broken(void)
{
    return fails_with(PP_VOLUME_SINGLE, PP_E_WRITE);
}

static void delayed_errors_of_the_disk_reach_each_file(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const struct forbidden full[] = {{SYS_syncfs, 0, 0, EIO}, {SYS_fsync, 0, 0, ENOSPC}};
    const struct forbidden later[] = {{SYS_sync_file_range, 0, 0, ENOSPC}};
    const struct forbidden broken[] = {{SYS_fsync, 0, 0, EIO}};

    assert_true(holds_without(full, 2, whole_disk_is_full));
    assert_true(holds_without(later, 1, whole_disk_is_full));
    assert_true(holds_without(broken, 1, single_disk_is_broken));
    tree_leave(&tree);
}

static bool one_file_gets_through(void)
{
    struct pp_group group;

    if (pp_group_init(&group, 1024, NULL) != PP_OK)
        return false;
    pp_finished_push(&group.written, finished_new("a.png", PP_VOLUME_WHOLE));
    flush(&group);
    return group.safe.count == 1 && group.settled.count == 0;
}

static void an_error_of_somebody_elses_file_is_not_ours(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const struct forbidden theirs = {SYS_syncfs, 0, 0, EIO};

    assert_true(holds_without(&theirs, 1, one_file_gets_through));
    tree_leave(&tree);
}

static void without_a_thread_the_flush_is_done_at_once(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    /* CLONE_THREAD: processes may still be made. */
    const struct forbidden no_thread[] = {{SYS_clone3, 0, 0, ENOSYS},
                                          {SYS_clone, 0, 0x10000, EAGAIN}};

    assert_true(holds_without(no_thread, 2, one_file_gets_through));
    tree_leave(&tree);
}

static void a_name_that_may_not_last_is_a_warning(void **state)
{
    (void)state;
    struct pp_file_report report = {0};

    pp_report_unnamed(&report, 0);
    assert_int_equal(report.convert.warnings, 0);
    pp_report_unnamed(&report, EIO);
    assert_int_equal(report.convert.warnings, 1);
    assert_int_equal(report.error.status, PP_OK);
    assert_string_equal(report.convert.warning,
                        "its name may not outlast a power failure: Input/output error");
}

static void a_group_is_due_by_age_by_bytes_and_by_number(void **state)
{
    (void)state;
    struct pp_finished old = {.since_ns = 1}, large = {.since_ns = 1}, small[2] = {{0}};
    struct pp_group group;

    assert_int_equal(pp_group_init(&group, 32, NULL), PP_OK);
    assert_int_equal(group.held_max, 4);
    assert_false(pp_group_is_due(&group, PP_NS_PER_S));
    pp_finished_push(&group.written, &old);
    assert_false(pp_group_is_due(&group, 2));
    assert_true(pp_group_is_due(&group, PP_NS_PER_S));
    (void)!pp_finished_pop(&group.written);
    large.report.convert.bytes_out = (uint64_t)64 << 20;
    pp_finished_push(&group.written, &large);
    assert_true(pp_group_is_due(&group, 2));
    (void)!pp_finished_pop(&group.written);
    assert_int_equal(group.written.bytes, 0);
    small[0].since_ns = small[1].since_ns = 1;
    pp_finished_push(&group.written, &small[0]);
    pp_finished_push(&group.written, &small[1]);
    assert_true(pp_group_is_due(&group, 2));
    assert_false(pp_group_is_full(&group));
    pp_group_release(&group);
}

static void few_descriptors_still_leave_room_for_one(void **state)
{
    (void)state;
    struct pp_group group;

    assert_int_equal(pp_group_init(&group, 3, NULL), PP_OK);
    assert_int_equal(group.held_max, 1);
    assert_false(pp_group_is_full(&group));
    pp_group_release(&group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_output_is_flushed_twice_before_it_is_told_of),
        cmocka_unit_test(an_output_that_cannot_be_flushed_fails_alone),
        cmocka_unit_test(delayed_errors_of_the_disk_reach_each_file),
        cmocka_unit_test(an_error_of_somebody_elses_file_is_not_ours),
        cmocka_unit_test(without_a_thread_the_flush_is_done_at_once),
        cmocka_unit_test(a_name_that_may_not_last_is_a_warning),
        cmocka_unit_test(a_group_is_due_by_age_by_bytes_and_by_number),
        cmocka_unit_test(few_descriptors_still_leave_room_for_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
