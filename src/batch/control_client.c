/* Other processes' side: find runs, ask them, tell them. */
#include "batch/control.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/client.h"

/* Nothing that leads out of the directory. */
static bool is_id(const char *run)
{
    const size_t length = strlen(run);

    return length > 0 && length < PP_BATCH_RUN_ID &&
           strspn(run, "abcdefghijklmnopqrstuvwxyz0123456789") == length;
}

static bool path_of(const char *directory, const char *run, char path[PP_ADDRESS_SIZE])
{
    return snprintf(path, PP_ADDRESS_SIZE, "%s/" PP_CONTROL_PREFIX "%s", directory, run) <
           PP_ADDRESS_SIZE;
}

static enum pp_status add(struct pp_control_list *list, const char *run, struct pp_error *err)
{
    char(*runs)[PP_BATCH_RUN_ID] = realloc(list->runs, (list->count + 1) * sizeof *runs);

    if (!runs)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "the list of runs");
    list->runs = runs;
    snprintf(runs[list->count++], sizeof *runs, "%s", run);
    return PP_OK;
}

/* Whether somebody listens; what the dead left is removed. */
static bool is_alive(const char *directory, const char *run)
{
    char path[PP_ADDRESS_SIZE];
    int fd;

    if (!path_of(directory, run, path))
        return false;
    fd = pp_address_connect(path);
    if (fd >= 0)
        close(fd);
    else if (errno == ECONNREFUSED)
        pp_address_clean(path);
    else
        return errno == EAGAIN; /* alive, and asked by many */
    return fd >= 0;
}

static enum pp_status list_directory(const char *path, struct pp_control_list *list,
                                     struct pp_error *err)
{
    const size_t prefix = strlen(PP_CONTROL_PREFIX);
    const int fd = pp_address_open_directory(path);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    enum pp_status status = PP_OK;

    if (!directory) {
        if (fd >= 0)
            close(fd);
        return PP_OK; /* missing, or not ours alone: then none of our runs is there */
    }
    for (const struct dirent *entry; status == PP_OK && (entry = readdir(directory)) != NULL;) {
        const char *run = entry->d_name + prefix;

        if (strncmp(entry->d_name, PP_CONTROL_PREFIX, prefix) == 0 && is_id(run) &&
            is_alive(path, run))
            status = add(list, run, err);
    }
    closedir(directory);
    return status;
}

static int by_id(const void *one, const void *other)
{
    return strcmp(one, other);
}

enum pp_status pp_control_list(struct pp_control_list *list, struct pp_error *err)
{
    char path[PP_ADDRESS_SIZE];
    enum pp_status status = PP_OK;

    *list = (struct pp_control_list){0};
    for (unsigned i = 0; i < PP_ADDRESS_PLACES && status == PP_OK; i++)
        if (pp_address_place(i, path))
            status = list_directory(path, list, err);
    if (status != PP_OK)
        pp_control_list_free(list);
    else if (list->count > 0)
        qsort(list->runs, list->count, sizeof *list->runs, by_id);
    return status;
}

void pp_control_list_free(struct pp_control_list *list)
{
    free(list->runs);
    *list = (struct pp_control_list){0};
}

/* Connect in whichever place it is. */
static enum pp_status reach(const char *run, double seconds, struct pp_client **client,
                            struct pp_error *err)
{
    char directory[PP_ADDRESS_SIZE], path[PP_ADDRESS_SIZE];

    if (!is_id(run))
        return pp_error_set(err, PP_E_USAGE, "\"%s\" is no run's id", run);
    for (unsigned i = 0; i < PP_ADDRESS_PLACES; i++) {
        struct pp_error why = {0};
        enum pp_status status;
        int fd;

        if (!pp_address_place(i, directory) || !path_of(directory, run, path))
            continue;
        fd = pp_address_open_directory(directory);
        if (fd < 0)
            continue;
        close(fd);
        status = pp_client_connect(path, PP_CONTROL_SERVICE, seconds, client, &why);
        if (status == PP_OK)
            return PP_OK;
        if (status != PP_E_CLOSED)
            return pp_error_set(err, status, "run %s: %s", run, why.text);
        if (access(path, F_OK) == 0)
            pp_address_clean(path);
    }
    return pp_error_set(err, PP_E_CLOSED, "no run %s is going on", run);
}

/* One request and its answer; *unpack is at what follows the status. */
static enum pp_status converse(struct pp_client *client, const char *run, struct pp_pack *request,
                               double seconds, struct pp_unpack *unpack, struct pp_error *err)
{
    struct pp_error why = {0};
    struct pp_reply reply;
    struct pp_bytes text;
    enum pp_status status = PP_E_NO_MEMORY;

    if (!request->failed)
        status = pp_client_call(client, request->bytes, request->size, seconds, &reply, &why);
    if (status != PP_OK)
        return pp_error_set(err, status, "run %s: %s", run,
                            request->failed ? "no memory" : why.text);
    *unpack = (struct pp_unpack){reply.bytes, reply.size, false};
    status = (enum pp_status)pp_unpack_u8(unpack);
    if (unpack->failed || status >= PP_STATUS_COUNT)
        return pp_error_set(err, PP_E_CORRUPT, "run %s: its answer makes no sense", run);
    if (status == PP_OK)
        return PP_OK;
    text = pp_unpack_bytes(unpack);
    return pp_error_set(err, status, "run %s: %.*s", run, (int)text.size,
                        text.data ? (const char *)text.data : "");
}

/* Say a word to a run. Unless `status` is NULL, *status is made of the answer. */
static enum pp_status say(const char *run, uint8_t word, uint32_t jobs, double seconds,
                          struct pp_control_status **status, struct pp_error *err)
{
    struct pp_client *client = NULL;
    struct pp_pack request = {0};
    struct pp_unpack unpack;
    enum pp_status result = reach(run, seconds, &client, err);

    if (result != PP_OK)
        return result;
    pp_pack_u8(&request, word);
    pp_pack_u32(&request, jobs);
    result = converse(client, run, &request, seconds, &unpack, err);
    if (result == PP_OK && status) {
        *status = pp_control_unpack(&unpack);
        if (!*status)
            result = pp_error_set(err, PP_E_CORRUPT, "run %s: its answer makes no sense", run);
    }
    pp_pack_release(&request);
    pp_client_free(client);
    return result;
}

enum pp_status pp_control_ask(const char *run, double seconds, struct pp_control_status **status,
                              struct pp_error *err)
{
    *status = NULL;
    return say(run, PP_CONTROL_ASK, 0, seconds, status, err);
}

enum pp_status pp_control_tell(const char *run, enum pp_control_word word, unsigned jobs,
                               double seconds, struct pp_error *err)
{
    return say(run, (uint8_t)word, jobs, seconds, NULL, err);
}
