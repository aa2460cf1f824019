#include "codec/png_ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Of a batch, unless two rows are longer: enough that posting it costs nothing beside, little
 * enough to stay in the cache of the one who reads it. */
#define BATCH_BYTES ((size_t)256 * 1024)

/* Even, since rows are unfiltered by twos where that is quicker; 0 where waiting for one another
 * would eat up what a second thread gains. */
static uint32_t rows_of_batch(size_t row_bytes, uint32_t height, unsigned threads_max)
{
    size_t rows = BATCH_BYTES / row_bytes & ~(size_t)1;

    if (rows < 2)
        rows = 2;
    return threads_max > 1 && height / 4 >= rows ? (uint32_t)rows : 0;
}

uint64_t pp_png_ahead_memory(size_t row_bytes, uint32_t height, unsigned threads_max)
{
    uint64_t batch = row_bytes > BATCH_BYTES / 2 ? UINT64_C(2) * row_bytes : BATCH_BYTES;

    return threads_max > 1 && height >= 8 ? PP_PNG_BATCHES * batch : 0;
}

/* The job: as many rows as are asked for, or as there are before a fault. */
static void fill(void *user)
{
    struct pp_png_batch *batch = user;
    const struct pp_png_ahead *ahead = batch->ahead;
    const uint8_t *row = NULL;

    while (batch->count < batch->asked) {
        batch->status = pp_inflate_take(ahead->inflate, ahead->row_bytes, &row, &batch->error);
        if (batch->status != PP_OK)
            return;
        memcpy(batch->rows + batch->count * ahead->row_bytes, row, ahead->row_bytes);
        batch->count++;
    }
}

static struct pp_png_batch *batch_at(struct pp_png_ahead *ahead, unsigned index)
{
    return &ahead->batches[index % PP_PNG_BATCHES];
}

static enum pp_status new_batch(struct pp_png_ahead *ahead, unsigned index, struct pp_error *err)
{
    struct pp_png_batch *batch = batch_at(ahead, index);
    void *rows = NULL;

    *batch = (struct pp_png_batch){
        .ahead = ahead,
        .job = {.run = fill,
                .user = batch,
                .after = &batch_at(ahead, index + PP_PNG_BATCHES - 1)->job},
    };
    enum pp_status status =
        pp_memory_new(&rows, ahead->batch_rows, ahead->row_bytes, "rows of a PNG", err);
    batch->rows = rows;
    return status;
}

enum pp_status pp_png_ahead_init(struct pp_png_ahead *ahead, struct pp_team *team,
                                 unsigned threads_max, struct pp_inflate *inflate, size_t row_bytes,
                                 uint32_t height, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    *ahead = (struct pp_png_ahead){
        .team = team,
        .inflate = inflate,
        .row_bytes = row_bytes,
        .batch_rows = rows_of_batch(row_bytes, height, threads_max),
        .rows_left = height,
        .posted = 1,
    };
    for (unsigned i = 0; status == PP_OK && ahead->batch_rows > 0 && i < PP_PNG_BATCHES; i++)
        status = new_batch(ahead, i, err);
    return status;
}

void pp_png_ahead_release(struct pp_png_ahead *ahead)
{
    for (unsigned i = 0; i < PP_PNG_BATCHES; i++) {
        pp_team_wait(ahead->team, &ahead->batches[i].job);
        free(ahead->batches[i].rows);
    }
}

static void post(struct pp_png_ahead *ahead, struct pp_png_batch *batch)
{
    batch->asked = ahead->rows_left < ahead->batch_rows ? ahead->rows_left : ahead->batch_rows;
    batch->count = 0;
    ahead->rows_left -= batch->asked;
    if (batch->asked > 0)
        pp_team_post(ahead->team, &batch->job, PP_JOB_NEXT);
}

/* Have all batches filled but the one that is read, where there are others to do it. */
static void post_all(struct pp_png_ahead *ahead)
{
    if (ahead->batch_rows == 0 || pp_team_size(ahead->team) <= 1)
        return;
    while (ahead->posted - ahead->reading < PP_PNG_BATCHES)
        post(ahead, batch_at(ahead, ahead->posted++));
}

/* The batch at hand is used up: go on to the next, which is posted. */
static struct pp_png_batch *turn_over(struct pp_png_ahead *ahead)
{
    struct pp_png_batch *next = batch_at(ahead, ++ahead->reading);

    pp_team_wait(ahead->team, &next->job);
    ahead->place = 0;
    if (next->status == PP_OK)
        post_all(ahead);
    return next;
}

enum pp_status pp_png_ahead_take(struct pp_png_ahead *ahead, const uint8_t **row,
                                 struct pp_error *err)
{
    struct pp_png_batch *batch = batch_at(ahead, ahead->reading);

    if (ahead->place == batch->count && batch->status == PP_OK) {
        if (ahead->posted == ahead->reading + 1)
            post_all(ahead);
        if (ahead->posted == ahead->reading + 1) {
            ahead->rows_left--;
            ahead->place = batch->count = 0;
            return pp_inflate_take(ahead->inflate, ahead->row_bytes, row, err);
        }
        batch = turn_over(ahead);
    }
    if (ahead->place == batch->count)
        return pp_error_set(err, batch->status, "%s", batch->error.text);
    *row = batch->rows + ahead->place++ * ahead->row_bytes;
    return PP_OK;
}

const uint8_t *pp_png_ahead_peek(const struct pp_png_ahead *ahead)
{
    const struct pp_png_batch *batch = &ahead->batches[ahead->reading % PP_PNG_BATCHES];
    const struct pp_inflate *inflate = ahead->inflate;

    if (ahead->place < batch->count)
        return batch->rows + ahead->place * ahead->row_bytes;
    if (batch->count > 0 || inflate->write - inflate->read < ahead->row_bytes)
        return NULL;
    return inflate->window + inflate->read;
}
