/*
 * A slot holds, from the top, a bit that its line was asked for, 23 upper bits of the path's hash,
 * and, plus one, the place of its line in the file. The hash's remainder chooses the slot;
 * collisions go to the next free one. Four of five slots are in use.
 */
#include "batch/drift.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/unnamed.h"
#include "batch/manifest_line.h"

#define SEEN       (UINT64_C(1) << 63)
#define PLACE_BITS 40
#define PLACE_MASK ((UINT64_C(1) << PLACE_BITS) - 1)
#define TAG_MASK   (~SEEN & ~PLACE_MASK)

/* ---- lines --------------------------------------------------------------------------------- */

/* The next line without its newline; false at the end. */
static bool next_line(FILE *file, struct pp_text *line)
{
    ssize_t length = getline(&line->bytes, &line->room, file);

    if (length <= 0)
        return false;
    line->length = (size_t)length;
    if (line->bytes[line->length - 1] == '\n')
        line->bytes[--line->length] = '\0';
    return true;
}

/* Copy the file, so that it can be gone through again. */
static enum pp_status copy(struct pp_drift *drift, FILE *from, struct pp_error *err)
{
    char buffer[16384];
    size_t got;

    drift->lines = pp_unnamed_file();
    if (!drift->lines)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot keep the manifest");
    while ((got = fread(buffer, 1, sizeof buffer, from)) > 0)
        if (fwrite(buffer, 1, got, drift->lines) != got)
            return pp_error_errno(err, PP_E_WRITE, errno, "cannot keep the manifest");
    if (ferror(from))
        return pp_error_errno(err, PP_E_READ, errno, "cannot read the manifest");
    if (fflush(drift->lines) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot keep the manifest");
    rewind(drift->lines);
    return PP_OK;
}

static enum pp_status check_title(struct pp_drift *drift, const char *title, struct pp_error *err)
{
    const size_t mark = sizeof PP_MANIFEST_MARK - 1;

    if (!next_line(drift->lines, &drift->line) || strlen(drift->line.bytes) != drift->line.length ||
        strncmp(drift->line.bytes, PP_MANIFEST_MARK, mark) != 0)
        return pp_error_set(err, PP_E_USAGE, "not a manifest that pixpool has written");
    if (strcmp(drift->line.bytes, title) != 0)
        return pp_error_set(err, PP_E_USAGE, "a manifest of other filters or options: %.100s",
                            drift->line.bytes + mark);
    return PP_OK;
}

/* ---- the table ----------------------------------------------------------------------------- */

/* The line at a slot's place, taken apart. */
static bool read_line(struct pp_drift *drift, uint64_t slot, const char **path,
                      struct pp_digest *digest)
{
    return fseeko(drift->lines, (off_t)((slot & PLACE_MASK) - 1), SEEK_SET) == 0 &&
           next_line(drift->lines, &drift->line) &&
           pp_manifest_parse_line(drift->line.bytes, path, digest);
}

/* The slot of the line for `path`, filling *digest from it, or the empty one where it belongs. */
static size_t find(struct pp_drift *drift, const char *path, struct pp_digest *digest)
{
    uint64_t hash = pp_hash_name(path);
    size_t at = hash % drift->size;
    const char *listed;

    for (; drift->slots[at] != 0; at = (at + 1) % drift->size)
        if (((drift->slots[at] ^ hash) & TAG_MASK) == 0 &&
            read_line(drift, drift->slots[at], &listed, digest) && strcmp(listed, path) == 0)
            break;
    return at;
}

/* Go through all lines and have each in the table. */
static enum pp_status add_lines(struct pp_drift *drift, struct pp_error *err)
{
    struct pp_digest digest;
    const char *path;

    for (uint64_t i = 0; i < drift->count; i++) {
        const off_t place = ftello(drift->lines);
        if (place < 0 || !next_line(drift->lines, &drift->line) ||
            !pp_manifest_parse_line(drift->line.bytes, &path, &digest))
            return pp_error_set(err, PP_E_READ, "cannot read the manifest");
        const off_t next = ftello(drift->lines);
        char *name = strdup(path);
        if (!name)
            return pp_error_set(err, PP_E_NO_MEMORY, "manifest: no memory");
        const uint64_t tag = pp_hash_name(name) & TAG_MASK;
        size_t at = find(drift, name, &digest);
        free(name);
        if (drift->slots[at] != 0)
            return pp_error_set(err, PP_E_USAGE, "line %" PRIu64 " lists a file a second time",
                                i + 2);
        drift->slots[at] = tag | ((uint64_t)place + 1);
        if (next < 0 || fseeko(drift->lines, next, SEEK_SET) != 0)
            return pp_error_set(err, PP_E_READ, "cannot read the manifest");
    }
    return PP_OK;
}

/* All lines must be sound; how many there are gives the table its size. */
static enum pp_status check_lines(struct pp_drift *drift, struct pp_error *err)
{
    struct pp_digest digest;
    const char *path;

