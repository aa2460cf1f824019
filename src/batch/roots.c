#include "batch/roots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/stream.h"
#include "base/unnamed.h"

static enum pp_status list_error(const struct pp_batch_inputs *inputs, int errnum,
                                 struct pp_error *err)
{
    return pp_error_set(err, PP_E_READ, "%s: cannot read the list of inputs: %s",
                        inputs->files_from, strerror(errnum));
}

/* Read by lines, a list of names that end with NUL would be one name, cut off at the first. */
static enum pp_status check_separators(const struct pp_batch_inputs *inputs, const void *part,
                                       size_t size, struct pp_error *err)
{
    if (inputs->null_separated || !memchr(part, '\0', size))
        return PP_OK;
    return pp_error_set(err, PP_E_USAGE,
                        "%s: the list of inputs has NUL bytes: -0 (--null) is missing",
                        inputs->files_from);
}

static enum pp_status copy_list(struct pp_roots *roots, FILE *from, struct pp_error *err)
{
    void *buffer = NULL;
    size_t got;

    enum pp_status status = pp_memory_new(&buffer, PP_STREAM_BUFFER, 1, "list of inputs", err);
    if (status != PP_OK)
        return status;
    while (status == PP_OK && (got = fread(buffer, 1, PP_STREAM_BUFFER, from)) > 0) {
        status = check_separators(roots->inputs, buffer, got, err);
        if (status == PP_OK && fwrite(buffer, 1, got, roots->list) != got)
            break;
    }
    if (status == PP_OK && ferror(from))
        status = list_error(roots->inputs, errno, err);
    else if (status == PP_OK && (ferror(roots->list) || fflush(roots->list) != 0))
        status = pp_error_errno(err, PP_E_WRITE, errno, "cannot keep the list of inputs");
    free(buffer);
    return status;
}

enum pp_status pp_roots_init(struct pp_roots *roots, const struct pp_batch_inputs *inputs,
                             struct pp_error *err)
{
    *roots = (struct pp_roots){.inputs = inputs};
    if (!inputs->files_from)
        return PP_OK;
    bool standard = strcmp(inputs->files_from, "-") == 0;
    FILE *from = standard ? stdin : fopen(inputs->files_from, "re");
    if (!from)
        return list_error(inputs, errno, err);
    enum pp_status status = PP_OK;
    roots->list = pp_unnamed_file();
    if (!roots->list)
        status = pp_error_errno(err, PP_E_WRITE, errno, "cannot keep the list of inputs");
    if (status == PP_OK)
        status = copy_list(roots, from, err);
    if (!standard)
        fclose(from);
    return status;
}

void pp_roots_release(struct pp_roots *roots)
{
    if (roots->list)
        fclose(roots->list);
    *roots = (struct pp_roots){0};
}

static const char *next_entry(struct pp_roots *roots, struct pp_roots_at *at)
{
    int end = roots->inputs->null_separated ? '\0' : '\n';

    if (fseeko(roots->list, at->offset, SEEK_SET) != 0)
        return NULL;
    for (;;) {
        ssize_t length = getdelim(&at->entry, &at->room, end, roots->list);
        if (length <= 0)
            return NULL;
        at->offset += length;
        if (at->entry[length - 1] == end)
            at->entry[length - 1] = '\0';
        if (at->entry[0] != '\0')
            return at->entry;
    }
}

const char *pp_roots_next(struct pp_roots *roots, struct pp_roots_at *at)
{
    if (at->argument < roots->inputs->path_count)
        return roots->inputs->paths[at->argument++];
    return roots->list ? next_entry(roots, at) : NULL;
}

void pp_roots_at_release(struct pp_roots_at *at)
{
    free(at->entry);
    *at = (struct pp_roots_at){0};
}
