#include "batch/journal_format.h"

#include <stdbool.h>
#include <string.h>

#include <zlib.h>

#define NS_PER_S 1000000000u

struct pp_journal_file pp_journal_file_of(const struct stat *stat)
{
    return (struct pp_journal_file){
        .size = (uint64_t)stat->st_size,
        .inode = stat->st_ino,
        .seconds = stat->st_mtim.tv_sec,
        .nanoseconds = (uint32_t)stat->st_mtim.tv_nsec,
    };
}

/* ---- writing ---- */

static void store(uint8_t *bytes, uint64_t number, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
}

static enum pp_status add_number(struct pp_text *bytes, uint64_t number, size_t count,
                                 struct pp_error *err)
{
    uint8_t stored[8];

    store(stored, number, count);
    return pp_text_add(bytes, stored, count, err);
}

static enum pp_status add_string(struct pp_text *bytes, const char *string, struct pp_error *err)
{
    return pp_text_add(bytes, string, strlen(string) + 1, err);
}

static enum pp_status add_file(struct pp_text *bytes, const struct pp_journal_file *file,
                               struct pp_error *err)
{
    enum pp_status status = add_number(bytes, file->size, 8, err);

    if (status == PP_OK)
        status = add_number(bytes, (uint64_t)file->seconds, 8, err);
    return status == PP_OK ? add_number(bytes, file->nanoseconds, 4, err) : status;
}

static enum pp_status add_output(struct pp_text *bytes, const struct pp_journal_record *record,
                                 struct pp_error *err)
{
    enum pp_status status = add_file(bytes, &record->in, err);

    if (status == PP_OK)
        status = add_file(bytes, &record->out, err);
    if (status == PP_OK)
        status = add_number(bytes, record->out.inode, 8, err);
    if (status == PP_OK)
        status = add_string(bytes, record->input, err);
    return status == PP_OK ? add_string(bytes, record->output, err) : status;
}

static enum pp_status add_failed(struct pp_text *bytes, const struct pp_journal_record *record,
                                 struct pp_error *err)
{
    enum pp_status status = add_number(bytes, (uint64_t)record->status, 4, err);

    return status == PP_OK ? add_string(bytes, record->input, err) : status;
}

static enum pp_status add_body(struct pp_text *bytes, const struct pp_journal_record *record,
                               struct pp_error *err)
{
    enum pp_status status = add_number(bytes, (uint64_t)record->kind, 1, err);

    if (status != PP_OK)
        return status;
    if (record->kind == PP_JOURNAL_RUN)
        return add_string(bytes, record->settings, err);
    if (record->kind == PP_JOURNAL_OUTPUT)
        return add_output(bytes, record, err);
    return add_failed(bytes, record, err);
}

static uint32_t frame_crc(const uint8_t *frame, size_t body)
{
    uLong crc = crc32(crc32(0, Z_NULL, 0), frame, 4);

    return (uint32_t)crc32(crc, frame + PP_JOURNAL_FRAME, (uInt)body);
}

static void drop(struct pp_text *bytes, size_t length)
{
    bytes->length = length;
    if (bytes->bytes)
        bytes->bytes[length] = '\0';
}

enum pp_status pp_journal_write(const struct pp_journal_record *record, struct pp_text *bytes,
                                struct pp_error *err)
{
    size_t begin = bytes->length;
    enum pp_status status = add_number(bytes, 0, PP_JOURNAL_FRAME, err);

    if (status == PP_OK)
        status = add_body(bytes, record, err);
    if (status == PP_OK && bytes->length - begin > PP_JOURNAL_FRAME_MAX)
        status = pp_error_set(err, PP_E_LIMIT, "journal: a record of %zu bytes is too long",
                              bytes->length - begin);
    if (status != PP_OK) {
        drop(bytes, begin);
        return status;
    }
    uint8_t *frame = (uint8_t *)bytes->bytes + begin;
    size_t body = bytes->length - begin - PP_JOURNAL_FRAME;
    store(frame, body, 4);
    store(frame + 4, frame_crc(frame, body), 4);
    return PP_OK;
}

/* ---- reading ---- */

/* What is left of a body. */
struct body {
    const uint8_t *at, *end;
    bool good;
};

static uint64_t load(const uint8_t *bytes, size_t count)
{
    uint64_t number = 0;

    for (size_t i = 0; i < count; i++)
        number |= (uint64_t)bytes[i] << (8 * i);
    return number;
}

static uint64_t take_number(struct body *body, size_t count)
{
    if ((size_t)(body->end - body->at) < count) {
        body->good = false;
        return 0;
    }
    body->at += count;
    return load(body->at - count, count);
}

static const char *take_string(struct body *body)
{
    const uint8_t *nul = memchr(body->at, '\0', (size_t)(body->end - body->at));
    const char *string = (const char *)body->at;

    if (!nul) {
        body->good = false;
        return NULL;
    }
    body->at = nul + 1;
    return string;
}

static struct pp_journal_file take_file(struct body *body)
{
    struct pp_journal_file file = {.size = take_number(body, 8)};

    file.seconds = (int64_t)take_number(body, 8);
    file.nanoseconds = (uint32_t)take_number(body, 4);
    if (file.nanoseconds >= NS_PER_S)
        body->good = false;
    return file;
}

static void take_output(struct body *body, struct pp_journal_record *record)
{
    record->in = take_file(body);
    record->out = take_file(body);
    record->out.inode = take_number(body, 8);
    record->input = take_string(body);
    record->output = take_string(body);
}

static void take_failed(struct body *body, struct pp_journal_record *record)
{
    uint64_t status = take_number(body, 4);

    if (status == PP_OK || status >= PP_STATUS_COUNT) {
        body->good = false;
        return;
    }
    record->status = (enum pp_status)status;
    record->input = take_string(body);
}

static bool take_body(struct body body, struct pp_journal_record *record)
{
    *record = (struct pp_journal_record){.kind = (enum pp_journal_kind)take_number(&body, 1)};
    switch (record->kind) {
    case PP_JOURNAL_RUN:
        record->settings = take_string(&body);
        break;
    case PP_JOURNAL_OUTPUT:
        take_output(&body, record);
        break;
    case PP_JOURNAL_FAILED:
        take_failed(&body, record);
        break;
    default:
        return false;
    }
    return body.good && body.at == body.end;
}

enum pp_journal_found pp_journal_parse(const void *bytes, size_t size,
                                       struct pp_journal_record *record, size_t *taken)
{
    const uint8_t *frame = bytes;

    *taken = 0;
    if (size < PP_JOURNAL_FRAME)
        return PP_JOURNAL_MORE;
    size_t body = (size_t)load(frame, 4);
    if (body == 0 || body > PP_JOURNAL_BODY_MAX)
        return PP_JOURNAL_BAD;
    if (size - PP_JOURNAL_FRAME < body)
        return PP_JOURNAL_MORE;
    if (load(frame + 4, 4) != frame_crc(frame, body) ||
        !take_body((struct body){frame + PP_JOURNAL_FRAME, frame + PP_JOURNAL_FRAME + body, true},
                   record))
        return PP_JOURNAL_BAD;
    *taken = PP_JOURNAL_FRAME + body;
    return PP_JOURNAL_RECORD;
}
