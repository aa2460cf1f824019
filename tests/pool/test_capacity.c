/* Cores and memory, with /proc and /sys as this file invents them. */
#include "support_pool.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/capacity.h"

static char root[] = "/tmp/pixpool-capacity-XXXXXX";

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

static int set_up(void **state)
{
    (void)state;
    memcpy(strrchr(root, '-') + 1, "XXXXXX", 6);
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Write a file below the root, with the directories it needs. */
static void put(const char *path, const char *text)
{
    char full[512];
    FILE *file;

    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(full, 0700);
        *slash = '/';
    }
    file = fopen(full, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char v2_mounts[] =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "30 23 0:38 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
static const char v1_mounts[] =
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

static void without_control_groups_the_affinity_counts(void **state)
{
    (void)state;
    assert_int_equal(pp_capacity_cores(root, 6), 6);
    assert_int_equal(pp_capacity_cores(root, 0), 1);
    assert_int_equal(pp_capacity_memory(root), 0);
}

static void a_version_2_quota_is_rounded_up(void **state)
{
    (void)state;
    put("/proc/self/mountinfo", v2_mounts);
    put("/proc/self/cgroup", "0::/user.slice/run\n");
    put("/sys/fs/cgroup/user.slice/run/cpu.max", "250000 100000\n");
    put("/sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
    assert_int_equal(pp_capacity_cores(root, 8), 3);
    assert_int_equal(pp_capacity_cores(root, 2), 2);
}

static void the_tightest_ancestor_binds(void **state)
{
    (void)state;
    put("/proc/self/mountinfo", v2_mounts);
    put("/proc/self/cgroup", "0::/a/b/c\n");
    put("/sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
    put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/a/cpu.max", "50000 100000\n");
    assert_int_equal(pp_capacity_cores(root, 16), 1);
}

static void the_mounts_own_root_binds_too(void **state)
{
    (void)state;
    put("/proc/self/mountinfo", v2_mounts);
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "400000 100000\n");
    assert_int_equal(pp_capacity_cores(root, 16), 4);
}

static void a_version_1_quota_is_found_in_its_hierarchy(void **state)
{
    (void)state;
    put("/proc/self/mountinfo", v1_mounts);
    put("/proc/self/cgroup", "9:name=systemd:/\n4:memory:/job\n2:cpu,cpuacct:/job/1\n0::/\n");
    put("/sys/fs/cgroup/cpu,cpuacct/job/1/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu,cpuacct/job/1/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "150000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "50000\n");
    assert_int_equal(pp_capacity_cores(root, 8), 3);
}

static void a_container_sees_its_group_at_the_mount_point(void **state)
{
    (void)state;
    put("/proc/self/mountinfo", "30 23 0:38 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
    put("/sys/fs/cgroup/cpu.max", "200000 100000\n");
    put("/proc/self/cgroup", "0::/docker/abc\n");
    assert_int_equal(pp_capacity_cores(root, 8), 2);
    put("/proc/self/cgroup", "0::/../elsewhere\n");
    assert_int_equal(pp_capacity_cores(root, 8), 2);
    put("/proc/self/cgroup", "0::/docker/abc/inner\n");
    put("/sys/fs/cgroup/inner/cpu.max", "100000 100000\n");
    assert_int_equal(pp_capacity_cores(root, 8), 1);
}

static void broken_files_are_as_none(void **state)
{
    (void)state;
    put("/proc/self/mountinfo", "nonsense\n\n - \n1 2 - cgroup2\n");
    put("/proc/self/cgroup", "nonsense\n::\n0:\n");
    assert_int_equal(pp_capacity_cores(root, 5), 5);
    put("/proc/self/mountinfo", v2_mounts);
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "0 0\n");
    assert_int_equal(pp_capacity_cores(root, 5), 5);
    put("/sys/fs/cgroup/cpu.max", "");
    assert_int_equal(pp_capacity_cores(root, 5), 5);
}

static void memory_is_what_the_machine_has_left(void **state)
{
    (void)state;
    put("/proc/meminfo", "MemTotal:  8000 kB\nMemFree: 100 kB\nMemAvailable:    2048 kB\n");
    assert_int_equal(pp_capacity_memory(root), 2048 * 1024);
}

static void a_memory_limit_of_version_2_binds(void **state)
{
    (void)state;
    put("/proc/meminfo", "MemAvailable: 1000000 kB\n");
    put("/proc/self/mountinfo", v2_mounts);
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/memory.max", "max\n");
    put("/sys/fs/cgroup/a/b/memory.current", "5000\n");
    put("/sys/fs/cgroup/a/memory.max", "100000\n");
    put("/sys/fs/cgroup/a/memory.current", "60000\n");
    put("/sys/fs/cgroup/a/memory.stat", "anon 1\nactive_file 70\ninactive_file 20000\n");
    assert_int_equal(pp_capacity_memory(root), 60000);
    put("/sys/fs/cgroup/a/memory.current", "900000\n");
    assert_int_equal(pp_capacity_memory(root), 1);
}

static void a_memory_limit_of_version_1_binds(void **state)
{
    (void)state;
    put("/proc/meminfo", "MemAvailable: 1000000 kB\n");
    put("/proc/self/mountinfo", v1_mounts);
    put("/proc/self/cgroup", "4:memory:/job\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n");
    put("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "100000\n");
    put("/sys/fs/cgroup/memory/job/memory.usage_in_bytes", "60000\n");
    put("/sys/fs/cgroup/memory/job/memory.stat", "inactive_file 5\ntotal_inactive_file 10000\n");
    assert_int_equal(pp_capacity_memory(root), 50000);
}

static void this_machine_has_something(void **state)
{
    (void)state;
    assert_in_range(pp_cores_available(), 1, sysconf(_SC_NPROCESSORS_ONLN));
    assert_true(pp_memory_available() > 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_control_groups_the_affinity_counts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_version_2_quota_is_rounded_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_tightest_ancestor_binds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_mounts_own_root_binds_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_version_1_quota_is_found_in_its_hierarchy, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_container_sees_its_group_at_the_mount_point, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(broken_files_are_as_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_is_what_the_machine_has_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_memory_limit_of_version_2_binds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_memory_limit_of_version_1_binds, set_up, tear_down),
        cmocka_unit_test(this_machine_has_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
