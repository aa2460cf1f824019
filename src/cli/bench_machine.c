#include "cli/bench_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <pixpool/pool.h>

#define CPU0 "/sys/devices/system/cpu/cpu0/"

/* The first line of a file, without its end. False where there is none. */
static bool read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    bool got = file && fgets(line, (int)size, file);

    if (file)
        fclose(file);
    if (got)
        line[strcspn(line, "\n")] = '\0';
    return got;
}

/* The value of a key of /proc/cpuinfo, of the first core. */
static bool read_cpuinfo(const char *key, char *value, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[1024];
    bool found = false;

    while (file && !found && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');

        if (!colon || strncmp(line, key, strlen(key)) != 0 || !strchr("\t :", line[strlen(key)]))
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        colon[strcspn(colon, "\n")] = '\0';
        snprintf(value, size, "%s", colon);
        found = *value != '\0';
    }
    if (file)
        fclose(file);
    return found;
}

static void look_at_cpu(struct pp_bench_machine *machine)
{
    struct utsname system;
    char text[64];

    if (!read_cpuinfo("model name", machine->cpu, sizeof machine->cpu) && uname(&system) == 0)
        snprintf(machine->cpu, sizeof machine->cpu, "%s", system.machine);
    if (read_line(CPU0 "cpufreq/cpuinfo_max_freq", text, sizeof text))
        machine->mhz = (unsigned)(strtoul(text, NULL, 10) / 1000); /* it is in kHz */
    else if (read_cpuinfo("cpu MHz", text, sizeof text))
        machine->mhz = (unsigned)(strtod(text, NULL) + 0.5);
    machine->scaling = read_line(CPU0 "cpufreq/scaling_governor", text, sizeof text) &&
                       strcmp(text, "performance") != 0;
}

/* "32K", "1024K", "8M". */
static uint64_t parse_size(const char *text)
{
    char *unit;
    uint64_t size = strtoull(text, &unit, 10);

    if (*unit == 'K')
        return size << 10;
    return *unit == 'M' ? size << 20 : size;
}

/* How many bits are set in a list of hexadecimal masks, "00000003,ffffffff". */
static unsigned count_bits(const char *masks)
{
    unsigned count = 0;

    for (; *masks; masks++) {
        char digit[2] = {*masks, '\0'};

        count += (unsigned)__builtin_popcountl(strtoul(digit, NULL, 16));
    }
    return count;
}

static bool look_at_cache(struct pp_bench_cache *cache, size_t index)
{
    char path[96], text[256];
    int length = snprintf(path, sizeof path, CPU0 "cache/index%zu/", index);
    char *end = path + length;
    size_t room = sizeof path - (size_t)length;

    *cache = (struct pp_bench_cache){0};
    snprintf(end, room, "type");
    if (!read_line(path, cache->type, sizeof cache->type))
        return false;
    snprintf(end, room, "level");
    if (read_line(path, text, sizeof text))
        cache->level = (unsigned)strtoul(text, NULL, 10);
    snprintf(end, room, "size");
    if (read_line(path, text, sizeof text))
        cache->bytes = parse_size(text);
    snprintf(end, room, "shared_cpu_map");
    if (read_line(path, text, sizeof text))
        cache->sharing = count_bits(text);
    return true;
}

void pp_bench_machine_look(struct pp_bench_machine *machine)
{
    *machine = (struct pp_bench_machine){.cores = pp_cores_available()};
    if (gethostname(machine->host, sizeof machine->host) != 0)
        machine->host[0] = '\0';
    machine->host[sizeof machine->host - 1] = '\0';
    look_at_cpu(machine);
    if (getloadavg(machine->load, 3) < 3)
        memset(machine->load, 0, sizeof machine->load);
    while (machine->cache_count < PP_BENCH_CACHES &&
           look_at_cache(&machine->caches[machine->cache_count], machine->cache_count))
        machine->cache_count++;
}
