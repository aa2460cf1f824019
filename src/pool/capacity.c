/*
 * The files are those of the kernel's Documentation/admin-guide/cgroup-v2.rst (cpu.max, memory.max,
 * memory.current, memory.stat), scheduler/sched-bwc.rst (cpu.cfs_quota_us, cpu.cfs_period_us) and
 * cgroup-v1/memory.rst (memory.limit_in_bytes, memory.usage_in_bytes, memory.stat).
 */
#include "pool/capacity.h"

#include <errno.h>
#include <pixpool/pool.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pool/cgroup.h"

#define CPUS_TRIED_MAX (1 << 16)
#define UNLIMITED      (UINT64_MAX / 4) /* version 1 says "none" with a number near 2^63 */

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool read_quota(const char *directory, int version, uint64_t *quota, uint64_t *period)
{
    char text[64], *end;

    if (version == 1)
        return pp_cgroup_number(directory, "cpu.cfs_quota_us", quota) &&
               pp_cgroup_number(directory, "cpu.cfs_period_us", period);
    if (!pp_cgroup_read(directory, "cpu.max", text, sizeof text))
        return false;
    *quota = strtoull(text, &end, 10); /* "max" for none */
    if (end == text)
        return false;
    *period = strtoull(end, NULL, 10);
    return true;
}

static void limit_cores(void *user, const char *directory, int version)
{
    unsigned *cores = user;
    uint64_t quota, period;

    if (!read_quota(directory, version, &quota, &period) || quota == 0 || period == 0)
        return;
    *cores = (unsigned)smaller((quota - 1) / period + 1, *cores);
}

unsigned pp_capacity_cores(const char *root, unsigned affinity)
{
    unsigned cores = affinity > 0 ? affinity : 1;

    pp_cgroup_each(root, "cpu", limit_cores, &cores);
    return cores;
}

/* File pages nobody uses are given up when memory gets short, so they count as free. */
static uint64_t reclaimable(const char *directory, const char *key)
{
    char text[8192];
    uint64_t bytes = 0;

    if (pp_cgroup_read(directory, "memory.stat", text, sizeof text) &&
        pp_cgroup_value(text, key, &bytes))
        return bytes;
    return 0;
}

static void limit_memory(void *user, const char *directory, int version)
{
    const char *const limit_name = version == 2 ? "memory.max" : "memory.limit_in_bytes";
    const char *const usage_name = version == 2 ? "memory.current" : "memory.usage_in_bytes";
    uint64_t *left = user;
    uint64_t limit, usage, idle;

    if (!pp_cgroup_number(directory, limit_name, &limit) ||
        !pp_cgroup_number(directory, usage_name, &usage) || limit > UNLIMITED)
        return;
    idle = reclaimable(directory, version == 2 ? "inactive_file" : "total_inactive_file");
    usage -= smaller(idle, usage);
    *left = smaller(*left, limit > usage ? limit - usage : 1);
}

uint64_t pp_capacity_memory(const char *root)
{
    char directory[4096], text[8192];
    uint64_t left = UINT64_MAX, kib;

    snprintf(directory, sizeof directory, "%s/proc", root);
    if (pp_cgroup_read(directory, "meminfo", text, sizeof text) &&
        pp_cgroup_value(text, "MemAvailable", &kib))
        left = kib * 1024;
    pp_cgroup_each(root, "memory", limit_memory, &left);
    return left == UINT64_MAX ? 0 : left;
}

/* The kernel refuses a mask smaller than its own, whose size it does not tell. */
static unsigned affinity_count(void)
{
    for (size_t cpus = CPU_SETSIZE; cpus <= CPUS_TRIED_MAX; cpus *= 2) {
        const size_t size = CPU_ALLOC_SIZE(cpus);
        cpu_set_t *set = CPU_ALLOC(cpus);
        int count = 0;

        if (!set)
            break;
        if (sched_getaffinity(0, size, set) == 0)
            count = CPU_COUNT_S(size, set);
        CPU_FREE(set);
        if (count > 0)
            return (unsigned)count;
    }
    return 1;
}

unsigned pp_cores_available(void)
{
    return pp_capacity_cores("", affinity_count());
}

uint64_t pp_memory_available(void)
{
    return pp_capacity_memory("");
}
