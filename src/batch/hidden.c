#include "batch/hidden.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/path.h"

#define PREFIX ".pixpool-"
/* Clocks are set now and then, and the kernel counts starts in hundredths of a second. */
#define SLACK_NS (2 * (int64_t)PP_NS_PER_S)

/* What tells machines apart that share a file system. */
static uint32_t machine_mark(void)
{
    char name[256] = "";

    (void)!gethostname(name, sizeof name - 1);
    return (uint32_t)pp_hash_name(name);
}

static int64_t clock_now(clockid_t clock)
{
    struct timespec now = {0};

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * (int64_t)PP_NS_PER_S + now.tv_nsec;
}

char *pp_hidden_name(const char *path, pid_t process)
{
    const char *last = pp_path_last(path);
    char *name = NULL;

    if (asprintf(&name, "%.*s" PREFIX "%" PRIx32 "-%ld-%" PRIx64 ".tmp", (int)(last - path), path,
                 machine_mark(), (long)process, (uint64_t)clock_now(CLOCK_REALTIME)) < 0)
        return NULL;
    return name;
}

/* A hidden name taken apart. */
struct hidden {
    uint32_t machine;
    long process;
    uint64_t moment; /* nanoseconds of the real time */
};

static bool read_hidden(struct hidden *hidden, const char *name)
{
    int end = 0;

    return sscanf(name, PREFIX "%" SCNx32 "-%ld-%" SCNx64 ".tmp%n", &hidden->machine,
                  &hidden->process, &hidden->moment, &end) == 3 &&
           end > 0 && name[end] == '\0';
}

bool pp_hidden_is(const char *name)
{
    struct hidden hidden;

    return read_hidden(&hidden, name);
}

/* When a process began, in nanoseconds of the real time; 0 when that cannot be told. The 22nd field
 * of its stat, counted after the name in parentheses, has it in ticks since the boot: proc(5). */
static int64_t begin_of(long process)
{
    char path[48], line[1024] = "";
    long long ticks = 0;

    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t got = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    const char *rest = got > 0 ? strrchr(line, ')') : NULL;
    if (!rest || sscanf(rest + 1,
                        " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
                        "%*d %lld",
                        &ticks) != 1)
        return 0;
    return clock_now(CLOCK_REALTIME) - clock_now(CLOCK_BOOTTIME) +
           ticks * ((int64_t)PP_NS_PER_S / sysconf(_SC_CLK_TCK));
}

/* Whether the process that gave the name is no more. In a container the next run may well have its
 * number; then it began later than the name was given. */
static bool is_orphan(const char *name)
{
    struct hidden hidden;

    if (!read_hidden(&hidden, name) || hidden.machine != machine_mark() || hidden.process <= 0)
        return false;
    if (kill((pid_t)hidden.process, 0) != 0 && errno == ESRCH)
        return true;
    return begin_of(hidden.process) > (int64_t)hidden.moment + SLACK_NS;
}

static bool is_directory_itself(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool pp_hidden_sweep(const char *directory)
{
    DIR *stream = opendir(directory);
    bool empty = true;

    if (!stream)
        return false;
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (is_orphan(entry->d_name))
            unlinkat(dirfd(stream), entry->d_name, 0);
        else if (!is_directory_itself(entry->d_name))
            empty = false;
        errno = 0;
    }
    empty = empty && errno == 0;
    closedir(stream);
    return empty;
}
