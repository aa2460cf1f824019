#include "cli/bench_record.h"

#include <stdio.h>
#include <string.h>

bool pp_bench_record_read(struct pp_bench_record *record, const void *bytes, size_t size)
{
    if (size != sizeof *record)
        return false;
    memcpy(record, bytes, sizeof *record);
    record->why[sizeof record->why - 1] = '\0';
    record->report.path[sizeof record->report.path - 1] = '\0';
    for (unsigned i = 0; i < PP_BENCH_FILTERS; i++)
        record->filters[i].name[PP_BENCH_FILTER_NAME - 1] = '\0';
    return record->filter_count <= PP_BENCH_FILTERS && record->status < PP_STATUS_COUNT;
}

void pp_bench_filters_add(struct pp_bench_filter_time filters[PP_BENCH_FILTERS], uint32_t *count,
                          const char *name, uint64_t ns)
{
    uint32_t i = 0;

    while (i < *count && strncmp(filters[i].name, name, PP_BENCH_FILTER_NAME - 1) != 0)
        i++;
    if (i == PP_BENCH_FILTERS)
        snprintf(filters[--i].name, PP_BENCH_FILTER_NAME, "others");
    else if (i == *count)
        filters[(*count)++] = (struct pp_bench_filter_time){0};
    if (!*filters[i].name)
        snprintf(filters[i].name, PP_BENCH_FILTER_NAME, "%s", name);
    filters[i].ns += ns;
}

/* Where the chain names it first, its length where it does not. */
static size_t place_of(const char *name, const struct pp_chain *chain)
{
    size_t i = 0;

    while (i < pp_chain_length(chain) &&
           strcmp(pp_filter_name(pp_chain_filter(chain, i)), name) != 0)
        i++;
    return i;
}

/* By insertion: they are few, and which of them a picture needed decides their order. */
void pp_bench_filters_sort(struct pp_bench_filter_time *filters, uint32_t count,
                           const struct pp_chain *chain)
{
    for (uint32_t i = 1; i < count; i++) {
        const struct pp_bench_filter_time moved = filters[i];
        uint32_t k = i;

        for (; k > 0 && place_of(filters[k - 1].name, chain) > place_of(moved.name, chain); k--)
            filters[k] = filters[k - 1];
        filters[k] = moved;
    }
}
