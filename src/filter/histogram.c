#include "filter/histogram.h"

#include <stdlib.h>

#include "base/memory.h"
#include "filter/samples.h"

#define PLACES 4

enum pp_status pp_histogram_init(struct pp_histogram *histogram, unsigned tables, unsigned depth,
                                 struct pp_error *err)
{
    void *counts = NULL;
    size_t bins = pp_sample_max(depth) + (size_t)1, places = depth == 8 ? PLACES : 1;
    enum pp_status status =
        pp_memory_new(&counts, bins * places * tables, sizeof(uint64_t), "histogram", err);

    *histogram = (struct pp_histogram){counts, bins, places, depth};
    if (counts)
        memset(counts, 0, bins * places * tables * sizeof(uint64_t));
    return status;
}

void pp_histogram_release(struct pp_histogram *histogram)
{
    free(histogram->counts);
    *histogram = (struct pp_histogram){0};
}

static void add_bytes(uint64_t *restrict counts, const uint8_t *restrict in, size_t step,
                      size_t count)
{
    uint64_t *a = counts, *b = a + 256, *c = b + 256, *d = c + 256;
    size_t i = 0;

    for (; i + PLACES <= count; i += PLACES, in += PLACES * step) {
        a[in[0]]++;
        b[in[step]]++;
        c[in[2 * step]]++;
        d[in[3 * step]]++;
    }
    for (; i < count; i++, in += step)
        a[in[0]]++;
}

void pp_histogram_add(struct pp_histogram *histogram, unsigned which,
                      const struct pp_histogram_run *run)
{
    uint64_t *counts = histogram->counts + which * histogram->bins * histogram->places;

    if (histogram->depth == 8) {
        add_bytes(counts, run->row + run->first, run->step, run->count);
        return;
    }
    for (size_t i = 0; i < run->count; i++)
        counts[pp_sample(run->row, run->first + i * run->step, 16)]++;
}

uint64_t *pp_histogram_sum(struct pp_histogram *histogram, unsigned which)
{
    uint64_t *counts = histogram->counts + which * histogram->bins * histogram->places;

    for (size_t place = 1; place < histogram->places; place++)
        for (size_t i = 0; i < histogram->bins; i++)
            counts[i] += counts[place * histogram->bins + i];
    return counts;
}
