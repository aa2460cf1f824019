#include "pool/ring.h"

#include <libdeflate.h>
#include <string.h>

static uint32_t record_crc(const struct pp_record *record)
{
    const size_t from = offsetof(struct pp_record, payload_size);
    const size_t to = offsetof(struct pp_record, payload) + record->payload_size;

    return libdeflate_crc32(0, (const uint8_t *)record + from, to - from);
}

/*
 * Store the tail, then load the number of records that may pass in silence; the reader stores that,
 * which is the head or more, then loads the tail once more (both sequentially consistent). So of a
 * record published while the reader finishes, either the reader sees the new tail or the writer
 * sees that all before it was taken and wakes the reader.
 */
bool pp_ring_push(struct pp_ring_writer *writer, const struct pp_record *head, const void *payload)
{
    struct pp_record *record = &writer->results->ring[writer->tail % writer->orders->records];

    memcpy(record, head, offsetof(struct pp_record, payload));
    memset(record->unused, 0, sizeof record->unused);
    if (head->payload_size > 0)
        memcpy(record->payload, payload, head->payload_size);
    record->crc = record_crc(record);
    writer->tail++;
    atomic_store(&writer->results->tail, writer->tail);
    return atomic_load(&writer->orders->quiet) == writer->tail - 1;
}

static bool record_is_right(const struct pp_record *record, const struct pp_ring_reader *reader,
                            const struct pp_ring_expected *expected)
{
    return record->payload_size <= PP_RESULT_MAX && record->id == expected->id &&
           record->attempt == expected->attempt && record->incarnation == reader->incarnation &&
           (record->kind == PP_RECORD_DONE || record->kind == PP_RECORD_SKIPPED) &&
           record->with_fd <= 1 && record->crc == record_crc(record);
}

static void be_quiet_until(struct pp_ring_reader *reader, uint64_t quiet)
{
    reader->quiet = quiet;
    atomic_store(&reader->cell->orders->quiet, quiet);
}

void pp_ring_hush(struct pp_ring_reader *reader, uint64_t records)
{
    if (reader->head + records > reader->quiet)
        be_quiet_until(reader, reader->head + records);
}

void pp_ring_listen(struct pp_ring_reader *reader)
{
    if (reader->quiet != reader->head)
        be_quiet_until(reader, reader->head);
}

enum pp_ring_state pp_ring_take(struct pp_ring_reader *reader,
                                const struct pp_ring_expected *expected, struct pp_record *record)
{
    const struct pp_cell *cell = reader->cell;
    const struct pp_record *shared = &cell->results->ring[reader->head % cell->records];
    const uint64_t published = atomic_load(&cell->results->tail) - reader->head;
    uint32_t size;

    if (!pp_cell_intact(cell) || published > expected->outstanding)
        return PP_RING_BROKEN;
    if (published == 0)
        return PP_RING_EMPTY;
    memcpy(record, shared, offsetof(struct pp_record, payload));
    size = record->payload_size <= PP_RESULT_MAX ? record->payload_size : 0;
    memcpy(record->payload, shared->payload, size);
    if (!record_is_right(record, reader, expected))
        return PP_RING_BROKEN;
    reader->head++;
    be_quiet_until(reader, reader->head);
    return PP_RING_TAKEN;
}
