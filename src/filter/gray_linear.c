#include "filter/gray_linear.h"

#include <stdlib.h>

#include "base/memory.h"
#include "filter/exact_math.h"

#define WHITE 2147483648.0 /* 2^31 */

static double decoded(double v)
{
    return v <= 0.04045 ? v / 12.92 : pp_pow((v + 0.055) / 1.055, 2.4);
}

static void fill(struct pp_gray_linear *tables, uint32_t max, uint32_t buckets)
{
    uint32_t v = 0;

    for (uint32_t i = 0; i <= max; i++) {
        double half_below = i == 0 ? 0 : (i - 0.5) / max;
        tables->light[i] = (uint32_t)(decoded((double)i / max) * WHITE + 0.5);
        tables->threshold[i] = (uint32_t)(decoded(half_below) * WHITE + 0.5);
    }
    tables->threshold[max + 1] = UINT32_MAX;
    for (uint32_t bucket = 0; bucket < buckets; bucket++) {
        while (v < max && tables->threshold[v + 1] <= bucket << tables->shift)
            v++;
        tables->start[bucket] = (uint16_t)v;
    }
}

enum pp_status pp_gray_linear_init(struct pp_gray_linear *tables, unsigned depth,
                                   struct pp_error *err)
{
    /* buckets of about one sample of 8 bits, a dozen of 16 where they lie closest */
    uint32_t max = pp_sample_max(depth), buckets = (depth == 8 ? 4096 : 65536) + 1;
    void *light = NULL, *threshold = NULL, *start = NULL;
    enum pp_status status = pp_memory_new(&light, max + 1, sizeof(uint32_t), "gray table", err);

    if (status == PP_OK)
        status = pp_memory_new(&threshold, max + 2, sizeof(uint32_t), "gray table", err);
    if (status == PP_OK)
        status = pp_memory_new(&start, buckets, sizeof(uint16_t), "gray table", err);
    tables->light = light;
    tables->threshold = threshold;
    tables->start = start;
    tables->shift = depth == 8 ? 19 : 15;
    if (status == PP_OK)
        fill(tables, max, buckets);
    return status;
}

void pp_gray_linear_release(struct pp_gray_linear *tables)
{
    free(tables->light);
    free(tables->threshold);
    free(tables->start);
    *tables = (struct pp_gray_linear){0};
}
