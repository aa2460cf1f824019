#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memfile.h"

static void a_new_one_has_zeros_and_is_closed_by_exec(void **state)
{
    char bytes[8] = "xxxxxxx";
    uint64_t size = 0;
    int fd;

    (void)state;
    assert_int_equal(pp_memfile_create("test", 1000, &fd), 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(pread(fd, bytes, sizeof bytes, 992), sizeof bytes);
    assert_memory_equal(bytes, "\0\0\0\0\0\0\0", sizeof bytes);
    assert_true(pp_memfile_is_sealed(fd, 0, &size));
    assert_int_equal(size, 1000);
    assert_false(pp_memfile_is_sealed(fd, PP_SEAL_SIZE, &size));
    close(fd);
}

static void a_sealed_size_stays_and_the_bytes_may_change(void **state)
{
    uint64_t size;
    int fd;

    (void)state;
    assert_int_equal(pp_memfile_create("test", 1000, &fd), 0);
    assert_int_equal(pp_memfile_seal(fd, PP_SEAL_SIZE), 0);
    assert_true(pp_memfile_is_sealed(fd, PP_SEAL_SIZE, &size));
    assert_false(pp_memfile_is_sealed(fd, PP_SEAL_BYTES, &size));
    assert_int_equal(ftruncate(fd, 999), -1);
    assert_int_equal(ftruncate(fd, 1001), -1);
    assert_int_equal(write(fd, "a", 1), 1);
    assert_int_equal(pp_memfile_seal(fd, PP_SEAL_BYTES), EPERM); /* no further seals */
    close(fd);
}

static void sealed_bytes_stay_too(void **state)
{
    const int fd = pp_memfile_new("test");
    uint64_t size;

    (void)state;
    assert_int_equal(write(fd, "ab", 2), 2);
    assert_int_equal(pp_memfile_seal(fd, PP_SEAL_BYTES), 0);
    assert_true(pp_memfile_is_sealed(fd, PP_SEAL_BYTES, &size));
    assert_int_equal(size, 2);
    assert_int_equal(pwrite(fd, "c", 1, 0), -1);
    close(fd);
}

static void bytes_sealed_for_later_are_written_by_the_mapping_there_is(void **state)
{
    char *bytes;
    int fd;

    (void)state;
    assert_int_equal(pp_memfile_create("test", 10, &fd), 0);
    bytes = mmap(NULL, 10, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(bytes != MAP_FAILED);
    assert_int_equal(pp_memfile_seal(fd, PP_SEAL_LATER), 0);
    bytes[3] = 'x';
    assert_true(mmap(NULL, 10, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    assert_int_equal(pwrite(fd, "c", 1, 0), -1);
    munmap(bytes, 10);
    close(fd);
}

static void what_is_no_file_in_memory_is_not_sealed(void **state)
{
    uint64_t size;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_false(pp_memfile_is_sealed(ends[0], PP_SEAL_SIZE, &size));
    assert_false(pp_memfile_is_sealed(-1, PP_SEAL_SIZE, &size));
    assert_int_equal(pp_memfile_seal(-1, PP_SEAL_SIZE), EBADF);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_one_has_zeros_and_is_closed_by_exec),
        cmocka_unit_test(a_sealed_size_stays_and_the_bytes_may_change),
        cmocka_unit_test(sealed_bytes_stay_too),
        cmocka_unit_test(bytes_sealed_for_later_are_written_by_the_mapping_there_is),
        cmocka_unit_test(what_is_no_file_in_memory_is_not_sealed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
