#include "batch/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/stream.h"
#include "base/unnamed.h"
#include "batch/manifest_line.h"

#define FIRST_ROOM ((size_t)1024)
/* Lines are gathered until they are worth a system call. */
#define PORTION ((size_t)64 * 1024)

/* A slip of the finger must not cost a picture. */
static enum pp_status check_old(const char *path, struct pp_error *err)
{
    char first[sizeof PP_MANIFEST_MARK - 1];
    struct stat found;

    if (stat(path, &found) != 0)
        return PP_OK;
    if (!S_ISREG(found.st_mode))
        return pp_error_set(err, PP_E_CONFLICT, "cannot write the manifest: not a regular file");
    if (found.st_size == 0)
        return PP_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot replace the manifest");
    bool is_manifest = read(fd, first, sizeof first) == (ssize_t)sizeof first &&
                       memcmp(first, PP_MANIFEST_MARK, sizeof first) == 0;
    close(fd);
    if (is_manifest)
        return PP_OK;
    return pp_error_set(err, PP_E_CONFLICT,
                        "cannot write the manifest: the file exists and is no manifest");
}

enum pp_status pp_manifest_open(struct pp_manifest *manifest, const char *path,
                                struct pp_error *err)
{
    *manifest = (struct pp_manifest){.staged = {.fd = -1}};
    enum pp_status status = check_old(path, err);
    if (status == PP_OK)
        status = pp_staged_open(&manifest->staged, path, PP_STAGED_MODE_OPEN, err);
    if (status != PP_OK)
        return status == PP_E_SYSTEM ? PP_E_WRITE : status;
    manifest->lines = pp_unnamed_file();
    if (!manifest->lines)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot keep the manifest");
    return PP_OK;
}

static enum pp_status make_room(struct pp_manifest *manifest, uint64_t order, struct pp_error *err)
{
    size_t room = manifest->room ? manifest->room : FIRST_ROOM, bytes;

    while (room <= order && room <= SIZE_MAX / 2)
        room *= 2;
    if (room == manifest->room)
        return PP_OK;
    uint64_t *places = NULL;
    if (room > order && pp_size_multiply(room, sizeof *places, &bytes))
        places = realloc(manifest->places, bytes);
    if (!places)
        return pp_error_set(err, PP_E_NO_MEMORY, "manifest: no memory");
    memset(places + manifest->room, 0, (room - manifest->room) * sizeof *places);
    manifest->places = places;
    manifest->room = room;
    return PP_OK;
}

enum pp_status pp_manifest_add(struct pp_manifest *manifest, uint64_t order, const char *path,
                               const struct pp_digest *digest, struct pp_error *err)
{
    struct pp_text *line = &manifest->line;

    enum pp_status status = make_room(manifest, order, err);
    pp_text_clear(line);
    if (status == PP_OK)
        status = pp_manifest_add_line(line, path, digest, err);
    if (status != PP_OK)
        return status;
    if (fwrite(line->bytes, 1, line->length, manifest->lines) != line->length)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot keep the manifest");
    manifest->places[order] = manifest->end + 1;
    manifest->end += line->length;
    if (manifest->count <= order)
        manifest->count = (size_t)order + 1;
    return PP_OK;
}

static enum pp_status flush(const struct pp_manifest *manifest, struct pp_text *text,
                            struct pp_error *err)
{
    int errnum = pp_write_all(manifest->staged.fd, text->bytes, text->length);

    pp_text_clear(text);
    return errnum ? pp_error_errno(err, PP_E_WRITE, errnum, "cannot write the manifest") : PP_OK;
}

/* Move the line at `place` from the file of lines to the text. */
static enum pp_status take_line(struct pp_manifest *manifest, uint64_t place, struct pp_text *text,
                                struct pp_error *err)
{
    struct pp_text *line = &manifest->line;
    ssize_t length = -1;

    if (fseeko(manifest->lines, (off_t)place, SEEK_SET) == 0)
        length = getline(&line->bytes, &line->room, manifest->lines);
    if (length <= 0)
        return pp_error_errno(err, PP_E_WRITE, errno ? errno : EIO, "cannot keep the manifest");
    line->length = (size_t)length;
    return pp_text_add(text, line->bytes, line->length, err);
}

static enum pp_status write_lines(struct pp_manifest *manifest, const char *title,
                                  struct pp_error *err)
{
    struct pp_text text = {0};

    enum pp_status status = pp_text_add_string(&text, title, err);
    if (status == PP_OK)
        status = pp_text_add_string(&text, "\n", err);
    for (size_t i = 0; status == PP_OK && i < manifest->count; i++) {
        if (manifest->places[i] == 0)
            continue;
        status = take_line(manifest, manifest->places[i] - 1, &text, err);
        if (status == PP_OK && text.length > PORTION)
            status = flush(manifest, &text, err);
    }
    if (status == PP_OK)
        status = flush(manifest, &text, err);
    pp_text_release(&text);
    return status;
}

enum pp_status pp_manifest_publish(struct pp_manifest *manifest, const char *title, bool sync,
                                   struct pp_error *err)
{
    enum pp_status status = write_lines(manifest, title, err);

    if (status == PP_OK && sync && fsync(manifest->staged.fd) != 0)
        status = pp_error_errno(err, PP_E_WRITE, errno, "cannot write the manifest");
    return status == PP_OK ? pp_staged_publish(&manifest->staged, true, err) : status;
}

void pp_manifest_release(struct pp_manifest *manifest)
{
    pp_staged_release(&manifest->staged);
    if (manifest->lines)
        fclose(manifest->lines);
    free(manifest->places);
    pp_text_release(&manifest->line);
    *manifest = (struct pp_manifest){.staged = {.fd = -1}};
}
