#include "batch/cost.h"

/* Opening, naming and two system calls' worth of waking up. */
#define FILE_NS 100e3
/* What the rates start from: bytes of JPEG are dense, bytes of PNG take longer to make again. */
static const double first_rate[PP_COST_FORMATS] = {30, 25, 60};
/* A seen byte counts half when this many more were seen. */
#define MEMORY_BYTES 64e6
/* The first guess counts as much as this many bytes. */
#define GUESS_BYTES 1e6

static double rate(const struct pp_cost *cost, unsigned format)
{
    const struct pp_cost_format *f = &cost->formats[format];

    return (f->seen_ns + GUESS_BYTES * first_rate[format]) / (f->seen_bytes + GUESS_BYTES);
}

void pp_cost_found(struct pp_cost *cost, enum pp_format format, uint64_t bytes)
{
    cost->formats[format].files_found++;
    cost->formats[format].bytes_found += bytes;
}

void pp_cost_done(struct pp_cost *cost, enum pp_format format, uint64_t bytes)
{
    cost->formats[format].files_done++;
    cost->formats[format].bytes_done += bytes;
}

void pp_cost_learn(struct pp_cost *cost, enum pp_format format, uint64_t bytes, uint64_t ns)
{
    struct pp_cost_format *f = &cost->formats[format];

    f->seen_bytes += (double)bytes;
    f->seen_ns += (double)ns;
    if (f->seen_bytes > MEMORY_BYTES) {
        f->seen_bytes /= 2;
        f->seen_ns /= 2;
    }
}

double pp_cost_predict(const struct pp_cost *cost, enum pp_format format, uint64_t bytes)
{
    return FILE_NS + (double)bytes * rate(cost, format);
}

double pp_cost_total(const struct pp_cost *cost)
{
    double sum = 0;

    for (unsigned i = 0; i < PP_COST_FORMATS; i++)
        sum += (double)cost->formats[i].files_found * FILE_NS +
               (double)cost->formats[i].bytes_found * rate(cost, i);
    return sum;
}

double pp_cost_finished(const struct pp_cost *cost)
{
    double sum = 0;

    for (unsigned i = 0; i < PP_COST_FORMATS; i++)
        sum += (double)cost->formats[i].files_done * FILE_NS +
               (double)cost->formats[i].bytes_done * rate(cost, i);
    return sum;
}
