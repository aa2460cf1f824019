/* A profile's file, for who converts to it. */
#include <pixpool/convert.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "image/profile.h"

/* The largest profiles that are sold, of inks, have some 3 MB. */
#define PROFILE_MAX ((size_t)8 << 20)

/* Up to PROFILE_MAX + 1 bytes. */
static enum pp_status read_all(int fd, uint8_t *data, size_t *size, struct pp_error *err)
{
    ssize_t got;

    *size = 0;
    do {
        got = read(fd, data + *size, PROFILE_MAX + 1 - *size);
        if (got > 0)
            *size += (size_t)got;
    } while ((got > 0 && *size <= PROFILE_MAX) || (got < 0 && errno == EINTR));
    if (got < 0)
        return pp_error_errno(err, PP_E_USAGE, errno, "cannot read");
    return PP_OK;
}

static enum pp_status check(const struct pp_profile *profile, struct pp_error *err)
{
    if (profile->size > PROFILE_MAX)
        return pp_error_set(err, PP_E_USAGE, "it has more than %zu MB", PROFILE_MAX >> 20);
    if (profile->size == 0)
        return pp_error_set(err, PP_E_USAGE, "it is empty");
    switch (pp_profile_kind(profile)) {
    case PP_PROFILE_SRGB:
    case PP_PROFILE_RGB:
    case PP_PROFILE_GRAY_SRGB:
    case PP_PROFILE_GRAY:
        return pp_profile_check_output(profile)
                   ? PP_OK
                   : pp_error_set(err, PP_E_USAGE, "a profile that cannot be converted to");
    case PP_PROFILE_UNKNOWN:
        return pp_error_set(err, PP_E_NO_MEMORY, "no memory to look into it");
    case PP_PROFILE_CMYK:
    case PP_PROFILE_OTHER:
        return pp_error_set(err, PP_E_USAGE, "a profile of other colours than RGB and gray");
    default:
        return pp_error_set(err, PP_E_USAGE, "it is no ICC profile of a device");
    }
}

static enum pp_status load(const char *path, uint8_t *data, size_t *size, struct pp_error *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return pp_error_errno(err, PP_E_USAGE, errno, "cannot open");
    enum pp_status status = read_all(fd, data, size, err);
    close(fd);
    if (status != PP_OK)
        return status;
    const struct pp_profile profile = {data, *size};
    return check(&profile, err);
}

enum pp_status pp_color_profile_load(const char *path, void **data, size_t *size,
                                     struct pp_error *err)
{
    struct pp_error problem = {0};
    uint8_t *read = malloc(PROFILE_MAX + 1);

    *data = NULL;
    *size = 0;
    if (!read)
        return pp_error_set(err, PP_E_NO_MEMORY, "%s: no memory", path);
    enum pp_status status = load(path, read, size, &problem);
    if (status == PP_OK) {
        void *fitting = realloc(read, *size);
        *data = fitting ? fitting : read;
        return PP_OK;
    }
    free(read);
    *size = 0;
    return pp_error_set(err, status, "%s: %s", path, problem.text);
}
