#include "batch/location.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

/* The real path of the longest part of `directory` that exists, and how long that part is. */
static char *real_part(char *directory, size_t *length)
{
    for (;;) {
        char *real = realpath(directory[0] ? directory : ".", NULL);
        *length = strlen(directory);
        if (real || *length == 0)
            return real;
        char *slash = strrchr(directory, '/');
        if (slash == directory) {
            directory[1] = '\0';
            *length = 1;
            return realpath("/", NULL);
        }
        directory[slash ? (size_t)(slash - directory) : 0] = '\0';
    }
}

static enum pp_status find_directory(struct pp_location *location, struct pp_error *err)
{
    char *part = strdup(location->directory.bytes);
    size_t length = 0;
    char *real = part ? real_part(part, &length) : NULL;
    const char *rest = location->directory.bytes + length;
    enum pp_status status = PP_OK;

    if (!part)
        status = pp_error_set(err, PP_E_NO_MEMORY, "file name: no memory");
    while (*rest == '/')
        rest++;
    location->exists = real && *rest == '\0';
    if (status == PP_OK)
        status = pp_text_join(&location->real, real ? real : "", rest, err);
    free(real);
    free(part);
    return status;
}

enum pp_status pp_location_find(struct pp_location *location, const char *path,
                                struct pp_error *err)
{
    const char *last = pp_path_last(path);
    size_t length = (size_t)(last - path);
    const char *known = location->directory.bytes;
    enum pp_status status = PP_OK;

    /* "a" and "a/" are one directory; without its slash it is told from "", which is ".". */
    while (length > 1 && path[length - 1] == '/')
        length--;
    location->fresh =
        !known || location->directory.length != length || memcmp(known, path, length) != 0;
    if (location->fresh) {
        pp_text_clear(&location->directory);
        status = pp_text_add(&location->directory, path, length, err);
        if (status == PP_OK)
            status = find_directory(location, err);
    }
    if (status != PP_OK)
        return status;
    return pp_text_join(&location->path, location->real.bytes, last, err);
}

void pp_location_release(struct pp_location *location)
{
    pp_text_release(&location->directory);
    pp_text_release(&location->real);
    pp_text_release(&location->path);
    *location = (struct pp_location){0};
}
