/*
 * Where a picture is reduced, columns come first: each output row is a weighted sum of input rows,
 * whose loop does not care where pixels begin and holds most of the work, and no input row is
 * worked on for a band and again for its neighbour. The one row of sums is then resampled along
 * itself, RGB plane by plane. Where it is enlarged the rows may be resampled first and be kept for
 * as long as output rows depend on them.
 */
#include <string.h>

#include "base/memory.h"
#include "filter/rescale.h"

#define FRACTION 6 /* of a row of results: sums may go twice beyond the range at either end */

/* Scratch memory; planes are as many samples apart as is said, in bytes a multiple of 64. */
struct work {
    const void **rows;  /* one a tap */
    int16_t *mixed;     /* an input row or a sum of such, as it lies in memory */
    int16_t *planes;    /* the same by channel, each with room for a line's weights behind it */
    int16_t *resampled; /* an output row by channel */
    int16_t *kept;      /* across first: `down.taps` rows resampled, row y at y modulo that */
    size_t plane_in, plane_out, bytes;
};

static void *take(uint8_t *scratch, size_t *used, size_t bytes)
{
    void *at = scratch ? scratch + *used : NULL;

    *used += pp_size_aligned(bytes);
    return at;
}

/* `scratch` may be NULL, when it is only the size that matters. */
static struct work lay_out(const struct pp_rescale *rescale, void *scratch)
{
    const size_t channels = rescale->in.channels, sample = sizeof(int16_t);
    struct work work = {.bytes = 0};

    work.plane_in =
        pp_size_aligned((rescale->in.width + (size_t)rescale->across_fixed.taps) * sample) / sample;
    work.plane_out = pp_size_aligned(rescale->out.width * sample) / sample;
    work.rows = take(scratch, &work.bytes, rescale->down_fixed.taps * sizeof *work.rows);
    work.mixed = take(scratch, &work.bytes, work.plane_in * channels * sample);
    work.planes = work.mixed;
    if (channels == 3)
        work.planes = take(scratch, &work.bytes, work.plane_in * channels * sample);
    work.resampled = take(scratch, &work.bytes, work.plane_out * channels * sample);
    if (rescale->across_first)
        work.kept =
            take(scratch, &work.bytes, work.plane_out * channels * sample * rescale->down.taps);
    return work;
}

size_t pp_rescale_fixed_scratch(const struct pp_rescale *rescale)
{
    return lay_out(rescale, NULL).bytes;
}

/* An even number of taps: the last one twice, of which once with weight 0. */
static uint32_t even_taps(const struct pp_rescale *rescale, uint32_t y, const void **rows)
{
    uint32_t count = rescale->down.count[y];

    if (count % 2 == 1)
        rows[count] = rows[count - 1];
    return count + count % 2;
}

/* The row in work->mixed to `out`, which has planes, too. */
static void resample(const struct pp_rescale *rescale, const struct work *work, unsigned from,
                     unsigned to, int16_t *out)
{
    const struct pp_fixed_kernels *kernels = pp_fixed_kernels();
    const struct pp_fixed_walk walk = {rescale->across.first,
                                       pp_fixed_between(&rescale->across_fixed, 0, from, to)};
    const size_t channels = rescale->in.channels, width = rescale->in.width;

    if (channels == 3)
        pp_fixed_split(work->planes, work->plane_in, work->mixed, width);
    for (size_t c = 0; c < channels; c++) {
        int16_t *plane = work->planes + c * work->plane_in;
        memset(plane + width, 0, (work->plane_in - width) * sizeof *plane);
        kernels->along(out + c * work->plane_out, plane, &walk, rescale->out.width);
    }
}

static void store(const struct pp_rescale *rescale, const struct work *work, uint8_t *out)
{
    if (rescale->in.channels == 3)
        pp_fixed_merge(out, work->resampled, work->plane_out, rescale->out.width, FRACTION);
    else
        pp_fixed_store(out, work->resampled, rescale->out.width, FRACTION);
}

static void columns_first(const struct pp_rescale *rescale, const struct work *work,
                          const struct pp_band *in, const struct pp_band *out)
{
    const struct pp_fixed_kernels *kernels = pp_fixed_kernels();
    const size_t samples = (size_t)rescale->in.width * rescale->in.channels;

    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        struct pp_fixed_sum sum = pp_fixed_from_bytes(&rescale->down_fixed, y, rescale->fraction);

        for (uint32_t k = 0; k < rescale->down.count[y]; k++)
            work->rows[k] = pp_band_row(in, rescale->down.first[y] + k);
        sum.count = even_taps(rescale, y, work->rows);
        kernels->bytes(work->mixed, (const uint8_t *const *)work->rows, &sum, samples);
        resample(rescale, work, rescale->fraction, FRACTION, work->resampled);
        store(rescale, work, pp_band_row(out, y));
    }
}

static void across_first(const struct pp_rescale *rescale, const struct work *work,
                         const struct pp_band *in, const struct pp_band *out)
{
    const struct pp_fixed_kernels *kernels = pp_fixed_kernels();
    const size_t channels = rescale->in.channels, row = work->plane_out * channels;
    uint32_t next = 0; /* the first row not yet resampled */

    memset(work->kept, 0, row * rescale->down.taps * sizeof *work->kept);
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        struct pp_fixed_sum sum =
            pp_fixed_between(&rescale->down_fixed, y, rescale->fraction, FRACTION);
        uint32_t first = rescale->down.first[y], last = first + rescale->down.count[y];

        for (next = next > first ? next : first; next < last; next++) {
            pp_fixed_load(work->mixed, pp_band_row(in, next), rescale->in.width * channels,
                          rescale->fraction);
            resample(rescale, work, rescale->fraction, rescale->fraction,
                     work->kept + next % rescale->down.taps * row);
        }
        for (uint32_t k = 0; first + k < last; k++)
            work->rows[k] = work->kept + (first + k) % rescale->down.taps * row;
        sum.count = even_taps(rescale, y, work->rows);
        kernels->samples(work->resampled, (const int16_t *const *)work->rows, &sum, row);
        store(rescale, work, pp_band_row(out, y));
    }
}

void pp_rescale_fixed_rows(const struct pp_rescale *rescale, const struct pp_band *in,
                           const struct pp_band *out, void *scratch)
{
    const struct work work = lay_out(rescale, scratch);

    if (rescale->across_first)
        across_first(rescale, &work, in, out);
    else
        columns_first(rescale, &work, in, out);
}
