/*
 * The reader of journals. Frames of any bytes, and frames with a right checksum around a body of
 * any bytes: what is taken for a record lies within them whole and is written back as it was; a
 * journal cut anywhere tells of fewer records, never of others; and one that was read can be added
 * to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "batch/journal.h"
#include "fuzz.h"

#define FILE_MAX 16384

static const char *const texts[] = {
    "\x01\x05Rgray",
    "\x01\x0eRresize=50%,sharpen\x01\x0e"
    "F\x07zzz/in/a.jpg",
    NULL,
};
const struct fuzz_seeds fuzz_seeds = {.texts = texts, .noise = 600};

struct bytes {
    uint8_t at[FILE_MAX];
    size_t size;
};

static void put_number(uint8_t *to, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> (8 * i));
}

/* Now and then a body of the right shape, or else nearly none would be a record. */
static size_t shape_body(uint8_t *body, size_t size, uint32_t how)
{
    static const uint8_t kinds[] = {PP_JOURNAL_RUN, PP_JOURNAL_OUTPUT, PP_JOURNAL_FAILED};

    if (size < 2 || how % 4 == 0)
        return size;
    body[0] = kinds[how % 3];
    body[size - 1] = 0;
    if (body[0] == PP_JOURNAL_FAILED && size > 6)
        put_number(body + 1, 1 + body[1] % (PP_STATUS_COUNT - 1));
    if (body[0] == PP_JOURNAL_OUTPUT && size > 50) {
        put_number(body + 17, body[17]);
        put_number(body + 37, body[37]);
        body[size / 2 > 48 ? size / 2 : 49] = 0;
    }
    return size;
}

/* The rest of the input, in frames whose checksums are right. */
static void add_frames(struct bytes *file, struct fuzz_input *input)
{
    while (input->left > 0) {
        const uint32_t how = fuzz_byte(input);
        const size_t size = fuzz_byte(input);
        uint8_t *frame = file->at + file->size;

        if (file->size + PP_JOURNAL_FRAME + size > sizeof file->at)
            return;
        size_t body = fuzz_bytes(input, frame + PP_JOURNAL_FRAME, size);
        body = shape_body(frame + PP_JOURNAL_FRAME, body, how);
        put_number(frame, (uint32_t)body);
        uLong crc = crc32(crc32(0, Z_NULL, 0), frame, 4);
        put_number(frame + 4, (uint32_t)crc32(crc, frame + PP_JOURNAL_FRAME, (uInt)body));
        file->size += PP_JOURNAL_FRAME + body;
    }
}

static void check_string(const char *string, const uint8_t *from, size_t size, bool expected)
{
    fuzz_ensure((string != NULL) == expected, "a string of another kind of record");
    if (!string)
        return;
    const uint8_t *at = (const uint8_t *)string;
    fuzz_ensure(at > from && at < from + size && memchr(at, 0, (size_t)(from + size - at)),
                "a string that is not within its record");
}

static void check_record(const struct pp_journal_record *record, const uint8_t *from, size_t taken)
{
    struct pp_text again = {0};

    check_string(record->settings, from, taken, record->kind == PP_JOURNAL_RUN);
    check_string(record->input, from, taken, record->kind != PP_JOURNAL_RUN);
    check_string(record->output, from, taken, record->kind == PP_JOURNAL_OUTPUT);
    fuzz_ensure(pp_journal_write(record, &again, NULL) == PP_OK, "a record that cannot be written");
    fuzz_ensure(again.length == taken && memcmp(again.bytes, from, taken) == 0,
                "a record that is written otherwise than it was read");
    pp_text_release(&again);
}

/* How many records there are. The bytes end where they end, so that a sanitizer sees what reads
 * beyond. */
static size_t parse_all(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    struct pp_journal_record record;
    size_t count = 0, at = 0, taken;

    fuzz_ensure(copy != NULL, "no memory");
    memcpy(copy, bytes, size);
    uint8_t *end = realloc(copy, size > 0 ? size : 1);
    fuzz_ensure(end != NULL, "no memory");
    while (pp_journal_parse(end + at, size - at, &record, &taken) == PP_JOURNAL_RECORD) {
        fuzz_ensure(taken > PP_JOURNAL_FRAME && taken <= size - at, "a frame beyond the end");
        check_record(&record, end + at, taken);
        at += taken;
        count++;
    }
    free(end);
    return count;
}

static size_t read_file(const char *path, size_t *size)
{
    struct pp_journal_record record = {.kind = PP_JOURNAL_RUN, .settings = "gray"};
    struct pp_journal journal;
    struct stat stat;
    size_t count = 0;
    bool any = true;

    if (pp_journal_open(&journal, path, PP_JOURNAL_GO_ON, NULL) != PP_OK)
        return SIZE_MAX;
    while (any) {
        struct pp_journal_record found;
        fuzz_ensure(pp_journal_next(&journal, &found, &any, NULL) == PP_OK, "a file unread");
        count += any;
    }
    fuzz_ensure(fstat(journal.fd, &stat) == 0 && (uint64_t)stat.st_size == journal.size,
                "what is no record is not cut off");
    *size = (size_t)stat.st_size;
    fuzz_ensure(pp_journal_add(&journal, &record, NULL) == PP_OK &&
                    pp_journal_flush(&journal, false, NULL) == PP_OK,
                "it cannot be added to");
    pp_journal_close(&journal);
    return count;
}

static void check_file(const struct bytes *file)
{
    const int fd = memfd_create("journal", MFD_CLOEXEC);
    size_t first, second, size, grown;
    char path[64];

    fuzz_ensure(fd >= 0 && write(fd, file->at, file->size) == (ssize_t)file->size, "no memory");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    first = read_file(path, &size);
    if (first != SIZE_MAX) {
        second = read_file(path, &grown);
        fuzz_ensure(second == first + 1 && grown > size, "what was added is not there");
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes *file = calloc(1, sizeof *file);
    struct fuzz_input input = {data, size};
    const uint32_t how = fuzz_byte(&input);

    fuzz_ensure(file != NULL, "no memory");
    if ((how & 2) && how != 2) {
        memcpy(file->at, PP_JOURNAL_MAGIC, PP_JOURNAL_MAGIC_SIZE);
        file->size = PP_JOURNAL_MAGIC_SIZE;
    }
    const size_t head = file->size;
    if (how & 1)
        add_frames(file, &input);
    else
        file->size += fuzz_bytes(&input, file->at + head, sizeof file->at - head);
    const size_t count = parse_all(file->at + head, file->size - head);
    const size_t cut = file->size - head > 0 ? (how / 4 * 41) % (file->size - head) : 0;
    fuzz_ensure(parse_all(file->at + head, cut) <= count, "less of it tells of more");
    if (how & 2)
        check_file(file);
    free(file);
    return 0;
}
