#include "cli/bench_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/write.h"

#define HEAD_SIZE ((size_t)64 * 1024) /* results name their benchmarks within it */
#define READ_MAX  ((off_t)64 * 1024 * 1024)

static enum pp_status fail(enum pp_status status, const char *path, const char *what,
                           struct pp_error *err)
{
    struct pp_error problem = {0};

    status = pp_error_errno(&problem, status, errno, what);
    return pp_error_set(err, status, "%s: %s", path, problem.text);
}

/* Whether a file of that size begins as results do. */
static bool is_results(const char *path, off_t size)
{
    char *head = calloc(1, HEAD_SIZE);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t got = head && fd >= 0 ? read(fd, head, HEAD_SIZE - 1) : -1;
    bool found = size == 0 || (got > 0 && *head == '{' && strstr(head, "\"benchmarks\""));

    if (fd >= 0)
        close(fd);
    free(head);
    return found;
}

enum pp_status pp_bench_file_check(const char *path, struct pp_error *err)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    struct stat found;

    if (!strcmp(path, "-"))
        return PP_OK;
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode)) {
        if (S_ISDIR(found.st_mode) || access(path, W_OK) != 0) {
            errno = S_ISDIR(found.st_mode) ? EISDIR : errno;
            return fail(PP_E_WRITE, path, "cannot write the results", err);
        }
        return PP_OK;
    }
    snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - path + 1) : 1,
             slash ? path : ".");
    if (access(directory, W_OK | X_OK) != 0)
        return fail(PP_E_WRITE, path, "cannot write the results", err);
    if (stat(path, &found) == 0 && !is_results(path, found.st_size))
        return pp_error_set(err, PP_E_CONFLICT,
                            "%s: cannot write the results: the file exists and holds no results",
                            path);
    return PP_OK;
}

static enum pp_status write_directly(const char *path, const char *text, struct pp_error *err)
{
    bool is_stdout = !strcmp(path, "-");
    int fd = is_stdout ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    enum pp_status status = PP_OK;

    if (fd < 0 || !pp_cli_write(fd, text, strlen(text)))
        status =
            fail(PP_E_WRITE, is_stdout ? "standard output" : path, "cannot write the results", err);
    if (fd >= 0 && !is_stdout)
        close(fd);
    return status;
}

/* Files get the rights a new one would get. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

static enum pp_status write_beside(const char *path, const char *text, struct pp_error *err)
{
    char temporary[PATH_MAX];
    struct stat old;
    mode_t mode = stat(path, &old) == 0 ? old.st_mode & 07777 : usual_mode();
    int length = snprintf(temporary, sizeof temporary, "%s.pixpool-XXXXXX", path);
    int fd = -1;

    errno = ENAMETOOLONG;
    if (length > 0 && (size_t)length < sizeof temporary)
        fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return fail(PP_E_WRITE, path, "cannot write the results", err);
    bool done = fchmod(fd, mode) == 0 && pp_cli_write(fd, text, strlen(text));
    int error = errno;
    done = close(fd) == 0 && done;
    if (done && rename(temporary, path) == 0)
        return PP_OK;
    errno = done ? errno : error;
    enum pp_status status = fail(PP_E_WRITE, path, "cannot write the results", err);
    unlink(temporary);
    return status;
}

enum pp_status pp_bench_file_write(const char *path, const char *text, struct pp_error *err)
{
    struct stat found;
    sigset_t ends, before;
    char *real;

    if (!strcmp(path, "-") || (stat(path, &found) == 0 && !S_ISREG(found.st_mode)))
        return write_directly(path, text, err);
    sigemptyset(&ends); /* no half of it is left behind */
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, &before);
    real = realpath(path, NULL); /* through a link, which stays */
    enum pp_status status = write_beside(real ? real : path, text, err);
    free(real);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

enum pp_status pp_bench_file_read(const char *path, char **text, struct pp_error *err)
{
    FILE *file = fopen(path, "re");
    enum pp_status status = PP_OK;
    struct stat found;
    size_t got;

    *text = NULL;
    if (!file)
        return fail(PP_E_READ, path, "cannot read the baseline", err);
    if (fstat(fileno(file), &found) != 0 || !S_ISREG(found.st_mode) || found.st_size > READ_MAX) {
        fclose(file);
        return pp_error_set(err, PP_E_READ, "%s: cannot read the baseline: not a file of results",
                            path);
    }
    *text = calloc(1, (size_t)found.st_size + 1);
    got = *text ? fread(*text, 1, (size_t)found.st_size, file) : 0;
    if (!*text)
        status = pp_error_set(err, PP_E_NO_MEMORY, "%s: out of memory", path);
    else if (ferror(file))
        status = fail(PP_E_READ, path, "cannot read the baseline", err);
    else
        (*text)[got] = '\0';
    fclose(file);
    if (status != PP_OK) {
        free(*text);
        *text = NULL;
    }
    return status;
}
