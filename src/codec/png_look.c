#include "codec/png_look.h"

#include <string.h>

#include "base/hot.h"
#include "base/log2.h"
#include "codec/png_block.h"
#include "codec/png_match.h"

/* ---- is it flat ----------------------------------------------------------------------------- */

/* Bytes looked at, in each part of so many. */
#define SAMPLE_BYTES 128u
#define SAMPLE_EVERY 1024u

/* Of 255 bytes at most; there is one before them. */
PP_HOT static size_t count_flat(const uint8_t *data, size_t size)
{
    const uint8_t *before = data - 1;
    uint8_t count = 0;

    for (size_t i = 0; i < size; i++)
        count = (uint8_t)(count + ((data[i] == 0) | (data[i] == before[i])));
    return count;
}

unsigned pp_png_flatness(const uint8_t *data, size_t size)
{
    size_t flat = 0, seen = 0;

    for (size_t at = 1; at < size; at += SAMPLE_EVERY) {
        size_t part = size - at < SAMPLE_BYTES ? size - at : SAMPLE_BYTES;
        flat += count_flat(data + at, part);
        seen += part;
    }
    return seen > 0 ? (unsigned)(1000 * flat / seen) : 0;
}

/* ---- does it repeat ------------------------------------------------------------------------- */

/* Strings shorter than a word save little, and are not looked up. */
#define HEAD_BITS 12
/* The shortest match near by. */
#define NEAR_LEAST 5u
/* What matches take, in bits, a far one besides those of its distance. */
#define NEAR_BITS 8u
#define FAR_BITS  10u

/* The middle of the data, as far as matches reach. */
struct sample {
    const uint8_t *data;
    size_t before, size;            /* bytes that lie before it, its own */
    uint32_t cost[256];             /* of each value by itself, as pp_log2_fixed() counts bits */
    uint64_t total, saved;          /* likewise */
    uint16_t heads[1 << HEAD_BITS]; /* by hash, the last place plus 1 */
};

/* A code has one bit or more. */
static void find_costs(struct sample *sample)
{
    uint32_t counts[256] = {0};
    uint64_t all = pp_log2_fixed(sample->size);

    for (size_t i = 0; i < sample->size; i++)
        counts[sample->data[i]]++;
    for (unsigned v = 0; v < 256; v++) {
        uint64_t cost = counts[v] > 0 ? all - pp_log2_fixed(counts[v]) : 0;
        sample->cost[v] = cost < PP_LOG2_ONE ? PP_LOG2_ONE : (uint32_t)cost;
    }
}

static size_t equal_bytes(const struct sample *sample, size_t at, size_t distance)
{
    size_t left = sample->size - at;
    const uint8_t *here = sample->data + at;

    return pp_png_equal_bytes(here, here - distance,
                              left < PP_PNG_MATCH_MAX ? (unsigned)left : PP_PNG_MATCH_MAX);
}

static size_t near_match(const struct sample *sample, size_t at, size_t distance)
{
    if (distance > sample->before + at || distance > PP_PNG_WINDOW)
        return 0;
    size_t length = equal_bytes(sample, at, distance);
    return length >= NEAR_LEAST ? length : 0;
}

/* The length of a match with the last place that had the same hash, if it saves bits. */
static size_t far_match(struct sample *sample, size_t at, size_t before)
{
    size_t length = equal_bytes(sample, at, at - before);
    uint64_t alone = 0;

    if (length < PP_PNG_WORD)
        return 0;
    for (size_t i = 0; i < length; i++)
        alone += sample->cost[sample->data[at + i]];
    uint64_t cost = (uint64_t)(FAR_BITS + pp_log2_floor(at - before)) * PP_LOG2_ONE;
    if (alone <= cost)
        return 0;
    sample->saved += alone - cost;
    sample->total += alone;
    return length;
}

/* One step; returns how many bytes it took. */
static size_t step(struct sample *sample, size_t at, size_t row_bytes)
{
    uint64_t product = pp_png_load_64(sample->data + at) * UINT64_C(0x9E3779B97F4A7C15);
    uint16_t *head = &sample->heads[product >> (64 - HEAD_BITS)];
    size_t before = *head, alike = near_match(sample, at, 1);
    size_t above = near_match(sample, at, row_bytes);

    *head = (uint16_t)(at + 1);
    alike = above > alike ? above : alike;
    if (alike > 0) {
        sample->total += (uint64_t)NEAR_BITS * PP_LOG2_ONE;
        return alike;
    }
    size_t length = before > 0 ? far_match(sample, at, before - 1) : 0;
    if (length > 0)
        return length;
    sample->total += sample->cost[sample->data[at]];
    return 1;
}

unsigned pp_png_repeats(const uint8_t *data, size_t size, size_t row_bytes)
{
    size_t count = size < PP_PNG_WINDOW ? size : PP_PNG_WINDOW, before = (size - count) / 2;
    struct sample sample = {.data = data + before, .before = before, .size = count};

    if (count == 0)
        return 0;
    find_costs(&sample);
    for (size_t at = 0; at + PP_PNG_WORD <= count;)
        at += step(&sample, at, row_bytes);
    return sample.total > 0 ? (unsigned)(1000 * sample.saved / sample.total) : 0;
}
