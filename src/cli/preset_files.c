/* Where presets are kept. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/presets.h"

#define FILE_MAX ((size_t)1024 * 1024) /* bytes; a person writes less */

static const char built_in[] = "[web]\n"
                               "filters = orient,resize=1600x1600\n"
                               "quality = 82\n"
                               "progressive\n"
                               "\n"
                               "[thumb]\n"
                               "filters = orient,resize=320x320,sharpen=0.5\n"
                               "format = jpeg\n"
                               "quality = 80\n"
                               "\n"
                               "[archive-gray]\n"
                               "filters = gray\n"
                               "preserve\n"
                               "sync = each\n";

enum pp_status pp_presets_read_built_in(struct pp_presets *presets, struct pp_error *err)
{
    char *text = strdup(built_in);

    *presets = (struct pp_presets){0};
    if (!text)
        return pp_error_set(err, PP_E_NO_MEMORY, "the presets: out of memory");
    return pp_presets_parse(presets, NULL, text, err);
}

/* XDG Base Directory Specification 0.8: a variable that is empty or no absolute path counts for
 * nothing. *path is NULL where there is no such place. */
static enum pp_status find_file(char **path, struct pp_error *err)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int made = 0;

    *path = NULL;
    if (config && *config == '/')
        made = asprintf(path, "%s/pixpool/presets", config);
    else if (home && *home)
        made = asprintf(path, "%s/.config/pixpool/presets", home);
    if (made >= 0)
        return PP_OK;
    *path = NULL;
    return pp_error_set(err, PP_E_NO_MEMORY, "the presets: out of memory");
}

static enum pp_status refuse(const char *path, const char *why, struct pp_error *err)
{
    return pp_error_set(err, PP_E_READ, "%s: cannot read the presets: %s", path, why);
}

/* The text with a NUL behind it, which the caller frees. */
static enum pp_status read_all(const char *path, int fd, char **text, struct pp_error *err)
{
    struct stat stat;
    size_t used = 0;
    ssize_t got = 1;

    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        return refuse(path, "not a regular file", err);
    *text = malloc(FILE_MAX + 1);
    if (!*text)
        return pp_error_set(err, PP_E_NO_MEMORY, "the presets: out of memory");
    while (got > 0 && used < FILE_MAX) {
        got = read(fd, *text + used, FILE_MAX - used);
        if (got < 0 && errno != EINTR)
            return refuse(path, strerror(errno), err);
        used += got > 0 ? (size_t)got : 0;
        got = got < 0 ? 1 : got;
    }
    if (used == FILE_MAX)
        return refuse(path, "longer than 1 MiB", err);
    (*text)[used] = '\0';
    return strlen(*text) == used ? PP_OK : refuse(path, "there is a NUL byte in it", err);
}

enum pp_status pp_presets_read_own(struct pp_presets *presets, struct pp_error *err)
{
    char *path, *text = NULL;
    enum pp_status status = find_file(&path, err);
    int fd = -1;

    *presets = (struct pp_presets){0};
    if (status == PP_OK && path) {
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd >= 0)
            status = read_all(path, fd, &text, err);
        else if (errno != ENOENT && errno != ENOTDIR)
            status = refuse(path, strerror(errno), err);
    }
    if (fd >= 0)
        close(fd);
    if (status == PP_OK && text)
        return pp_presets_parse(presets, path, text, err);
    free(text);
    free(path);
    return status;
}
