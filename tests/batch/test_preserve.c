#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "batch/preserve.h"
#include "support_forbid.h"
#include "support_tree.h"

#define BITS 07777

/* A file made with mode 0600, given what `from` has; *after is what came of it. */
static enum pp_status give(const struct stat *from, bool times, struct stat *after)
{
    int fd = open("made", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    enum pp_status status = pp_preserve(fd, from, times, NULL);
    assert_int_equal(fstat(fd, after), 0);
    close(fd);
    unlink("made");
    return status;
}

static struct stat like_me(mode_t mode)
{
    return (struct stat){.st_mode = S_IFREG | mode,
                         .st_uid = geteuid(),
                         .st_gid = getegid(),
                         .st_atim = {.tv_sec = 86400, .tv_nsec = 7},
                         .st_mtim = {.tv_sec = 1000000000, .tv_nsec = 123456789}};
}

static void permissions_and_times_are_the_inputs_to_the_nanosecond(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const struct stat from = like_me(0751);
    struct stat after;

    assert_int_equal(give(&from, true, &after), PP_OK);
    assert_int_equal(after.st_mode & BITS, 0751);
    assert_int_equal(after.st_mtim.tv_sec, from.st_mtim.tv_sec);
    assert_int_equal(after.st_mtim.tv_nsec, from.st_mtim.tv_nsec);
    assert_int_equal(after.st_atim.tv_nsec, from.st_atim.tv_nsec);
    tree_leave(&tree);
}

static void times_stay_the_outputs_unless_asked_for(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const struct stat from = like_me(0444);
    struct stat after;

    assert_int_equal(give(&from, false, &after), PP_OK);
    assert_int_equal(after.st_mode & BITS, 0444);
    assert_true(after.st_mtim.tv_sec > from.st_mtim.tv_sec);
    tree_leave(&tree);
}

/* In a child to which no owner may be given. */
static bool keeps_no_owner(void)
{
    struct stat from = like_me(06755), after;

    from.st_uid = geteuid() + 1;
    return give(&from, true, &after) == PP_OK && after.st_uid == geteuid() &&
           (after.st_mode & BITS) == 0755 && after.st_mtim.tv_nsec == from.st_mtim.tv_nsec;
}

static void without_the_owner_go_the_bits_that_lend_his_rights(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const struct forbidden no_owner = {SYS_fchown, 0, 0, EPERM};

    assert_true(holds_without(&no_owner, 1, keeps_no_owner));
    tree_leave(&tree);
}

static bool fails_by_quota(void)
{
    const struct stat from = like_me(0644);
    struct stat after;

    return give(&from, true, &after) == PP_E_NO_SPACE;
}

static void an_owner_whose_quota_is_used_up_is_an_error(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const struct forbidden full = {SYS_fchown, 0, 0, EDQUOT};

    assert_true(holds_without(&full, 1, fails_by_quota));
    tree_leave(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permissions_and_times_are_the_inputs_to_the_nanosecond),
        cmocka_unit_test(times_stay_the_outputs_unless_asked_for),
        cmocka_unit_test(without_the_owner_go_the_bits_that_lend_his_rights),
        cmocka_unit_test(an_owner_whose_quota_is_used_up_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