    while (next_line(drift->lines, &drift->line)) {
        drift->count++;
        if (strlen(drift->line.bytes) != drift->line.length ||
            !pp_manifest_parse_line(drift->line.bytes, &path, &digest))
            return pp_error_set(err, PP_E_USAGE, "line %" PRIu64 " is none of a manifest",
                                drift->count + 1);
    }
    return PP_OK;
}

static enum pp_status index_lines(struct pp_drift *drift, struct pp_error *err)
{
    const off_t first = ftello(drift->lines);

    enum pp_status status = check_lines(drift, err);
    if (status != PP_OK)
        return status;
    if (first < 0 || fseeko(drift->lines, first, SEEK_SET) != 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot read the manifest");
    drift->size = (size_t)(drift->count + drift->count / 4 + 1);
    drift->slots = calloc(drift->size, sizeof *drift->slots);
    if (!drift->slots)
        return pp_error_set(err, PP_E_NO_MEMORY, "manifest: no memory");
    return add_lines(drift, err);
}

enum pp_status pp_drift_open(struct pp_drift *drift, const char *path, const char *title,
                             struct pp_error *err)
{
    *drift = (struct pp_drift){0};
    FILE *file = fopen(path, "re");
    if (!file)
        return pp_error_errno(err, PP_E_READ, errno, "cannot open the manifest");
    enum pp_status status = copy(drift, file, err);
    fclose(file);
    if (status == PP_OK)
        status = check_title(drift, title, err);
    return status == PP_OK ? index_lines(drift, err) : status;
}

/* ---- comparing ----------------------------------------------------------------------------- */

const char *pp_drift_of(struct pp_drift *drift, const char *path, const struct pp_digest *digest)
{
    struct pp_digest listed;
    size_t at = find(drift, path, &listed);

    if (drift->slots[at] == 0)
        return "not in the manifest";
    drift->slots[at] |= SEEN;
    drift->seen++;
    if (memcmp(listed.pixels, digest->pixels, sizeof listed.pixels) != 0)
        return "pixels differ from the manifest";
    if (memcmp(listed.bytes, digest->bytes, sizeof listed.bytes) != 0)
        return "bytes differ from the manifest, pixels are the same";
    return NULL;
}

/* Whether the line at `place`, whose path is in drift->line, was asked for. */
static bool was_seen(const struct pp_drift *drift, const char *path, uint64_t place)
{
    size_t at = pp_hash_name(path) % drift->size;

    while (drift->slots[at] != 0 && (drift->slots[at] & PLACE_MASK) != place + 1)
        at = (at + 1) % drift->size;
    return (drift->slots[at] & SEEN) != 0;
}

enum pp_status pp_drift_missing(struct pp_drift *drift,
                                void (*missing)(void *user, const char *path), void *user,
                                struct pp_error *err)
{
    struct pp_digest digest;
    const char *path;

    if (drift->seen == drift->count)
        return PP_OK;
    rewind(drift->lines);
    bool whole = next_line(drift->lines, &drift->line);
    for (uint64_t i = 0; whole && i < drift->count; i++) {
        const off_t place = ftello(drift->lines);
        whole = place >= 0 && next_line(drift->lines, &drift->line) &&
                pp_manifest_parse_line(drift->line.bytes, &path, &digest);
        if (whole && !was_seen(drift, path, (uint64_t)place))
            missing(user, path);
    }
    return whole ? PP_OK : pp_error_set(err, PP_E_READ, "cannot read the manifest");
}

void pp_drift_release(struct pp_drift *drift)
{
    if (drift->lines)
        fclose(drift->lines);
    free(drift->slots);
    pp_text_release(&drift->line);
    *drift = (struct pp_drift){0};
}
