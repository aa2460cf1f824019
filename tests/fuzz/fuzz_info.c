/*
 * What a header says, of files damaged in all manner of ways: the program itself reads them,
 * outside of any sandbox. Whatever is told is within its bounds.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pixpool/batch.h>

#include "fuzz.h"

static const char *const folders[] = {"jpeg", "png", "hostile", NULL};
const struct fuzz_seeds fuzz_seeds = {.folders = folders, .noise = 300};

static bool is_text(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

static void check(const struct pp_info *info)
{
    fuzz_ensure(info->format == PP_FORMAT_JPEG || info->format == PP_FORMAT_PNG, "no format");
    fuzz_ensure(info->width > 0 && info->height > 0, "an empty picture");
    fuzz_ensure(info->depth >= 1 && info->depth <= 16 && info->channels > 0, "no samples");
    fuzz_ensure(info->colour != NULL, "no colours");
    fuzz_ensure(info->quality >= 0 && info->quality <= 100, "no quality");
    fuzz_ensure(info->orientation >= 1 && info->orientation <= 8, "no orientation");
    fuzz_ensure(info->density_unit <= 2, "no unit");
    fuzz_ensure(is_text(info->profile, sizeof info->profile) &&
                    is_text(info->camera, sizeof info->camera) &&
                    is_text(info->subsampling, sizeof info->subsampling),
                "a text without an end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int fd = memfd_create("fuzz", MFD_CLOEXEC);
    struct pp_info info;
    struct pp_error err = {0};

    fuzz_ensure(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0,
                "no file");
    const enum pp_status status = pp_info_fd(fd, &info, &err);
    fuzz_ensure(status == err.status && (status == PP_OK) == (err.text[0] == '\0'),
                "status and text disagree");
    fuzz_ensure(status == PP_OK || status == PP_E_CORRUPT || status == PP_E_FORMAT ||
                    status == PP_E_LIMIT,
                "another status");
    if (status == PP_OK) {
        char *line = pp_info_json("name", &info);

        check(&info);
        fuzz_ensure(line && !strchr(line, '\n'), "no line");
        free(line);
    }
    close(fd);
    return 0;
}
